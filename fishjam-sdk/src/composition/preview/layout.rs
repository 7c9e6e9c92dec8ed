//! The layout of a scene.

use std::slice;

use fishjam_api::composition::types::{Component, Overflow};

use super::{
    appearance::Appearance,
    arrange::{self, PlacedChild},
    claim::Claim,
    layout_box::{ComponentKind, LayoutBox},
    rect::{Place, Rect, Size},
    sizes::InputSizes,
    svg,
};
use crate::error::{Error, Result};

/// The places of all components of a scene, computed without the server.
///
/// [`Scene::layout`](crate::composition::Scene::layout) creates it and documents its limits.
#[derive(Clone, Debug)]
pub struct Layout {
    width: u32,
    height: u32,
    boxes: Vec<LayoutBox>,
}

impl Layout {
    /// Number of boxes that the server draws by default.
    ///
    /// The server's media engine draws at most this many boxes of an output. It does not draw the boxes after them, and
    /// reports no error. The number is the default of the engine; Fishjam can use another one.
    ///
    /// The layout contains all components.
    /// [`is_beyond_box_limit`](LayoutBox::is_beyond_box_limit) marks those that the server probably does not draw.
    /// [`engine_boxes`](Self::engine_boxes) documents how the layout counts boxes.
    pub const DEFAULT_BOX_LIMIT: usize = 100;

    /// Returns the width of the picture in pixels.
    #[must_use]
    pub fn width(&self) -> u32 {
        self.width
    }

    /// Returns the height of the picture in pixels.
    #[must_use]
    pub fn height(&self) -> u32 {
        self.height
    }

    /// Returns the components in drawing order: a component, then its children.
    #[must_use]
    pub fn boxes(&self) -> &[LayoutBox] {
        &self.boxes
    }

    /// Returns the component with this id.
    #[must_use]
    pub fn component(&self, id: &str) -> Option<&LayoutBox> {
        self.boxes.iter().find(|component| component.component_id() == Some(id))
    }

    /// Returns the components that show an input, in drawing order.
    pub fn inputs<'a>(&'a self, input_id: &'a str) -> impl Iterator<Item = &'a LayoutBox> {
        self.boxes.iter().filter(move |component| component.input_id() == Some(input_id))
    }

    /// Estimates the number of boxes that the server's media engine needs for the scene.
    ///
    /// Each of these is a box:
    ///
    /// - a view, a rescaler or tiles with a background or a border that is not transparent
    /// - a shadow that is not transparent
    /// - an input, an image or a text
    ///
    /// A component without an area has no box. A component that is clipped or covered has its boxes.
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> fishjam_sdk::Result<()> {
    /// use fishjam_sdk::composition::{InputSizes, InputStream, Layout, Scene, Tiles};
    ///
    /// let scene = Scene::new(Tiles::new().children((0..120).map(|number| InputStream::new(format!("peer-{number}")))));
    /// let layout = scene.layout((1280, 720), InputSizes::new().other_inputs(1280.0, 720.0))?;
    /// assert_eq!(layout.engine_boxes(), 120);
    /// assert!(layout.engine_boxes() > Layout::DEFAULT_BOX_LIMIT);
    /// assert_eq!(layout.boxes().iter().filter(|component| component.is_beyond_box_limit()).count(), 20);
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn engine_boxes(&self) -> usize {
        self.boxes.iter().map(LayoutBox::engine_boxes).sum()
    }

    /// Draws the layout as an SVG document.
    ///
    /// The document is for people and for reviews. It refers to no other file, and the same layout always gives the same
    /// text. Numbers have at most two decimals.
    ///
    /// - An input is a colored box with its id. An image is a crossed box with its id.
    /// - A text uses the font of your viewer, so its width differs from the server's.
    /// - A dashed yellow frame marks a component that [depends on an estimate](LayoutBox::is_estimated).
    /// - A dashed red frame replaces a component that is [beyond the box limit](LayoutBox::is_beyond_box_limit).
    /// - The background of the picture is black.
    #[must_use]
    pub fn to_svg(&self) -> String {
        svg::draw(self)
    }
}

/// A component that waits for its box.
struct Pending<'a> {
    component: &'a Component,
    path: String,
    place: Place,
    clip: Option<usize>,
    clip_bounds: Rect,
    estimated: bool,
}

