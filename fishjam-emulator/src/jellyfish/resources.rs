//! The resources folder of the server, in memory: sources of file components, HLS streams and recordings.

use std::{collections::BTreeMap, fs, io, path::Path};

use bytes::Bytes;

const SOURCES: &str = "file_component_sources";
const RECORDINGS: &str = "recordings";
const STREAMS: &str = "temporary_hls";

/// An absolute path without `.`, `..` and empty segments.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Location(Vec<String>);

impl Location {
    fn folder(name: &str) -> Self {
        Location(vec!["resources".to_owned(), name.to_owned()])
    }

    /// Resolves a path relative to this folder. The result can be outside of the folder.
    pub(crate) fn join(&self, path: &str) -> Self {
        let mut segments = self.0.clone();
        for segment in path.split('/') {
            match segment {
                "" | "." => {}
                ".." => drop(segments.pop()),
                name => segments.push(name.to_owned()),
            }
        }
        Location(segments)
    }

    /// Returns `true` if this path is inside a folder. A folder is not inside itself.
    pub(crate) fn is_inside(&self, folder: &Location) -> bool {
        self.0.len() > folder.0.len() && self.0.starts_with(&folder.0)
    }

    /// Returns the extension with its dot. A dot at the start of the name begins no extension.
    pub(crate) fn extension(&self) -> &str {
        let name = self.0.last().map_or("", String::as_str);
        name.rfind('.').filter(|dot| *dot > 0).and_then(|dot| name.get(dot..)).unwrap_or_default()
    }
}

/// The files. A folder exists while it contains a file.
#[derive(Debug)]
pub(crate) struct Resources(BTreeMap<Location, Bytes>);

impl Default for Resources {
    /// Creates valid and invalid sources of file components.
    fn default() -> Self {
        let names = ["video.h264", "audio.ogg", "dir/video.h264", "noext", "bad.mp4", "UPPER.H264"];
        let sources = Resources::sources();
        Resources(names.iter().map(|name| (sources.join(name), Bytes::from_static(b"media"))).collect())
    }
}

impl Resources {
    /// Reads the subfolders of a folder that the server uses.
    pub(crate) fn load(folder: &Path) -> io::Result<Self> {
        fs::read_dir(folder)?;
        let mut resources = Resources(BTreeMap::new());
        for name in [SOURCES, RECORDINGS, STREAMS] {
            match resources.load_into(&Location::folder(name), &folder.join(name)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(resources)
    }

    fn load_into(&mut self, location: &Location, folder: &Path) -> io::Result<()> {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let location = location.join(&entry.file_name().to_string_lossy());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                self.load_into(&location, &entry.path())?;
            } else if kind.is_file() {
                self.put(location, fs::read(entry.path())?.into());
            }
        }
        Ok(())
    }

    /// Returns the folder with the sources of file components.
    pub(crate) fn sources() -> Location {
        Location::folder(SOURCES)
    }

    /// Returns the folder of persistent HLS streams.
    pub(crate) fn recordings() -> Location {
        Location::folder(RECORDINGS)
    }

    /// Returns the folder of a room's HLS stream.
    pub(crate) fn stream(room: &str, persistent: bool) -> Location {
        if persistent { Resources::recordings().join(room) } else { Location::folder(STREAMS).join(room) }
    }

    /// Resolves a path relative to the resources folder. Returns `None` for a path outside of the folder.
    pub(crate) fn locate(path: &str) -> Option<Location> {
        let root = Location(vec!["resources".to_owned()]);
        let location = root.join(path);
        location.is_inside(&root).then_some(location)
    }

    pub(crate) fn put(&mut self, file: Location, content: Bytes) {
        self.0.insert(file, content);
    }

    pub(crate) fn read(&self, file: &Location) -> Option<Bytes> {
        self.0.get(file).cloned()
    }

    /// Returns `true` if this file or folder exists.
    pub(crate) fn exists(&self, location: &Location) -> bool {
        self.0.range(location..).next().is_some_and(|(file, _)| file.0.starts_with(&location.0))
    }

    /// Removes a file, or a folder with its contents.
    pub(crate) fn remove(&mut self, location: &Location) {
        self.0.retain(|file, _| !file.0.starts_with(&location.0));
    }

    /// Returns the names of the entries of a folder.
    pub(crate) fn names(&self, folder: &Location) -> Vec<&str> {
        let inside = self.0.range(folder..).map(|(file, _)| &file.0).take_while(|file| file.starts_with(&folder.0));
        let mut names: Vec<&str> = inside.filter_map(|file| file.get(folder.0.len())).map(String::as_str).collect();
        names.dedup();
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_resolve_inside_or_outside_of_the_folder() {
        let sources = Resources::sources();
        for (path, inside) in [
            ("video.h264", true),
            ("/etc/passwd", true),
            ("a/../video.h264", true),
            ("", false),
            (".", false),
            ("..", false),
            ("../file_component_sources", false),
            ("../file_component_sources/x", true),
            ("../../../../x", false),
        ] {
            assert_eq!(sources.join(path).is_inside(&sources), inside, "{path}");
        }
        assert_eq!(Resources::locate("../x"), None);
        assert_eq!(Resources::locate("recordings/a"), Some(Resources::recordings().join("a")));
    }

    #[test]
    fn extensions_start_at_the_last_dot() {
        for (path, extension) in
            [("a/video.h264", ".h264"), ("dir.x/noext", ""), (".h264", ""), ("a.", "."), ("a.b.ogg", ".ogg")]
        {
            assert_eq!(Resources::sources().join(path).extension(), extension, "{path}");
        }
    }

    #[test]
    fn folders_exist_while_they_contain_files() {
        let mut resources = Resources::default();
        let recordings = Resources::recordings();
        assert!(resources.names(&recordings).is_empty() && !resources.exists(&recordings));
        for name in ["b/index.m3u8", "a/x", "a/y/z", "a.b"] {
            resources.put(recordings.join(name), Bytes::new());
        }
        assert_eq!(resources.names(&recordings), ["a", "a.b", "b"]);
        assert!(resources.exists(&recordings.join("a/y")) && !resources.exists(&recordings.join("a/y/zz")));
        resources.remove(&recordings.join("a/y"));
        resources.remove(&recordings.join("b"));
        assert_eq!(resources.names(&recordings), ["a", "a.b"]);
        assert_eq!(resources.names(&recordings.join("a")), ["x"]);
    }
}
