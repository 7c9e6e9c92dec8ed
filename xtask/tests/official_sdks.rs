//! `tests/official-sdks.md` explains each defect that a comment names.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, fs, path::Path};

/// Returns the ids in a string: one of the letters, and one or two digits.
fn ids(text: &str, letters: &[char]) -> Vec<String> {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let is_id = |word: &&str| {
        word.strip_prefix(letters)
            .is_some_and(|rest| matches!(rest.len(), 1 | 2) && rest.bytes().all(|byte| byte.is_ascii_digit()))
    };
    words.filter(is_id).map(str::to_owned).collect()
}

/// Adds the ids of all defects that the Rust files of a folder name.
fn collect(folder: &Path, named: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "target") {
            collect(&path, named);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            for line in fs::read_to_string(&path).unwrap().lines() {
                let letters: &[char] = if line.contains("Defect") { &['X', 'P', 'J'] } else { &['X'] };
                named.extend(
                    line.split_once("//")
                        .or_else(|| line.split_once('"'))
                        .into_iter()
                        .flat_map(|(_, text)| ids(text, letters)),
                );
            }
        }
    }
}

#[test]
fn each_defect_in_a_comment_has_a_row() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let table = fs::read_to_string(root.join("tests/official-sdks.md")).unwrap();
    let cells = table.lines().filter_map(|line| line.strip_prefix("| ")?.split(" | ").next());
    let explained: BTreeSet<_> = cells.flat_map(|cell| ids(cell, &['X', 'P', 'J'])).collect();
    let mut named = BTreeSet::new();
    for folder in ["fishjam-emulator", "fishjam-sdk", "tests"] {
        collect(&root.join(folder), &mut named);
    }
    assert!(named.len() > 50, "the comments name {} defects", named.len());
    assert_eq!(named.difference(&explained).collect::<Vec<_>>(), Vec::<&String>::new());
}