/// Computes the layout of a tree.
///
/// The components wait in a list instead of on the stack of a recursive function.
pub(super) fn compute(root: &Component, width: u32, height: u32, sizes: &InputSizes) -> Result<Layout> {
    let picture = Size::new(width.into(), height.into());
    let claim = claim(root, "root", sizes)?;
    // A root with children always fills the picture. Any other root keeps its size at the top left corner.
    let size = if children(root).is_some() { picture } else { claim.size_or(picture) };
    let mut layout = Layout { width, height, boxes: Vec::new() };
    let mut pending = vec![Pending {
        component: root,
        path: "root".to_owned(),
        place: Place::root(size),
        clip: None,
        clip_bounds: Rect::new(0.0, 0.0, picture.width, picture.height),
        estimated: claim.estimated,
    }];
    let mut claims = Vec::new();
    let mut engine_boxes = 0;
    while let Some(Pending { component, path, place, clip, clip_bounds, estimated }) = pending.pop() {
        let z_index = layout.boxes.len();
        let (kind, id, source) = describe(component);
        let mut placed = LayoutBox {
            path,
            id: id.cloned(),
            kind,
            source: source.cloned(),
            rect: place.rect(),
            rotation: place.rotation,
            scale: place.scale,
            z_index,
            clip,
            clip_bounds,
            clips_children: clips_children(component),
            estimated,
            beyond_limit: false,
            appearance: Appearance::of(component),
        };
        let own_boxes = placed.engine_boxes();
        engine_boxes += own_boxes;
        placed.beyond_limit = own_boxes > 0 && engine_boxes > Layout::DEFAULT_BOX_LIMIT;

        if let Some(children) = children(component) {
            claims.clear();
            for (number, child) in children.iter().enumerate() {
                claims.push(match Claim::of(child, sizes) {
                    Some(claim) => claim,
                    None => return Err(unknown_image(child, &child_path(component, &placed.path, number))),
                });
            }
            let (clip, clip_bounds) = if placed.clips_children {
                let content = placed.rect.inset(placed.border_width()).turned(placed.rotation);
                (Some(z_index), content.intersection(&clip_bounds))
            } else {
                (clip, clip_bounds)
            };
            let first = pending.len();
            for (number, (child, position)) in children.iter().zip(arrange(component, place.size, &claims)).enumerate()
            {
                pending.push(Pending {
                    component: child,
                    path: child_path(component, &placed.path, number),
                    place: place.child(&position.offset),
                    clip,
                    clip_bounds,
                    estimated: estimated || position.estimated,
                });
            }
            // The last one of the list is next.
            if let Some(added) = pending.get_mut(first..) {
                added.reverse();
            }
        }
        layout.boxes.push(placed);
    }
    Ok(layout)
}

fn claim(component: &Component, path: &str, sizes: &InputSizes) -> Result<Claim> {
    Claim::of(component, sizes).ok_or_else(|| unknown_image(component, path))
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

fn arrange(component: &Component, size: Size, claims: &[Claim]) -> Vec<PlacedChild> {
    match component {
        Component::View(view) => arrange::view(view, size, claims),
        Component::Tiles(tiles) => arrange::tiles(tiles, size, claims),
        Component::Rescaler(rescaler) => claims.iter().map(|claim| arrange::rescaler(rescaler, size, claim)).collect(),
        Component::InputStream(_) | Component::Image(_) | Component::Text(_) => Vec::new(),
    }
}

fn child_path(parent: &Component, path: &str, number: usize) -> String {
    match parent {
        Component::Rescaler(_) => format!("{path}.child"),
        _ => format!("{path}.children[{number}]"),
    }
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
