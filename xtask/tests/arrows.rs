//! `cargo xtask arrows` on small workspaces.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use std::fs;

use tempfile::TempDir;
use xtask::{Outcome, arrows};

/// The problems of a crate with these files and these rows.
fn problems(rows: &str, files: &[(&str, &str)]) -> Vec<String> {
    let workspace = TempDir::new().unwrap();
    let write = |path: &str, text: &str| {
        let path = workspace.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    write("xtask/arrows.toml", &format!("[made]\n{rows}"));
    write("made/src/lib.rs", "");
    for (path, text) in files {
        write(&format!("made/src/{path}"), text);
    }
    let mut out = Vec::new();
    let outcome = arrows::run(workspace.path(), &mut out).unwrap();
    let problems: Vec<String> = String::from_utf8(out).unwrap().lines().map(str::to_owned).collect();
    assert_eq!(outcome, if problems.is_empty() { Outcome::Clean } else { Outcome::Findings });
    problems
}

#[track_caller]
fn assert_one(problems: &[String], words: &[&str]) {
    let [problem] = problems else { panic!("{problems:#?}") };
    assert!(words.iter().all(|word| problem.contains(word)), "{problem}");
}

#[test]
fn arrow_passes_with_row_and_fails_without() {
    let files = [("a.rs", "\nuse crate::b::B;\n"), ("b.rs", "pub struct B;")];
    assert!(problems("a = ['b']", &files).is_empty());
    assert!(problems("a = ['*']", &files).is_empty());
    assert!(problems("'*' = ['b']", &files).is_empty());
    assert_one(&problems("", &files), &["no arrow a -> b: a.rs:2 uses b.rs;", "to the row \"a\""]);
    let folder =
        [("a/mod.rs", ""), ("a/deep/down.rs", "fn a() { crate::b::c::d() }"), ("b/mod.rs", ""), ("b/c.rs", "")];
    assert!(problems("a = ['b/c']", &folder).is_empty());
    assert_one(&problems("a = []", &folder), &["a/deep/down.rs:1 uses b/c.rs"]);
}

#[test]
fn cycle_fails_with_files_and_lines() {
    let seeded = [
        ("a/mod.rs", ""),
        ("a/x.rs", "use super::y;"),
        ("a/y.rs", "\nuse super::z::{Z, W};"),
        ("a/z.rs", "fn z() -> crate::a::x::X { super::x::X }"),
    ];
    let found = problems("", &seeded);
    assert_one(&found, &["in a cycle: a/x.rs:1 uses a/y.rs, a/y.rs:2 uses a/z.rs, a/z.rs:1 uses a/x.rs; move"]);
}

#[test]
fn cycle_of_modules_fails_without_cycle_of_files() {
    let files = [
        ("a/mod.rs", ""),
        ("a/x.rs", "use crate::b::x;"),
        ("a/y.rs", ""),
        ("b/mod.rs", ""),
        ("b/x.rs", ""),
        ("b/y.rs", "use crate::a::y;"),
    ];
    assert_one(&problems("a = ['b']\nb = ['a']", &files), &["modules use each other in a cycle: a -> b -> a"]);
}

#[test]
fn file_and_mod_above_it_may_import_each_other() {
    let files = [
        ("a/mod.rs", "use self::x::X; pub struct A;"),
        ("a/x.rs", "use super::A;"),
        ("a/deep/mod.rs", ""),
        ("a/deep/y.rs", "use crate::a::A;"),
    ];
    assert!(problems("", &files).is_empty());
    let longer = [("a/mod.rs", "use x::X;"), ("a/x.rs", "use crate::b::B;"), ("b.rs", "use crate::a::A;")];
    let found = problems("a = ['b']\nb = ['a']", &longer);
    assert!(found[0].contains("a/mod.rs:1 uses a/x.rs, a/x.rs:1 uses b.rs, b.rs:1 uses a/mod.rs;"), "{found:#?}");
}

#[test]
fn reexport_hides_no_arrow() {
    let files = [("lib.rs", "pub use b::B as C;"), ("b.rs", "pub struct B;")];
    for path in ["use crate::C;", "fn a() { crate::C::new() }", "use crate as sdk; use sdk::C;"] {
        let found = problems("", &[&files[..], &[("a.rs", path)]].concat());
        assert_one(&found, &["a -> b"]);
    }
    // The named file and the defining file count. The crate root counts as neither.
    let chain = [("lib.rs", "pub use b::X;"), ("b/mod.rs", "pub use crate::c::X;"), ("c.rs", "pub struct X;")];
    assert_eq!(problems("b = ['c']", &[&chain[..], &[("a.rs", "use crate::b::X;")]].concat()).len(), 2);
    assert_one(&problems("b = ['c']", &[&chain[..], &[("a.rs", "use crate::X;")]].concat()), &["a -> c"]);
    let foreign = [("lib.rs", "pub use b::X;"), ("b.rs", "pub use other::X;"), ("a.rs", "use crate::X;")];
    assert_one(&problems("", &foreign), &["a -> b"]);
    let siblings = [
        ("a/mod.rs", "use self::{x::X, y::Y};"),
        ("a/x.rs", "use super::Y; pub struct X;"),
        ("a/y.rs", "use super::X; pub struct Y;"),
    ];
    assert_one(&problems("", &siblings), &["a/x.rs:1 uses a/y.rs, a/y.rs:1 uses a/x.rs"]);
}

#[test]
fn path_counts_wherever_code_names_it() {
    for code in [
        "fn a() { println!(\"{}\", crate::b::B) }",
        "macro_rules! a { () => { $crate::b::B } }",
        "use {std::fmt, crate::{b::{self, B}}};",
        "fn a(b: crate::b::B) {}",
        "fn a() -> Vec<super::b::B> {}",
        "impl<'a> From<&'a crate::b::B> for A {}",
        "mod inline { use super::super::b::B; }",
        "use super::b; mod inline { fn a() { super::b::c() } }",
        "use crate::b as other; fn a() { other::c() }",
        "#[cfg(not(test))] use crate::b;",
        "#[cfg(feature = \"test\")] use crate::b;",
        "#[cfg(any(test, unix))] use crate::b;",
        "#[cfg(test)] mod tests; fn a() { crate::b::c() }",
        "#[cfg(test)] use std::{fmt}; fn a() { crate::b::c() }",
    ] {
        assert_one(&problems("", &[("a.rs", code), ("b.rs", "")]), &["a -> b"]);
    }
}

#[test]
fn tests_and_text_do_not_count() {
    for code in [
        "// use crate::b;",
        "/// [`crate::b::B`]\nfn a() {}",
        "const A: &str = \"crate::b\";",
        "#[cfg(test)] mod tests { use crate::b; }",
        "#[cfg(all(test, unix))] use crate::b::{B, C};",
        "#[cfg(all(test, any(unix, windows)))] mod tests { use crate::b; }",
        "#[test] fn a() { crate::b::c() }",
        "#[tokio::test] async fn a() { crate::b::c() }",
        "mod inline { use self::b::B; }",
        "mod inline { mod b; fn a() { super::b() } }",
        "use std::b; fn a() { std::crate_b::c(); x.b::<u8>() }",
    ] {
        assert_eq!(problems("", &[("a.rs", code), ("b.rs", "")]), Vec::<String>::new(), "{code}");
    }
    let files = [("a/mod.rs", ""), ("a/tests.rs", "use crate::b;"), ("a/tests/x.rs", "use crate::b;"), ("b.rs", "")];
    assert!(problems("", &files).is_empty());
}

#[test]
fn stale_entry_of_table_fails() {
    let files = [("a.rs", "use crate::b;"), ("b.rs", "")];
    assert_one(&problems("a = ['b', 'c']", &files), &["row \"a\": there is no module \"c\"; remove it"]);
    assert_one(&problems("a = ['b']\nc = []", &files), &["there is no module \"c\"; remove the row"]);
    assert_one(&problems("a = ['b']\nb = ['a']", &files), &["row \"b\": \"a\" is unused; remove it"]);
}
