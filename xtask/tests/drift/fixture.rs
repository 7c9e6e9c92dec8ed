//! Small documents and their differences.

use serde_json::{Value, json};
use xtask::{document::Document, drift::operation::compare};

/// Creates a document with these paths and schemas.
pub(crate) fn document(paths: Value, schemas: Value) -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Fixture", "version": "1"},
        "security": [{"token": []}],
        "paths": paths,
        "components": {"schemas": schemas, "securitySchemes": {
            "token": {"type": "http", "scheme": "bearer"},
            "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        }},
    })
}

/// Creates a document with one operation, `GET /room/{room_id}`.
pub(crate) fn operation(operation: Value) -> Value {
    let mut operation = operation;
    operation["operationId"] = json!("get_room");
    operation["responses"] =
        operation.get("responses").cloned().unwrap_or_else(|| json!({"204": {"description": "x"}}));
    document(json!({"/room/{room_id}": {"get": operation}}), json!({}))
}

/// Creates a document with a schema in the request of `send` and in the response of `receive`.
pub(crate) fn both_ways(schema: Value) -> Value {
    both_ways_with(schema, json!({}))
}

pub(crate) fn both_ways_with(schema: Value, schemas: Value) -> Value {
    let content = json!({"application/json": {"schema": schema}});
    let paths = json!({
        "/send": {"post": {
            "operationId": "send",
            "requestBody": {"required": true, "content": content},
            "responses": {"204": {"description": "Done"}},
        }},
        "/receive": {"get": {
            "operationId": "receive",
            "responses": {"200": {"description": "Fine", "content": content}},
        }},
    });
    document(paths, schemas)
}

pub(crate) fn object(properties: Value) -> Value {
    json!({"type": "object", "properties": properties})
}

/// Creates a document with a named schema and a named schema of its field, in both directions.
pub(crate) fn shared(config: Value) -> Value {
    let reference = json!({"$ref": "#/components/schemas/Room"});
    both_ways_with(
        reference,
        json!({"Room": object(json!({"config": {"$ref": "#/components/schemas/Config"}})), "Config": config}),
    )
}

pub(crate) fn differences(before: &Value, after: &Value) -> Vec<String> {
    let parse = |value: &Value| Document::parse(&value.to_string()).unwrap();
    compare(&parse(before), &parse(after)).unwrap().iter().map(ToString::to_string).collect()
}

#[track_caller]
pub(crate) fn check(before: &Value, after: &Value, expected: &[&str]) {
    assert_eq!(differences(before, after), expected);
}
