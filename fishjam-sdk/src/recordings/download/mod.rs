//! Downloads the files of recordings.

mod names;
mod part_file;
mod sink;
mod transfer;

use std::path::{Path, PathBuf};

use tokio::io::AsyncWrite;

use self::{part_file::PartFile, sink::WriterSink, transfer::Source};
use super::Recording;
use crate::{
    client::FishjamClient,
    error::{Error, ErrorKind, Result},
    id::RecordingId,
    transport::check_runtime,
};

impl FishjamClient {
    /// Downloads all files of a recording, in playback order. Returns their paths.
    ///
    /// A recording with one file is saved at `path`. If it has several files, their names get a number: the recording
    /// `lesson.mp4` becomes `lesson-1.mp4`, `lesson-2.mp4` and so on. With ten files or more, the numbers have leading
    /// zeros. An existing file is replaced by a new file with default permissions.
    ///
    /// The name never belongs to an incomplete file. The method writes to a temporary file beside it, such as
    /// `lesson.mp4.3f2a5b77c01d9e84.part`. It checks the length, flushes the file to the disk, and then renames it. If
    /// the download fails or if you drop the future, the method deletes the temporary file. Files that were complete
    /// before stay. A crash of the process leaves the temporary file behind.
    ///
    /// # Interruptions
    ///
    /// If the connection breaks, the download continues after the last byte. This needs a host that sends a strong
    /// `ETag`. If the host sends none, or if the file has changed, the download of the file starts again. The
    /// [number of attempts](crate::FishjamClientBuilder::max_attempts) limits failures in a row. Each new MiB resets
    /// it.
    ///
    /// If the host rejects the URL, the method reads the recording again to obtain a new URL.
    ///
    /// # Limits
    ///
    /// The [`request_timeout`](crate::FishjamClientBuilder::request_timeout) limits each wait for the next bytes. A
    /// complete download has no time limit, and the size of a file has no limit. To limit them, use
    /// [`tokio::time::timeout`], or a writer with
    /// [`download_recording_file`](Self::download_recording_file).
    ///
    /// # Security
    ///
    /// The host of the files receives no token. The method follows redirects, and accepts URLs without TLS only if your
    /// Fishjam URL has no TLS. Errors and logs never contain the URLs of files.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the recording has no files yet: [`Conflict`](ErrorKind::Conflict). Call
    ///   [`wait_for_recording`](Self::wait_for_recording) first.
    /// - the recording does not exist: [`NotFound`](ErrorKind::NotFound)
    /// - the path is a directory: [`InvalidInput`](ErrorKind::InvalidInput)
    /// - a file cannot be written: [`Setup`](ErrorKind::Setup)
    /// - the length of a file is wrong or unknown, or the host sends another unusable response:
    ///   [`Decode`](ErrorKind::Decode)
    /// - the host rejects the URL, for example with status 403: [`UnexpectedStatus`](ErrorKind::UnexpectedStatus)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the download ends and the file does not exist. A complete file stays.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(fishjam: fishjam_sdk::FishjamClient) -> fishjam_sdk::Result<()> {
    /// use std::time::Duration;
    ///
    /// let recording = fishjam.wait_for_recording("my-recording", Duration::from_secs(600)).await?;
    /// for path in fishjam.download_recording(&recording.id, "lesson.mp4").await? {
    ///     println!("{}", path.display());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn download_recording(
        &self,
        recording_id: impl Into<RecordingId>,
        path: impl AsRef<Path>,
    ) -> Result<Vec<PathBuf>> {
        let (id, path) = (recording_id.into(), path.as_ref().to_owned());
        let downloaded = Box::pin(async {
            check_runtime()?;
            names::check(&path).await?;
            let recording = self.get_recording(&id).await?;
            let paths = names::numbered(&path, file_count(&recording)?);
            for (index, (path, file)) in paths.iter().zip(&recording.files).enumerate() {
                let mut source = Source::new(self, &id, index, &file.url);
                let mut part = PartFile::create(path).await?;
                transfer::run(&mut source, &mut part).await?;
                part.finish().await?;
            }
            Ok(paths)
        });
        downloaded.await.map_err(|error: Error| error.on_method("download_recording"))
    }

    /// Writes one file of a recording to a writer. Returns the number of bytes.
    ///
    /// `index` is the position of the file in [`Recording::files`](crate::Recording::files), which are in playback
    /// order. Use a writer to upload the file to another storage, or to limit its size. The method flushes the writer
    /// at the end, but does not shut it down.
    ///
    /// This method handles interruptions, limits and security like [`download_recording`](Self::download_recording), with
    /// one difference: a writer cannot start again. If the connection breaks and the host sends no strong `ETag`, or if
    /// the file has changed, the download fails.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the recording has no files yet: [`Conflict`](ErrorKind::Conflict)
    /// - the recording does not exist: [`NotFound`](ErrorKind::NotFound)
    /// - the recording has no file with this index: [`InvalidInput`](ErrorKind::InvalidInput)
    /// - the writer fails: [`Setup`](ErrorKind::Setup)
    /// - the file changes during the download, or the host sends an unusable response:
    ///   [`Decode`](ErrorKind::Decode)
    /// - the host rejects the URL: [`UnexpectedStatus`](ErrorKind::UnexpectedStatus)
    /// - one of the [common errors](crate::Error#common-errors) occurs
    ///
    /// After an error, the writer contains the start of the file.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the download ends. The writer contains the start of the file.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// # async fn example(fishjam: fishjam_sdk::FishjamClient) -> fishjam_sdk::Result<()> {
    /// let mut file = Vec::new();
    /// let bytes = fishjam.download_recording_file("my-recording", 0, &mut file).await?;
    /// assert_eq!(file.len() as u64, bytes);
    /// # Ok(())
    /// # }
    /// ```
    pub async fn download_recording_file(
        &self,
        recording_id: impl Into<RecordingId>,
        index: usize,
        writer: impl AsyncWrite + Send + Unpin,
    ) -> Result<u64> {
        let id = recording_id.into();
        let downloaded = Box::pin(async {
            let recording = self.get_recording(&id).await?;
            let count = file_count(&recording)?;
            let file = recording.files.get(index).ok_or_else(|| {
                Error::invalid_input(format!("invalid index: {index}; the recording has {count} files"))
            })?;
            let mut source = Source::new(self, &id, index, &file.url);
            let mut sink = WriterSink(writer);
            let bytes = transfer::run(&mut source, &mut sink).await?;
            sink.finish().await?;
            Ok(bytes)
        });
        downloaded.await.map_err(|error: Error| error.on_method("download_recording_file"))
    }
}

/// Returns the number of files.
///
/// # Errors
///
/// Returns [`ErrorKind::Conflict`] if there are none.
fn file_count(recording: &Recording) -> Result<usize> {
    if recording.files.is_empty() {
        let message = format!("the recording has no files: its status is {}", recording.status);
        return Err(Error::new(ErrorKind::Conflict).message_text(message));
    }
    Ok(recording.files.len())
}
