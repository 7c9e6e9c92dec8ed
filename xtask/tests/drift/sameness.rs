//! Different documents with the same meaning.

use serde_json::{Value, json};

use crate::fixture::{both_ways, both_ways_with, check, object, operation, shared};

#[test]
fn prose_and_order_are_ignored() {
    let before = json!({
        "openapi": "3.0.3", "info": {"title": "A", "version": "1"}, "tags": [{"name": "Rooms"}],
        "servers": [{"url": "https://a.example"}],
        "paths": {"/room": {"post": {
            "operationId": "create_room", "tags": ["Rooms"], "summary": "A", "description": "A",
            "requestBody": {"description": "A", "content": {"application/json": {"example": {"a": 1}, "schema": {
                "type": "object", "title": "A", "description": "A", "required": ["a", "b"], "example": {},
                "properties": {"a": {"type": "string", "enum": ["x", "y"]}, "b": {"type": "integer", "x-c": 1}},
            }}}},
            "responses": {"201": {"description": "A"}},
        }}},
    });
    let after = json!({
        "openapi": "3.0.0", "info": {"title": "B", "version": "2"}, "externalDocs": {"url": "https://b.example"},
        "paths": {"/room": {"post": {
            "operationId": "create_room", "tags": ["rooms"], "summary": "B", "x-b": true,
            "requestBody": {"content": {"application/json": {"schema": {
                "type": "object", "title": "B", "required": ["b", "a"],
                "properties": {"b": {"type": "integer", "description": "B"}, "a": {"type": "string", "enum": ["y", "x"]}},
            }}}},
            "responses": {"201": {"description": "B"}},
        }}},
    });
    check(&before, &after, &[]);
}

#[test]
fn inline_and_named_schemas_are_equal() {
    let config = object(json!({"maxPeers": {"type": "integer", "nullable": true}}));
    let named = shared(config.clone());
    check(&named, &both_ways(object(json!({"config": config}))), &[]);
    check(&both_ways(object(json!({"config": config}))), &named, &[]);
    let renamed: Value = serde_json::from_str(&named.to_string().replace("Config", "RoomSettings")).unwrap();
    check(&named, &renamed, &[]);
}

#[test]
fn wrapped_schema_equals_its_content() {
    let reference = || json!({"$ref": "#/components/schemas/Mode"});
    let with = |schema: Value| {
        both_ways_with(schema, json!({"Mode": {"type": "string", "enum": ["auto"], "default": "auto"}}))
    };
    let plain = with(reference());
    check(&plain, &with(json!({"allOf": [reference()], "description": "The mode"})), &[]);
    check(&plain, &with(json!({"oneOf": [reference()]})), &[]);
    check(&plain, &with(json!({"type": "string", "enum": ["auto"], "default": "auto"})), &[]);
    check(&plain, &with(json!({"enum": ["auto"], "default": "auto"})), &[]);
}

#[test]
fn merged_parts_equal_the_whole_schema() {
    let (id, name) = (
        object(json!({"id": {"type": "string"}})),
        json!({"properties": {"name": {"type": "string"}}, "required": ["id"]}),
    );
    let whole = json!({"type": "object", "properties": {"id": {"type": "string"}, "name": {"type": "string"}}, "required": ["id"]});
    check(&both_ways(json!({"allOf": [id, name]})), &both_ways(whole), &[]);
}

#[test]
fn nullable_counts_in_each_position() {
    let reference = || json!({"$ref": "#/components/schemas/Metadata"});
    let with =
        |member: Value, target: Value| both_ways_with(object(json!({"metadata": member})), json!({"Metadata": target}));
    let (closed, nullable) = (json!({"type": "object"}), json!({"type": "object", "nullable": true}));
    let at_member = with(json!({"allOf": [reference()], "nullable": true}), closed.clone());
    let at_target = with(reference(), nullable.clone());
    check(&at_member, &at_target, &[]);
    check(&at_target, &both_ways(object(json!({"metadata": nullable}))), &[]);
    check(
        &at_target,
        &with(reference(), closed.clone()),
        &["breaking  schema Metadata  .  became non-nullable  (request of send; response of receive)"],
    );
    check(
        &at_member,
        &with(reference(), closed),
        &[
            "additive  receive  response 200.metadata  became non-nullable",
            "breaking  send  request.body.metadata  became non-nullable",
        ],
    );
}

#[test]
fn explicit_default_of_openapi_is_ignored() {
    let parameter = |extra: Value| {
        let mut parameter = json!({"name": "status", "in": "query", "schema": {"type": "string"}});
        for (key, value) in extra.as_object().unwrap() {
            parameter[key] = value.clone();
        }
        operation(json!({"parameters": [parameter]}))
    };
    check(&parameter(json!({})), &parameter(json!({"style": "form", "explode": false, "required": false})), &[]);
    let number = |schema: Value| both_ways(schema);
    check(
        &number(json!({"type": "integer", "minimum": 1})),
        &number(json!({"type": "integer", "minimum": 0, "exclusiveMinimum": true})),
        &[],
    );
    check(&number(json!({"type": "number", "maximum": 1})), &number(json!({"type": "number", "maximum": 1.0})), &[]);
    check(&number(json!({"type": "string"})), &number(json!({"type": "string", "minLength": 0})), &[]);
    check(&number(object(json!({}))), &number(json!({"type": "object", "additionalProperties": true})), &[]);
}

#[test]
fn name_of_a_security_scheme_is_ignored() {
    let before = operation(json!({}));
    let after: Value = serde_json::from_str(&before.to_string().replace("\"token\"", "\"management_token\"")).unwrap();
    check(&before, &after, &[]);
}
