//! Changes of schemas.

use serde_json::{Value, json};

use crate::fixture::{both_ways, both_ways_with, check, differences, object};

/// Returns rows: schema, changed schema, verdict in a request, verdict in a response, path below the body, change.
fn schema_changes() -> Vec<(Value, Value, &'static str, &'static str, &'static str, &'static str)> {
    let string = || json!({"type": "string"});
    let with = |key: &str, value: Value| {
        let mut schema = json!({"type": "string"});
        schema[key] = value;
        schema
    };
    let number = |key: &str, value: Value| json!({"type": "number", key: value});
    let integer = || json!({"type": "integer"});
    let one_of = |variants: &[Value]| json!({"oneOf": variants});
    let (yes, no) = ("additive", "breaking");
    vec![
        (
            object(json!({})),
            json!({"type": "object", "properties": {"a": string()}, "required": ["a"]}),
            no,
            yes,
            ".a",
            "added (required)",
        ),
        (object(json!({})), object(json!({"a": string()})), yes, yes, ".a", "added (optional)"),
        (object(json!({"a": string()})), object(json!({})), no, no, ".a", "removed"),
        (object(json!({})), json!({"type": "object", "required": ["a"]}), no, yes, ".a", "added (required)"),
        (
            object(json!({"a": string()})),
            json!({"type": "object", "properties": {"a": string()}, "required": ["a"]}),
            no,
            yes,
            ".a",
            "became required",
        ),
        (
            json!({"type": "object", "properties": {"a": string()}, "required": ["a"]}),
            object(json!({"a": string()})),
            yes,
            no,
            ".a",
            "became optional",
        ),
        (string(), with("nullable", json!(true)), yes, no, "", "became nullable"),
        (with("nullable", json!(true)), string(), no, yes, "", "became non-nullable"),
        (string(), integer(), no, no, "", "type changed: string -> integer"),
        (
            json!({"type": "array", "items": string()}),
            json!({"type": "array", "items": integer()}),
            no,
            no,
            "[]",
            "type changed: string -> integer",
        ),
        (string(), json!({}), no, no, "", "type changed: string -> any"),
        (integer(), json!({"type": "integer", "format": "int32"}), no, no, "", "format changed: none -> int32"),
        (with("enum", json!(["a"])), with("enum", json!(["b", "a"])), yes, yes, "", "enum value added: \"b\""),
        (with("enum", json!(["b", "a"])), with("enum", json!(["a"])), no, yes, "", "enum value removed: \"b\""),
        (string(), with("enum", json!(["b", "a"])), no, yes, "", "enum introduced: \"a\", \"b\""),
        (with("enum", json!(["a"])), string(), yes, yes, "", "enum dropped: \"a\""),
        (string(), with("maxLength", json!(255)), no, yes, "", "constraint tightened: maxLength none -> 255"),
        (
            with("maxLength", json!(5)),
            with("maxLength", json!(10)),
            yes,
            yes,
            "",
            "constraint loosened: maxLength 5 -> 10",
        ),
        (string(), with("minLength", json!(1)), no, yes, "", "constraint tightened: minLength 0 -> 1"),
        (number("minimum", json!(1)), number("minimum", json!(2)), no, yes, "", "constraint tightened: minimum 1 -> 2"),
        (number("maximum", json!(1)), number("maximum", json!(2)), yes, yes, "", "constraint loosened: maximum 1 -> 2"),
        (
            number("minimum", json!(0)),
            json!({"type": "number", "minimum": 0, "exclusiveMinimum": true}),
            no,
            yes,
            "",
            "constraint tightened: minimum 0 -> 0 (exclusive)",
        ),
        (
            json!({"type": "array", "items": {}}),
            json!({"type": "array", "items": {}, "uniqueItems": true}),
            no,
            yes,
            "",
            "constraint tightened: uniqueItems none -> true",
        ),
        (
            with("pattern", json!("^a$")),
            with("pattern", json!("^b$")),
            no,
            yes,
            "",
            "constraint changed: pattern \"^a$\" -> \"^b$\"",
        ),
        (with("pattern", json!("^a$")), string(), yes, yes, "", "constraint loosened: pattern \"^a$\" -> none"),
        (
            object(json!({})),
            json!({"type": "object", "additionalProperties": false}),
            no,
            yes,
            "",
            "additional properties forbidden",
        ),
        (
            json!({"type": "object", "additionalProperties": false}),
            object(json!({})),
            yes,
            yes,
            "",
            "additional properties allowed",
        ),
        (
            object(json!({})),
            json!({"type": "object", "additionalProperties": string()}),
            no,
            yes,
            "",
            "additional properties typed",
        ),
        (
            json!({"type": "object", "additionalProperties": string()}),
            object(json!({})),
            yes,
            no,
            "",
            "additional properties untyped",
        ),
        (
            json!({"type": "object", "additionalProperties": string()}),
            json!({"type": "object", "additionalProperties": integer()}),
            no,
            no,
            ".*",
            "type changed: string -> integer",
        ),
        (string(), with("default", json!("a")), yes, yes, "", "default added: \"a\""),
        (with("default", json!("a")), with("default", json!("b")), no, yes, "", "default changed: \"a\" -> \"b\""),
        (with("default", json!("a")), string(), no, yes, "", "default removed: \"a\""),
        (
            one_of(&[string(), integer()]),
            one_of(&[string(), json!({"type": "boolean"}), integer()]),
            yes,
            no,
            "",
            "variant added: 1",
        ),
        (
            one_of(&[string(), integer(), json!({"type": "boolean"})]),
            one_of(&[integer(), string()]),
            no,
            yes,
            "",
            "variant removed: 2",
        ),
        (string(), one_of(&[integer(), string()]), yes, no, "", "variant added: 0"),
        (one_of(&[integer(), string()]), string(), no, yes, "", "variant removed: 0"),
        (
            json!({"type": "boolean"}),
            one_of(&[integer(), string()]),
            no,
            no,
            "",
            "union replaced: boolean -> union of 2",
        ),
        (
            one_of(&[string(), integer()]),
            json!({"anyOf": [string(), integer()]}),
            yes,
            yes,
            "",
            "constraint loosened: oneOf -> anyOf",
        ),
        (
            one_of(&[string(), object(json!({"a": string()}))]),
            one_of(&[object(json!({"a": integer()})), string()]),
            no,
            no,
            "[1].a",
            "type changed: string -> integer",
        ),
        (string(), with("deprecated", json!(true)), yes, yes, "", "became deprecated"),
        (with("deprecated", json!(true)), string(), yes, yes, "", "no longer deprecated"),
    ]
}

