//! The SDK's README lists its features, and rustdoc resolves its links to the items of the same version.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, fs, path::Path};

/// The start of each link from a README to rustdoc.
const RUSTDOC: &str = "https://docs.rs/fishjam-sdk/latest/fishjam_sdk/";

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

/// Returns the labels and the targets of the link definitions.
fn definitions(text: &str) -> BTreeMap<&str, &str> {
    text.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: ")).collect()
}

fn read(name: &str) -> String {
    let sdk = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("fishjam-sdk");
    fs::read_to_string(sdk.join(name)).unwrap()
}

#[test]
fn readme_lists_the_features_of_the_sdk() {
    assert_eq!(described(&read("README.md")), declared(&read("Cargo.toml")));
}

#[test]
fn readme_links_resolve_to_items_in_rustdoc() {
    let (readme, items) = (read("README.md"), read("src/readme_links.md"));
    let mut links = definitions(&readme);
    links.retain(|_, target| target.starts_with(RUSTDOC));
    let items = definitions(&items);
    assert_eq!(links.keys().collect::<Vec<_>>(), items.keys().collect::<Vec<_>>());
    // The last segment of the path is the name of the item in both.
    for (label, link) in links {
        let item = items[label].rsplit([':', '#']).next().unwrap();
        assert!(link.contains(item), "{label}: {link} is not {item}");
    }
}
