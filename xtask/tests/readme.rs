//! The SDK's README lists its features.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, fs, path::Path};

/// Each feature, and whether it is a default feature.
type Features = BTreeMap<String, bool>;

fn declared(manifest: &str) -> Features {
    let manifest: toml::Table = manifest.parse().unwrap();
    let features = manifest["features"].as_table().unwrap();
    let default = features["default"].as_array().unwrap();
    let names = features.keys().filter(|name| *name != "default");
    names.map(|name| (name.clone(), default.iter().any(|feature| feature.as_str() == Some(name.as_str())))).collect()
}

/// Returns the rows of the table under the heading.
fn described(readme: &str) -> Features {
    let section = readme.split("\n## Cargo features\n").nth(1).unwrap();
    let rows = section.lines().skip_while(|line| !line.starts_with('|')).skip(2);
    rows.map_while(|row| row.strip_prefix("| `"))
        .map(|row| {
            let (name, rest) = row.split_once("` | ").unwrap();
            (name.to_owned(), rest.starts_with("yes |"))
        })
        .collect()
}

#[test]
fn readme_lists_the_features_of_the_sdk() {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fishjam-sdk");
    let read = |name: &str| fs::read_to_string(sdk.join(name)).unwrap();
    assert_eq!(described(&read("README.md")), declared(&read("Cargo.toml")));
}
