//! Tests of the SDK as a consumer sees it: public API only, against the emulator.
//!
//! The tests are in `tests/`; this library makes the README's code run as doctests and holds what several tests need.

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
