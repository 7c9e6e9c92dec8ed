//! Rejected requests: the status and the error body of the response.

/// The code of the composition API for bodies that it cannot read.
const MALFORMED_REQUEST: &str = "MALFORMED_REQUEST";

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
    /// The error body of the composition API: `{"message": ..., "error_code": ...}`.
    Composition {
        code: Option<&'static str>,
        message: String,
    },
    /// The error body of the WHIP endpoints of compositions.
    Plain(String),
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

    /// Creates an error of the composition API. The code is absent where the engine has no code.
    pub(crate) fn composition(status: u16, code: Option<&'static str>, message: impl Into<String>) -> Self {
        Refusal { status, errors: Errors::Composition { code, message: message.into() } }
    }

    /// Creates the error of a body of the composition API that breaks a rule, or that is not valid JSON.
    pub(crate) fn malformed_request(message: impl Into<String>) -> Self {
        Refusal::composition(400, Some(MALFORMED_REQUEST), message)
    }

    /// Creates the error of a body of the composition API without a JSON content type.
    pub(crate) fn no_json_content_type() -> Self {
        Refusal::composition(415, Some(MALFORMED_REQUEST), "expected a request with content type application/json")
    }

    /// Creates the error of a body of the composition API with unknown, missing or mistyped members.
    pub(crate) fn wrong_shape(message: impl Into<String>) -> Self {
        Refusal::composition(422, Some(MALFORMED_REQUEST), message)
    }

    /// Creates the error of a scene that cannot be built.
    pub(crate) fn build_scene(message: impl Into<String>) -> Self {
        Refusal::composition(400, Some("BUILD_SCENE_ERROR"), message)
    }

    /// Creates the error of an update whose kinds of media differ from the kinds of its output.
    pub(crate) fn kinds_mismatch() -> Self {
        let message = "an update requires the same kinds of media as its output";
        Refusal::composition(400, Some("AUDIO_VIDEO_SPECIFICATION_NOT_MATCHING"), message)
    }

    /// Converts an error of another API to the form of the composition API.
    pub(crate) fn into_composition(self) -> Self {
        match self.errors {
            Errors::Composition { .. } => self,
            _ => Refusal::composition(self.status, None, self.text()),
        }
    }

    /// Returns the message, or an empty string if the response has none.
    pub(crate) fn text(&self) -> &str {
        match &self.errors {
            Errors::Text(text) | Errors::Plain(text) | Errors::Composition { message: text, .. } => text,
            Errors::Framework(detail) => detail,
            Errors::Empty => "",
        }
    }

    /// Creates an error whose body is text.
    pub(crate) fn plain(status: u16, text: impl Into<String>) -> Self {
        Refusal { status, errors: Errors::Plain(text.into()) }
    }

    pub(crate) fn empty(status: u16) -> Self {
        Refusal { status, errors: Errors::Empty }
    }
}
