//! Scenes at the server's limit for nested JSON, and far beyond it.

use serde_json::{Value, json};

use super::message;
use crate::composition::scene::{Body, Component, InputStream, Rescaler, Scene, View};

/// Returns this number of rescalers around a component. Each rescaler is one level of JSON.
fn rescalers(count: usize, inner: Component) -> Component {
    (0..count).fold(inner, |child, _| Rescaler::new(child).into())
}

/// The server parses bodies with serde_json. This is the limit that the checks must find.
fn parses(levels: usize) -> bool {
    serde_json::from_str::<Value>(&("[".repeat(levels) + &"]".repeat(levels))).is_ok()
}

#[test]
fn parser_reads_127_levels() {
    assert!(parses(127) && !parses(128));
}

#[test]
fn scene_can_use_all_levels_of_each_body() {
    // An update has two levels around the root, and a registration has three.
    for (body, rescaler_count) in [(Body::Update, 124), (Body::Registration, 123)] {
        let scene = |count| Scene::new(rescalers(count, InputStream::new("i").into()));
        let deepest = scene(rescaler_count);
        deepest.check_in(body).unwrap();
        let body_json = match body {
            Body::Update => json!({ "video": &deepest }),
            Body::Registration => json!({ "video": { "initial": &deepest } }),
        };
        serde_json::from_str::<Value>(&body_json.to_string()).unwrap();
        deepest.into_wire(body).unwrap();

        let deeper = scene(rescaler_count + 1);
        let message = message(&deeper.check_in(body).unwrap_err());
        let place = format!("root{}", ".child".repeat(rescaler_count + 1));
        assert!(message.starts_with(&format!("invalid scene at {place}: nested too deeply")), "{message}");
        assert!(message.ends_with("127 levels of JSON"), "{message}");
        assert!(deeper.into_wire(body).is_err());
    }
}

#[test]
fn json_has_the_limit_of_an_update() {
    for (count, accepted) in [(124, true), (125, false), (126, false), (5_000, false)] {
        let json = format!(
            r#"{{"root":{}{{"type":"view"}}{}}}"#,
            r#"{"type":"rescaler","child":"#.repeat(count),
            "}".repeat(count)
        );
        assert_eq!(Scene::from_json(&json).is_ok(), accepted, "{count}");
    }
}

/// Every list and every object counts, also an empty one.
#[test]
fn each_inner_list_and_object_counts() {
    for (inner, levels) in [
        (json!({ "type": "view" }), 1),
        (json!({ "type": "view", "children": [] }), 2),
        (json!({ "type": "tiles", "children": [] }), 2),
        (json!({ "type": "view", "children": [{ "type": "view" }] }), 3),
        (json!({ "type": "view", "box_shadow": [] }), 2),
        (json!({ "type": "view", "box_shadow": [{}] }), 3),
        (json!({ "type": "tiles", "transition": { "duration_ms": 1 } }), 2),
        (
            json!({ "type": "view", "transition": { "duration_ms": 1, "easing_function": { "function_name": "linear" } } }),
            3,
        ),
        (
            json!({ "type": "view", "transition": { "duration_ms": 1,
                "easing_function": { "function_name": "cubic_bezier", "points": [0, 0, 1, 1] } } }),
            4,
        ),
        (json!({ "type": "view", "transition": { "duration_ms": 1, "ignored": [[[]]] } }), 5),
    ] {
        for (count, accepted) in [(125 - levels, true), (126 - levels, false)] {
            let root = (0..count).fold(inner.clone(), |child, _| json!({ "type": "rescaler", "child": child }));
            let body = json!({ "video": { "root": root } }).to_string();
            assert_eq!(serde_json::from_str::<Value>(&body).is_ok(), accepted, "{inner}");
            assert_eq!(Scene::from_json(&json!({ "root": root }).to_string()).is_ok(), accepted, "{inner}");
        }
    }
}

/// Nothing that walks through a tree can overflow the stack: `clone`, `check`, serialization, `Debug`, `drop`.
#[test]
fn builder_survives_any_depth() {
    let mut view = View::new().child(InputStream::new("i"));
    for _ in 0..200_000 {
        view = View::new().child(InputStream::new("i")).child(view);
    }
    let scene = Scene::new(view.clone());
    let message = message(&scene.check().unwrap_err());
    assert!(message.starts_with("invalid scene at root.children[1].children[1]"), "{message}");
    assert!(message.contains("more than 128 nested components") && message.len() < 3_000, "{message}");
    assert!(serde_json::to_string(&scene).unwrap_err().to_string().contains("more than 128 nested components"));
    assert!(scene.clone().into_wire(Body::Update).is_err());
    assert!(!format!("{view:?} {scene:?}").is_empty());

    let scene = Scene::new(rescalers(200_000, InputStream::new("i").into()));
    assert!(super::message(&scene.check().unwrap_err()).starts_with("invalid scene at root.child.child"));
}

/// The builder drops a child only if no body could have it.
#[test]
fn builder_keeps_every_tree_that_a_body_can_have() {
    let scene = Scene::new(rescalers(127, InputStream::new("i").into()));
    assert!(message(&scene.check().unwrap_err()).contains("127 levels of JSON"));
    let scene = Scene::new(rescalers(128, InputStream::new("i").into()));
    let expected = "invalid scene at root.child: more than 128 nested components";
    assert_eq!(message(&scene.check().unwrap_err()), expected);
}

#[test]
fn wide_scene_is_checked() {
    let children = || (0..20_000).map(|index| InputStream::new("i").id(index.to_string()));
    Scene::new(View::new().children(children())).check().unwrap();
    let scene = Scene::new(View::new().children(children()).child(InputStream::new("i").id("7")));
    assert!(message(&scene.check().unwrap_err()).starts_with("invalid scene at root.children[20000].id"));
}
