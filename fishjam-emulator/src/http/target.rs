//! The target of a request: the path with or without the connect prefix, its segments, the query.

use std::fmt::Write as _;

use serde_json::{Map, Value};

const PREFIX: &str = "api/v1/connect/";

/// The maximum number of nested objects and lists in a request, whether JSON, a form or a query.
///
/// The service publishes no limit. This is the limit of `serde_json`, which reads JSON bodies and the media events of
/// sockets. Forms and queries have the same limit.
pub(crate) const MAX_DEPTH: usize = 127;

/// The target of a request, as sent and decoded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// The path as sent.
    pub(crate) full_path: String,
    /// The path as sent, without `/api/v1/connect/{id}`.
    pub(crate) path: String,
    /// The percent-decoded segments of [`Target::path`], or `None` if they are not UTF-8.
    pub(crate) segments: Option<Vec<String>>,
    /// The id of the prefix, if there is one.
    pub(crate) fishjam_id: Option<String>,
    /// The query as sent, without the question mark.
    pub(crate) query: Option<String>,
}

impl Target {
    pub(crate) fn new(full_path: &str, query: Option<&str>) -> Self {
        let (fishjam_id, path) = match full_path.trim_start_matches('/').strip_prefix(PREFIX) {
            Some(rest) => match rest.split_once('/') {
                Some((id, rest)) => (Some(id), format!("/{rest}")),
                None => (Some(rest), "/".to_owned()),
            },
            None => (None, full_path.to_owned()),
        };
        Target {
            full_path: full_path.to_owned(),
            // The service's framework ignores empty segments: `//room/` means `/room`.
            segments: path.split('/').filter(|one| !one.is_empty()).map(|one| decode(one, false)).collect(),
            path,
            fishjam_id: fishjam_id.map(|id| decode(id, false).unwrap_or_default()),
            query: query.map(str::to_owned),
        }
    }

    /// Creates a target for a server without the connect prefix.
    pub(crate) fn without_prefix(path: &str, query: Option<&str>) -> Self {
        Target {
            full_path: path.to_owned(),
            path: path.to_owned(),
            segments: path.split('/').filter(|one| !one.is_empty()).map(|one| decode(one, false)).collect(),
            fishjam_id: None,
            query: query.map(str::to_owned),
        }
    }

    /// Returns the size of the strings in bytes.
    pub(crate) fn size(&self) -> usize {
        let segments = self.segments.iter().flatten().map(|segment| segment.len() + size_of::<String>());
        let optional = [&self.fishjam_id, &self.query].into_iter().flatten().map(String::len);
        self.full_path.len() + self.path.len() + segments.chain(optional).sum::<usize>()
    }

    /// Returns `true` if a name of the query nests more than [`MAX_DEPTH`] deep.
    pub(crate) fn is_query_too_deep(&self) -> bool {
        let pairs = self.query.as_deref().unwrap_or_default().split('&');
        pairs.filter_map(|pair| decode(pair.split('=').next()?, true)).any(|key| depth(&key) > MAX_DEPTH)
    }

    /// Returns the last value of a name in the query, decoded.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.as_deref()?.rsplit('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let (_, value) = pairs.find(|(key, _)| decode(key, true).as_deref() == Some(name))?;
        decode(value, true)
    }

    /// Returns the value of a name and its keys in brackets: `name[a][b]=x` is `{"a": {"b": "x"}}`.
    ///
    /// Follows the service's framework: names are decoded first and then split at `][`, so that a key may contain
    /// brackets. `name[a][]=x` appends to a list. The last value of a name counts. Returns `None` for a query without
    /// the name and a string for `name=x`.
    ///
    /// # Errors
    ///
    /// Returns an error if a name or a value is not UTF-8, or nested more than [`MAX_DEPTH`] deep.
    pub(crate) fn query_tree(&self, name: &str) -> Result<Option<Value>, Malformed> {
        let mut tree = None;
        for pair in self.query.as_deref().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = decode_pair(pair)?;
            let Some(rest) = key.strip_prefix(name) else {
                continue;
            };
            if rest.is_empty() {
                tree = Some(Value::String(value));
            } else if let Some(path) = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                insert_nested(tree.get_or_insert_default(), path.split("]["), value);
            }
        }
        Ok(tree)
    }
}

