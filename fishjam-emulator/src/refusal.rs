//! Rejected requests: the status and the error body of the response.

/// A rejected request: a status and the value of `{"errors": ...}`.
///
/// The messages come from the service's open-source predecessor. The service itself publishes no messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) errors: Errors,
}

/// The value of `errors`: a string from a handler, or an object from the service's framework.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Errors {
    Text(String),
    Framework(&'static str),
    /// The response has no body, as for `/validate`.
    Empty,
}

impl Refusal {
    pub(crate) fn new(status: u16, text: impl Into<String>) -> Self {
        Refusal { status, errors: Errors::Text(text.into()) }
    }

    fn framework(status: u16, detail: &'static str) -> Self {
        Refusal { status, errors: Errors::Framework(detail) }
    }

    pub(crate) fn bad_request(text: impl Into<String>) -> Self {
        Refusal::new(400, text)
    }

    /// Creates the error of a body whose structure the operation does not accept.
    pub(crate) fn structure() -> Self {
        Refusal::bad_request("Invalid request body structure")
    }

    pub(crate) fn no_room(room: &str) -> Self {
        Refusal::new(404, format!("Room {room} does not exist"))
    }

    pub(crate) fn no_peer(peer: &str) -> Self {
        Refusal::new(404, format!("Peer {peer} does not exist"))
    }

    pub(crate) fn no_track(track: &str) -> Self {
        Refusal::new(404, format!("Track {track} does not exist"))
    }

    pub(crate) fn no_livestream(room: &str) -> Self {
        Refusal::new(404, format!("Livestream {room} does not exist"))
    }

    pub(crate) fn peer_limit(room: &str) -> Self {
        Refusal::conflict(format!("Reached webrtc peers limit in room {room}"))
    }

    pub(crate) fn no_participant(role: &str, id: &str) -> Self {
        Refusal::new(404, format!("{role} {id} does not exist"))
    }

    pub(crate) fn no_recording(recording: &str) -> Self {
        Refusal::new(404, format!("Recording {recording} does not exist"))
    }

    pub(crate) fn missing_token() -> Self {
        Refusal::new(401, "Missing token")
    }

    pub(crate) fn invalid_token() -> Self {
        Refusal::new(401, "Invalid token")
    }

    /// Creates the error of a request that conflicts with the current state.
    pub(crate) fn conflict(text: impl Into<String>) -> Self {
        Refusal::new(409, text)
    }

    pub(crate) fn no_route() -> Self {
        Refusal::framework(404, "Not Found")
    }

    pub(crate) fn malformed() -> Self {
        Refusal::framework(400, "Bad Request")
    }

    pub(crate) fn not_acceptable() -> Self {
        Refusal::framework(406, "Not Acceptable")
    }

    pub(crate) fn timed_out() -> Self {
        Refusal::framework(408, "Request Timeout")
    }

    pub(crate) fn too_large() -> Self {
        Refusal::framework(413, "Request Entity Too Large")
    }

    pub(crate) fn crash() -> Self {
        Refusal::framework(500, "Internal Server Error")
    }

    pub(crate) fn empty(status: u16) -> Self {
        Refusal { status, errors: Errors::Empty }
    }
}
