//! The blocking client has every public method of the asynchronous client.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, fs, path::Path};

/// Returns the names of the functions whose declarations start with one of these words.
fn functions(text: &str, words: &[&str]) -> BTreeSet<String> {
    let declared = text.lines().filter_map(|line| words.iter().find_map(|word| line.trim().strip_prefix(word)));
    declared.filter_map(|rest| rest.split(['(', '<']).next()).map(str::to_owned).collect()
}

/// Returns the content of each block that begins with `start`.
fn blocks<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    text.split(start).skip(1).filter_map(|rest| rest.split("\n}").next()).collect()
}

/// Returns the public methods in the `impl` blocks of a type under a directory, and the methods that `forward!` adds.
fn methods(class: &str, directory: &Path, except: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path != except {
            found.extend(methods(class, &path, except));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            for block in blocks(&text, &format!("\nimpl {class} {{")) {
                found.extend(functions(block, &["pub fn ", "pub async fn ", "pub const fn "]));
            }
            for block in blocks(&text, &format!("\nforward! {{\n    {class} =>")) {
                found.extend(functions(block, &["fn ", "async fn "]));
            }
        }
    }
    found
}

/// The methods that only the asynchronous types have, and the reasons.
const ONLY_ASYNC: [(&str, &[&str], &str); 2] = [
    ("Composition", &["events", "events_with"], "event streams exist only for asynchronous programs"),
    ("Composition", &["delete_on_drop"], "the request needs the runtime of the caller; call `delete` instead"),
];

#[test]
fn blocking_client_has_every_method_of_the_async_client() {
    let facade = xtask::workspace_root().join("fishjam-sdk/src");
    let blocking = facade.join("blocking");
    for (class, expected) in [
        ("FishjamClient", ["new", "agent", "create_room"]),
        ("CompositionClient", ["new", "adopt", "create"]),
        ("Composition", ["address", "register_mp4_input", "update_output"]),
        ("CompositionInput", ["id", "composition", "unregister"]),
        ("CompositionOutput", ["id", "update", "unregister"]),
    ] {
        let asynchronous = methods(class, &facade, &blocking);
        assert!(expected.iter().all(|name| asynchronous.contains(*name)), "{class}: {asynchronous:?}");
        let mut both = methods(class, &blocking, &blocking);
        for (_, names, _) in ONLY_ASYNC.iter().filter(|(of, ..)| *of == class) {
            for name in *names {
                assert!(both.insert((*name).to_owned()), "{class}: blocking has {name}; remove it from the table");
            }
        }
        let differences: Vec<_> = asynchronous.symmetric_difference(&both).collect();
        assert!(differences.is_empty(), "{class}: change fishjam-sdk/src/blocking/; only one has {differences:?}");
    }
}
