//! The layout of a scene, computed offline.
//!
//! `walk` creates the boxes of the tree. For each component, `claim` computes the sizes that its children require. `arrange`
//! places them, with the help of `grid` for tiles. `text` measures strings. `svg` draws the result.

mod appearance;
mod arrange;
mod claim;
mod grid;
mod layout;
mod layout_box;
mod numbers;
mod rect;
mod sizes;
mod svg;
#[cfg(test)]
mod tests;
mod text;
mod walk;

pub use layout::Layout;
pub use layout_box::{ComponentKind, LayoutBox};
pub use rect::Rect;
pub use sizes::InputSizes;

use super::{resolution, scene::Scene};
use crate::error::{Error, Result};

impl Scene {
    /// Computes where each component is in the picture, without the server.
    ///
    /// `resolution` is the width and the height of the output in pixels. Both must be even. `sizes` has the sizes of the inputs
    /// and images. The result is the state after all transitions.
    ///
    /// Time and memory are linear in the number of components.
    ///
    /// # Accuracy
    ///
    /// The layout follows the rules of the server's media engine for rows, columns, borders, padding, absolute positions,
    /// `overflow`, tiles and rescalers. These points are estimates or assumptions:
    ///
    /// - **[`Text`](super::Text).** The layout has no font: the width of a character is 0.55 font sizes, and each line has the
    ///   line height. A `Text` with width and height is exact. [`LayoutBox::is_estimated`] marks the components that depend on
    ///   an estimate.
    /// - **Inputs without a size** have the size 0x0, like inputs that are not registered. See [`InputSizes`].
    /// - **The limit of boxes.** See [`Layout::DEFAULT_BOX_LIMIT`].
    /// - **Rotation** is clockwise around the center of a component. Its children rotate with it.
    /// - **Clipping** is at the inner edge of the border.
    /// - **Tiles** ignore the position and the rotation of their children.
    /// - **Negative sizes, borders and radii** are 0, although the server accepts them.
    /// - **Large numbers** are limited to 1,000,000,000 pixels.
    ///
    /// A component without children that is the root keeps its own size, at the top left corner. The engine does the same
    /// today. Any other root fills the picture, and its own size and position have no effect.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if:
    ///
    /// - the server would reject the scene: see [`check`](Self::check)
    /// - the scene is unchecked JSON, from [`from_json_unchecked`](Self::from_json_unchecked)
    /// - the width or the height of the picture is 0 or odd
    /// - an image without a width or a height has no size in `sizes`
    ///
    /// # Examples
    ///
    /// ```
    /// # fn main() -> anyhow::Result<()> {
    /// use fishjam_sdk::composition::{InputStream, Scene, Tiles};
    ///
    /// let scene = Scene::new(Tiles::new().children(["ada", "bob"].map(InputStream::new)).margin(8.0));
    /// let layout = scene.layout((1280, 720), [("ada", (1280.0, 720.0)), ("bob", (640.0, 480.0))])?;
    ///
    /// let ada = layout.inputs("ada").next().expect("the scene shows ada").rect();
    /// assert_eq!((ada.x, ada.y, ada.width, ada.height), (8.0, 183.375, 628.0, 353.25));
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("layout.svg");
    /// std::fs::write(path, layout.to_svg())?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn layout(&self, resolution: (u32, u32), sizes: impl Into<InputSizes>) -> Result<Layout> {
        let (width, height) = resolution;
        resolution::check(width, height)?;
        let Some(root) = self.root() else {
            return Err(Error::invalid_input("no layout of unchecked JSON: create the scene with Scene::from_json"));
        };
        self.check()?;
        Layout::new(root, width, height, &sizes.into())
    }
}
