//! Tests of the bench `growth`: cargo does not run the tests of a bench without a harness.

#[path = "../benches/growth/axis.rs"]
mod axis;
#[path = "../benches/growth/chart.rs"]
mod chart;
#[path = "../benches/growth/curve.rs"]
mod curve;
#[path = "../benches/growth/document.rs"]
mod document;
