//! Fonts of a composition, for the component `Text` of scenes.

use std::{fmt, path::Path};

use bytes::Bytes;

use super::handle::Composition;
use crate::{
    error::Result,
    transport::{Form, Part, RequestPatch, operations::composition as operations},
    upload::{Upload, UploadKind, UploadedFile},
};

/// The upload of a font. The engine of the service reads at most 2 MiB in a request. The service documents no limit.
const FONT: UploadKind = UploadKind { name: "the font", example: "font.ttf", limit: 2 * 1024 * 1024 };

/// A font file, such as a TTF or an OTF, of at most 2 MiB.
///
/// The SDK and the server do not check the content.
///
/// ```
/// use fishjam_sdk::composition::Font;
///
/// let font = Font::from_path("fonts/Inter.ttf");
/// ```
#[derive(Clone)]
pub struct Font(Upload);

impl Font {
    /// Creates a font from bytes. The SDK sends the file name `font`.
    #[must_use]
    pub fn from_bytes(content: impl Into<Vec<u8>>) -> Self {
        Self(Upload::Bytes(UploadedFile { file_name: "font".to_owned(), content: Bytes::from(content.into()) }))
    }

    /// Creates a font from a file. The SDK sends the name of the file.
    ///
    /// The SDK reads the file when it registers the font. It does not block the runtime. Do not pass a path from an
    /// untrusted
    /// source.
    #[must_use]
    pub fn from_path(path: impl AsRef<Path>) -> Self {
        Self(Upload::Path(path.as_ref().to_owned()))
    }
}

impl fmt::Debug for Font {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug("Font", f)
    }
}

impl Composition {
    /// Registers a font. The component [`Text`](super::Text) can then use its family name.
    ///
    /// The family name is inside the file. A font has no id, and the API cannot unregister it. Only a
    /// [reset](Self::reset) removes it. The SDK sends the request
    /// once.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the font is larger than 2 MiB: [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the file cannot be read: [`Setup`](crate::ErrorKind::Setup)
    /// - the server rejects the font: [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the SDK sends nothing more. A request that was already sent can still take effect.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let composition = fishjam.compositions().create(Default::default()).await?;
    /// use fishjam_sdk::composition::{Font, Scene, Text};
    ///
    /// # let bytes = vec![0, 1, 0, 0];
    /// composition.register_font(Font::from_bytes(bytes)).await?; // or Font::from_path("fonts/Lora.ttf")
    /// let scene = Scene::new(Text::new("Good evening", 40.0).font_family("Lora"));
    /// # drop(scene);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register_font(&self, font: Font) -> Result<()> {
        let operation = operations::REGISTER_FONT;
        let file = font.0.read(FONT).await.map_err(|e| operation.failed(e))?;
        let part = Part {
            name: "font",
            file_name: Some(&file.file_name),
            content_type: file.content_type(),
            content: &file.content,
        };
        let patch = RequestPatch::form(Form::new(&[part]).map_err(|e| operation.failed(e))?);
        let registered = self.transport.command(operation, patch, |api| api.register_font(self.segment()?)).await;
        registered.map_err(|error| error.may_have_created(|| "the font".to_owned()))
    }
}
