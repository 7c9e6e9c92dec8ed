//! The video of an input.

use fishjam_api::{UnknownMembers, composition::types};

use super::component::component;
use crate::id::composition::InputId;

/// The video of an input, in the stream's own resolution.
///
/// Put it into [`Tiles`](super::Tiles) or a [`Rescaler`](super::Rescaler) to fit it into a space. An input that is not
/// registered yet shows nothing.
///
/// ```
/// use fishjam_sdk::composition::{InputStream, Rescaler, Scene};
///
/// let scene = Scene::new(Rescaler::new(InputStream::new("ada")));
/// ```
#[derive(Clone)]
pub struct InputStream {
    pub(super) wire: types::InputStream,
}

impl InputStream {
    /// Creates a component for the input with this id.
    #[must_use]
    pub fn new(input_id: impl Into<InputId>) -> Self {
        Self {
            wire: types::InputStream {
                id: None,
                input_id: input_id.into().into(),
                type_: types::InputStreamType::InputStream,
                extra: UnknownMembers::default(),
            },
        }
    }

    /// Sets the id of the component, which must be unique in the scene. Server default: no id.
    #[must_use]
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.wire.id = Some(id.into());
        self
    }
}

component!(InputStream);
