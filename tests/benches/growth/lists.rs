//! Long lists: time and memory.

use super::curve::Curve;

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    Ok(Vec::new())
}
