//! HTTP without the operations: requests, responses, connections and TLS.

pub(crate) mod auth;
pub(crate) mod body;
pub(crate) mod connection;
pub(crate) mod multipart;
pub(crate) mod port;
pub(crate) mod response;
pub(crate) mod subprotocols;
pub(crate) mod target;
pub(crate) mod tls;
