//! Scenes, and the rules about all components of a scene.

use std::collections::HashSet;

use serde_json::Value;

use super::{component, node::Node};
use crate::refusal::Refusal;

/// A scene that follows all rules of single components.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    /// The video scene: `{"root": ...}`.
    pub(crate) value: Value,
}

impl Scene {
    /// Checks the components of a scene, whose shape is already checked.
    pub(super) fn read(scene: &Node<'_>) -> Result<Self, Refusal> {
        if let Some(root) = scene.member("root") {
            component::check(&root)?;
        }
        Ok(Scene { value: scene.value().clone() })
    }

    /// Checks the rules of a whole scene: each id occurs once, and each image is registered.
    ///
    /// The server checks them when the scene comes into force. A scheduled update fails later, so its request succeeds.
    pub(crate) fn build(&self, is_image: impl Fn(&str) -> bool) -> Result<(), Refusal> {
        let scene = Node::body(&self.value);
        let Some(root) = scene.member("root") else { return Ok(()) };
        let mut ids = HashSet::new();
        visit(&root, &mut |component| {
            if component.text("image_id").is_some_and(|image| !is_image(image)) {
                return Err(Refusal::build_scene(component.message("unknown image")));
            }
            match component.text("id") {
                Some(id) if !ids.insert(id.to_owned()) => {
                    Err(Refusal::build_scene(component.message("another component has the same id")))
                }
                _ => Ok(()),
            }
        })
    }
}

/// Visits a component and its children in the order of the document.
fn visit(component: &Node<'_>, visitor: &mut dyn FnMut(&Node<'_>) -> Result<(), Refusal>) -> Result<(), Refusal> {
    visitor(component)?;
    if let Some(child) = component.member("child") {
        visit(&child, visitor)?;
    }
    match component.member("children") {
        Some(children) => children.items().try_for_each(|child| visit(&child, visitor)),
        None => Ok(()),
    }
}
