//! The responses of the control API.

use serde_json::Value;

/// A response.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: Option<Value>,
    /// Whether the connection closes after the response.
    pub(super) closes: bool,
}

impl Answer {
    pub(super) fn json(status: u16, body: Value) -> Self {
        Answer { status, body: Some(body), closes: false }
    }

    pub(super) fn empty() -> Self {
        Answer { status: 204, body: None, closes: false }
    }

    pub(super) fn and_close(self) -> Self {
        Answer { closes: true, ..self }
    }
}

/// An error response: its status and its message.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failure(pub(super) u16, pub(super) String);
