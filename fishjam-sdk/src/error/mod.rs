//! The error of this crate.

#[cfg(feature = "axum")]
mod axum;
mod kind;
mod one_line;
mod printing;
pub(crate) mod serde_form;
mod status;

use std::{borrow::Cow, error::Error as StdError, sync::Arc, time::Duration};

pub use kind::ErrorKind;
pub(crate) use one_line::OneLine;

/// A [`Result`](std::result::Result) with the [`Error`] of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An underlying error of another library.
pub(crate) type Cause = Box<dyn StdError + Send + Sync>;

/// The error of this crate.
///
/// Use [`kind`](Self::kind) to handle an error. [`ErrorKind`] has a table of all kinds.
/// [`suggested_status`](Self::suggested_status) returns the status with which your backend can respond to its own client.
/// With the feature `axum`, a handler can return this type with `?`.
///
/// `Display` prints one line: the called method, the kind, the status and the message. It does not print causes, which
/// [`source`](StdError::source) returns. The alternate form `{error:#}` appends each cause, as `anyhow` does. Use this
/// form for logs. `Debug` prints all details.
///
/// Neither `Display` nor `Debug` prints a token, a body or a query string. Cloning is cheap.
///
/// # Common errors
///
/// Every request can return an error if:
///
/// - the management token is wrong: [`Unauthorized`](ErrorKind::Unauthorized)
/// - the client sends too many requests: [`RateLimited`](ErrorKind::RateLimited)
/// - the server fails or is unavailable: [`Server`](ErrorKind::Server),
///   [`ServiceUnavailable`](ErrorKind::ServiceUnavailable)
/// - the server sends an undocumented status: [`UnexpectedStatus`](ErrorKind::UnexpectedStatus)
/// - an argument is not valid: [`InvalidInput`](ErrorKind::InvalidInput)
/// - there is no Tokio runtime, or the blocking client is called inside a runtime: [`Setup`](ErrorKind::Setup)
/// - no response arrives in time: [`Timeout`](ErrorKind::Timeout)
/// - the connection fails: [`Connection`](ErrorKind::Connection)
/// - the response cannot be decoded: [`Decode`](ErrorKind::Decode)
/// - the response is larger than `max_response_bytes`: [`TooLarge`](ErrorKind::TooLarge)
///
/// # Examples
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
    /// Name of the called method.
    method: Option<&'static str>,
    /// Id of the operation in the contract.
    operation: Option<Cow<'static, str>>,
    status: Option<u16>,
    message: Option<Cow<'static, str>>,
    /// Host and port of the connection's proxy.
    proxy: Option<String>,
    body: Option<String>,
    request_id: Option<String>,
    attempts: u32,
    may_have_taken_effect: bool,
    /// The object that may exist, such as `input "camera"`.
    possible_object: Option<String>,
    retry_after: Option<Duration>,
    close_code: Option<u16>,
    close_reason: Option<String>,
    source: Option<Cause>,
}

impl Error {
    pub(crate) fn new(kind: ErrorKind) -> Self {
        Self(Arc::new(Repr {
            kind,
            method: None,
            operation: None,
            status: None,
            message: None,
            proxy: None,
            body: None,
            request_id: None,
            attempts: 0,
            may_have_taken_effect: false,
            possible_object: None,
            retry_after: None,
            close_code: None,
            close_reason: None,
            source: None,
        }))
    }

