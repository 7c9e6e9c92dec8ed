//! What other services want, in this crate's terms. Nothing here depends on those services' own crates.

pub mod gemini;
