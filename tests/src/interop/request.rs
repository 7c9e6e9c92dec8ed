//! Requests as normalized JSON: equivalent requests are equal.

use fishjam_emulator::{Part, RecordedRequest};
use serde_json::{Map, Value, json};

use crate::placeholder::Placeholders;

/// A request without its order of keys, its percent-encoding and its ids.
#[derive(Debug)]
pub(crate) struct NormalizedRequest {
    pub(crate) operation: String,
    pub(crate) description: Value,
}

/// Returns the normalized requests of a run.
pub(crate) fn normalized_requests(requests: &[RecordedRequest]) -> Vec<NormalizedRequest> {
    let mut placeholders = Placeholders::default();
    requests.iter().map(|request| normalized(request, &mut placeholders)).collect()
}

fn normalized(request: &RecordedRequest, placeholders: &mut Placeholders) -> NormalizedRequest {
    let mut description = Map::new();
    let mut set = |name: &str, value: Value| description.insert(name.to_owned(), value);
    set("method", json!(request.method()));
    set("path", json!(path(request.full_path(), placeholders)));
    set("authorization", json!(format!("{:?}", request.authorization())));
    if let Some(query) = request.query() {
        set("query", query_pairs(query, placeholders));
    }
    if !request.body().is_empty() {
        let content_type = request.header("content-type").unwrap_or_default();
        set("content-type", json!(media_type(content_type)));
        let body = match (request.body_json(), request.parts()) {
            (Some(body), _) => placeholders.replace("body", body),
            (None, Some(parts)) => parts_by_name(parts, placeholders),
            (None, None) => text(request.body()),
        };
        set("body", body);
    }
    NormalizedRequest { operation: request.operation().to_owned(), description: Value::Object(description) }
}

fn media_type(content_type: &str) -> &str {
    content_type.split(';').next().unwrap_or_default().trim()
}

fn text(content: &[u8]) -> Value {
    Value::String(String::from_utf8_lossy(content).into_owned())
}

/// The parts of a form, sorted: their order has no meaning, nor has the text between them.
fn parts_by_name(mut parts: Vec<Part>, placeholders: &mut Placeholders) -> Value {
    parts.sort_by(|one, other| one.name.cmp(&other.name));
    let parts = parts.into_iter().map(|part| {
        let content_type = part.content_type.as_deref().map(media_type);
        let content = match serde_json::from_slice(&part.body) {
            Ok(content) if content_type == Some("application/json") => placeholders.replace(&part.name, content),
            _ => text(&part.body),
        };
        json!({ "name": part.name, "file-name": part.file_name, "content-type": content_type, "content": content })
    });
    parts.collect()
}

fn path(path: &str, placeholders: &mut Placeholders) -> String {
    let mut before = String::new();
    let segments = path.split('/').map(|segment| {
        let decoded = decode(segment);
        let name = placeholders.name(&before, &decoded);
        before = decoded;
        // The only character that would change the path.
        name.replace('/', "%2F")
    });
    segments.collect::<Vec<_>>().join("/")
}

/// Decoded names and values, sorted: their order has no meaning.
fn query_pairs(query: &str, placeholders: &mut Placeholders) -> Value {
    let mut pairs: Vec<(String, String)> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let name = decode(&name.replace('+', " "));
            let value = placeholders.name(&name, &decode(&value.replace('+', " ")));
            (name, value)
        })
        .collect();
    pairs.sort();
    json!(pairs)
}

/// Decodes percent-encoding. Other strings stay unchanged.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, after @ ..] = rest {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    bytes.push(high << 4 | low);
                    rest = after;
                }
                _ => bytes.push(b'%'),
            },
            _ => bytes.push(*byte),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn path_is_normalized() {
        let mut placeholders = Placeholders::default();
        let id = "aaaaaaaa-0000-4000-8000-000000000000";
        assert_eq!(path(&format!("/room/{id}/peer/{id}x"), &mut placeholders), format!("/room/{{room1}}/peer/{id}x"));
        assert_eq!(path("/room/a%20b%c3%B3%2f%zz%4", &mut placeholders), "/room/a bó%2F%zz%4");
    }

    #[test]
    fn query_is_normalized() {
        let mut placeholders = Placeholders::default();
        let encoded = query_pairs("b=1&metadata%5Ba%5D=x+y&b=0", &mut placeholders);
        assert_eq!(encoded, query_pairs("b=0&b=1&metadata[a]=x%20y", &mut placeholders));
    }
}
