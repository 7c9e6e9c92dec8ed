//! Copies of a generator's output. CI runs the generators themselves.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{fs, path::Path};

use tempfile::TempDir;
use xtask::codegen::{freeze, generator};

/// Creates a directory with the folders `frozen` and `generated`.
fn directories(frozen: &[(&str, &str)], generated: &[(&str, &str)]) -> TempDir {
    let directory = TempDir::new().unwrap();
    for (name, files) in [("frozen", frozen), ("generated", generated)] {
        let path = directory.path().join(name);
        fs::create_dir(&path).unwrap();
        for (file, text) in files {
            fs::write(path.join(file), text).unwrap();
        }
    }
    directory
}

fn plan(directory: &TempDir) -> Vec<freeze::Change> {
    freeze::plan(&directory.path().join("frozen"), &directory.path().join("generated")).unwrap()
}

fn headlines(directory: &TempDir) -> Vec<String> {
    plan(directory).iter().map(|change| change.headline("generated")).collect()
}

#[test]
fn equal_files_need_no_change() {
    let directory = directories(&[("a.rs", "a\n")], &[("a.rs", "a\n"), ("README.md", "ours")]);
    assert_eq!(plan(&directory), []);
}

#[test]
fn missing_extra_and_different_files_are_reported_and_fixed() {
    let directory = directories(
        &[("a.rs", "a\n"), ("b.rs", "one\ntwo\n"), ("c.rs", "c\n")],
        &[("a.rs", "a\n"), ("b.rs", "one\nTWO\n"), ("d.rs", "d\n"), ("README.md", "ours")],
    );
    let changes = plan(&directory);
    assert_eq!(
        headlines(&directory),
        ["different  generated/b.rs", "missing    generated/c.rs", "extra      generated/d.rs"]
    );
    assert_eq!(
        changes[0].report("generated"),
        "different  generated/b.rs\n--- a/generated/b.rs\n+++ b/generated/b.rs\n@@ -1,2 +1,2 @@\n one\n-TWO\n+two\n"
    );
    assert_eq!(changes[1].report("generated"), "missing    generated/c.rs\n");

    let generated = directory.path().join("generated");
    let untouched = fs::metadata(generated.join("a.rs")).unwrap().modified().unwrap();
    freeze::apply(&changes, &generated).unwrap();
    assert_eq!(plan(&directory), []);
    assert_eq!(fs::read_to_string(generated.join("b.rs")).unwrap(), "one\ntwo\n");
    assert!(!generated.join("d.rs").exists());
    assert!(generated.join("README.md").exists(), "files without `.rs` stay");
    assert_eq!(fs::metadata(generated.join("a.rs")).unwrap().modified().unwrap(), untouched);
}

#[test]
fn first_freeze_creates_the_directory() {
    let directory = directories(&[("a.rs", "a\n")], &[]);
    let generated = directory.path().join("src/generated");
    let changes = freeze::plan(&directory.path().join("frozen"), &generated).unwrap();
    freeze::apply(&changes, &generated).unwrap();
    assert_eq!(fs::read_to_string(generated.join("a.rs")).unwrap(), "a\n");
}

#[test]
fn generator_without_output_is_an_error() {
    let check = |directory: &TempDir| {
        let path = |name: &str| directory.path().join(name);
        format!("{:#}", freeze::plan(&path("frozen"), &path("generated")).unwrap_err())
    };
    assert!(check(&directories(&[], &[("a.rs", "a\n")])).contains("wrote no file"));
    assert!(check(&directories(&[("a.rs", ""), ("b.txt", "")], &[])).contains("b.txt is not a .rs file"));
    let nested = directories(&[("a.rs", "")], &[]);
    fs::create_dir(nested.path().join("frozen/inner.rs")).unwrap();
    assert!(check(&nested).contains("inner.rs is not a .rs file"));
    assert!(check(&TempDir::new().unwrap()).contains("cannot read"));
}

#[test]
fn long_diff_is_shortened() {
    let text = |word: &str| (0..1000).map(|line| format!("{word} {line}\n")).collect::<String>();
    let directory = directories(&[("a.rs", &text("new"))], &[("a.rs", &text("old"))]);
    let report = plan(&directory)[0].report("generated");
    assert!(report.ends_with(" more lines\n"), "{report}");
    assert!(report.lines().count() < 500);
}

#[test]
fn output_directory_of_the_package_is_found() {
    let artifact = |directory: &str, id: &str| {
        format!(
            r#"{{"reason":"compiler-artifact","package_id":"{id}","manifest_path":"/root/{directory}/Cargo.toml"}}"#
        )
    };
    let executed =
        |id: &str, out: &str| format!(r#"{{"reason":"build-script-executed","package_id":"{id}","out_dir":"{out}"}}"#);
    let messages = [
        executed("registry+serde@1", "/out/serde"),
        artifact("other", "path+file:///root/other#0.1.0"),
        executed("path+file:///root/other#0.1.0", "/out/other"),
        "not a message".to_owned(),
        artifact("proto", "path+file:///root/proto#fishjam-proto@0.1.0"),
        executed("path+file:///root/proto#fishjam-proto@0.1.0", "/out/proto"),
        r#"{"reason":"build-finished","success":true}"#.to_owned(),
    ]
    .join("\n");
    let out_dir =
        |directory: &str| generator::out_dir(&messages, &Path::new("/root").join(directory).join("Cargo.toml"));
    assert_eq!(out_dir("proto").unwrap(), Path::new("/out/proto"));
    assert!(out_dir("missing").unwrap_err().to_string().contains("built nothing"));
    let without = generator::out_dir(&artifact("proto", "a"), Path::new("/root/proto/Cargo.toml"));
    assert!(without.unwrap_err().to_string().contains("did not run"));
}
