//! A view of all rooms: events, stale rooms, consumers and resyncs.

use super::curve::Curve;

pub(crate) fn measure() -> anyhow::Result<Vec<Curve>> {
    Ok(Vec::new())
}
