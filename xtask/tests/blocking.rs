//! The blocking client has every public method of the asynchronous client.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, fs, path::Path};

/// Returns the names of the functions whose declarations start with one of these words.
fn functions(text: &str, words: &[&str]) -> BTreeSet<String> {
    let declared = text.lines().filter_map(|line| words.iter().find_map(|word| line.trim().strip_prefix(word)));
    declared.filter_map(|rest| rest.split(['(', '<']).next()).map(str::to_owned).collect()
}

/// Returns the public methods in the `impl FishjamClient` blocks under a directory.
fn methods(directory: &Path, except: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path != except {
            found.extend(methods(&path, except));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let blocks = text.split("\nimpl FishjamClient {").skip(1).filter_map(|rest| rest.split("\n}").next());
            found.extend(blocks.flat_map(|block| functions(block, &["pub fn ", "pub async fn ", "pub const fn "])));
        }
    }
    found
}

#[test]
fn blocking_client_has_every_method_of_the_async_client() {
    let facade = xtask::workspace_root().join("fishjam-sdk/src");
    let blocking = facade.join("blocking");
    let asynchronous = methods(&facade, &blocking);
    assert!(["new", "agent", "create_room"].iter().all(|name| asynchronous.contains(*name)), "{asynchronous:?}");
    let mut forms = methods(&blocking, &blocking);
    forms.extend(functions(&fs::read_to_string(blocking.join("methods.rs")).unwrap(), &["fn ", "async fn "]));
    let differences: Vec<_> = asynchronous.symmetric_difference(&forms).collect();
    assert!(differences.is_empty(), "change fishjam-sdk/src/blocking/methods.rs; only one client has {differences:?}");
}
