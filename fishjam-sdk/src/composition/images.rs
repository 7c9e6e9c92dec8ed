//! Images of a composition, which scenes show.

use std::{fmt, time::Duration};

use fishjam_api::composition::{Client, types};

use super::{
    handle::{Composition, schedule},
    outputs::Resolution,
    registration::IMAGE,
};
use crate::{
    error::Result,
    id::composition::ImageId,
    secret::{Address, query_of},
    transport::{Operation, RequestPatch, operations::composition as operations},
};

/// The source of an image: a URL and the format of the file.
///
/// The server downloads the file when you register the image. `Debug` prints only the scheme and the host of the URL,
/// because
/// the rest can hold a secret.
///
/// ```
/// use fishjam_sdk::composition::ImageSource;
///
/// let logo = ImageSource::png("https://example.com/logo.png");
/// let drawing = ImageSource::svg_with_resolution("https://example.com/drawing.svg", 640, 480);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct ImageSource {
    format: Format,
    url: String,
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Auto,
    Gif,
    Jpeg,
    Png,
    Svg(Option<Resolution>),
}

impl ImageSource {
    /// Creates a source whose format the server detects.
    #[must_use]
    pub fn auto(url: impl Into<String>) -> Self {
        Self { format: Format::Auto, url: url.into() }
    }

    /// Creates a source of a GIF. It can be animated: at most 1,000 pictures of one size.
    #[must_use]
    pub fn gif(url: impl Into<String>) -> Self {
        Self { format: Format::Gif, url: url.into() }
    }

    /// Creates a source of a JPEG.
    #[must_use]
    pub fn jpeg(url: impl Into<String>) -> Self {
        Self { format: Format::Jpeg, url: url.into() }
    }

    /// Creates a source of a PNG.
    #[must_use]
    pub fn png(url: impl Into<String>) -> Self {
        Self { format: Format::Png, url: url.into() }
    }

    /// Creates a source of an SVG.
    #[must_use]
    pub fn svg(url: impl Into<String>) -> Self {
        Self { format: Format::Svg(None), url: url.into() }
    }

    /// Creates a source of an SVG that is drawn with this size in pixels. Servers can ignore the size.
    #[must_use]
    pub fn svg_with_resolution(url: impl Into<String>, width: u32, height: u32) -> Self {
        Self { format: Format::Svg(Some(Resolution { width, height })), url: url.into() }
    }

    fn into_wire(self) -> types::ImageSpec {
        let url = self.url;
        match self.format {
            Format::Auto => types::ImageSpecAuto { asset_type: types::ImageSpecAutoAssetType::Auto, url }.into(),
            Format::Gif => types::ImageSpecGif { asset_type: types::ImageSpecGifAssetType::Gif, url }.into(),
            Format::Jpeg => types::ImageSpecJpeg { asset_type: types::ImageSpecJpegAssetType::Jpeg, url }.into(),
            Format::Png => types::ImageSpecPng { asset_type: types::ImageSpecPngAssetType::Png, url }.into(),
            Format::Svg(resolution) => types::ImageSpecSvg {
                asset_type: types::ImageSpecSvgAssetType::Svg,
                resolution: resolution.map(Resolution::into_wire),
                url,
            }
            .into(),
        }
    }
}

impl fmt::Debug for ImageSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ImageSource").field("format", &self.format).field("url", &Address(&self.url)).finish()
    }
}

impl Composition {
    /// Registers an image, which the server downloads. Scenes can then show it.
    ///
    /// The server downloads the file before it responds: see the [time limits](super::CompositionClient#time-limits).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the server cannot download or read the file: [`BadRequest`](crate::ErrorKind::BadRequest)
    /// - the id is registered: [`Conflict`](crate::ErrorKind::Conflict), or
    ///   [`BadRequest`](crate::ErrorKind::BadRequest) from older servers
    /// - the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the image may still exist: see [`possible_object`](crate::Error::possible_object). The SDK sends the
    /// request once, because the server rejects a second request if the first one took effect.
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
    /// use fishjam_sdk::composition::{Image, ImageSource, Scene, View};
    ///
    /// composition.register_image("logo", ImageSource::png("https://example.com/logo.png")).await?;
    /// let scene = Scene::new(View::new().child(Image::new("logo")));
    /// # drop(scene);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn register_image(&self, image_id: impl Into<ImageId>, source: ImageSource) -> Result<()> {
        let id = image_id.into();
        let patch = RequestPatch::redacting(query_of(&source.url));
        let source = source.into_wire();
        self.registering(&IMAGE, &id, (), async {
            let register = |api: &Client| api.register_image(self.segment()?, id.segment()?, &source);
            self.transport.command(operations::REGISTER_IMAGE, patch, register).await
        })
        .await
    }

    /// Unregisters an image. Scenes that show it keep it until their next update.
    ///
    /// The SDK repeats the request after an ambiguous failure.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the image or the composition does not exist: [`NotFound`](crate::ErrorKind::NotFound)
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
    /// use fishjam_sdk::composition::ImageSource;
    ///
    /// composition.register_image("logo", ImageSource::png("https://example.com/logo.png")).await?;
    /// composition.unregister_image("logo").await?;
    /// assert!(composition.images().is_empty());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unregister_image(&self, image_id: impl Into<ImageId>) -> Result<()> {
        let id = image_id.into();
        self.unregistering(&IMAGE, &id, self.send_unregister_image(operations::UNREGISTER_IMAGE, &id, None)).await
    }

    /// Unregisters an image at a time after the start of the composition. The server responds immediately.
    ///
    /// See [scheduled changes](Self#scheduled-changes). [`images`](Self::images) keeps the id.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
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
    /// use std::time::Duration;
    /// use fishjam_sdk::composition::ImageSource;
    ///
    /// composition.register_image("logo", ImageSource::png("https://example.com/logo.png")).await?;
    /// composition.unregister_image_at("logo", Duration::from_secs(30)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn unregister_image_at(&self, image_id: impl Into<ImageId>, time: Duration) -> Result<()> {
        self.send_unregister_image(operations::UNREGISTER_IMAGE_AT, &image_id.into(), Some(time)).await
    }

    async fn send_unregister_image(&self, operation: Operation, id: &ImageId, time: Option<Duration>) -> Result<()> {
        let schedule_time_ms = time.map(schedule).transpose().map_err(|e| operation.failed(e))?;
        let options = types::UnregisterRenderer { schedule_time_ms };
        self.command(operation, |api| api.unregister_image(self.segment()?, id.segment()?, &options)).await
    }
}
