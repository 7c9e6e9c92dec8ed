//! Templates, which render recordings.

use std::{
    fmt,
    io::Read,
    path::{Path, PathBuf},
};

use bytes::Bytes;

use crate::error::{Error, Result};

/// A template bundle: a JavaScript module that renders a recording.
///
/// The server accepts at most 1 MiB. The SDK does not check the size and the content.
#[derive(Clone)]
pub struct Template(Origin);

#[derive(Clone)]
enum Origin {
    Bytes(Bundle),
    Path(PathBuf),
}

/// The file name and the content that the SDK sends.
#[derive(Clone)]
pub(super) struct Bundle {
    pub(super) file_name: String,
    pub(super) content: Bytes,
}

impl Template {
    /// Creates a template from bytes. The SDK sends the file name, such as `template.js`.
    #[must_use]
    pub fn from_bytes(file_name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self(Origin::Bytes(Bundle { file_name: file_name.into(), content: Bytes::from(content.into()) }))
    }

    /// Creates a template from a file. The SDK sends the name of the file.
    ///
    /// The SDK reads and sends the whole file when it creates the recording. It does not block the runtime. Do not
    /// pass a path from an untrusted source. Creating the recording fails if the path is not a file, or if the file
    /// is larger than 16 MiB.
    #[must_use]
    pub fn from_path(path: impl AsRef<Path>) -> Self {
        Self(Origin::Path(path.as_ref().to_owned()))
    }

    pub(super) async fn read(self) -> Result<Bundle> {
        let bundle = match self.0 {
            Origin::Bytes(bundle) => bundle,
            Origin::Path(path) => tokio::task::spawn_blocking(move || bundle(&path))
                .await
                .map_err(|e| Error::setup("failed to read the template").caused_by(e))??,
        };
        if bundle.file_name.is_empty() {
            return Err(Error::invalid_input("missing file name of the template; use a name such as template.js"));
        }
        Ok(bundle)
    }
}

/// Maximum size of a file, in bytes. The limit of the server is much lower.
const MAX_FILE_SIZE: u64 = 16 * 1024 * 1024;

fn bundle(path: &Path) -> Result<Bundle> {
    let unreadable = |e| Error::setup(format!("failed to read the template {path:?}")).caused_by(e);
    // Reading a pipe may never end.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Error::setup(format!("the template {path:?} is not a file")));
    }
    let mut content = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MAX_FILE_SIZE + 1).read_to_end(&mut content).map_err(unreadable)?;
    if content.len() as u64 > MAX_FILE_SIZE {
        return Err(Error::invalid_input(format!("the template {path:?} is larger than {MAX_FILE_SIZE} bytes")));
    }
    let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Bundle { file_name, content: content.into() })
}

impl fmt::Debug for Template {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Template");
        match &self.0 {
            Origin::Bytes(bundle) => fields.field("file_name", &bundle.file_name).field("bytes", &bundle.content.len()),
            Origin::Path(path) => fields.field("path", path),
        };
        fields.finish()
    }
}
