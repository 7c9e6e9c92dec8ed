//! Addresses of compositions and of their WHIP inputs.

use reqwest::Url;

use crate::{
    endpoint::Endpoint,
    error::{Error, Result},
    id::composition::CompositionId,
};

/// Returns the address of a composition. The id is one segment of its path.
pub(super) fn of_composition(endpoint: &Endpoint, id: &CompositionId) -> Result<String> {
    id.check()?;
    let mut url: Url = endpoint.url().clone();
    // An http or https URL always has segments.
    if let Ok(mut segments) = url.path_segments_mut() {
        segments.clear().extend(["api", "composition", id.as_str()]);
    }
    url.as_str()
        .parse::<http::Uri>()
        .map_err(|e| Error::invalid_input("invalid address of the composition").caused_by(e))?;
    Ok(url.into())
}
