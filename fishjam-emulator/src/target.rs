//! What a request line asks for: the path with or without the connect prefix, its segments, the query.

use serde_json::{Map, Value};

const PREFIX: &str = "api/v1/connect/";

/// The target of a request, as sent and as understood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Target {
    /// As sent.
    pub(crate) full_path: String,
    /// As sent, without `/api/v1/connect/{id}`.
    pub(crate) path: String,
    /// The percent-decoded segments of [`Target::path`]; `None` when they are no UTF-8.
    pub(crate) segments: Option<Vec<String>>,
    /// The id of the prefix, if there is one.
    pub(crate) fishjam_id: Option<String>,
    /// As sent, without the question mark.
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
            // Empty segments do not count: the framework beneath the service takes `//room/` for `/room`.
            segments: path.split('/').filter(|one| !one.is_empty()).map(|one| decode(one, false)).collect(),
            path,
            fishjam_id: fishjam_id.map(|id| decode(id, false).unwrap_or_default()),
            query: query.map(str::to_owned),
        }
    }

    /// A target of a service without the connect prefix.
    pub(crate) fn without_prefix(path: &str, query: Option<&str>) -> Self {
        Target {
            full_path: path.to_owned(),
            path: path.to_owned(),
            segments: path.split('/').filter(|one| !one.is_empty()).map(|one| decode(one, false)).collect(),
            fishjam_id: None,
            query: query.map(str::to_owned),
        }
    }

    /// The last value that the query gives a name, decoded.
    pub(crate) fn query_value(&self, name: &str) -> Option<String> {
        let mut pairs = self.query.as_deref()?.rsplit('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let (_, value) = pairs.find(|(key, _)| decode(key, true).as_deref() == Some(name))?;
        decode(value, true)
    }

    /// What the query gives a name and keys in brackets under it: `name[a][b]=x` is `{"a": {"b": "x"}}`.
    ///
    /// As the framework beneath the service reads it: names are decoded first and then split at `][`, so that a key
    /// may hold brackets; `name[a][]=x` appends to a list; what comes later wins. `None` for a query without the
    /// name, a text for `name=x`, an error for what is no UTF-8.
    pub(crate) fn query_tree(&self, name: &str) -> Result<Option<Value>, NotUtf8> {
        let mut tree = None;
        for pair in self.query.as_deref().unwrap_or_default().split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let key = decode(key, true).ok_or(NotUtf8)?;
            let value = decode(value, true).ok_or(NotUtf8)?;
            let Some(rest) = key.strip_prefix(name) else {
                continue;
            };
            if rest.is_empty() {
                tree = Some(Value::String(value));
            } else if let Some(path) = rest.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
                plant(tree.get_or_insert_default(), path.split("]["), value);
            }
        }
        Ok(tree)
    }
}

/// The parameters of a query, or of a form that is written like one, by the rules of [`Target::query_tree`].
pub(crate) fn parameters(form: &str) -> Result<Map<String, Value>, NotUtf8> {
    let mut parameters = Map::new();
    for pair in form.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let key = decode(key, true).ok_or(NotUtf8)?;
        let value = decode(value, true).ok_or(NotUtf8)?;
        let nested = key.split_once('[').and_then(|(name, rest)| Some((name, rest.strip_suffix(']')?)));
        match nested {
            Some((name, path)) if !name.is_empty() => {
                plant(parameters.entry(name).or_insert(Value::Null), path.split("]["), value);
            }
            _ => {
                parameters.insert(key, Value::String(value));
            }
        }
    }
    Ok(parameters)
}

/// A name or a value of the query is no UTF-8.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotUtf8;

/// Puts a value under a path of keys; an empty key is the next place of a list.
fn plant<'a>(at: &mut Value, mut path: impl Iterator<Item = &'a str>, value: String) {
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
            plant(&mut item, path, value);
            items.push(item);
        }
    } else {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        if let Value::Object(members) = at {
            plant(members.entry(key).or_insert(Value::Null), path, value);
        }
    }
}

/// Undoes percent-encoding; a `%` without two hexadecimal digits stays as it is. `None` for what is no UTF-8.
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

fn hex(high: u8, low: u8) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(high)? * 16 + digit(low)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn prefix_and_segments() {
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
    fn parameters_of_a_form() {
        let expected =
            json!({ "type": "hls", "options": { "lowLatency": "true", "x": ["1", "2"] }, "a]": "b c", "d": "" });
        let form = "type=rtsp&type=hls&options[lowLatency]=true&options[x][]=1&options[x][]=2&a%5D=b+c&d";
        assert_eq!(parameters(form).map(Value::Object), Ok(expected));
        assert_eq!(parameters("a=%ff"), Err(NotUtf8));
        let target = Target::without_prefix("/api/v1/connect/x", None);
        assert_eq!(target.segments, Some(["api", "v1", "connect", "x"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn query_values() {
        let target = Target::new("/x", Some("a=1&peer_id=p%2Bq+r&b"));
        assert_eq!(target.query_value("peer_id").as_deref(), Some("p+q r"));
        assert_eq!(target.query_value("b").as_deref(), Some(""));
        assert_eq!(target.query_value("c"), None);
    }

    #[test]
    fn query_trees() {
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
        assert_eq!(Target::new("/x", Some("metadata[%ff]=1")).query_tree("metadata"), Err(NotUtf8));
    }
}
