//! Strings that are one segment of a request's path.

use std::{borrow::Cow, fmt};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// The characters to encode: all except the unreserved characters of RFC 3986.
const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A string that is exactly one segment of a path.
///
/// All path parameters of the generated methods have this type. Therefore no request can reach an operation different
/// from the one that the caller chose. `Display` writes the percent-encoded form.
#[derive(Clone, Copy)]
pub struct PathSegment<'a>(&'a str);

impl<'a> PathSegment<'a> {
    /// Checks a string and makes it a segment.
    ///
    /// # Errors
    ///
    /// Returns the problem if the string is empty, `.` or `..`, or contains a slash, a backslash or a control character.
    /// The problem does not quote the string, because the caller may have passed a token by mistake.
    pub fn new(text: &'a str) -> Result<Self, Cow<'static, str>> {
        match segment_problem(text, true) {
            None => Ok(Self(text)),
            Some(problem) => Err(problem),
        }
    }

    /// Checks a string that the caller chose freely, and makes it a segment.
    ///
    /// Slashes and backslashes are valid, because a segment is encoded.
    ///
    /// # Errors
    ///
    /// Returns the problem if the string is empty, `.` or `..`, or contains a control character.
    pub fn of_free_text(text: &'a str) -> Result<Self, Cow<'static, str>> {
        match segment_problem(text, false) {
            None => Ok(Self(text)),
            Some(problem) => Err(problem),
        }
    }

    /// Returns the string without any encoding.
    #[must_use]
    pub fn as_str(self) -> &'a str {
        self.0
    }
}

/// Returns the reason why a string is not one segment, if there is a reason. `no_slashes` rejects slashes and backslashes.
fn segment_problem(text: &str, no_slashes: bool) -> Option<Cow<'static, str>> {
    let ordinary = |byte: u8| byte.is_ascii_alphanumeric() | (byte == b'-');
    // Most ids are ordinary, and each request has one. The loop has no early exit, so the compiler vectorizes it.
    if !text.is_empty() && text.bytes().fold(true, |all, byte| all & ordinary(byte)) {
        None
    } else if text.is_empty() {
        Some("it is empty".into())
    } else if text == "." || text == ".." {
        Some("it is a relative path".into())
    } else {
        text.char_indices().find_map(|(at, character)| match character {
            '/' if no_slashes => Some(format!("slash at byte {at}").into()),
            '\\' if no_slashes => Some(format!("backslash at byte {at}").into()),
            _ if character.is_control() => Some(format!("control character at byte {at}").into()),
            _ => None,
        })
    }
}

impl fmt::Display for PathSegment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        utf8_percent_encode(self.0, ENCODED).fmt(f)
    }
}

/// Prints only the length, because the string can be a token by mistake.
impl fmt::Debug for PathSegment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PathSegment({} bytes)", self.0.len())
    }
}
