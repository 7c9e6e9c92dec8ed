//! The HTTP server: the port, and the path of one request through it.

pub(crate) mod accessors;
pub(crate) mod checks;
pub(crate) mod exchange;
pub(crate) mod listening;
mod request_log;
pub(crate) mod runtime;
pub(crate) mod settings;
