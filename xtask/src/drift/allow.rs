//! The allow-list: differences that are known, each with the reason why it may stay.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::difference::Identity;
use crate::source;

/// Known differences and which of them occurred.
#[derive(Debug, Default)]
pub struct AllowList {
    reasons: BTreeMap<Identity, String>,
    used: BTreeSet<Identity>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    difference: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    subject: String,
    path: String,
    change: String,
    reason: String,
}

/// The name of the allow-list of a contract: that of `openapi-NAME.yaml` has the name in its own.
#[must_use]
pub fn default_name(contract: &str) -> String {
    let file = contract.rsplit(['/', '\\']).next().unwrap_or(contract);
    match file.strip_prefix("openapi-").and_then(|rest| rest.strip_suffix(".yaml")) {
        Some(name) => format!("drift-allow-{name}.toml"),
        None => "drift-allow.toml".to_owned(),
    }
}

impl AllowList {
    /// Reads the list from a TOML file.
    ///
    /// # Errors
    ///
    /// When it cannot be read or parsed, an entry has no reason, or two entries name the same difference.
    pub fn read(path: &Path) -> Result<Self> {
        let text = source::read(&path.display().to_string())?;
        Self::parse(&text).with_context(|| format!("allow-list {}", path.display()))
    }

    /// Parses the list from TOML.
    ///
    /// # Errors
    ///
    /// As for [`AllowList::read`].
    pub fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        let mut reasons = BTreeMap::new();
        for Entry { subject, path, change, reason } in file.difference {
            let identity = Identity { subject, path, change };
            if reason.trim().is_empty() {
                bail!("no reason is given for: {identity}");
            }
            if reasons.contains_key(&identity) {
                bail!("listed twice: {identity}");
            }
            reasons.insert(identity, reason);
        }
        Ok(Self { reasons, used: BTreeSet::new() })
    }

    /// The reason why a difference is allowed, if it is; remembers that the entry was of use.
    pub fn reason(&mut self, identity: &Identity) -> Option<&str> {
        let reason = self.reasons.get(identity)?;
        self.used.insert(identity.clone());
        Some(reason)
    }

    /// Entries that no difference matched.
    pub fn stale(&self) -> impl Iterator<Item = &Identity> {
        self.reasons.keys().filter(|identity| !self.used.contains(identity))
    }
}
