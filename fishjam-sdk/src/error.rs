//! The one error of this crate: a kind to branch on, a line to log, and everything the server said.

use std::{borrow::Cow, error::Error as StdError, fmt, sync::Arc, time::Duration};

/// A result whose error is this crate's.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A cause that belongs to a library underneath and is only ever read.
pub(crate) type Cause = Box<dyn StdError + Send + Sync>;

/// What kind of failure an [`Error`] is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The server refused the request's content (400, 422).
    BadRequest,
    /// The management token is missing or wrong (401), or a webhook's signature is.
    Unauthorized,
    /// The plan's quota is used up (402).
    QuotaExceeded,
    /// The room, peer or other thing does not exist (404).
    NotFound,
    /// The request contradicts the present state, for example a full room (409; a Jellyfish says it with 503).
    Conflict,
    /// Too many requests (429).
    RateLimited,
    /// The service cannot answer at the moment (503).
    ServiceUnavailable,
    /// The server failed (any other 5xx, non-standard ones included).
    Server,
    /// The server answered with a status that nothing documents.
    UnexpectedStatus,
    /// The credentials check found the id or the token to be wrong.
    InvalidCredentials,
    /// The input was refused before anything was sent.
    InvalidInput,
    /// No answer came in time.
    Timeout,
    /// The connection could not be made or broke.
    Connection,
    /// An answer or a message could not be understood.
    Decode,
    /// The peer of a WebSocket broke the protocol.
    WebSocket,
    /// The WebSocket was closed.
    Closed,
}

impl ErrorKind {
    pub(crate) fn of_status(status: u16) -> Self {
        match status {
            400 | 422 => Self::BadRequest,
            401 => Self::Unauthorized,
            402 => Self::QuotaExceeded,
            404 => Self::NotFound,
            409 => Self::Conflict,
            429 => Self::RateLimited,
            503 => Self::ServiceUnavailable,
            500..=599 => Self::Server,
            _ => Self::UnexpectedStatus,
        }
    }

    fn says(self) -> &'static str {
        match self {
            Self::BadRequest => "bad request",
            Self::Unauthorized => "unauthorized",
            Self::QuotaExceeded => "quota exceeded",
            Self::NotFound => "not found",
            Self::Conflict => "conflict",
            Self::RateLimited => "rate limited",
            Self::ServiceUnavailable => "service unavailable",
            Self::Server => "server error",
            Self::UnexpectedStatus => "unexpected status",
            Self::InvalidCredentials => "invalid credentials",
            Self::InvalidInput => "invalid input",
            Self::Timeout => "timed out",
            Self::Connection => "connection failed",
            Self::Decode => "undecodable answer",
            Self::WebSocket => "WebSocket failed",
            Self::Closed => "connection closed",
        }
    }
}

/// Everything that can go wrong.
///
/// [`kind`](Self::kind) is for branching. `Display` is one line: the operation, the status and the server's message.
/// It has no causes: [`source`](StdError::source) returns them. The alternate form, `{error:#}`, adds each cause to
/// the line, as `anyhow` does; use it for logs. Neither `Display` nor `Debug` prints a token, a body or a query string.
/// Cloning is cheap.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let address = { std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()? };
/// let fishjam = fishjam_sdk::FishjamClient::builder(format!("http://{address}"), "token").max_attempts(1).build()?;
/// let error = fishjam.get_all_rooms().await.unwrap_err();
/// assert_eq!(error.to_string(), "get_all_rooms: connection failed");
/// assert!(format!("{error:#}").starts_with("get_all_rooms: connection failed: "));
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Error(Arc<Repr>);

