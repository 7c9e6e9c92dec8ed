//! What the facade leaves out on purpose, each with the reason.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::source;

/// The names of what is withheld.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Withheld {
    /// Operation ids.
    pub operations: BTreeSet<String>,
    /// Fields of the oneof.
    pub notifications: BTreeSet<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    operation: Vec<Operation>,
    #[serde(default)]
    notification: Vec<Notification>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Operation {
    id: String,
    reason: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Notification {
    name: String,
    reason: String,
}

impl Withheld {
    /// Reads the list from a TOML file.
    ///
    /// # Errors
    ///
    /// When it cannot be read or parsed, an entry has no reason, or something is listed twice.
    pub fn read(path: &Path) -> Result<Self> {
        let text = source::read(&path.display().to_string())?;
        Self::parse(&text).with_context(|| path.display().to_string())
    }

    /// Parses the list from TOML.
    ///
    /// # Errors
    ///
    /// As for [`Withheld::read`].
    pub fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        Ok(Self {
            operations: names(file.operation.into_iter().map(|entry| (entry.id, entry.reason)))?,
            notifications: names(file.notification.into_iter().map(|entry| (entry.name, entry.reason)))?,
        })
    }
}

fn names(entries: impl Iterator<Item = (String, String)>) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for (name, reason) in entries {
        if reason.trim().is_empty() {
            bail!("no reason is given for withholding {name}");
        }
        if names.contains(&name) {
            bail!("{name} is listed twice");
        }
        names.insert(name);
    }
    Ok(names)
}