#[test]
fn verdict_depends_on_the_direction() {
    for (before, after, request, response, path, change) in schema_changes() {
        let expected = [
            format!("{response}  receive  response 200{path}  {change}"),
            format!("{request}  send  request.body{path}  {change}"),
        ];
        assert_eq!(differences(&both_ways(before.clone()), &both_ways(after.clone())), expected, "{before} -> {after}");
    }
}

#[test]
fn variants_are_paired_by_their_discriminator() {
    let variant = |tag: &str| object(json!({"type": {"type": "string", "enum": [tag]}}));
    let union = |property: &str, mapping: Value| {
        let variants = json!([{"$ref": "#/components/schemas/A"}, {"$ref": "#/components/schemas/B"}]);
        let schema = json!({"oneOf": variants, "discriminator": {"propertyName": property, "mapping": mapping}});
        both_ways_with(schema, json!({"A": variant("a"), "B": variant("b")}))
    };
    let mapping = |first: &str| json!({first: "#/components/schemas/A", "b": "#/components/schemas/B"});
    let before = union("type", mapping("a"));
    check(
        &before,
        &union("kind", mapping("a")),
        &[
            "breaking  receive  response 200  discriminator changed: type -> kind",
            "breaking  send  request.body  discriminator changed: type -> kind",
        ],
    );
    check(
        &before,
        &union("type", mapping("z")),
        &[
            "breaking  receive  response 200[A]  discriminator value changed: a -> z",
            "breaking  send  request.body[A]  discriminator value changed: a -> z",
        ],
    );
    // Without a mapping, messages contain the name of the schema.
    check(
        &before,
        &union("type", json!({"b": "B"})),
        &[
            "breaking  receive  response 200[A]  discriminator value changed: a -> A",
            "breaking  send  request.body[A]  discriminator value changed: a -> A",
        ],
    );
    let mut without = before.clone();
    for pointer in ["/paths/~1send/post/requestBody", "/paths/~1receive/get/responses/200"] {
        let body = without.pointer_mut(pointer).unwrap();
        body["content"]["application/json"]["schema"].as_object_mut().unwrap().remove("discriminator");
    }
    check(
        &before,
        &without,
        &[
            "additive  receive  response 200  discriminator removed: type",
            "additive  send  request.body  discriminator removed: type",
        ],
    );
    check(
        &without,
        &before,
        &[
            "additive  receive  response 200  discriminator added: type",
            "additive  send  request.body  discriminator added: type",
        ],
    );
}
