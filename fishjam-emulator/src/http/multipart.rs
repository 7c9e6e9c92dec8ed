//! `multipart/form-data` bodies.

use std::fmt;

use bytes::Bytes;

/// The maximum length of a boundary (RFC 2046). A longer boundary would slow down the search.
const MAX_BOUNDARY: usize = 70;

/// One part of a `multipart/form-data` body.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Part {
    /// Name of the part.
    pub name: String,
    /// File name, if the part is a file.
    pub file_name: Option<String>,
    /// The `content-type`, if the part has one.
    pub content_type: Option<String>,
    /// Content of the part.
    pub body: Vec<u8>,
}

/// Shows the length of the content only.
impl fmt::Debug for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Part")
            .field("name", &self.name)
            .field("file_name", &self.file_name)
            .field("content_type", &self.content_type)
            .field("body_length", &self.body.len())
            .finish()
    }
}

/// Splits a header into its value and parameters: `form-data; name="a"` is `form-data` with `name` = `a`.
pub(crate) fn parameters(header: &str) -> (&str, Vec<(String, String)>) {
    let mut pieces = split_unquoted(header).into_iter();
    let value = pieces.next().unwrap_or_default().trim();
    let parameters = pieces.filter_map(|piece| {
        let (name, value) = piece.split_once('=')?;
        Some((name.trim().to_ascii_lowercase(), unquote(value.trim())))
    });
    (value, parameters.collect())
}

fn parameter(parameters: &[(String, String)], name: &str) -> Option<String> {
    parameters.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
}

/// Returns the parts of a body, or `None` if it is malformed or not `multipart/form-data`.
pub(crate) fn parts(content_type: &str, body: &Bytes) -> Option<Vec<Part>> {
    let (media_type, given) = parameters(content_type);
    if !media_type.eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let is_valid = |boundary: &String| (1..=MAX_BOUNDARY).contains(&boundary.len());
    let delimiter = format!("--{}", parameter(&given, "boundary").filter(is_valid)?);
    let delimiter = delimiter.as_bytes();
    // Bytes before the first delimiter do not count.
    let mut rest = after(body, delimiter)?;
    let separator = [b"\r\n", delimiter].concat();
    let mut parts = Vec::new();
    while !rest.starts_with(b"--") {
        let content = after_line(rest)?;
        let end = find(content, &separator)?;
        parts.push(part(content.get(..end)?)?);
        rest = content.get(end + separator.len()..)?;
    }
    Some(parts)
}

fn part(content: &[u8]) -> Option<Part> {
    let end = find(content, b"\r\n\r\n")?;
    let head = std::str::from_utf8(content.get(..end)?).ok()?;
    let header = |name: &str| {
        head.split("\r\n")
            .filter_map(|line| line.split_once(':'))
            .find(|(other, _)| other.trim().eq_ignore_ascii_case(name))
            .map(|(_, value)| value.trim())
    };
    let (disposition, given) = parameters(header("content-disposition")?);
    if !disposition.eq_ignore_ascii_case("form-data") {
        return None;
    }
    Some(Part {
        name: parameter(&given, "name")?,
        file_name: parameter(&given, "filename").or_else(|| parameter(&given, "filename*")),
        content_type: header("content-type").map(str::to_owned),
        body: content.get(end + 4..)?.to_vec(),
    })
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

fn after<'a>(text: &'a [u8], wanted: &[u8]) -> Option<&'a [u8]> {
    text.get(find(text, wanted)? + wanted.len()..)
}

/// Returns the bytes after the line of a delimiter, which may contain spaces.
fn after_line(text: &[u8]) -> Option<&[u8]> {
    let blank = text.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    text.get(blank..)?.strip_prefix(b"\r\n")
}

/// Splits at semicolons outside of quotes.
fn split_unquoted(text: &str) -> Vec<&str> {
    let (mut quoted, mut escaped) = (false, false);
    text.split(move |character| {
        let separates = character == ';' && !quoted;
        if !escaped && character == '"' {
            quoted = !quoted;
        }
        escaped = quoted && !escaped && character == '\\';
        separates
    })
    .collect()
}

fn unquote(text: &str) -> String {
    match text.strip_prefix('"').and_then(|text| text.strip_suffix('"')) {
        Some(inner) => inner.replace("\\\"", "\"").replace("\\\\", "\\"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(content_type: &str, body: &str) -> Option<Vec<Part>> {
        parts(content_type, &Bytes::copy_from_slice(body.as_bytes()))
    }

    fn one(name: &str, file_name: Option<&str>, content_type: Option<&str>, body: &str) -> Part {
        Part {
            name: name.to_owned(),
            file_name: file_name.map(str::to_owned),
            content_type: content_type.map(str::to_owned),
            body: body.as_bytes().to_vec(),
        }
    }

    #[test]
    fn parts_are_read() {
        let config = "Content-Disposition: form-data; name=\"config\"\r\nContent-Type: application/json\r\n\r\n{}";
        let file = "content-disposition: form-data; name=template; filename=\"a;\\\"b.js\"\r\n\r\n\r\n--x\r\n";
        let body = format!("before\r\n--b \r\n{config}\r\n--b\r\n{file}\r\n--b--\r\nafter");
        let expected = vec![
            one("config", None, Some("application/json"), "{}"),
            one("template", Some("a;\"b.js"), None, "\r\n--x\r\n"),
        ];
        assert_eq!(read("multipart/form-data; boundary=b", &body), Some(expected.clone()));
        assert_eq!(read("Multipart/Form-Data; charset=utf-8; Boundary=\"b\"", &body), Some(expected));
        assert_eq!(read("multipart/form-data; boundary=b", "--b--"), Some(Vec::new()));
    }

    #[test]
    fn malformed_bodies_have_no_parts() {
        let part = "--b\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx";
        for (content_type, body) in [
            ("application/json", format!("{part}\r\n--b--")),
            ("multipart/form-data", format!("{part}\r\n--b--")),
            ("multipart/form-data; boundary=", format!("{part}\r\n--b--")),
            ("multipart/form-data; boundary=c", format!("{part}\r\n--b--")),
            (&format!("multipart/form-data; boundary={}", "c".repeat(71)), format!("--{}--", "c".repeat(71))),
            ("multipart/form-data; boundary=b", part.to_owned()),
            ("multipart/form-data; boundary=b", "--b\r\n\r\nx\r\n--b--".to_owned()),
            ("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--".to_owned()),
            ("multipart/form-data; boundary=b", String::new()),
        ] {
            assert_eq!(read(content_type, &body), None, "{content_type} {body}");
        }
    }
}
