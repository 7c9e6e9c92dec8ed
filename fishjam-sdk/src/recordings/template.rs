//! Templates, which render recordings and outputs of compositions.

use std::{fmt, path::Path};

use bytes::Bytes;

use crate::{
    error::Result,
    upload::{Upload, UploadKind, UploadedFile},
};

/// Maximum size of the template of a recording, in bytes. The limit of the server is much lower.
const MAX_SIZE: u64 = 16 * 1024 * 1024;

/// A JavaScript module that renders a recording or an output of a composition.
///
/// For a recording, the server accepts at most 1 MiB, and the SDK at most 16 MiB. For an output of a composition, the SDK
/// accepts at most 1,000,000 bytes. The SDK does not check the content.
///
/// ```
/// use fishjam_sdk::Template;
///
/// let from_file = Template::from_path("dist/template.js");
/// let from_memory = Template::from_bytes("template.js", "export default () => null;");
/// ```
#[derive(Clone)]
pub struct Template(Upload);

impl Template {
    /// Creates a template from bytes. The SDK sends the file name, such as `template.js`.
    #[must_use]
    pub fn from_bytes(file_name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        let content = Bytes::from(content.into());
        Self(Upload::Bytes(UploadedFile { file_name: file_name.into(), content }))
    }

    /// Creates a template from a file. The SDK sends the name of the file.
    ///
    /// The SDK reads and sends the whole file when it creates the recording or registers the output. It does not block
    /// the runtime. Do not pass a path from an untrusted source. The call fails if the path is not a file, or if the file
    /// is too large.
    #[must_use]
    pub fn from_path(path: impl AsRef<Path>) -> Self {
        Self(Upload::Path(path.as_ref().to_owned()))
    }

    /// Reads the template for a recording.
    pub(super) async fn read(self) -> Result<UploadedFile> {
        self.read_up_to(MAX_SIZE).await
    }

    /// Reads the template, which can have at most this number of bytes.
    pub(crate) async fn read_up_to(self, limit: u64) -> Result<UploadedFile> {
        self.0.read(UploadKind { name: "the template", example: "template.js", limit }).await
    }
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.debug("Template", f)
    }
}
