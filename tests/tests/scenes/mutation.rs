//! Random changes of JSON.

use proptest::{prelude::*, sample::Index};
use serde_json::{Map, Value, json};

/// A change of one object or array.
#[derive(Clone, Debug)]
pub(super) struct Mutation {
    place: Index,
    action: Action,
}

#[derive(Clone, Debug)]
enum Action {
    /// Removes one member or item.
    Remove(Index),
    /// Replaces one member or item.
    Replace(Index, Value),
    /// Sets a member of an object, or appends to an array.
    Add(&'static str, Value),
    /// Renames one member.
    Rename(Index, &'static str),
}

/// The members of all objects of a scene, and unknown ones.
pub(super) const NAMES: &[&str] = &[
    "type",
    "id",
    "children",
    "child",
    "width",
    "height",
    "direction",
    "top",
    "left",
    "bottom",
    "right",
    "rotation",
    "transition",
    "overflow",
    "background_color",
    "border_radius",
    "border_width",
    "border_color",
    "box_shadow",
    "padding",
    "padding_vertical",
    "padding_top",
    "input_id",
    "image_id",
    "text",
    "font_size",
    "max_width",
    "max_height",
    "line_height",
    "color",
    "font_family",
    "style",
    "align",
    "wrap",
    "weight",
    "mode",
    "horizontal_align",
    "vertical_align",
    "tile_aspect_ratio",
    "margin",
    "offset_x",
    "offset_y",
    "blur_radius",
    "duration_ms",
    "easing_function",
    "should_interrupt",
    "function_name",
    "points",
    "root",
    "inputs",
    "volume",
    "unknown",
    "Type",
    "",
];

fn any_value() -> impl Strategy<Value = Value> {
    let values = json!([
        null, true, false, 0, 1, -1, 0.5, 2, 1e39, -1e39, 1e300, "", "red", "16:9", "left", "center", "row", "fit", "normal",
        "none", "ada", "view", "tiles", "rescaler", "text", "image", "input_stream", "shader", "web_view", "linear",
        "bounce", "cubic_bezier", [], {}, [1], [0, 0, 1, 1], [{}], [[]], [null], { "type": "view" }, [{ "type": "view" }],
        [{ "type": "tiles" }, { "type": "text" }], { "duration_ms": 1 }, { "function_name": "bounce" }
    ]);
    prop::sample::select(serde_json::from_value::<Vec<Value>>(values).expect("a list"))
}

pub(super) fn mutation() -> impl Strategy<Value = Mutation> {
    let name = || prop::sample::select(NAMES);
    let action = prop_oneof![
        any::<Index>().prop_map(Action::Remove),
        (any::<Index>(), any_value()).prop_map(|(index, value)| Action::Replace(index, value)),
        (name(), any_value()).prop_map(|(name, value)| Action::Add(name, value)),
        (any::<Index>(), name()).prop_map(|(index, name)| Action::Rename(index, name)),
    ];
    (any::<Index>(), action).prop_map(|(place, action)| Mutation { place, action })
}

impl Mutation {
    /// Changes one of the objects and arrays in the value, or the value itself.
    pub(super) fn apply(&self, value: &mut Value) {
        let count = containers(value);
        if count > 0 {
            self.apply_at(value, &mut self.place.index(count));
        }
    }

    /// Changes the container with this index. Returns `true` if it was found.
    fn apply_at(&self, value: &mut Value, index: &mut usize) -> bool {
        if !matches!(value, Value::Array(_) | Value::Object(_)) {
            return false;
        }
        if *index == 0 {
            self.action.apply(value);
            return true;
        }
        *index -= 1;
        match value {
            Value::Array(items) => items.iter_mut().any(|item| self.apply_at(item, index)),
            Value::Object(members) => members.values_mut().any(|member| self.apply_at(member, index)),
            _ => false,
        }
    }
}

impl Action {
    fn apply(&self, value: &mut Value) {
        match value {
            Value::Array(items) => self.apply_to_array(items),
            Value::Object(members) => self.apply_to_object(members),
            _ => {}
        }
    }

    fn apply_to_array(&self, items: &mut Vec<Value>) {
        match self {
            Self::Remove(index) if !items.is_empty() => drop(items.remove(index.index(items.len()))),
            Self::Replace(index, value) if !items.is_empty() => *index.get_mut(items) = value.clone(),
            Self::Add(_, value) => items.push(value.clone()),
            _ => {}
        }
    }

    fn apply_to_object(&self, members: &mut Map<String, Value>) {
        let names: Vec<String> = members.keys().cloned().collect();
        match self {
            Self::Add(name, value) => drop(members.insert((*name).to_owned(), value.clone())),
            _ if names.is_empty() => {}
            Self::Remove(index) => drop(members.remove(index.get(&names))),
            Self::Replace(index, value) => drop(members.insert(index.get(&names).clone(), value.clone())),
            Self::Rename(index, name) => {
                let value = members.remove(index.get(&names)).unwrap_or_default();
                members.insert((*name).to_owned(), value);
            }
        }
    }
}

/// Returns the number of objects and arrays.
fn containers(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(containers).sum::<usize>(),
        Value::Object(members) => 1 + members.values().map(containers).sum::<usize>(),
        _ => 0,
    }
}
