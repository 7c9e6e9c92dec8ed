//! The names of downloaded files.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::error::{Error, Result};

/// Checks that the path can become a file, before the download of a large file starts.
pub(super) async fn check(path: &Path) -> Result<()> {
    // A path such as `lessons/` has a file name, but a file cannot get this path.
    let text = path.as_os_str().as_encoded_bytes();
    let is_file = path.file_name().is_some_and(|name| text.ends_with(name.as_encoded_bytes()));
    if !is_file || tokio::fs::metadata(path).await.is_ok_and(|found| found.is_dir()) {
        return Err(Error::invalid_input(format!("invalid path: {path:?} is a directory; add a file name")));
    }
    Ok(())
}

/// Returns the paths of this many files. A single file has the path itself.
pub(super) fn numbered(path: &Path, count: usize) -> Vec<PathBuf> {
    if count == 1 {
        return vec![path.to_owned()];
    }
    let width = count.to_string().len();
    let name = |number: usize| {
        let mut name = OsString::from(path.file_stem().unwrap_or_default());
        name.push(format!("-{number:0width$}"));
        if let Some(extension) = path.extension() {
            name.push(".");
            name.push(extension);
        }
        path.with_file_name(name)
    };
    (1..=count).map(name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn several_files_have_sortable_numbers() {
        assert_eq!(numbered(Path::new("a/lesson.mp4"), 1), [PathBuf::from("a/lesson.mp4")]);
        let two = ["a/lesson.7-1.mp4", "a/lesson.7-2.mp4"].map(PathBuf::from);
        assert_eq!(numbered(Path::new("a/lesson.7.mp4"), 2), two);
        assert_eq!(numbered(Path::new("lesson"), 2), ["lesson-1", "lesson-2"].map(PathBuf::from));
        let many = numbered(Path::new("l.mp4"), 10);
        assert_eq!((many[0].to_str(), many[9].to_str()), (Some("l-01.mp4"), Some("l-10.mp4")));
        assert!(many.is_sorted());
    }

    #[tokio::test]
    async fn path_of_a_directory_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let (slash, dot) = (folder.path().join("lessons/"), folder.path().join("lessons/."));
        for path in [folder.path(), Path::new("/"), Path::new(".."), Path::new(""), &slash, &dot] {
            assert!(check(path).await.unwrap_err().to_string().contains("invalid path"), "{path:?}");
        }
        check(&folder.path().join("lesson.mp4")).await.unwrap();
    }
}
