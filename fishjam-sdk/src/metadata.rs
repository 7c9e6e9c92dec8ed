//! Metadata: what a program attaches to a thing of the service's. On the wire always a JSON object.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// The JSON object that `metadata` serializes to; `noun` names it in the refusal of anything else.
pub(crate) fn object(noun: &str, metadata: &impl Serialize) -> Result<Map<String, Value>> {
    let kind = match serde_json::to_value(metadata) {
        Ok(Value::Object(object)) => return Ok(object),
        Ok(Value::Null) => "null",
        Ok(Value::Bool(_)) => "a boolean",
        Ok(Value::Number(_)) => "a number",
        Ok(Value::String(_)) => "a string",
        Ok(Value::Array(_)) => "an array",
        Err(e) => return Err(Error::invalid_input(format!("{noun} cannot be written as JSON")).caused_by(e)),
    };
    Err(Error::invalid_input(format!("{noun} must be a JSON object, and this is {kind}")))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn metadata_that_is_no_object_is_refused_by_name() {
        for (metadata, name) in [
            (json!(null), "null"),
            (json!(true), "boolean"),
            (json!(1), "number"),
            (json!("a"), "string"),
            (json!([]), "array"),
        ] {
            let error = object("peer metadata", &metadata).unwrap_err();
            assert!(error.to_string().contains(name) && error.to_string().contains("peer metadata"), "{error}");
        }
        let error = object("peer metadata", &BTreeMap::from([((1, 2), 3)])).unwrap_err();
        assert!(error.to_string().contains("cannot be written"), "{error}");
    }

    #[test]
    fn anything_that_serializes_to_an_object_is_metadata() {
        let object = object("peer metadata", &BTreeMap::from([("a", 1)])).unwrap();
        assert_eq!(Value::Object(object), json!({ "a": 1 }));
    }
}
