//! The sections of a document, and the drawings beside it.

#![allow(clippy::unwrap_used, reason = "helpers of tests are tests")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use tempfile::TempDir;

use crate::bench::{
    chart,
    curve::{Curve, Point},
    document::{check, replace, update},
};

const START: &str = "<!-- growth -->";
const END: &str = "<!-- /growth -->";
const BEFORE: &str = "# Growth\r\n\n### Reads\nkept  \n\n";
const AFTER: &str = "\n\n## Next\n\n### Creates\nno newline at the end";

fn curve(title: &'static str, sdk: f64) -> Curve {
    Curve {
        title,
        size: "calls in flight",
        cost: "µs per call",
        bare: "reqwest",
        goal: "at most 1.05",
        points: vec![Point { size: 1, sdk, bare: Some(50.0) }, Point { size: 1000, sdk, bare: None }],
    }
}

fn document(text: &str) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("growth.md");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn between(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.strip_prefix(BEFORE).and_then(|text| text.strip_prefix(START)).unwrap();
    text.strip_suffix(AFTER).and_then(|text| text.strip_suffix(END)).unwrap().to_owned()
}

fn folder(path: &Path) -> PathBuf {
    path.with_file_name("growth")
}

fn drawings(path: &Path) -> Vec<String> {
    let files = fs::read_dir(folder(path)).unwrap();
    let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn replace_changes_only_text_between_markers() {
    let (_folder, path) = document(&format!("{BEFORE}{START}### Old\n{END}{AFTER}"));
    replace(&path, &[curve("Reads", 52.0), curve("Creates", 60.0)]).unwrap();
    let sections = "

### Reads

Cost: µs per call. Bare: reqwest. Goal: at most 1.05.

| calls in flight | fishjam-sdk | bare | ratio |
|---|---|---|---|
| 1 | 52.0 | 50.0 | 1.04 |
| 1,000 | 52.0 |  |  |

![Reads: µs per call, by calls in flight](growth/reads.svg)

### Creates

Cost: µs per call. Bare: reqwest. Goal: at most 1.05.

| calls in flight | fishjam-sdk | bare | ratio |
|---|---|---|---|
| 1 | 60.0 | 50.0 | 1.20 |
| 1,000 | 60.0 |  |  |

![Creates: µs per call, by calls in flight](growth/creates.svg)

";
    assert_eq!(between(&path), sections);
    assert_eq!(drawings(&path), ["creates.svg", "reads.svg"]);
    assert_eq!(
        fs::read_to_string(folder(&path).join("reads.svg")).unwrap(),
        chart::draw(&curve("Reads", 52.0)).unwrap()
    );
    replace(&path, &[curve("Reads", 52.0), curve("Creates", 60.0)]).unwrap();
    assert_eq!(between(&path), sections);
}

#[test]
fn replace_deletes_drawings_of_other_curves() {
    let (_folder, path) = document(&format!("{BEFORE}{START}{END}{AFTER}"));
    replace(&path, &[curve("Reads", 52.0), curve("Creates", 60.0)]).unwrap();
    fs::write(folder(&path).join("README.md"), "kept").unwrap();
    replace(&path, &[curve("Creates", 60.0)]).unwrap();
    assert_eq!(drawings(&path), ["README.md", "creates.svg"]);
    assert!(!between(&path).contains("Reads"));
}

#[test]
fn update_keeps_other_sections_and_order() {
    let (_folder, path) = document(&format!("{BEFORE}{START}{END}{AFTER}"));
    let all = |creates| [curve("Reads", 52.0), curve("Creates", creates), curve("Rooms", 70.0)];
    replace(&path, &all(55.0)).unwrap();
    let expected = between(&path);
    replace(&path, &all(60.0)).unwrap();
    update(&path, &[curve("Creates", 55.0)]).unwrap();
    assert_eq!(between(&path), expected);
    assert_eq!(drawings(&path), ["creates.svg", "reads.svg", "rooms.svg"]);
    update(&path, &[curve("Batches", 80.0)]).unwrap();
    assert!(between(&path).starts_with(&expected));
    assert!(between(&path).ends_with("growth/batches.svg)\n\n"));
}

#[test]
fn document_without_markers_is_error() {
    for text in [
        "no marker",
        "<!-- growth -->",
        "<!-- /growth --><!-- growth -->",
        "<!-- growth --><!-- growth --><!-- /growth -->",
        "<!-- growth --><!-- /growth --><!-- /growth -->",
        "<!-- growth --><!-- /growth --><!-- growth -->",
    ] {
        let (_folder, path) = document(text);
        let curves = [curve("Reads", 52.0)];
        for outcome in [check(&path), replace(&path, &curves), update(&path, &curves)] {
            let error = outcome.unwrap_err().to_string();
            assert!(error.contains("growth.md") && error.contains(START) && error.contains(END), "{error}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert!(!folder(&path).exists());
    }
}

#[test]
fn invalid_curve_changes_nothing() {
    let text = format!("{BEFORE}{START}{END}{AFTER}");
    let (_folder, path) = document(&text);
    for curves in [[curve("Reads", 52.0), curve("Creates", f64::NAN)], [curve("Reads", 1.0), curve("Reads", 2.0)]] {
        replace(&path, &curves).unwrap_err();
        assert_eq!(fs::read_to_string(&path).unwrap(), text);
        assert!(!folder(&path).exists());
    }
}