struct Repr {
    kind: ErrorKind,
    operation: Option<&'static str>,
    status: Option<u16>,
    message: Option<Cow<'static, str>>,
    /// Host and port of the proxy between this program and the server.
    proxy: Option<String>,
    body: Option<String>,
    request_id: Option<String>,
    attempts: u32,
    may_have_taken_effect: bool,
    retry_after: Option<Duration>,
    close_code: Option<u16>,
    close_reason: Option<String>,
    source: Option<Cause>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Arc::new(Repr {
            kind,
            operation: None,
            status: None,
            message: None,
            proxy: None,
            body: None,
            request_id: None,
            attempts: 0,
            may_have_taken_effect: false,
            retry_after: None,
            close_code: None,
            close_reason: None,
            source: None,
        }))
    }

    /// Input that is refused before anything is sent.
    pub(crate) fn invalid_input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidInput).message_text(message)
    }

    pub(crate) fn message_text(self, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        self.with(|repr| repr.message = Some(message))
    }

    pub(crate) fn caused_by(self, source: impl Into<Cause>) -> Self {
        let source = source.into();
        self.with(|repr| repr.source = Some(source))
    }

    /// Adds the host and the port of the connection's proxy.
    pub(crate) fn with_proxy(self, address: String) -> Self {
        self.with(|repr| repr.proxy = Some(address))
    }

    pub(crate) fn on_operation(self, operation: &'static str) -> Self {
        self.with(|repr| repr.operation = Some(operation))
    }

    pub(crate) fn status_code(self, status: u16) -> Self {
        self.with(|repr| repr.status = Some(status))
    }

    pub(crate) fn excerpt(self, body: Option<String>) -> Self {
        self.with(|repr| repr.body = body)
    }

    pub(crate) fn request(self, id: Option<String>) -> Self {
        self.with(|repr| repr.request_id = id)
    }

    pub(crate) fn after_attempts(self, attempts: u32) -> Self {
        self.with(|repr| repr.attempts = attempts)
    }

    pub(crate) fn with_possible_effect(self, possible: bool) -> Self {
        self.with(|repr| repr.may_have_taken_effect = possible)
    }

    pub(crate) fn retry_in(self, wait: Option<Duration>) -> Self {
        self.with(|repr| repr.retry_after = wait)
    }

    pub(crate) fn with_close_code(self, code: Option<u16>) -> Self {
        self.with(|repr| repr.close_code = code)
    }

    pub(crate) fn with_close_reason(self, reason: Option<String>) -> Self {
        self.with(|repr| repr.close_reason = reason)
    }

    /// The same failure under another kind.
    pub(crate) fn of_kind(self, kind: ErrorKind) -> Self {
        self.with(|repr| repr.kind = kind)
    }

    /// Only for errors under construction, which nobody shares yet.
    fn with(mut self, change: impl FnOnce(&mut Repr)) -> Self {
        if let Some(repr) = Arc::get_mut(&mut self.0) {
            change(repr);
        }
        self
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The operation that failed, by its id in the API's contract, such as `create_room`.
    #[must_use]
    pub fn operation(&self) -> Option<&'static str> {
        self.0.operation
    }

    /// The HTTP status, if the server answered; as sent, so it may be a number that no standard knows.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// What was wrong, in the server's words where it answered, without the operation and the cause.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Returns the beginning of the body of an unsuccessful response as text, at most 2,048 bytes of it.
    ///
    /// Returns `None` for a successful status, because the body can contain tokens. The text is for a person to read and can
    /// contain anything. It is never part of `Display` or `Debug`.
    #[must_use]
    pub fn body_excerpt(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// The server's id of the request (`x-request-id`), if it sent one: support can look it up.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// How many requests were sent for this call; 0 if none was, or if what failed is not a request but what an answer that
    /// could be read led to.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns how long the server asked to wait before another attempt (`Retry-After`), counted from its response.
    ///
    /// A longer wait than one day counts as one day. If the header is a date, the wait starts at the `Date` of the
    /// response; without one, at the time of the local clock.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// The code with which the server closed a WebSocket, if it gave one.
    #[must_use]
    pub fn close_code(&self) -> Option<u16> {
        self.0.close_code
    }

    /// Returns the reason with which the server closed a WebSocket, such as `Room stopped`, if it sent one.
    ///
    /// The reason is one line without control characters, and never contains the token.
    #[must_use]
    pub fn close_reason(&self) -> Option<&str> {
        self.0.close_reason.as_deref()
    }

    /// Whether the same call may succeed later: 429, 502, 503, 504, a timeout, a broken connection. Not a full room.
    ///
    /// For a call that creates something it does not say that the first attempt had no effect: that is
    /// [`may_have_taken_effect`](Self::may_have_taken_effect).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            // Perhaps with the status of an answer whose body never came.
            ErrorKind::Timeout | ErrorKind::Connection => true,
            // A full room stays full, whatever the status says of it.
            ErrorKind::Conflict => false,
            _ => matches!(self.0.status, Some(429 | 502 | 503 | 504)),
        }
    }

    /// Whether a call of the REST API that failed may have done what was asked for all the same.
    ///
    /// So it is if, in any of its attempts, the connection broke after the request was sent, time was over, the status was
    /// 500 or above (but not a 503 that is known to refuse: with `Retry-After`, or of a full room), or a success could not
    /// be read. It is `false` for calls that change nothing, and for everything about sockets.
    ///
    /// The service has no idempotency keys. When a call that creates something fails in this way, look for the thing
    /// before you call again, or a second one may be made.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # use fishjam_sdk::RoomOptions;
    /// # emulator.faults().on("create_room").status(504);
    /// match fishjam.create_room(RoomOptions::new()).await {
    ///     Ok(room) => println!("{}", room.id),
    ///     Err(e) if e.may_have_taken_effect() => {
    ///         println!("{e:#}; now there are {} rooms", fishjam.get_all_rooms().await?.len());
    ///     }
    ///     Err(e) => return Err(e.into()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn may_have_taken_effect(&self) -> bool {
        self.0.may_have_taken_effect
    }

    /// Whether the thing asked for does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(operation) = self.0.operation {
            write!(f, "{operation}: ")?;
        }
        f.write_str(self.0.kind.says())?;
        if let Some(status) = self.0.status {
            write!(f, " ({status})")?;
        }
        if let Some(proxy) = &self.0.proxy {
            write!(f, " through the proxy {proxy}")?;
        }
        if let Some(message) = &self.0.message {
            write!(f, ": {message}")?;
        }
        if f.alternate() {
            let mut cause = StdError::source(self);
            while let Some(error) = cause {
                write!(f, ": {}", OneLine(&error.to_string()))?;
                cause = error.source();
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Error")
            .field("kind", &self.0.kind)
            .field("operation", &self.0.operation)
            .field("status", &self.0.status)
            .field("message", &self.0.message)
            .field("proxy", &self.0.proxy)
            .field("request_id", &self.0.request_id)
            .field("attempts", &self.0.attempts)
            .field("source", &self.0.source.as_ref().map(ToString::to_string))
            .finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

/// Foreign text as part of one line: spaces replace its line breaks, control characters and bidirectional controls.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().map(|c| if leaves_line(c) { ' ' } else { c }).try_for_each(|c| fmt::Write::write_char(f, c))
    }
}

