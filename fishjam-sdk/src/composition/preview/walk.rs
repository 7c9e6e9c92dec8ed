//! The walk through the tree of a scene.

use std::{fmt::Write, mem, slice};

use fishjam_api::composition::types::{Component, Overflow};

use super::{
    appearance::Appearance,
    arrange::place_children,
    claim::Claim,
    layout_box::{ComponentKind, LayoutBox},
    rect::{Place, Rect, Size},
    sizes::InputSizes,
};
use crate::error::{Error, Result};

/// Number of boxes that the engine draws by default.
pub(super) const BOX_LIMIT: usize = 100;

/// Creates the boxes of a tree, in drawing order.
///
/// The components wait in a list instead of on the stack of a recursive function.
pub(super) struct Walk<'a> {
    sizes: &'a InputSizes,
    /// Components that wait for their box. The last one is next.
    pending: Vec<Pending<'a>>,
    boxes: Vec<LayoutBox>,
    engine_boxes: usize,
}

struct Pending<'a> {
    component: &'a Component,
    path: String,
    place: Place,
    clip: Clip,
    estimated: bool,
}

/// The part of the picture in which a component can be visible.
#[derive(Clone, Copy)]
struct Clip {
    /// Index of the nearest component that clips.
    index: Option<usize>,
    bounds: Rect,
}

impl<'a> Walk<'a> {
    pub(super) fn new(sizes: &'a InputSizes) -> Self {
        Self { sizes, pending: Vec::new(), boxes: Vec::new(), engine_boxes: 0 }
    }

    pub(super) fn run(mut self, root: &'a Component, picture: Size) -> Result<Vec<LayoutBox>> {
        let claim = Claim::of(root, self.sizes).ok_or_else(|| unknown_image("root", root))?;
        // A root that can have children always fills the picture. Any other root keeps its size at the top left corner.
        let size = if children(root).is_some() { picture } else { claim.size_or(picture) };
        self.pending.push(Pending {
            component: root,
            path: "root".to_owned(),
            place: Place::root(size),
            clip: Clip { index: None, bounds: Rect::new(0.0, 0.0, picture.width, picture.height) },
            estimated: claim.estimated.any(),
        });
        while let Some(mut next) = self.pending.pop() {
            let new = self.create_box(&mut next);
            self.add_children(&next, &new)?;
            self.boxes.push(new);
        }
        Ok(self.boxes)
    }

    /// Creates the box of a component, and takes the path.
    fn create_box(&mut self, from: &mut Pending<'_>) -> LayoutBox {
        let Pending { component, path, place, clip, estimated } = from;
        let (kind, id, source) = describe(component);
        let mut new = LayoutBox {
            path: mem::take(path),
            id: id.cloned(),
            kind,
            source: source.cloned(),
            rect: place.rect(),
            rotation: place.rotation,
            scale: place.scale,
            z_index: self.boxes.len(),
            clip: clip.index,
            clip_bounds: clip.bounds,
            clips_children: clips_children(component),
            estimated: *estimated,
            beyond_limit: false,
            appearance: Appearance::of(component),
        };
        let own_boxes = new.engine_boxes();
        self.engine_boxes += own_boxes;
        new.beyond_limit = own_boxes > 0 && self.engine_boxes > BOX_LIMIT;
        new
    }

    fn add_children(&mut self, parent: &Pending<'a>, parent_box: &LayoutBox) -> Result<()> {
        let Some(children) = children(parent.component) else { return Ok(()) };
        let path_of = |number| child_path(parent.component, &parent_box.path, number);
        let mut claims = Vec::with_capacity(children.len());
        for (number, child) in children.iter().enumerate() {
            let unknown = || unknown_image(&path_of(number), child);
            claims.push(Claim::of(child, self.sizes).ok_or_else(unknown)?);
        }
        let clip = if parent_box.clips_children {
            let content = parent_box.rect.inset(parent_box.border_width()).turned(parent_box.rotation);
            Clip { index: Some(parent_box.z_index), bounds: content.intersection(&parent.clip.bounds) }
        } else {
            parent.clip
        };
        self.pending.reserve(children.len());
        self.boxes.reserve(children.len());
        let placed = place_children(parent.component, parent.place.size, &claims);
        for (number, (component, placed)) in children.iter().zip(placed).enumerate().rev() {
            self.pending.push(Pending {
                component,
                path: path_of(number),
                place: parent.place.child(&placed.offset),
                clip,
                estimated: parent.estimated || placed.estimated,
            });
        }
        Ok(())
    }
}

/// Returns the error for an image whose size is required.
#[cold]
fn unknown_image(path: &str, component: &Component) -> Error {
    let id = describe(component).2.map_or("", String::as_str);
    Error::invalid_input(format!("invalid scene at {path}: unknown size of image {id:?}; add it to the sizes"))
}

/// Returns the children of a component, or `None` if this kind of component has no children.
fn children(component: &Component) -> Option<&[Component]> {
    match component {
        Component::View(view) => Some(view.children.as_deref().unwrap_or_default()),
        Component::Tiles(tiles) => Some(tiles.children.as_deref().unwrap_or_default()),
        Component::Rescaler(rescaler) => Some(slice::from_ref(&*rescaler.child)),
        Component::InputStream(_) | Component::Image(_) | Component::Text(_) => None,
    }
}

fn child_path(parent: &Component, path: &str, number: usize) -> String {
    let mut child = String::with_capacity(path.len() + ".children[0000]".len());
    child.push_str(path);
    // Writing to a string cannot fail.
    let _ = match parent {
        Component::Rescaler(_) => child.write_str(".child"),
        _ => write!(child, ".children[{number}]"),
    };
    child
}

/// Returns the kind, the component's id, and the id of the input or the image.
fn describe(component: &Component) -> (ComponentKind, Option<&String>, Option<&String>) {
    match component {
        Component::InputStream(input) => (ComponentKind::InputStream, input.id.as_ref(), Some(&input.input_id)),
        Component::View(view) => (ComponentKind::View, view.id.as_ref(), None),
        Component::Text(text) => (ComponentKind::Text, text.id.as_ref(), None),
        Component::Tiles(tiles) => (ComponentKind::Tiles, tiles.id.as_ref(), None),
        Component::Rescaler(rescaler) => (ComponentKind::Rescaler, rescaler.id.as_ref(), None),
        Component::Image(image) => (ComponentKind::Image, image.id.as_ref(), Some(&image.image_id)),
    }
}

fn clips_children(component: &Component) -> bool {
    match component {
        Component::View(view) => matches!(view.overflow, None | Some(Overflow::Hidden)),
        Component::Rescaler(_) => true,
        _ => false,
    }
}
