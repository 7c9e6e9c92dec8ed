//! Consumers of one notifier.

use super::curve::Curve;

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    Ok(Vec::new())
}