/// Reads the parameters of a query or a form by the rules of [`Target::query_tree`].
pub(crate) fn parameters(form: &str) -> Result<Map<String, Value>, Malformed> {
    let mut parameters = Map::new();
    for pair in form.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = decode_pair(pair)?;
        let nested = key.split_once('[').and_then(|(name, rest)| Some((name, rest.strip_suffix(']')?)));
        match nested {
            Some((name, path)) if !name.is_empty() => {
                insert_nested(parameters.entry(name).or_insert(Value::Null), path.split("]["), value);
            }
            _ => {
                parameters.insert(key, Value::String(value));
            }
        }
    }
    Ok(parameters)
}

/// The error of a query or a form that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// A name or a value is not UTF-8.
    NotUtf8,
    /// A name nests more than [`MAX_DEPTH`] deep.
    TooDeep,
}

/// Returns the parameters of a path if it matches the pattern, where `*` matches any segment.
pub(crate) fn path_parameters(pattern: &[&str], segments: &[String]) -> Option<Vec<String>> {
    if pattern.len() != segments.len() {
        return None;
    }
    let mut parameters = Vec::new();
    for (part, segment) in pattern.iter().zip(segments) {
        match *part {
            "*" => parameters.push(segment.clone()),
            literal if literal == segment => {}
            _ => return None,
        }
    }
    Some(parameters)
}

/// Decodes the name and value of a pair.
fn decode_pair(pair: &str) -> Result<(String, String), Malformed> {
    let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
    let key = decode(key, true).ok_or(Malformed::NotUtf8)?;
    let value = decode(value, true).ok_or(Malformed::NotUtf8)?;
    if depth(&key) > MAX_DEPTH { Err(Malformed::TooDeep) } else { Ok((key, value)) }
}

/// Returns the depth of a name: 1 for `a`, and one more per bracket.
fn depth(key: &str) -> usize {
    1 + key.split_once('[').filter(|(_, rest)| rest.ends_with(']')).map_or(0, |(_, rest)| rest.split("][").count())
}

/// Inserts a value under a path of keys. An empty key appends to a list.
///
/// It calls itself for each key, so the caller limits their number.
fn insert_nested<'a>(at: &mut Value, mut path: impl Iterator<Item = &'a str>, value: String) {
    let Some(key) = path.next() else {
        *at = Value::String(value);
        return;
    };
    if key.is_empty() {
        if !at.is_array() {
            *at = Value::Array(Vec::new());
        }
        if let Value::Array(items) = at {
            let mut item = Value::Null;
            insert_nested(&mut item, path, value);
            items.push(item);
        }
    } else {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        if let Value::Object(members) = at {
            insert_nested(members.entry(key).or_insert(Value::Null), path, value);
        }
    }
}

/// Decodes percent-encoding, or returns `None` if the result is not UTF-8.
///
/// A `%` without two hexadecimal digits stays unchanged.
fn decode(text: &str, form: bool) -> Option<String> {
    let mut rest = text.as_bytes();
    let mut decoded = Vec::with_capacity(rest.len());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'%', [high, low, after @ ..]) => match hex(*high, *low) {
                Some(value) => {
                    decoded.push(value);
                    rest = after;
                }
                None => decoded.push(b'%'),
            },
            (b'+', _) if form => decoded.push(b' '),
            _ => decoded.push(byte),
        }
    }
    String::from_utf8(decoded).ok()
}

