//! The generator's steps before progenitor. A stale edit and a closed response type are errors.

#[path = "../codegen/guard.rs"]
mod guard;
#[path = "../codegen/open_enums.rs"]
mod open_enums;
#[path = "../codegen/overlay.rs"]
mod overlay;

use serde_json::{Value, json};

/// The result of the generator's steps. They import it from the root of the crate.
type Outcome<T> = Result<T, String>;

fn document() -> Value {
    json!({
        "paths": {
            "/room": {
                "get": {
                    "operationId": "get_room",
                    "parameters": [{ "name": "filter", "in": "query" }, { "name": "id", "in": "query" }],
                    "responses": { "200": { "content": { "application/json": {
                        "schema": { "$ref": "#/components/schemas/Room" }
                    } } } },
                },
            },
        },
        "components": { "schemas": {
            "Room": {
                "type": "object",
                "required": ["id", "files"],
                "properties": { "type": { "$ref": "#/components/schemas/RoomType" } },
            },
            "RoomType": {
                "type": "string",
                "description": "What a room is for.",
                "enum": ["audio_only"],
                "x-enum-descriptions": { "audio_only": "No video." },
            },
            "Sent": { "type": "object", "additionalProperties": false },
            "Kind": { "oneOf": [{ "$ref": "#/components/schemas/Sent" }] },
        } },
    })
}

fn apply(edits: Value) -> Outcome<(Value, overlay::Replaced)> {
    let edits: Vec<overlay::Edit> = serde_json::from_value(edits).map_err(|e| e.to_string())?;
    let mut document = document();
    let replaced = overlay::apply(&mut document, &edits)?;
    Ok((document, replaced))
}

#[test]
fn edit_changes_its_target() {
    let (document, replaced) = apply(json!([
        { "operation": "get_room", "remove": ["/parameters/filter"], "reason": "r" },
        { "schema": "Room", "remove": ["/required/files"], "reason": "r" },
        { "schema": "RoomType", "open_enum": true, "reason": "r" },
        { "schema": "Kind", "append": { "to": "/oneOf", "value": { "type": "object" } }, "reason": "r" },
        { "schema": "Sent", "insert": { "at": "/title", "value": "S" }, "reason": "r" },
        { "schema": "Sent", "replace_with": "crate::Sent", "reason": "r" },
        { "schema": "Kind", "replace_with": "crate::Kind", "reason": "r" },
    ]))
    .unwrap();
    assert_eq!(document["paths"]["/room"]["get"]["parameters"], json!([{ "name": "id", "in": "query" }]));
    assert_eq!(document["components"]["schemas"]["Room"]["required"], json!(["id"]));
    assert_eq!(document["components"]["schemas"]["Kind"]["oneOf"][1], json!({ "type": "object" }));
    assert_eq!(document["components"]["schemas"]["Sent"]["title"], "S");
    assert_eq!(replaced.open, ["RoomType"]);
    let by_hand = ["Sent", "Kind"].map(|name| (name.to_owned(), format!("crate::{name}")));
    assert_eq!(replaced.by_hand, by_hand);
}

#[test]
fn edit_without_its_target_is_stale() {
    for edit in [
        json!({ "operation": "gone", "remove": ["/parameters"], "reason": "r" }),
        json!({ "operation": "get_room", "remove": ["/parameters/gone"], "reason": "r" }),
        json!({ "schema": "Gone", "remove": ["/type"], "reason": "r" }),
        json!({ "schema": "Room", "remove": ["/additionalProperties"], "reason": "r" }),
        json!({ "schema": "Room", "remove": ["/required/gone"], "reason": "r" }),
        json!({ "schema": "Room", "open_enum": true, "reason": "r" }),
        json!({ "schema": "Gone", "replace_with": "crate::Gone", "reason": "r" }),
        json!({ "schema": "RoomType", "replace_with": "crate::RoomType", "reason": "r" }),
        json!({ "operation": "get_room", "replace_with": "crate::Room", "reason": "r" }),
        json!({ "schema": "Room", "append": { "to": "/required", "value": "id" }, "reason": "r" }),
        json!({ "schema": "Room", "append": { "to": "/type", "value": "id" }, "reason": "r" }),
        json!({ "schema": "Room", "insert": { "at": "/type", "value": "x" }, "reason": "r" }),
    ] {
        let problem = apply(json!([edit])).unwrap_err();
        assert!(problem.starts_with("stale overlay edit of "), "{edit}: {problem}");
    }
}

#[test]
fn edit_requires_a_reason_and_one_target() {
    for (edit, why) in [
        (json!({ "schema": "Sent", "remove": ["/type"], "reason": " " }), "reason is missing"),
        (json!({ "schema": "Sent", "remove": ["/type"] }), "reason"),
        (json!({ "schema": "Sent", "operation": "get_room", "remove": ["/type"], "reason": "r" }), "either"),
        (json!({ "remove": ["/type"], "reason": "r" }), "either"),
        (json!({ "schema": "Sent", "bend": "/type", "reason": "r" }), "variant"),
    ] {
        let problem = apply(json!([edit])).unwrap_err();
        assert!(problem.contains(why), "{edit}: {problem}");
    }
}

#[test]
fn closed_type_in_response_requires_an_overlay_edit() {
    let mut document = document();
    let problem = guard::check(&document, &[]).unwrap_err();
    assert!(problem.contains("RoomType (closed enum)"), "{problem}");
    guard::check(&document, &["RoomType".to_owned()]).unwrap();

    document["components"]["schemas"]["Room"]["additionalProperties"] = json!(false);
    let problem = guard::check(&document, &["RoomType".to_owned()]).unwrap_err();
    assert!(problem.contains("Room (closed object)") && !problem.contains("Sent"), "{problem}");
}

#[test]
fn open_enums_are_documented_from_the_contract() {
    let mut document = document();
    let text = open_enums::emit(&document, &["RoomType".to_owned()]).unwrap();
    assert_eq!(
        text,
        "open_enum! {\n    /// What a room is for.\n    RoomType {\n        /// No video.\n        AudioOnly = \"audio_only\",\n    }\n}\n"
    );
    let room_type = &mut document["components"]["schemas"]["RoomType"];
    room_type["enum"] = json!(["UP"]);
    room_type["x-enum-descriptions"] = json!({ "UP": "It runs." });
    let text = open_enums::emit(&document, &["RoomType".to_owned()]).unwrap();
    assert!(text.contains("        Up = \"UP\",\n"), "{text}");
    document["components"]["schemas"]["RoomType"]["x-enum-descriptions"] = json!({});
    assert!(open_enums::emit(&document, &["RoomType".to_owned()]).unwrap_err().contains("UP"));
}
