//! Changes of operations.

use serde_json::{Value, json};

use crate::fixture::{check, differences, document, object, operation};

/// Returns rows: the operation, the changed operation, the report.
fn operation_changes() -> Vec<(Value, Value, &'static str)> {
    let fine = || json!({"description": "x"});
    let responses = |statuses: &[&str]| -> Value {
        let map: serde_json::Map<_, _> = statuses.iter().map(|status| ((*status).to_owned(), fine())).collect();
        json!({"responses": map})
    };
    let query = |extra: Value| {
        let mut parameter = json!({"name": "peer_id", "in": "query", "schema": {"type": "object"}});
        for (key, value) in extra.as_object().unwrap() {
            parameter[key] = value.clone();
        }
        json!({"parameters": [parameter]})
    };
    let body = |body: Value| json!({"requestBody": body});
    let text = || json!({"text/plain": {"schema": {"type": "string"}}});
    let two = || json!({"text/plain": {"schema": {"type": "string"}}, "application/json": {}});
    let header = |header: Value| json!({"responses": {"204": {"description": "x", "headers": header}}});
    let part = |encoding: Value| {
        let schema = object(json!({"config": {"type": "object"}}));
        body(json!({"content": {"multipart/form-data": {"schema": schema, "encoding": encoding}}}))
    };
    vec![
        (json!({}), json!({"deprecated": true}), "additive  get_room  operation  became deprecated"),
        (
            json!({}),
            json!({"security": [{"token": []}, {"key": []}]}),
            "additive  get_room  operation  security loosened: http bearer -> apiKey header X-Key or http bearer",
        ),
        (json!({}), json!({"security": []}), "additive  get_room  operation  security loosened: http bearer -> none"),
        (
            json!({}),
            json!({"security": [{"key": []}]}),
            "breaking  get_room  operation  security changed: http bearer -> apiKey header X-Key",
        ),
        (responses(&["200"]), responses(&["200", "402"]), "additive  get_room  response 402  status added"),
        (responses(&["200", "201"]), responses(&["200"]), "breaking  get_room  response 201  success status removed"),
        (responses(&["200", "404"]), responses(&["200"]), "additive  get_room  response 404  error status removed"),
        (query(json!({})), json!({}), "breaking  get_room  query parameter peer_id  removed"),
        (json!({}), query(json!({})), "additive  get_room  query parameter peer_id  added (optional)"),
        (json!({}), query(json!({"required": true})), "breaking  get_room  query parameter peer_id  added (required)"),
        (
            query(json!({})),
            query(json!({"required": true})),
            "breaking  get_room  query parameter peer_id  became required",
        ),
        (
            query(json!({})),
            query(json!({"deprecated": true})),
            "additive  get_room  query parameter peer_id  became deprecated",
        ),
        (
            query(json!({})),
            query(json!({"schema": {"type": "array"}})),
            "breaking  get_room  query parameter peer_id  type changed: object -> array",
        ),
        (
            query(json!({})),
            query(json!({"style": "deepObject", "explode": true})),
            "breaking  get_room  query parameter peer_id  serialization changed: form, exploded -> deepObject, exploded",
        ),
        (
            query(json!({})),
            query(json!({"explode": false})),
            "breaking  get_room  query parameter peer_id  serialization changed: form, exploded -> form, not exploded",
        ),
        (json!({}), body(json!({"content": text()})), "additive  get_room  request.body  added (optional)"),
        (
            json!({}),
            body(json!({"content": text(), "required": true})),
            "breaking  get_room  request.body  added (required)",
        ),
        (body(json!({"content": text()})), json!({}), "breaking  get_room  request.body  removed"),
        (
            body(json!({"content": text()})),
            body(json!({"content": text(), "required": true})),
            "breaking  get_room  request.body  became required",
        ),
        (
            body(json!({"content": text()})),
            body(json!({"content": two()})),
            "additive  get_room  request.body  content type added: application/json",
        ),
        (
            body(json!({"content": two()})),
            body(json!({"content": text()})),
            "breaking  get_room  request.body  content type removed: application/json",
        ),
        (
            part(json!({})),
            part(json!({"config": {"contentType": "text/plain"}})),
            "breaking  get_room  request.body[multipart/form-data].config  serialization changed: application/json -> text/plain",
        ),
        (
            header(json!({})),
            header(json!({"X-A": {"schema": {"type": "string"}}})),
            "additive  get_room  response 204.header.x-a  added (optional)",
        ),
        (
            header(json!({"X-A": {"schema": {"type": "string"}}})),
            header(json!({})),
            "breaking  get_room  response 204.header.x-a  removed",
        ),
    ]
}

#[test]
fn properties_of_an_operation_are_compared() {
    for (before, after, expected) in operation_changes() {
        assert_eq!(differences(&operation(before), &operation(after)), [expected]);
    }
}

fn rooms(path: &str, method: &str, id: &str) -> Value {
    document(json!({path: {method: {"operationId": id, "responses": {}}}}), json!({}))
}

#[test]
fn added_removed_moved_and_renamed_operations_are_reported() {
    let (none, one) = (document(json!({}), json!({})), rooms("/room", "get", "get_rooms"));
    check(&none, &one, &["additive  get_rooms  operation  operation added: GET /room"]);
    check(&one, &none, &["breaking  get_rooms  operation  operation removed: GET /room"]);
    check(
        &one,
        &rooms("/room", "get", "list_rooms"),
        &["breaking  get_rooms  operation  operation renamed: list_rooms"],
    );
    let moved = rooms("/rooms", "post", "get_rooms");
    check(&one, &moved, &["breaking  get_rooms  operation  operation moved: GET /room -> POST /rooms"]);
}

#[test]
fn renamed_operation_is_still_compared() {
    let before = rooms("/room", "get", "get_rooms");
    let mut after = rooms("/room", "get", "list_rooms");
    after["paths"]["/room"]["get"]["responses"] = json!({"503": {"description": "x"}});
    let renamed = "breaking  get_rooms  operation  operation renamed: list_rooms";
    check(&before, &after, &[renamed, "additive  get_rooms  response 503  status added"]);
}

#[test]
fn operation_that_replaces_another_is_not_a_renamed_one() {
    let get = |id: &str| json!({"get": {"operationId": id, "responses": {}}});
    let before = document(json!({"/a": get("first"), "/b": get("second")}), json!({}));
    let after = document(json!({"/a": get("second")}), json!({}));
    check(
        &before,
        &after,
        &[
            "breaking  first  operation  operation removed: GET /a",
            "breaking  second  operation  operation moved: GET /b -> GET /a",
        ],
    );
}

#[test]
fn path_parameters_are_paired_by_position() {
    let parameter = |name: &str, kind: &str| {
        let path = format!("/room/{{{name}}}");
        let parameters = json!([{"name": name, "in": "path", "required": true, "schema": {"type": kind}}]);
        document(
            json!({path: {"parameters": parameters, "get": {"operationId": "get_room", "responses": {}}}}),
            json!({}),
        )
    };
    check(
        &parameter("room_id", "string"),
        &parameter("id", "integer"),
        &[
            "additive  get_room  path parameter room_id  path parameter renamed: id",
            "breaking  get_room  path parameter room_id  type changed: string -> integer",
        ],
    );
}
