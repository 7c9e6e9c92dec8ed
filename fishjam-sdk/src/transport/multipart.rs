//! Builds `multipart/form-data` bodies in memory, so that a retry can send them again.

use bytes::Bytes;
use http::HeaderValue;

use crate::error::{Error, Result};

/// One part of a form.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part<'a> {
    /// Name of the part.
    pub(crate) name: &'static str,
    /// Name of the file, if the part is a file.
    pub(crate) file_name: Option<&'a str>,
    pub(crate) content_type: &'static str,
    pub(crate) content: &'a [u8],
}

/// A form that can be sent.
pub(crate) struct Form {
    /// Content type with the boundary.
    pub(super) content_type: HeaderValue,
    pub(super) body: Bytes,
}

impl Form {
    /// Creates a form of these parts, in this order.
    pub(crate) fn new(parts: &[Part<'_>]) -> Result<Self> {
        Self::with_boundary(parts, || format!("fishjam-{:032x}", fastrand::u128(..)))
    }

    /// Uses the first proposed boundary that occurs in no part.
    fn with_boundary(parts: &[Part<'_>], mut propose: impl FnMut() -> String) -> Result<Self> {
        let boundary = loop {
            let proposed = propose();
            if !parts.iter().any(|part| contains(part.content, proposed.as_bytes())) {
                break proposed;
            }
        };
        let mut body = Vec::with_capacity(parts.iter().map(|part| part.content.len() + 256).sum());
        for part in parts {
            body.extend_from_slice(part.head(&boundary).as_bytes());
            body.extend_from_slice(part.content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(format!("--{boundary}--\r\n").as_bytes());
        let content_type = HeaderValue::try_from(format!("multipart/form-data; boundary={boundary}"))
            .map_err(|e| Error::invalid_input("failed to build the form").caused_by(e))?;
        Ok(Self { content_type, body: body.into() })
    }
}

impl Part<'_> {
    fn head(&self, boundary: &str) -> String {
        let Self { name, content_type, .. } = self;
        let file_name = self.file_name.map(|name| format!("; filename=\"{}\"", escaped(name))).unwrap_or_default();
        format!(
            "--{boundary}\r\n\
             Content-Disposition: form-data; name=\"{name}\"{file_name}\r\n\
             Content-Type: {content_type}\r\n\r\n"
        )
    }
}

/// Percent-encodes the characters of a file name that would end the quotes or break the header.
///
/// Browsers do the same. The backslash is encoded too, because some servers read it as an escape.
fn escaped(name: &str) -> String {
    let mut escaped = String::with_capacity(name.len());
    for c in name.chars() {
        if c.is_ascii_control() || c == '"' || c == '\\' {
            escaped.push_str(&format!("%{:02X}", u32::from(c)));
        } else {
            escaped.push(c);
        }
    }
    escaped
}

fn contains(content: &[u8], text: &[u8]) -> bool {
    content.windows(text.len()).any(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONFIG: Part<'_> =
        Part { name: "config", file_name: None, content_type: "application/json", content: b"{\"a\":1}" };

    #[test]
    fn form_has_its_parts_between_boundaries() {
        let template = Part {
            name: "template",
            file_name: Some("template.js"),
            content_type: "application/octet-stream",
            content: b"\x00\r\n--",
        };
        let form = Form::with_boundary(&[CONFIG, template], || "b".repeat(8)).unwrap();
        assert_eq!(form.content_type, "multipart/form-data; boundary=bbbbbbbb");
        let body = "--bbbbbbbb\r\n\
                    Content-Disposition: form-data; name=\"config\"\r\n\
                    Content-Type: application/json\r\n\r\n\
                    {\"a\":1}\r\n\
                    --bbbbbbbb\r\n\
                    Content-Disposition: form-data; name=\"template\"; filename=\"template.js\"\r\n\
                    Content-Type: application/octet-stream\r\n\r\n\
                    \x00\r\n--\r\n\
                    --bbbbbbbb--\r\n";
        assert_eq!(form.body, body);
    }

    #[test]
    fn boundary_does_not_occur_in_a_part() {
        let mut proposals = ["{", "\"a\"", "free"].into_iter().map(str::to_owned);
        let form = Form::with_boundary(&[CONFIG], || proposals.next().unwrap()).unwrap();
        assert_eq!(form.content_type, "multipart/form-data; boundary=free");
    }

    #[test]
    fn boundaries_differ_and_have_at_most_70_characters() {
        let boundary = || Form::new(&[CONFIG]).unwrap().content_type.to_str().unwrap().split_once('=').unwrap().1.len();
        assert!(boundary() <= 70);
        assert_ne!(Form::new(&[CONFIG]).unwrap().content_type, Form::new(&[CONFIG]).unwrap().content_type);
    }

    #[test]
    fn file_name_cannot_end_its_quotes() {
        for (name, written) in [
            ("template.js", "template.js"),
            ("my template (1).js", "my template (1).js"),
            ("zażółć.js", "zażółć.js"),
            ("a\"; name=\"config", "a%22; name=%22config"),
            ("a\r\nX: y", "a%0D%0AX: y"),
            ("a\\\"b", "a%5C%22b"),
            ("a\0\u{7f}", "a%00%7F"),
        ] {
            assert_eq!(escaped(name), written, "{name:?}");
        }
    }
}
