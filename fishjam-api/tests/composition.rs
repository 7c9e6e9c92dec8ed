//! Encodes and decodes the types of the composition API.

#![allow(clippy::unwrap_used, reason = "a helper of tests may panic")]

mod whole;

use fishjam_api::{RawJson, VideoScene, composition::types};
use serde_json::{Value, json};

use whole::whole;

/// Returns one component of each type, with every member.
fn components() -> Vec<Value> {
    let leaf = json!({ "type": "input_stream", "input_id": "i", "id": "a" });
    let shadow = json!({ "offset_x": 1.5, "offset_y": -2.0, "color": "#000000FF", "blur_radius": 3.0 });
    let transition =
        |easing: Value| json!({ "duration_ms": 250.5, "easing_function": easing, "should_interrupt": true });
    let eased = [
        transition(json!({ "function_name": "linear" })),
        transition(json!({ "function_name": "bounce" })),
        transition(json!({ "function_name": "cubic_bezier", "points": [0.1, -1.0, 0.9, 2.0] })),
    ];
    vec![
        leaf.clone(),
        json!({
            "type": "view", "id": "a", "children": [leaf], "width": 1.5, "height": 2.5, "direction": "column",
            "top": 1.0, "left": 2.0, "bottom": 3.0, "right": 4.0, "rotation": 45.5, "transition": eased[0],
            "overflow": "fit", "background_color": "red", "border_radius": 1.5, "border_width": 2.5,
            "border_color": "blue", "box_shadow": [shadow], "padding": 1.0, "padding_vertical": 2.0,
            "padding_horizontal": 3.0, "padding_top": 4.0, "padding_right": 5.0, "padding_bottom": 6.0,
            "padding_left": 7.0,
        }),
        json!({
            "type": "text", "text": "t", "font_size": 12.5, "id": "a", "width": 1.0, "height": 2.0, "max_width": 3.0,
            "max_height": 4.0, "line_height": 5.0, "color": "red", "background_color": "blue", "font_family": "Inter",
            "style": "italic", "align": "justified", "wrap": "word", "weight": "semi_bold",
        }),
        json!({
            "type": "tiles", "id": "a", "children": [leaf], "width": 1.0, "height": 2.0, "background_color": "red",
            "tile_aspect_ratio": "4:3", "margin": 3.0, "padding": 4.0, "horizontal_align": "left",
            "vertical_align": "top", "transition": eased[1],
        }),
        json!({
            "type": "rescaler", "child": leaf, "id": "a", "mode": "fill", "horizontal_align": "right",
            "vertical_align": "bottom", "width": 1.0, "height": 2.0, "top": 3.0, "left": 4.0, "bottom": 5.0,
            "right": 6.0, "rotation": 7.0, "transition": eased[2], "border_radius": 8.0, "border_width": 9.0,
            "border_color": "red", "box_shadow": [shadow],
        }),
        json!({ "type": "image", "image_id": "i", "id": "a", "width": 1.0, "height": 2.0 }),
    ]
}

fn decode(value: Value) -> Result<types::Component, String> {
    serde_json::from_value(value).map_err(|error| error.to_string())
}

#[test]
fn component_is_decoded_completely_and_written_back() {
    for value in components() {
        assert_eq!(serde_json::to_value(whole::<types::Component>(&value)).unwrap(), value);
    }
}

#[test]
fn type_decides_the_variant_in_both_directions() {
    // A view and tiles have no other required member, so each of them could be read as the other.
    assert!(matches!(decode(json!({ "type": "view" })).unwrap(), types::Component::View(_)));
    assert!(matches!(decode(json!({ "type": "tiles" })).unwrap(), types::Component::Tiles(_)));
    let image = json!({ "type": "image", "image_id": "i", "input_id": "i" });
    assert!(matches!(decode(image).unwrap(), types::Component::Image(_)));
    for (written, tag) in [
        (
            encoded(types::RegisterInput::from(types::RtmpInput {
                stream_key: "k".into(),
                type_: types::RtmpInputType::RtmpServer,
            })),
            "rtmp_server",
        ),
        (
            encoded(types::RegisterInput::from(types::WhipInput {
                bearer_token: None,
                type_: types::WhipInputType::WhipServer,
                video: None,
            })),
            "whip_server",
        ),
        (
            encoded(types::WhipAudioEncoderOptions::from(types::WhipAudioEncoderOptionsAny {
                type_: types::WhipAudioEncoderOptionsAnyType::Any,
            })),
            "any",
        ),
    ] {
        assert_eq!(written["type"], tag);
    }
}

