//! Settings for other services. This module does not depend on the crates of these services.

pub mod gemini;
