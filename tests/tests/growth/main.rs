//! Tests of the bench `growth`, because cargo does not run the tests of a bench without a harness.

mod axis;
#[path = "../../benches/growth"]
mod bench {
    pub(crate) mod axis;
    pub(crate) mod chart;
    pub(crate) mod curve;
    pub(crate) mod document;
}
mod chart;
mod curve;
mod document;
