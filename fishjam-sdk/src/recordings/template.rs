//! Templates: bundles that draw a recording's picture.

use std::{
    fmt,
    io::Read,
    path::{Path, PathBuf},
};

use bytes::Bytes;

use crate::error::{Error, Result};

/// A template bundle: one JavaScript module that draws a recording's picture.
///
/// The service takes at most 1 MiB. It judges size and content itself; nothing of that is checked here.
#[derive(Clone)]
pub struct Template(Origin);

#[derive(Clone)]
enum Origin {
    Bytes(Bundle),
    Path(PathBuf),
}

/// A template as it is sent.
#[derive(Clone)]
pub(super) struct Bundle {
    pub(super) file_name: String,
    pub(super) content: Bytes,
}

impl Template {
    /// A template in memory, and the name of the file that it goes as, such as `template.js`.
    #[must_use]
    pub fn from_bytes(file_name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self(Origin::Bytes(Bundle { file_name: file_name.into(), content: Bytes::from(content.into()) }))
    }

    /// A template in a file, which goes under its own name.
    ///
    /// It is read, without blocking the runtime, when the recording is created, and sent whole: never take the path
    /// from somebody you do not trust. What is no file, or larger than 16 MiB, is refused.
    #[must_use]
    pub fn from_path(path: impl AsRef<Path>) -> Self {
        Self(Origin::Path(path.as_ref().to_owned()))
    }

    pub(super) async fn read(self) -> Result<Bundle> {
        let bundle = match self.0 {
            Origin::Bytes(bundle) => bundle,
            Origin::Path(path) => tokio::task::spawn_blocking(move || bundle(&path))
                .await
                .map_err(|e| Error::invalid_input("the template was not read").caused_by(e))??,
        };
        if bundle.file_name.is_empty() {
            return Err(Error::invalid_input("the template needs a file name, such as template.js"));
        }
        Ok(bundle)
    }
}

/// How much of a file is read, in bytes: far more than the service takes.
const MOST: u64 = 16 * 1024 * 1024;

fn bundle(path: &Path) -> Result<Bundle> {
    let unreadable = |e| Error::invalid_input(format!("the template {path:?} cannot be read")).caused_by(e);
    // What is no file, such as a pipe, might never end.
    if !std::fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err(Error::invalid_input(format!("the template {path:?} is not a file")));
    }
    let mut content = Vec::new();
    let file = std::fs::File::open(path).map_err(unreadable)?;
    file.take(MOST + 1).read_to_end(&mut content).map_err(unreadable)?;
    if content.len() as u64 > MOST {
        return Err(Error::invalid_input(format!("the template {path:?} is larger than {MOST} bytes")));
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
