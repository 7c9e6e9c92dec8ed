//! The parameters of a request, from its query and its form or JSON body.

use std::collections::HashMap;

use bytes::Bytes;
use serde_json::{Map, Value};

use super::json::{FirstMembers, RawMembers};
use crate::{
    http::{multipart, target},
    refusal::Refusal,
};

/// The maximum size of a form, in bytes. JSON and multipart bodies have only the limit of all bodies.
const FORM_LIMIT: usize = 1_000_000;

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// The parameters of a request, without those of its path.
#[derive(Debug, Default)]
pub(super) struct Parameters {
    members: Map<String, Value>,
    /// The digits of the integers that a [`Value`] cannot hold, with their sign.
    larger_integers: HashMap<String, String>,
}

impl Parameters {
    pub(super) fn of_query(query: Option<&str>) -> Result<Self, Refusal> {
        let members = target::parameters(query.unwrap_or_default()).map_err(|_| Refusal::malformed())?;
        Ok(Parameters { members, ..Parameters::default() })
    }

    /// Returns the members of a body. JSON that is not an object and bodies of other types have no members.
    pub(super) fn of_body(content_type: &str, body: &Bytes) -> Result<Self, Refusal> {
        let members = match media_type(content_type).as_str() {
            _ if body.is_empty() => Map::new(),
            FORM if body.len() > FORM_LIMIT => return Err(Refusal::too_large()),
            FORM => {
                let form = std::str::from_utf8(body).map_err(|_| Refusal::malformed())?;
                target::parameters(form).map_err(|_| Refusal::malformed())?
            }
            MULTIPART => fields(content_type, body),
            json if is_json(json) => match serde_json::from_slice(body).map_err(|_| Refusal::malformed())? {
                FirstMembers(Value::Object(members)) => members,
                FirstMembers(_) => Map::new(),
            },
            _ => Map::new(),
        };
        // serde_json parses integers of more than 64 bits as floats.
        let is_float = |value: &Value| value.as_f64().is_some_and(|value| value.abs() >= 2_f64.powi(63));
        let larger_integers = if members.values().any(is_float) { larger_integers(body) } else { HashMap::new() };
        Ok(Parameters { members, larger_integers })
    }

    /// Returns `true` if the server reads a body of this type.
    pub(super) fn are_read_from(content_type: &str) -> bool {
        let media_type = media_type(content_type);
        is_json(&media_type) || matches!(media_type.as_str(), FORM | MULTIPART)
    }