/// Returns `true` if a character ends a line, controls a terminal or changes the order in which a line is shown.
fn leaves_line(c: char) -> bool {
    let is_separator = matches!(c, '\u{2028}' | '\u{2029}');
    // The characters with the Unicode property Bidi_Control.
    let is_bidirectional = matches!(c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_separator || is_bidirectional
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_status_has_a_kind_and_keeps_its_number() {
        for (status, kind, retryable) in [
            (301, ErrorKind::UnexpectedStatus, false),
            (400, ErrorKind::BadRequest, false),
            (401, ErrorKind::Unauthorized, false),
            (402, ErrorKind::QuotaExceeded, false),
            (403, ErrorKind::UnexpectedStatus, false),
            (404, ErrorKind::NotFound, false),
            (409, ErrorKind::Conflict, false),
            (418, ErrorKind::UnexpectedStatus, false),
            (422, ErrorKind::BadRequest, false),
            (429, ErrorKind::RateLimited, true),
            (500, ErrorKind::Server, false),
            (502, ErrorKind::Server, true),
            (503, ErrorKind::ServiceUnavailable, true),
            (504, ErrorKind::Server, true),
            (520, ErrorKind::Server, false),
        ] {
            let error = Error::new(ErrorKind::of_status(status)).status_code(status);
            assert_eq!((error.kind(), error.status()), (kind, Some(status)));
            assert_eq!(error.is_retryable(), retryable, "{status}");
        }
    }

    #[test]
    fn display_ends_with_the_message_and_alternate_adds_causes() {
        let cause = std::io::Error::other("refused\nby peer");
        let error = Error::new(ErrorKind::Connection).on_operation("get_room").caused_by(cause);
        assert_eq!(error.to_string(), "get_room: connection failed");
        assert_eq!(format!("{error:#}"), "get_room: connection failed: refused by peer");
        let outer = Error::new(ErrorKind::Decode).message_text("the address is unusable").caused_by(error);
        assert_eq!(outer.to_string(), "undecodable answer: the address is unusable");
        let whole = "undecodable answer: the address is unusable: get_room: connection failed: refused by peer";
        assert_eq!(format!("{outer:#}"), whole);
        let error = Error::new(ErrorKind::Conflict)
            .on_operation("add_peer")
            .status_code(409)
            .message_text("Reached peer limit in room r");
        assert_eq!(
            format!("{error}\n{error:#}"),
            ["add_peer: conflict (409): Reached peer limit in room r"; 2].join("\n")
        );
    }

    #[test]
    fn anyhow_prints_each_cause_once() {
        let cause = std::io::Error::other("refused");
        let error = Error::new(ErrorKind::Connection).on_operation("get_room").caused_by(cause);
        assert_eq!(format!("{:#}", anyhow::Error::from(error)), "get_room: connection failed: refused");
    }

    #[test]
    fn one_line_replaces_separators_and_bidirectional_controls() {
        let replaced = ['\n', '\r', '\t', '\0', '\u{1b}', '\u{7f}', '\u{85}', '\u{61c}']
            .into_iter()
            .chain(['\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}'])
            .chain('\u{202a}'..='\u{202e}')
            .chain('\u{2066}'..='\u{2069}');
        for c in replaced {
            assert_eq!(OneLine(&format!("a{c}b")).to_string(), "a b", "{c:?}");
        }
        for kept in ["Zażółć", "שלום", "a\u{200d}b", "a\u{a0}b", "\u{1f600}"] {
            assert_eq!(OneLine(kept).to_string(), kept);
        }
    }

    #[test]
    fn the_body_is_reachable_and_never_printed() {
        let error = Error::new(ErrorKind::Server).status_code(500).excerpt(Some("<html>sentinel".to_owned()));
        assert_eq!(error.body_excerpt(), Some("<html>sentinel"));
        assert!(!format!("{error} {error:?} {error:#?}").contains("sentinel"));
    }
}
