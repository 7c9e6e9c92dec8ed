//! Addresses of compositions and of their WHIP inputs.

use reqwest::Url;

use crate::{
    endpoint::Endpoint,
    error::{Error, Result},
    id::composition::{CompositionId, InputId},
};

/// Returns the address of a composition. The id is one segment of its path.
pub(super) fn of_composition(endpoint: &Endpoint, id: &CompositionId) -> Result<String> {
    let id = id.segment().map_err(|e| Error::invalid_input(e.to_string()))?;
    Ok(format!("{}/api/composition/{id}", endpoint.rest()))
}

/// Returns the address to which a WHIP input receives. `route` is relative to the composition, and the server sent it.
///
/// # Errors
///
/// Returns a message if the route could lead to another address. The message does not repeat the route.
pub(super) fn of_whip_input(composition: &str, id: &InputId, route: Option<&str>) -> Result<String, &'static str> {
    let Some(route) = route else {
        let id = id.segment().map_err(|_| "the id of the input is not valid")?;
        return Ok(format!("{composition}/whip/{id}"));
    };
    let path = route.strip_prefix('/').ok_or("the route does not begin with a slash")?;
    if path.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, '\\' | '?' | '#')) {
        return Err("the route has a character that a path cannot have");
    }
    if path.split('/').any(|segment| segment.is_empty() || is_dots(segment)) {
        return Err("the route has an empty or a relative segment");
    }
    let url = Url::parse(&format!("{composition}{route}")).map_err(|_| "the route is not valid in a URL")?;
    Ok(url.into())
}

/// Returns `true` for `.` and `..`, and for their percent-encoded forms.
fn is_dots(segment: &str) -> bool {
    matches!(segment.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    fn composition(id: &str) -> Result<String> {
        of_composition(&Endpoint::origin_of("http://h:1").unwrap(), &id.into())
    }

    // Defect P14 of the official client.
    #[test]
    fn address_encodes_the_id_as_one_segment() {
        for (id, address) in [
            ("c1", "http://h:1/api/composition/c1"),
            ("a b", "http://h:1/api/composition/a%20b"),
            ("a?b#c%d", "http://h:1/api/composition/a%3Fb%23c%25d"),
            ("ż", "http://h:1/api/composition/%C5%BC"),
            ("...", "http://h:1/api/composition/..."),
            ("a b/../c", "http://h:1/api/composition/a%20b%2F..%2Fc"),
            ("a\\b", "http://h:1/api/composition/a%5Cb"),
        ] {
            assert_eq!(composition(id).unwrap(), address);
        }
    }

    // Defects P2 and J1 of the official clients.
    #[test]
    fn id_with_other_path_has_no_address() {
        for id in ["", ".", "..", "a\nb"] {
            assert_eq!(composition(id).unwrap_err().kind(), ErrorKind::InvalidInput, "{id:?}");
        }
    }

    #[test]
    fn whip_address_is_below_the_composition() {
        let composition = composition("c1").unwrap();
        for (route, address) in [
            (None, "http://h:1/api/composition/c1/whip/my%20cam"),
            (Some("/whip/my%20cam"), "http://h:1/api/composition/c1/whip/my%20cam"),
            (Some("/whip/ż"), "http://h:1/api/composition/c1/whip/%C5%BC"),
            (Some("/whip/..."), "http://h:1/api/composition/c1/whip/..."),
            (Some("/x"), "http://h:1/api/composition/c1/x"),
        ] {
            assert_eq!(of_whip_input(&composition, &"my cam".into(), route).unwrap(), address, "{route:?}");
        }
    }

    // Defect P15 of the official client.
    #[test]
    fn route_to_another_address_is_refused() {
        let composition = composition("c1").unwrap();
        for route in [
            "",
            "/",
            "whip/cam",
            "https://other/cam",
            "//other/cam",
            "/../cam",
            "/whip/../../cam",
            "/whip/%2E%2e/cam",
            "/whip/.",
            "/whip//cam",
            "/whip\\..\\cam",
            "/whip/cam?token=t",
            "/whip/cam#t",
            "/whip/c am",
            "/whip/c\nam",
        ] {
            assert!(of_whip_input(&composition, &"cam".into(), Some(route)).is_err(), "{route:?}");
        }
    }
}
