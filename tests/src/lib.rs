//! Tests of the SDK as a consumer sees it: public API only, against the emulator.
//!
//! The tests are in `tests/`. This library turns the README and the guide into doctests, and holds the code that several tests
//! need.

#[path = "../../fishjam-emulator/tests/emulator/clock.rs"]
pub mod clock;
mod guide;
pub mod notifications;
pub mod operations;
pub mod proxy;
pub mod support;

#[doc = include_str!("../../README.md")]
#[cfg(doctest)]
pub struct Readme;
