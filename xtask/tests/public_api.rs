//! The lists of public items. CI compares the committed ones.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use tempfile::TempDir;
use xtask::public_api::{difference, duplicates, foreign, items, rustdoc_json};

const MANIFEST: &str = "[package]
name = \"small-crate\"
version = \"0.1.0\"
edition = \"2024\"

[features]
extra = []

[workspace]
";

const LIBRARY: &str = "//! A small crate.

/// A type.
#[derive(Clone)]
pub struct Shown(Hidden);
#[derive(Clone)]
struct Hidden;

impl Shown {
    /// A method.
    pub fn method(&self, count: u8) -> u8 {
        let _ = &self.0;
        count
    }
    fn private(&self) {}
}

/// A gated function.
#[cfg(feature = \"extra\")]
pub fn gated() {}
";

/// Creates the small crate with this library.
fn small_crate(library: &str) -> TempDir {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join("src")).unwrap();
    fs::write(directory.path().join("Cargo.toml"), MANIFEST).unwrap();
    fs::write(directory.path().join("src/lib.rs"), library).unwrap();
    directory
}

#[test]
fn items_are_public_and_include_names_of_derived_traits() {
    let directory = small_crate(LIBRARY);
    let json = rustdoc_json(directory.path(), "small-crate", "extra").unwrap();
    let expected = [
        "pub mod small_crate",
        "pub struct small_crate::Shown(_)",
        "impl small_crate::Shown",
        "pub fn small_crate::Shown::method(&self, count: u8) -> u8",
        "impl core::clone::Clone for small_crate::Shown",
        "pub fn small_crate::gated()",
    ];
    assert_eq!(items(&json).unwrap(), expected);
}

#[test]
fn rustdoc_json_fails_when_the_library_does_not_compile() {
    let directory = small_crate("pub fn broken(");
    let error = rustdoc_json(directory.path(), "small-crate", "extra").unwrap_err();
    assert!(error.to_string().contains("rustdoc of small-crate failed"), "{error}");
}

#[test]
fn duplicates_are_items_with_several_public_paths() {
    let library = "
        pub mod outer { pub struct Twice; pub mod inner { pub struct Once; pub use super::super::outer as around; } }
        mod hidden { pub struct Renamed; pub struct Glob; pub fn single() {} pub struct Unreachable; }
        pub use outer::Twice;
        pub use hidden::{Renamed, single};
        pub use hidden::Renamed as Other;
        pub mod all { pub use crate::hidden::{Glob, Glob as Second}; }
    ";
    let directory = small_crate(library);
    let json = rustdoc_json(directory.path(), "small-crate", "extra").unwrap();
    let expected = [["Other", "Renamed"], ["Twice", "outer::Twice"], ["all::Glob", "all::Second"]];
    assert_eq!(duplicates(&json).unwrap(), expected);
}

#[test]
fn items_fails_for_the_json_of_another_version() {
    let directory = TempDir::new().unwrap();
    let json = directory.path().join("old.json");
    fs::write(&json, r#"{"format_version": 1}"#).unwrap();
    let error = items(&json).unwrap_err();
    assert!(error.to_string().contains("another version of Rust"), "{error}");
}

#[test]
fn foreign_returns_lines_with_private_types() {
    let lines = [
        ("impl core::convert::From<fishjam_api::fishjam::types::Room> for fishjam_sdk::Room", true),
        ("pub fn fishjam_sdk::Room::send(&self) -> reqwest::Request", true),
        ("pub fn fishjam_sdk::Room::message(&self) -> prost::bytes::Bytes", true),
        ("pub fishjam_sdk::Peer::status: fishjam_api::fishjam::enums::PeerStatus", false),
        ("pub use fishjam_sdk::PeerStatus", false),
        ("pub fn fishjam_sdk::prost::id() -> fishjam_sdk::my_reqwest::Id", false),
    ];
    let items: Vec<_> = lines.iter().map(|(line, _)| (*line).to_owned()).collect();
    let expected: Vec<_> = lines.iter().filter(|(_, is_foreign)| *is_foreign).map(|(line, _)| *line).collect();
    assert_eq!(foreign(&items), expected);
}

#[test]
fn difference_shows_only_added_and_removed_lines() {
    assert_eq!(difference("list", "a\nb\n", "a\nb\n"), None);
    let diff = difference("list", "a\nb\nc\n", "a\nc\nd\n").unwrap();
    let changed: Vec<_> = diff.lines().filter(|line| !line.starts_with("@@")).collect();
    assert_eq!(changed, ["--- a/list", "+++ b/list", "-b", "+d"]);
}