    /// Creates the error for input that the SDK rejects.
    pub(crate) fn invalid_input(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::InvalidInput).message_text(message)
    }

    /// Checks a number that must not be 0. The error names the setter or the argument.
    pub(crate) fn check_at_least_one(name: &str, value: usize) -> Result<()> {
        if value == 0 {
            return Err(Self::invalid_input(format!("invalid {name}: must be at least 1")));
        }
        Ok(())
    }

    /// Checks that a string, such as a token, is not empty. The message does not contain the string.
    #[cfg(feature = "composition")]
    pub(crate) fn check_not_empty(name: &str, value: &str) -> Result<()> {
        if value.is_empty() {
            return Err(Self::invalid_input(format!("invalid {name}: it is empty")));
        }
        Ok(())
    }

    /// Creates the error for an environment that the SDK cannot work in.
    pub(crate) fn setup(message: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorKind::Setup).message_text(message)
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

    /// Adds the called method and its operation in the contract.
    pub(crate) fn on_call(self, method: &'static str, operation: &'static str) -> Self {
        self.with(|repr| (repr.method, repr.operation) = (Some(method), Some(Cow::Borrowed(operation))))
    }

    /// Adds the called method, which sends requests of several operations. The operation stays.
    pub(crate) fn on_method(self, method: &'static str) -> Self {
        self.with(|repr| repr.method = Some(method))
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

    /// Adds the object that may exist, if the call may have taken effect.
    #[cfg(feature = "composition")]
    pub(crate) fn may_have_created(self, object: impl FnOnce() -> String) -> Self {
        match self.may_have_taken_effect() {
            true => self.with(|repr| repr.possible_object = Some(object())),
            false => self,
        }
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

    /// Changes the kind.
    pub(crate) fn of_kind(self, kind: ErrorKind) -> Self {
        self.with(|repr| repr.kind = kind)
    }

    /// Changes an error that has no clones yet.
    fn with(mut self, change: impl FnOnce(&mut Repr)) -> Self {
        if let Some(repr) = Arc::get_mut(&mut self.0) {
            change(repr);
        }
        self
    }

    /// Returns the kind of this error.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns the id of the failed operation in the API's contract, such as `add_peer`.
    ///
    /// `Display` prints the name of the called method, such as `create_peer`. The id is for metrics: it is the same for
    /// all methods that call the operation, and in all SDKs.
    ///
    /// Returns `None` if the error did not come from an operation.
    #[must_use]
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// Returns the HTTP status, if the server sent a response.
    ///
    /// The status can be a non-standard number.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Returns the message, without the method and the cause. If the server sent a message, this is its message.
    ///
    /// Returns `None` if the error has only a cause, such as a failed connection. To print the cause, too, use the
    /// alternate form `{error:#}`.
    #[must_use]
    pub fn message(&self) -> Option<&str> {
        self.0.message.as_deref()
    }

    /// Returns the start of the body of an unsuccessful response, at most 2,048 bytes.
    ///
    /// Returns `None` for a successful status, because the body can contain tokens. The text can contain anything, so show it
    /// only to a person. `Display` and `Debug` never print it.
    #[must_use]
    pub fn body_excerpt(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// Returns the server's id of the request (`x-request-id`), if it sent one. Pass it to Fishjam's support.
    #[must_use]
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// Returns the number of requests sent, or 0 if the error did not come from a request.
    #[must_use]
    pub fn attempts(&self) -> u32 {
        self.0.attempts
    }

    /// Returns the wait that the server requires before another attempt, counted from its response.
    ///
    /// The wait comes from the header `Retry-After`. Returns `None` if the response has no such header.
    ///
    /// The maximum is one day. If the header is a date, the wait starts at the `Date` of the response. If the response has no
    /// `Date`, the wait starts at the current local time.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Returns the code in the close frame of a WebSocket, if the server sent one.
    #[must_use]
    pub fn close_code(&self) -> Option<u16> {
        self.0.close_code
    }

    /// Returns the reason in the close frame of a WebSocket, such as `Room stopped`, if the server sent one.
    ///
    /// The reason is one line without control characters. It never contains the token.
    #[must_use]
    pub fn close_reason(&self) -> Option<&str> {
        self.0.close_reason.as_deref()
    }

    /// Returns `true` if the same call may succeed later.
    ///
    /// These errors are retryable: the statuses 429, 502, 503 and 504, a timeout, and a failed connection. A full room is
    /// not retryable. Before you retry a call that creates something, check
    /// [`may_have_taken_effect`](Self::may_have_taken_effect).
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        match self.0.kind {
            // The error can have a status if the body of the response did not arrive.
            ErrorKind::Timeout | ErrorKind::Connection => true,
            // A full room stays full. Jellyfish sends 503 for it.
            ErrorKind::Conflict => false,
            _ => matches!(self.0.status, Some(429 | 502 | 503 | 504)),
        }
    }

    /// Returns `true` if a failed call of the REST API may still have taken effect.
    ///
    /// The method returns `true` if any attempt of the call:
    ///
    /// - lost its connection after the request was sent
    /// - timed out, unless it was still opening the connection
    /// - received a status of 500 or above, except a 503 with `Retry-After` or for a full room
    /// - received a success that the SDK could not read
    ///
    /// It returns `false` for calls that change nothing, and for errors of WebSockets.
    ///
    /// Fishjam has no idempotency keys. If a call that creates something fails with `true`, look for the new object before
    /// you repeat the call. Otherwise you may create a second one.
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

    /// Returns the object of a composition that may exist although the call failed, such as `input "camera"`.
    ///
    /// Only methods that create a composition, or register an object in one, return such an error. For other errors,
    /// this method returns `None`. `Display` prints the object after the message. Unregister the object before you
    /// register it again. See also [`may_have_taken_effect`](Self::may_have_taken_effect).
    #[must_use]
    pub fn possible_object(&self) -> Option<&str> {
        self.0.possible_object.as_deref()
    }

    /// Returns `true` if the requested object does not exist.
    #[must_use]
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn StdError + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn status_determines_the_kind_and_is_kept() {
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
}
