//! What the trees may cost: `budget.toml`.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::source;

/// The committed limits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// Crates that must be in no tree, not even as a build dependency.
    #[serde(default)]
    forbidden: BTreeSet<String>,
    /// Crates that are known to be there in several versions.
    #[serde(default)]
    duplicates: BTreeSet<String>,
    trees: BTreeMap<String, Limit>,
}

/// The limit of one tree.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// How many crates there may be.
    pub max: usize,
    /// Whether the feature of this tree comes on top of the default features.
    #[serde(default = "on_top", rename = "default-features")]
    pub default_features: bool,
    /// Forbidden crates that this tree may hold all the same.
    #[serde(default)]
    permits: BTreeSet<String>,
}

fn on_top() -> bool {
    true
}

impl Limits {
    /// Reads them from a TOML file.
    ///
    /// # Errors
    ///
    /// When it cannot be read or parsed.
    pub fn read(path: &Path) -> Result<Self> {
        let text = source::read(&path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    /// Parses them from TOML.
    ///
    /// # Errors
    ///
    /// When it is no TOML of this shape.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(toml::from_str(text)?)
    }

    /// The limit of the tree of this name.
    #[must_use]
    pub fn of(&self, tree: &str) -> Option<&Limit> {
        self.trees.get(tree)
    }

    /// The names of the trees that have a limit.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.trees.keys().map(String::as_str)
    }

    /// Whether this crate must not be in the tree of this limit.
    #[must_use]
    pub fn forbids(&self, name: &str, limit: &Limit) -> bool {
        self.forbidden.contains(name) && !limit.permits.contains(name)
    }

    /// Whether this crate is known to be there in several versions.
    #[must_use]
    pub fn expects_duplicates_of(&self, name: &str) -> bool {
        self.duplicates.contains(name)
    }
}
