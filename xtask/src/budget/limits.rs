//! The limits of the dependency trees, from `budget.toml`.

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
    /// Crates that no tree may contain, not even as a build dependency.
    #[serde(default)]
    forbidden: BTreeSet<String>,
    /// Crates that may occur in several versions.
    #[serde(default)]
    duplicates: BTreeSet<String>,
    trees: BTreeMap<String, Limit>,
}

/// The limit of one tree.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    /// Maximum number of crates.
    pub max: usize,
    /// Whether the tree includes the default features, in addition to its feature.
    #[serde(default = "on_top", rename = "default-features")]
    pub default_features: bool,
    /// Forbidden crates that this tree may contain.
    #[serde(default)]
    permits: BTreeSet<String>,
}

fn on_top() -> bool {
    true
}

impl Limits {
    /// Reads the limits from a TOML file.
    ///
    /// # Errors
    ///
    /// Returns an error if the file cannot be read or parsed.
    pub fn read(path: &Path) -> Result<Self> {
        let text = source::read(&path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    /// Parses the limits from TOML.
    ///
    /// # Errors
    ///
    /// Returns an error if the text does not have this structure.
    pub fn parse(text: &str) -> Result<Self> {
        Ok(toml::from_str(text)?)
    }

    /// Returns the limit of the tree with this name.
    #[must_use]
    pub fn of(&self, tree: &str) -> Option<&Limit> {
        self.trees.get(tree)
    }

    /// Returns the names of the trees that have a limit.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.trees.keys().map(String::as_str)
    }

    /// Returns `true` if the tree with this limit must not contain the crate.
    #[must_use]
    pub fn forbids(&self, name: &str, limit: &Limit) -> bool {
        self.forbidden.contains(name) && !limit.permits.contains(name)
    }

    /// Returns `true` if the crate may occur in several versions.
    #[must_use]
    pub fn expects_duplicates_of(&self, name: &str) -> bool {
        self.duplicates.contains(name)
    }
}
