//! Positions of differences.

use serde_json::{Value, json};

use crate::fixture::{both_ways, both_ways_with, check, document, object, shared};

#[test]
fn shared_schema_is_reported_once_with_its_worst_verdict() {
    let max_peers = json!({"maxPeers": {"type": "integer"}});
    let (before, after) = (
        shared(object(max_peers.clone())),
        shared(json!({"type": "object", "properties": max_peers, "required": ["maxPeers"]})),
    );
    check(
        &before,
        &after,
        &["breaking  schema Config  maxPeers  became required  (request of send; response of receive)"],
    );
    check(
        &after,
        &before,
        &["breaking  schema Config  maxPeers  became optional  (request of send; response of receive)"],
    );
}

#[test]
fn operations_that_use_a_schema_are_counted() {
    let paths: serde_json::Map<_, _> = ["a", "b", "c", "d"]
        .map(|id| {
            let content = json!({"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}});
            let responses = json!({"400": {"description": "x", "content": content}, "404": {"description": "x", "content": content}});
            (format!("/{id}"), json!({"get": {"operationId": id, "responses": responses}}))
        })
        .into_iter()
        .collect();
    let with = |error: Value| document(json!(paths), json!({"Error": error}));
    check(
        &with(object(json!({"errors": {"type": "string"}}))),
        &with(object(json!({}))),
        &["breaking  schema Error  errors  removed  (response of a, b, +2)"],
    );
}

#[test]
fn changed_reference_is_reported_at_its_position() {
    let with = |name: &str| {
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        let schemas = json!({"A": {"type": "string", "enum": ["a"]}, "B": {"type": "string", "enum": ["b"]}, "C": {"type": "integer"}});
        both_ways_with(object(json!({"x": reference})), schemas)
    };
    check(
        &with("A"),
        &with("B"),
        &[
            "additive  receive  response 200.x  enum value added: \"b\"",
            "additive  receive  response 200.x  enum value removed: \"a\"",
            "additive  send  request.body.x  enum value added: \"b\"",
            "breaking  send  request.body.x  enum value removed: \"a\"",
        ],
    );
    check(
        &with("A"),
        &with("C"),
        &[
            "breaking  receive  response 200.x  type changed: string -> integer",
            "breaking  send  request.body.x  type changed: string -> integer",
        ],
    );
}

#[test]
fn recursive_schema_is_compared_once() {
    let tree = |leaf: &str| {
        let child = json!({"$ref": "#/components/schemas/Component"});
        let view = object(json!({"children": {"type": "array", "items": child}, "leaf": {"type": leaf}}));
        let schemas =
            json!({"Component": {"oneOf": [{"$ref": "#/components/schemas/View"}, {"type": "string"}]}, "View": view});
        both_ways_with(child, schemas)
    };
    check(&tree("string"), &tree("string"), &[]);
    check(
        &tree("string"),
        &tree("integer"),
        &["breaking  schema View  leaf  type changed: string -> integer  (request of send; response of receive)"],
    );
    // The same tree with other names.
    let renamed: Value =
        serde_json::from_str(&tree("string").to_string().replace("View", "Box").replace("Component", "Node")).unwrap();
    check(&tree("string"), &renamed, &[]);
}

#[test]
fn read_only_field_is_not_part_of_a_request() {
    let with = |extra: Value| both_ways(object(json!({"id": extra})));
    let (read_only, plain) = (json!({"type": "string", "readOnly": true}), json!({"type": "string"}));
    check(&with(plain), &with(read_only), &["breaking  send  request.body.id  removed"]);
}
