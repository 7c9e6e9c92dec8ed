//! Agents that talk, connect and pace their audio.

use super::curve::Curve;

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    Ok(Vec::new())
}
