//! The READMEs of crates list their features, and rustdoc resolves their links to the items of the same version.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeMap, fs, path::Path};

/// Each feature, and whether it is a default feature.
type Features = BTreeMap<String, bool>;

fn declared(manifest: &str) -> Features {
    let manifest: toml::Table = manifest.parse().unwrap();
    let features = manifest["features"].as_table().unwrap();
    let default = features.get("default").and_then(toml::Value::as_array);
    let is_default = |name: &str| default.is_some_and(|names| names.iter().any(|other| other.as_str() == Some(name)));
    let names = features.keys().filter(|name| *name != "default");
    names.map(|name| (name.clone(), is_default(name))).collect()
}

/// Returns the rows of the table under the heading.
fn described(readme: &str) -> Features {
    let section = readme.split("\n## Features\n").nth(1).unwrap();
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

fn read(file: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join(file)).unwrap()
}

#[test]
fn readme_lists_the_features_of_its_crate() {
    for folder in ["fishjam-api", "fishjam-sdk", "proto"] {
        let (readme, manifest) = (read(&format!("{folder}/README.md")), read(&format!("{folder}/Cargo.toml")));
        assert_eq!(described(&readme), declared(&manifest), "{folder}");
    }
}

#[test]
fn readme_links_resolve_to_items_in_rustdoc() {
    for (folder, name) in [("fishjam-api", "fishjam-api"), ("fishjam-sdk", "fishjam-sdk"), ("proto", "fishjam-proto")] {
        let (readme, items) = (read(&format!("{folder}/README.md")), read(&format!("{folder}/src/readme_links.md")));
        let rustdoc = format!("https://docs.rs/{name}/latest/{}/", name.replace('-', "_"));
        let mut links = definitions(&readme);
        links.retain(|_, target| target.starts_with(&rustdoc));
        let items = definitions(&items);
        assert_eq!(links.keys().collect::<Vec<_>>(), items.keys().collect::<Vec<_>>(), "{folder}");
        // The last segment of the path is the name of the item in both.
        for (label, link) in links {
            let item = items[label].rsplit([':', '#']).next().unwrap();
            assert!(link.contains(item), "{folder}: {label}: {link} is not {item}");
        }
    }
}