fn encoded(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

#[test]
fn unknown_or_missing_type_is_an_error_that_names_it() {
    for (value, expected) in [
        (json!({ "type": "web_view" }), "unknown variant `web_view`, expected one of `image`, `input_stream`"),
        (json!({ "type": "View" }), "unknown variant `View`"),
        (json!({ "children": [] }), "missing field `type`"),
        (json!({ "type": null }), "`type` is not a string"),
        (json!({ "type": ["view"] }), "`type` is not a string"),
        (json!({ "type": "image" }), "missing field `image_id`"),
        (json!({ "type": "view", "children": [{ "type": "tiles", "children": [{}] }] }), "missing field `type`"),
        (json!("view"), "expected a map"),
    ] {
        let problem = decode(value.clone()).unwrap_err();
        assert!(problem.contains(expected), "{value}: {problem}");
    }
    let easing = |value: Value| serde_json::from_value::<types::EasingFunction>(value).unwrap_err().to_string();
    assert!(easing(json!({ "type": "linear" })).contains("missing field `function_name`"));
    assert!(easing(json!({ "function_name": "spring" })).contains("unknown variant `spring`"));
    let points = json!({ "function_name": "cubic_bezier", "points": [0.1, 0.2, 0.3] });
    assert!(easing(points).contains("invalid length 3"));
}

#[test]
fn unknown_members_of_responses_are_kept() {
    let input: types::RegisterInputResponse =
        serde_json::from_value(json!({ "publish_url": "rtmp://h/k", "bearer_token": null, "port": 1935 })).unwrap();
    assert_eq!(input.publish_url.as_deref(), Some("rtmp://h/k"));
    assert!(input.bearer_token.is_none() && input.video_duration_ms.is_none());
    assert_eq!(input.extra.get("port").map(RawJson::get), Some("1935"));
    let input: types::RegisterInputResponse = whole(&json!({
        "bearer_token": "t", "endpoint_route": "/whip/i", "video_duration_ms": 1, "audio_duration_ms": 2, "publish_url": "u",
    }));
    assert!(input.extra.is_empty());
    // The id of a new composition must not depend on the other members.
    for rest in [json!({}), json!({ "api_url": null }), json!({ "api_url": 1, "region": "eu" })] {
        let mut value = rest.clone();
        value["composition_id"] = json!("c");
        let created: types::CompositionCreatedResponse = serde_json::from_value(value).unwrap();
        assert_eq!(created.composition_id, "c");
        assert_eq!(created.extra.iter().count(), rest.as_object().unwrap().len());
    }
}

#[test]
fn unknown_members_of_a_component_are_kept() {
    let view = json!({ "type": "view", "children": [{ "type": "image", "image_id": "i", "opacity": 0.5 }] });
    let types::Component::View(view) = decode(view).unwrap() else { panic!("not a view") };
    let Some([types::Component::Image(image)]) = view.children.as_deref() else { panic!("not one image") };
    assert_eq!(image.extra.get("opacity").map(RawJson::get), Some("0.5"));
}

#[test]
fn scene_is_a_tree_or_the_json_of_the_caller() {
    let root = Box::new(decode(components().remove(0)).unwrap());
    let tree = VideoScene::Tree { root };
    assert_eq!(encoded(tree), json!({ "root": components()[0] }));
    let text = "{ \"root\" : {\"type\":\"view\",\"later\":1.0} }";
    let json = VideoScene::Json(serde_json::from_str(text).unwrap());
    assert_eq!(serde_json::to_string(&json).unwrap(), text);
    assert!(!format!("{json:?}").contains("later"));
}

#[test]
fn unset_option_is_not_sent() {
    let options = types::CreateCompositionRequest { autostart: None, cleanup_without_inputs: None };
    assert_eq!(encoded(options), json!({}));
    for (kind, value) in [("view", json!({ "type": "view" })), ("tiles", json!({ "type": "tiles", "children": null }))]
    {
        assert_eq!(encoded(decode(value).unwrap()), json!({ "type": kind }));
    }
    assert_eq!(encoded(types::UnregisterInput { schedule_time_ms: None }), json!({}));
    let update = types::UpdateOutputRequest { audio: None, schedule_time_ms: Some(0.0), video: None };
    assert_eq!(encoded(update), json!({ "schedule_time_ms": 0.0 }));
}

#[test]
fn absent_and_null_data_of_an_event_differ() {
    let event = |data| encoded(types::SendCompositionEventBody { data, event_name: "e".into() });
    assert_eq!(event(None), json!({ "event_name": "e" }));
    assert_eq!(event(Some(Value::Null)), json!({ "event_name": "e", "data": null }));
}
