//! Freezing a generator's output, and finding it; the generators themselves run in CI.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it is made of")]

use std::{fs, path::Path};

use tempfile::TempDir;
use xtask::codegen::{freeze, generator};

/// A directory with `frozen` and `generated` in it.
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
fn the_same_files_are_no_change() {
    let directory = directories(&[("a.rs", "a\n")], &[("a.rs", "a\n"), ("README.md", "ours")]);
    assert_eq!(plan(&directory), []);
}

#[test]
fn missing_extra_and_different_files_are_named_and_put_right() {
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
    assert!(generated.join("README.md").exists(), "only what is generated is ours to remove");
    assert_eq!(fs::metadata(generated.join("a.rs")).unwrap().modified().unwrap(), untouched);
}

#[test]
fn the_first_freeze_makes_the_directory() {
    let directory = directories(&[("a.rs", "a\n")], &[]);
    let generated = directory.path().join("src/generated");
    let changes = freeze::plan(&directory.path().join("frozen"), &generated).unwrap();
    freeze::apply(&changes, &generated).unwrap();
    assert_eq!(fs::read_to_string(generated.join("a.rs")).unwrap(), "a\n");
}

#[test]
fn a_generator_that_leaves_nothing_or_something_else_is_an_error() {
    let check = |directory: &TempDir| {
        let path = |name: &str| directory.path().join(name);
        format!("{:#}", freeze::plan(&path("frozen"), &path("generated")).unwrap_err())
    };
    assert!(check(&directories(&[], &[("a.rs", "a\n")])).contains("left nothing"));
    assert!(check(&directories(&[("a.rs", ""), ("b.txt", "")], &[])).contains("b.txt is not a .rs file"));
    let nested = directories(&[("a.rs", "")], &[]);
    fs::create_dir(nested.path().join("frozen/inner.rs")).unwrap();
    assert!(check(&nested).contains("inner.rs is not a .rs file"));
    assert!(check(&TempDir::new().unwrap()).contains("cannot read"));
}

#[test]
fn a_long_diff_is_cut() {
    let text = |word: &str| (0..1000).map(|line| format!("{word} {line}\n")).collect::<String>();
    let directory = directories(&[("a.rs", &text("new"))], &[("a.rs", &text("old"))]);
    let report = plan(&directory)[0].report("generated");
    assert!(report.ends_with(" more lines\n"), "{report}");
    assert!(report.lines().count() < 500);
}

#[test]
fn the_output_of_the_right_package_is_found() {
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