    /// Adds other parameters, which replace parameters of the same name.
    pub(super) fn replaced_by(mut self, others: Parameters) -> Self {
        for (name, value) in others.members {
            self.larger_integers.remove(&name);
            self.members.insert(name, value);
        }
        self.larger_integers.extend(others.larger_integers);
        self
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// Returns a parameter that is an integer of more than 64 bits: its sign and digits.
    pub(super) fn larger_integer(&self, name: &str) -> Option<&str> {
        self.larger_integers.get(name).map(String::as_str)
    }

    /// Returns a parameter as the server prints it in its messages.
    ///
    /// Returns `None` for a value that the server cannot print.
    pub(super) fn printed(&self, name: &str) -> Option<String> {
        self.larger_integers.get(name).cloned().or_else(|| printed(self.get(name)?))
    }

    /// Returns a parameter that is not `null`.
    pub(super) fn non_null(&self, name: &str) -> Option<&Value> {
        self.get(name).filter(|value| !value.is_null())
    }
}

fn media_type(content_type: &str) -> String {
    content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_json(media_type: &str) -> bool {
    media_type.strip_prefix("application/").is_some_and(|subtype| subtype == "json" || subtype.ends_with("+json"))
}

/// Finds the members of a JSON object that are integers of more than 64 bits.
fn larger_integers(body: &Bytes) -> HashMap<String, String> {
    let Ok(RawMembers(members)) = serde_json::from_slice(body) else { return HashMap::new() };
    let is_integer = |raw: &str| {
        let digits = raw.strip_prefix('-').unwrap_or(raw);
        digits.bytes().all(|byte| byte.is_ascii_digit()) && raw.parse::<i64>().is_err() && raw.parse::<u64>().is_err()
    };
    members.into_iter().filter(|(_, raw)| is_integer(raw)).collect()
}

/// Returns the parts of a form that are not files.
fn fields(content_type: &str, body: &Bytes) -> Map<String, Value> {
    let parts = multipart::parts(content_type, body).unwrap_or_default();
    let fields = parts.into_iter().filter(|part| part.file_name.is_none());
    fields.filter_map(|part| Some((part.name, Value::String(String::from_utf8(part.body).ok()?)))).collect()
}

/// Returns a value as the server prints it in its messages.
///
/// Returns `None` for a value that the server cannot print. The server prints a list as its characters and strings.
pub(super) fn printed(value: &Value) -> Option<String> {
    match value {
        Value::Null => Some(String::new()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Number(value) => match value.as_f64().filter(|_| value.is_f64()) {
            Some(value) => Some(printed_float(value)),
            None => Some(value.to_string()),
        },
        Value::String(string) => Some(string.clone()),
        Value::Array(items) => items.iter().map(printed_item).collect(),
        Value::Object(_) => None,
    }
}

/// Prints a float with its shortest digits. Uses an exponent if that is shorter than zeros.
fn printed_float(value: f64) -> String {
    let sign = if value.is_sign_negative() { "-" } else { "" };
    let scientific = format!("{:e}", value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let digits = mantissa.replace('.', "");
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let count = i32::try_from(digits.len()).unwrap_or(i32::MAX);
    let zeros = if exponent < 0 { -exponent - 1 } else { exponent + 1 - count };
    let cost = exponent.to_string().len() + if count == 1 { 3 } else { 2 };
    if zeros > 0 && usize::try_from(zeros).unwrap_or(usize::MAX) + 2 > cost {
        let fraction = if count == 1 { ".0" } else { "" };
        return format!("{sign}{mantissa}{fraction}e{exponent}");
    }
    let plain = value.abs().to_string();
    let fraction = if plain.contains('.') { "" } else { ".0" };
    format!("{sign}{plain}{fraction}")
}

fn printed_item(item: &Value) -> Option<String> {
    match item {
        Value::Number(code) => {
            let code = char::from_u32(u32::try_from(code.as_u64()?).ok()?)?;
            Some(code.to_string())
        }
        Value::String(_) | Value::Array(_) => printed(item),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bodies_have_the_members_of_their_type() {
        let json = "application/json; charset=utf-8";
        let form = "application/x-www-form-urlencoded";
        let multipart = "multipart/form-data; boundary=x";
        let parts = "--x\r\ncontent-disposition: form-data; name=\"roomId\"\r\n\r\na\r\n--x--\r\n";
        for (content_type, body, members) in [
            (json, r#"{"a":1,"b":{"c":1,"c":2},"a":2}"#, json!({ "a": 1, "b": { "c": 1 } })),
            ("application/vnd.x+json", r#"{"a":null}"#, json!({ "a": null })),
            (json, "[1]", json!({})),
            (json, "null", json!({})),
            (json, "", json!({})),
            ("text/plain", "{", json!({})),
            ("", "{", json!({})),
            (form, "a=1&b[c]=true", json!({ "a": "1", "b": { "c": "true" } })),
            (multipart, parts, json!({ "roomId": "a" })),
        ] {
            let parameters = Parameters::of_body(content_type, &Bytes::from(body)).unwrap();
            assert_eq!(Value::Object(parameters.members), members, "{content_type}: {body}");
        }
        for (content_type, body) in [(json, "{"), (json, " "), (form, "a=%ff")] {
            let refusal = Parameters::of_body(content_type, &Bytes::from(body)).unwrap_err();
            assert_eq!(refusal, Refusal::malformed(), "{content_type}: {body}");
        }
        let large = vec![b'a'; FORM_LIMIT + 1].into();
        assert_eq!(Parameters::of_body(form, &large).unwrap_err(), Refusal::too_large());
    }

    #[test]
    fn integers_of_any_size_keep_their_digits() {
        let digits = "100000000000000000000";
        let body = format!(
            r#"{{"a":{digits},"b":-{digits},"c":1e30,"d":{digits}.0,"e":18446744073709551615,"f":["{digits}"],"a":1}}"#
        );
        let json = "application/json";
        let parameters = Parameters::of_body(json, &Bytes::from(body)).unwrap();
        assert_eq!(parameters.larger_integer("a"), Some(digits));
        assert_eq!(parameters.printed("b"), Some(format!("-{digits}")));
        for name in ["c", "d", "e", "f"] {
            assert_eq!(parameters.larger_integer(name), None, "{name}");
        }
        assert_eq!(parameters.printed("e").as_deref(), Some("18446744073709551615"));
        let body = Parameters::of_body(json, &Bytes::from(r#"{"a":1}"#)).unwrap();
        assert_eq!(parameters.replaced_by(body).larger_integer("a"), None);
    }

    #[test]
    fn values_print_like_on_the_server() {
        for (value, string) in [
            (json!(null), Some("")),
            (json!(2.0), Some("2.0")),
            (json!(-1), Some("-1")),
            (json!(-1.5), Some("-1.5")),
            (json!(0.0), Some("0.0")),
            (json!(100.0), Some("100.0")),
            (json!(1000.0), Some("1.0e3")),
            (json!(123_400_000.0), Some("1.234e8")),
            (json!(0.001), Some("0.001")),
            (json!(1e-7), Some("1.0e-7")),
            (json!(true), Some("true")),
            (json!([104, "i", ["!"]]), Some("hi!")),
            (json!([]), Some("")),
            (json!([null]), None),
            (json!([-1]), None),
            (json!([55296]), None),
            (json!({}), None),
            (json!([{}]), None),
        ] {
            assert_eq!(printed(&value).as_deref(), string, "{value}");
        }
    }
}
