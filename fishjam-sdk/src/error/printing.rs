//! `Display` and `Debug` of errors.

use std::{error::Error as StdError, fmt, iter};

use super::{Error, OneLine};

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = self.0.method.or(self.operation()) {
            write!(f, "{name}: ")?;
        }
        f.write_str(self.0.kind.as_str())?;
        if let Some(status) = self.0.status {
            write!(f, " ({status})")?;
        }
        if let Some(proxy) = &self.0.proxy {
            write!(f, " through the proxy {proxy}")?;
        }
        if let Some(message) = &self.0.message {
            write!(f, ": {message}")?;
        }
        if let Some(object) = &self.0.possible_object {
            write!(f, "; {} may exist", OneLine(object))?;
        }
        if f.alternate() {
            causes(self).try_for_each(|cause| write!(f, ": {}", OneLine(&cause.to_string())))?;
        }
        Ok(())
    }
}

/// Prints everything except the body of the response, which can contain tokens and personal data.
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let repr = &*self.0;
        let causes: Vec<_> = causes(self).map(|cause| OneLine(&cause.to_string()).to_string()).collect();
        f.debug_struct("Error")
            .field("kind", &repr.kind)
            .field("method", &repr.method)
            .field("operation", &repr.operation)
            .field("status", &repr.status)
            .field("message", &repr.message)
            .field("proxy", &repr.proxy)
            .field("body_bytes", &repr.body.as_ref().map(String::len))
            .field("request_id", &repr.request_id)
            .field("attempts", &repr.attempts)
            .field("may_have_taken_effect", &repr.may_have_taken_effect)
            .field("possible_object", &repr.possible_object)
            .field("retry_after", &repr.retry_after)
            .field("close_code", &repr.close_code)
            .field("close_reason", &repr.close_reason)
            .field("causes", &causes)
            .finish()
    }
}

/// Returns the causes of an error, from the direct cause to the first one.
pub(super) fn causes(error: &Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    iter::successors(StdError::source(error), |&cause| cause.source())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn display_ends_with_the_message_and_alternate_adds_causes() {
        let cause = std::io::Error::other("refused\nby peer");
        let error = Error::new(ErrorKind::Connection).on_call("get_room", "get_room").caused_by(cause);
        assert_eq!(error.to_string(), "get_room: connection failed");
        assert_eq!(format!("{error:#}"), "get_room: connection failed: refused by peer");
        let outer = Error::new(ErrorKind::Decode).message_text("the URL is unusable").caused_by(error);
        assert_eq!(outer.to_string(), "decoding failed: the URL is unusable");
        let whole = "decoding failed: the URL is unusable: get_room: connection failed: refused by peer";
        assert_eq!(format!("{outer:#}"), whole);
    }

    #[test]
    fn display_names_the_method_and_operation_is_the_id() {
        let error = Error::new(ErrorKind::Conflict)
            .on_call("create_peer", "add_peer")
            .status_code(409)
            .message_text("Reached peer limit in room r");
        let line = "create_peer: conflict (409): Reached peer limit in room r";
        assert_eq!(format!("{error}\n{error:#}"), [line; 2].join("\n"));
        assert_eq!(error.operation(), Some("add_peer"));
    }

    #[cfg(feature = "composition")]
    #[test]
    fn display_names_the_object_that_may_exist() {
        let error = |possible| {
            Error::new(ErrorKind::Server)
                .on_call("register_output", "register_output")
                .status_code(504)
                .message_text("gateway")
                .with_possible_effect(possible)
                .may_have_created(|| "output \"main\"".to_owned())
                .caused_by(std::io::Error::other("late"))
        };
        let line = "register_output: server error (504): gateway; output \"main\" may exist";
        assert_eq!(error(true).to_string(), line);
        assert_eq!(format!("{:#}", error(true)), format!("{line}: late"));
        assert_eq!(error(true).possible_object(), Some("output \"main\""));
        assert!(format!("{:?}", error(true)).contains("possible_object: Some"));
        assert_eq!((error(false).possible_object(), error(false).to_string().contains("main")), (None, false));
    }

    #[test]
    fn anyhow_prints_each_cause_once() {
        let cause = std::io::Error::other("refused");
        let error = Error::new(ErrorKind::Connection).on_call("get_room", "get_room").caused_by(cause);
        assert_eq!(format!("{:#}", anyhow::Error::from(error)), "get_room: connection failed: refused");
    }

    #[test]
    fn body_is_available_and_never_printed() {
        let error = Error::new(ErrorKind::Server).status_code(500).excerpt(Some("<html>sentinel".to_owned()));
        assert_eq!(error.body_excerpt(), Some("<html>sentinel"));
        assert!(!format!("{error} {error:?} {error:#?}").contains("sentinel"));
    }

    #[test]
    fn debug_prints_each_other_detail() {
        let cause = Error::new(ErrorKind::Timeout).caused_by(std::io::Error::other("a\nb"));
        let error = Error::new(ErrorKind::Closed)
            .on_call("create_peer", "add_peer")
            .status_code(503)
            .message_text("the-message")
            .with_proxy("proxy:1".to_owned())
            .excerpt(Some("12345".to_owned()))
            .request(Some("the-id".to_owned()))
            .after_attempts(7)
            .with_possible_effect(true)
            .retry_in(Some(Duration::from_secs(9)))
            .with_close_code(Some(4001))
            .with_close_reason(Some("Room stopped".to_owned()))
            .caused_by(cause);
        let printed = format!("{error:?}");
        for part in [
            "kind: Closed",
            "method: Some(\"create_peer\")",
            "operation: Some(\"add_peer\")",
            "status: Some(503)",
            "message: Some(\"the-message\")",
            "proxy: Some(\"proxy:1\")",
            "body_bytes: Some(5)",
            "request_id: Some(\"the-id\")",
            "attempts: 7",
            "may_have_taken_effect: true",
            "retry_after: Some(9s)",
            "close_code: Some(4001)",
            "close_reason: Some(\"Room stopped\")",
            "causes: [\"timed out\", \"a b\"]",
        ] {
            assert!(printed.contains(part), "{part}: {printed}");
        }
    }
}
