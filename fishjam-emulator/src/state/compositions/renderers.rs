//! The images and fonts of compositions.

use super::{Composition, Image, Upload};
use crate::{refusal::Refusal, state::State};

impl State {
    pub(crate) fn register_image(&mut self, composition: &str, image: Image) -> Result<(), Refusal> {
        if self.compositions.get(composition)?.images.iter().any(|other| other.id == image.id) {
            return Err(self.compositions.taken("ENTITY_ALREADY_REGISTERED", "image", &image.id));
        }
        self.compositions.get_mut(composition)?.images.push(image);
        Ok(())
    }

    /// Registers a font. Its content does not matter, and fonts cannot be unregistered.
    pub(crate) fn register_font(&mut self, composition: &str, font: Upload) -> Result<(), Refusal> {
        self.compositions.get_mut(composition)?.fonts.push(font);
        Ok(())
    }
}

impl Composition {
    /// Removes an image. Scenes that already show it keep it.
    pub(super) fn remove_image(&mut self, id: &str) -> Result<(), Refusal> {
        let position = self.images.iter().position(|image| image.id == id).ok_or_else(|| {
            Refusal::composition(404, Some("ENTITY_NOT_FOUND"), format!("image {id} is not registered"))
        })?;
        self.images.remove(position);
        Ok(())
    }
}
