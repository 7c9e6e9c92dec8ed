//! Concurrent webhook deliveries.

use super::curve::Curve;

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    Ok(Vec::new())
}