/// Encodes a segment of a path: all bytes except unreserved characters.
pub(crate) fn encode_segment(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn path_is_split_into_prefix_and_segments() {
        for (sent, id, path, segments) in [
            ("/room", None, "/room", vec!["room"]),
            ("//room/", None, "//room/", vec!["room"]),
            ("/api/v1/connect/abc/room/x", Some("abc"), "/room/x", vec!["room", "x"]),
            ("/api/v1/connect/abc", Some("abc"), "/", vec![]),
            ("/api/v1/connect/abc//room", Some("abc"), "//room", vec!["room"]),
            ("/room/a%2Fb", None, "/room/a%2Fb", vec!["room", "a/b"]),
            ("/room/%zz", None, "/room/%zz", vec!["room", "%zz"]),
            ("/room/%C5%BC", None, "/room/%C5%BC", vec!["room", "ż"]),
            ("/room/100%", None, "/room/100%", vec!["room", "100%"]),
        ] {
            let target = Target::new(sent, None);
            assert_eq!(target.fishjam_id.as_deref(), id, "{sent}");
            assert_eq!(target.path, path, "{sent}");
            assert_eq!(target.segments, Some(segments.into_iter().map(str::to_owned).collect()), "{sent}");
        }
        assert_eq!(Target::new("/room/%ff", None).segments, None);
    }

    #[test]
    fn form_gives_nested_parameters() {
        let expected =
            json!({ "type": "hls", "options": { "lowLatency": "true", "x": ["1", "2"] }, "a]": "b c", "d": "" });
        let form = "type=rtsp&type=hls&options[lowLatency]=true&options[x][]=1&options[x][]=2&a%5D=b+c&d";
        assert_eq!(parameters(form).map(Value::Object), Ok(expected));
        assert_eq!(parameters("a=%ff"), Err(Malformed::NotUtf8));
        let target = Target::without_prefix("/api/v1/connect/x", None);
        assert_eq!(target.segments, Some(["api", "v1", "connect", "x"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn nesting_is_limited_in_forms_and_queries() {
        let json = |depth: usize| format!("{}\"1\"{}", "{\"a\":".repeat(depth), "}".repeat(depth));
        let form = |depth: usize| format!("a{}=1", "[a]".repeat(depth - 1));
        let deepest: Value = serde_json::from_str(&json(MAX_DEPTH)).unwrap();
        assert_eq!(parameters(&form(MAX_DEPTH)).map(Value::Object), Ok(deepest.clone()));
        let tree = Target::new("/x", Some(&form(MAX_DEPTH))).query_tree("a");
        assert_eq!(tree, Ok(deepest.get("a").cloned()));
        assert!(serde_json::from_str::<Value>(&json(MAX_DEPTH + 1)).is_err());
        for too_deep in [form(MAX_DEPTH + 1), form(500_000), format!("a{}=1", "%5B%5D".repeat(100_000))] {
            assert_eq!(parameters(&too_deep), Err(Malformed::TooDeep));
            assert_eq!(Target::new("/x", Some(&too_deep)).query_tree("a"), Err(Malformed::TooDeep));
        }
    }

    #[test]
    fn query_value_is_the_last_one() {
        let target = Target::new("/x", Some("a=1&peer_id=p%2Bq+r&b"));
        assert_eq!(target.query_value("peer_id").as_deref(), Some("p+q r"));
        assert_eq!(target.query_value("b").as_deref(), Some(""));
        assert_eq!(target.query_value("c"), None);
    }

    #[test]
    fn query_tree_nests_keys_in_brackets() {
        for (query, tree) in [
            ("", None),
            ("other[a]=1&metadatax=1&metadata[a=1", None),
            ("metadata=x", Some(json!("x"))),
            (
                "metadata[a]=1&metadata[b][c]=x+y&metadata[b][d]=%C5%BC",
                Some(json!({ "a": "1", "b": { "c": "x y", "d": "ż" } })),
            ),
            ("metadata%5Ba%5D%5Bb%5D=1", Some(json!({ "a": { "b": "1" } }))),
            ("metadata[a[b]]=1", Some(json!({ "a[b]": "1" }))),
            ("metadata[a[b]][c]=1", Some(json!({ "a[b]": { "c": "1" } }))),
            ("metadata[a%26b%3D]=1", Some(json!({ "a&b=": "1" }))),
            ("metadata[a]", Some(json!({ "a": "" }))),
            ("metadata[a][]=1&metadata[a][]=2", Some(json!({ "a": ["1", "2"] }))),
            ("metadata[a]=1&metadata[a]=2", Some(json!({ "a": "2" }))),
            ("metadata[a]=1&metadata[a][b]=2", Some(json!({ "a": { "b": "2" } }))),
            ("metadata=x&metadata[a]=1", Some(json!({ "a": "1" }))),
        ] {
            assert_eq!(Target::new("/x", Some(query)).query_tree("metadata"), Ok(tree), "{query}");
        }
        assert_eq!(Target::new("/x", Some("metadata[%ff]=1")).query_tree("metadata"), Err(Malformed::NotUtf8));
    }
}
