//! Files that the SDK uploads, from bytes or from a path.

use std::{
    fmt,
    fs::File,
    io::{self, Read},
    path::{Path, PathBuf},
};

use bytes::Bytes;

use crate::error::{Error, Result};

/// A file to upload. A path is read when the file is sent.
#[derive(Clone)]
pub(crate) enum Upload {
    Bytes(UploadedFile),
    Path(PathBuf),
}

/// The file name and the content that the SDK sends.
#[derive(Clone)]
pub(crate) struct UploadedFile {
    pub(crate) file_name: String,
    pub(crate) content: Bytes,
}

/// A kind of upload: its name for the messages of errors, and its maximum size.
#[derive(Clone, Copy)]
pub(crate) struct UploadKind {
    /// With its article, such as "the template".
    pub(crate) name: &'static str,
    /// A name that the file can have, such as "template.js".
    pub(crate) example: &'static str,
    /// Maximum size in bytes.
    pub(crate) limit: u64,
}

impl Upload {
    /// Reads the file without blocking the runtime. Checks its size before it reads the content.
    pub(crate) async fn read(self, kind: UploadKind) -> Result<UploadedFile> {
        let UploadKind { name, example, .. } = kind;
        let file = match self {
            Self::Bytes(file) => {
                kind.check_size(file.content.len() as u64, || name.to_owned())?;
                file
            }
            Self::Path(path) => tokio::task::spawn_blocking(move || read(&path, kind))
                .await
                .map_err(|e| Error::setup(format!("failed to read {name}")).caused_by(e))??,
        };
        if file.file_name.is_empty() {
            return Err(Error::invalid_input(format!("missing file name of {name}; use a name such as {example}")));
        }
        Ok(file)
    }

    /// Prints the file name or the path, and no content.
    pub(crate) fn debug(&self, name: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct(name);
        match self {
            Self::Bytes(file) => fields.field("file_name", &file.file_name).field("bytes", &file.content.len()),
            Self::Path(path) => fields.field("path", path),
        };
        fields.finish()
    }
}

impl UploadKind {
    fn check_size(self, size: u64, file: impl FnOnce() -> String) -> Result<()> {
        if size <= self.limit {
            return Ok(());
        }
        Err(Error::invalid_input(format!("{} is larger than {} bytes", file(), self.limit)))
    }
}

fn read(path: &Path, kind: UploadKind) -> Result<UploadedFile> {
    let named = || format!("{} {path:?}", kind.name);
    let unreadable = |e: io::Error| Error::setup(format!("failed to read {}", named())).caused_by(e);
    let metadata = std::fs::metadata(path).map_err(unreadable)?;
    // Reading a pipe may never end.
    if !metadata.is_file() {
        return Err(Error::setup(format!("{} is not a file", named())));
    }
    kind.check_size(metadata.len(), named)?;
    let mut content = Vec::new();
    let file = File::open(path).map_err(unreadable)?;
    // The file can grow after the check.
    file.take(kind.limit.saturating_add(1)).read_to_end(&mut content).map_err(unreadable)?;
    kind.check_size(content.len() as u64, named)?;
    let file_name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(UploadedFile { file_name, content: content.into() })
}

#[cfg(feature = "composition")]
impl UploadedFile {
    /// Returns the content type that the name of the file suggests.
    pub(crate) fn content_type(&self) -> &'static str {
        let extension = Path::new(&self.file_name).extension().and_then(|extension| extension.to_str());
        match extension.map(str::to_ascii_lowercase).as_deref() {
            Some("js" | "mjs") => "text/javascript",
            Some("otf") => "font/otf",
            Some("ttc") => "font/collection",
            Some("ttf") => "font/ttf",
            Some("woff") => "font/woff",
            Some("woff2") => "font/woff2",
            _ => "application/octet-stream",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    const KIND: UploadKind = UploadKind { name: "the font", example: "font.ttf", limit: 4 };

    fn bytes(file_name: &str, content: &[u8]) -> Upload {
        Upload::Bytes(UploadedFile { file_name: file_name.to_owned(), content: Bytes::copy_from_slice(content) })
    }

    #[tokio::test]
    async fn size_is_checked_for_bytes_and_paths() {
        let folder = tempfile::tempdir().unwrap();
        for (size, accepted) in [(0, true), (4, true), (5, false)] {
            let path = folder.path().join(format!("{size}.ttf"));
            std::fs::write(&path, vec![b'x'; size]).unwrap();
            for upload in [bytes("a.ttf", &vec![b'x'; size]), Upload::Path(path)] {
                match upload.read(KIND).await {
                    Ok(file) => assert!(accepted && file.content.len() == size),
                    Err(error) => {
                        assert_eq!((accepted, error.kind()), (false, ErrorKind::InvalidInput), "{error}");
                        assert!(error.to_string().contains("is larger than 4 bytes"), "{error}");
                    }
                }
            }
        }
    }

    #[tokio::test]
    async fn unusable_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        for (upload, kind, part) in [
            (bytes("", b"x"), ErrorKind::InvalidInput, "use a name such as font.ttf"),
            (Upload::Path(folder.path().to_owned()), ErrorKind::Setup, "is not a file"),
            (Upload::Path(folder.path().join("absent")), ErrorKind::Setup, "failed to read the font"),
        ] {
            let error = upload.read(KIND).await.err().unwrap();
            assert_eq!(error.kind(), kind, "{error}");
            assert!(error.to_string().contains(part), "{error}");
        }
    }

    #[cfg(feature = "composition")]
    #[test]
    fn content_type_is_guessed_from_the_name() {
        for (name, content_type) in [
            ("template.js", "text/javascript"),
            ("A.JS", "text/javascript"),
            ("app.mjs", "text/javascript"),
            ("Inter.ttf", "font/ttf"),
            ("Inter.otf", "font/otf"),
            ("Inter.ttc", "font/collection"),
            ("Inter.woff", "font/woff"),
            ("Inter.woff2", "font/woff2"),
            ("font", "application/octet-stream"),
            (".js", "application/octet-stream"),
            ("a.js.bin", "application/octet-stream"),
        ] {
            let file = UploadedFile { file_name: name.to_owned(), content: Bytes::new() };
            assert_eq!(file.content_type(), content_type, "{name}");
        }
    }
}
