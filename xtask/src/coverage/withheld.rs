//! What the facade leaves out on purpose, each with the reason.

use std::{collections::BTreeSet, path::Path};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::source;

/// What is withheld of each contract.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Withheld {
    /// Of Fishjam.
    pub fishjam: Lists,
    /// Of Jellyfish.
    pub jellyfish: Lists,
}

/// The names of what is withheld of one contract.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Lists {
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
    #[serde(default)]
    jellyfish: Section,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
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
        let File { operation, notification, jellyfish } = toml::from_str(text)?;
        Ok(Self { fishjam: Section { operation, notification }.lists()?, jellyfish: jellyfish.lists()? })
    }
}

impl Section {
    fn lists(self) -> Result<Lists> {
        Ok(Lists {
            operations: names(self.operation.into_iter().map(|entry| (entry.id, entry.reason)))?,
            notifications: names(self.notification.into_iter().map(|entry| (entry.name, entry.reason)))?,
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
