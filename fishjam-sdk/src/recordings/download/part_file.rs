//! A temporary file that gets its final name when it is complete.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use tokio::{
    fs::File,
    io::{AsyncSeekExt, AsyncWriteExt, BufWriter},
    task::spawn_blocking,
};

use super::sink::Sink;
use crate::error::{Error, Result};

/// Size of the buffer, in bytes. Each write of the file uses another thread, and chunks of a response are small.
const BUFFER: usize = 256 * 1024;

/// A file that is being written. Dropping the value deletes the file, unless it is finished.
#[derive(Debug)]
pub(super) struct PartFile {
    file: BufWriter<File>,
    temporary: Temporary,
    target: PathBuf,
}

/// The path of a temporary file.
#[derive(Debug)]
struct Temporary(PathBuf);

impl PartFile {
    /// Creates an empty temporary file beside `target`.
    ///
    /// Its name is random, so that two downloads to the same target do not write to the same file.
    pub(super) async fn create(target: &Path) -> Result<Self> {
        let mut name = OsString::from(target.file_name().unwrap_or_default());
        name.push(format!(".{:016x}.part", fastrand::u64(..)));
        let path = target.with_file_name(name);
        // If the caller drops this future, the blocking call still ends. Its result then deletes the file.
        let created = spawn_blocking(move || {
            let file = fs::File::options().write(true).create_new(true).open(&path)?;
            Ok((File::from_std(file), Temporary(path)))
        });
        let created = created.await.unwrap_or_else(|e| Err(io::Error::other(e)));
        let (file, temporary) = created.map_err(|e| failed("create", target, e))?;
        Ok(Self { file: BufWriter::with_capacity(BUFFER, file), temporary, target: target.to_owned() })
    }

    /// Flushes the file to the disk and gives it its final name.
    pub(super) async fn finish(mut self) -> Result<()> {
        self.finish_io().await.map_err(|e| failed("finish", &self.target, e))
    }

    async fn finish_io(&mut self) -> io::Result<()> {
        self.file.flush().await?;
        self.file.get_ref().sync_all().await?;
        tokio::fs::rename(&self.temporary.0, &self.target).await?;
        // The file has its content and its name. Without this step, a power failure could take the new name away.
        #[cfg(unix)]
        if let Some(folder) = self.target.parent() {
            let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
            // Some file systems cannot sync a directory.
            if let Ok(folder) = File::open(folder).await {
                let _ = folder.sync_all().await;
            }
        }
        Ok(())
    }

    async fn restart_io(&mut self) -> io::Result<()> {
        self.file.flush().await?;
        let file = self.file.get_mut();
        file.set_len(0).await?;
        file.rewind().await.map(drop)
    }
}

impl Sink for PartFile {
    const CAN_RESTART: bool = true;

    async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.file.write_all(bytes).await.map_err(|e| failed("write", &self.target, e))
    }

    async fn restart(&mut self) -> Result<()> {
        self.restart_io().await.map_err(|e| failed("write", &self.target, e))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        // After the renaming, there is no file with this name.
        let _ = fs::remove_file(&self.0);
    }
}

fn failed(verb: &str, target: &Path, error: io::Error) -> Error {
    Error::setup(format!("failed to {verb} the file {target:?}")).caused_by(error)
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::runtime::Builder;

    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    }

    #[tokio::test]
    async fn file_gets_its_name_when_it_is_finished() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("lesson.mp4");
        fs::write(&target, "older").unwrap();
        let mut part = PartFile::create(&target).await.unwrap();
        part.write(b"wrong and longer").await.unwrap();
        part.restart().await.unwrap();
        part.write(b"content").await.unwrap();
        assert_eq!((fs::read(&target).unwrap(), names(folder.path()).len()), (b"older".to_vec(), 2));
        part.finish().await.unwrap();
        assert_eq!(fs::read(&target).unwrap(), b"content");
        assert_eq!(names(folder.path()), ["lesson.mp4"]);
    }

    #[tokio::test]
    async fn dropped_file_is_deleted_and_two_do_not_collide() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("lesson.mp4");
        let mut one = PartFile::create(&target).await.unwrap();
        let mut other = PartFile::create(&target).await.unwrap();
        one.write(b"one").await.unwrap();
        other.write(b"other").await.unwrap();
        assert!(names(folder.path()).iter().all(|name| name.starts_with("lesson.mp4.") && name.ends_with(".part")));
        drop(other);
        one.finish().await.unwrap();
        assert_eq!(
            (names(folder.path()), fs::read(&target).unwrap()),
            (vec!["lesson.mp4".to_owned()], b"one".to_vec())
        );
    }

    #[test]
    fn file_of_a_dropped_creation_is_deleted() {
        let folder = tempfile::tempdir().unwrap();
        let target = folder.path().join("lesson.mp4");
        let runtime = Builder::new_current_thread().max_blocking_threads(1).build().unwrap();
        runtime.block_on(async {
            let (free, busy) = std::sync::mpsc::channel::<()>();
            let busy = spawn_blocking(move || busy.recv());
            // The only blocking thread creates the file after the future has gone.
            assert!(PartFile::create(&target).now_or_never().is_none());
            free.send(()).unwrap();
            busy.await.unwrap().unwrap();
            spawn_blocking(|| {}).await.unwrap();
        });
        assert_eq!(names(folder.path()), <[String; 0]>::default());
    }

    #[tokio::test]
    async fn unwritable_folder_is_named_in_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let error = PartFile::create(&folder.path().join("missing/lesson.mp4")).await.unwrap_err();
        assert!(error.to_string().contains("failed to create the file") && error.to_string().contains("lesson.mp4"));
    }
}
