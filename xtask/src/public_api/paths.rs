//! Finds public items with more than one path.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

/// The part of rustdoc's JSON that contains names.
#[derive(Deserialize)]
pub(super) struct Documentation {
    root: u64,
    index: BTreeMap<u64, Item>,
}

#[derive(Deserialize)]
struct Item {
    name: Option<String>,
    /// `public`, `default`, `crate`, or an object.
    visibility: serde_json::Value,
    inner: Inner,
}

/// The kinds of items that give a path to other items.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
struct Inner {
    module: Option<Module>,
    r#use: Option<Use>,
}

#[derive(Deserialize)]
struct Module {
    items: Vec<u64>,
}

#[derive(Deserialize)]
struct Use {
    name: String,
    /// The item, or nothing for a primitive type.
    id: Option<u64>,
    is_glob: bool,
}

impl Documentation {
    /// Returns the paths of each item that has several, sorted.
    pub(super) fn duplicates(&self) -> Vec<Vec<String>> {
        let mut paths = BTreeMap::new();
        self.visit(self.root, &[], &mut BTreeSet::new(), &mut paths);
        let mut duplicates: Vec<Vec<String>> =
            paths.into_values().filter(|paths| paths.len() > 1).map(|paths| paths.into_iter().collect()).collect();
        duplicates.sort();
        duplicates
    }

    /// Collects the paths of the public items of a module. `parents` are the modules around it, which can import each other.
    fn visit(
        &self,
        module: u64,
        path: &[&str],
        parents: &mut BTreeSet<u64>,
        paths: &mut BTreeMap<u64, BTreeSet<String>>,
    ) {
        let Some(Item { inner: Inner { module: Some(Module { items }), .. }, .. }) = self.index.get(&module) else {
            return;
        };
        if !parents.insert(module) {
            return;
        }
        for id in items {
            let Some(item) = self.index.get(id).filter(|item| item.visibility == "public") else { continue };
            let (id, name, is_glob) = match &item.inner.r#use {
                Some(Use { id: None, .. }) => continue,
                Some(Use { name, id: Some(id), is_glob }) => (*id, name.as_str(), *is_glob),
                None => (*id, item.name.as_deref().unwrap_or_default(), false),
            };
            let mut inside = path.to_vec();
            if !is_glob {
                inside.push(name);
            }
            // An item of another crate is not in the index, and neither is its kind.
            if self.index.get(&id).is_some_and(|target| target.inner.module.is_some()) {
                self.visit(id, &inside, parents, paths);
            } else {
                paths.entry(id).or_default().insert(inside.join("::"));
            }
        }
        parents.remove(&module);
    }
}
