//! The allow-list: accepted differences, each with a reason.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use super::difference::Identity;
use crate::source;

/// Accepted differences. Records the ones that occurred.
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

/// Returns the name of a contract's allow-list. For `openapi-NAME.yaml`, it includes the name.
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
    /// Returns an error if:
    ///
    /// - the file cannot be read or parsed
    /// - an entry has no reason
    /// - two entries identify the same difference
    pub fn read(path: &Path) -> Result<Self> {
        let text = source::read(&path.display().to_string())?;
        Self::parse(&text).with_context(|| format!("allow-list {}", path.display()))
    }

    /// Parses the list from TOML.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`AllowList::read`].
    pub fn parse(text: &str) -> Result<Self> {
        let file: File = toml::from_str(text)?;
        let mut reasons = BTreeMap::new();
        for Entry { subject, path, change, reason } in file.difference {
            let identity = Identity { subject, path, change };
            if reason.trim().is_empty() {
                bail!("missing reason: {identity}");
            }
            if reasons.contains_key(&identity) {
                bail!("listed twice: {identity}");
            }
            reasons.insert(identity, reason);
        }
        Ok(Self { reasons, used: BTreeSet::new() })
    }

    /// Returns the reason, if the difference is accepted. Records that the entry was used.
    pub fn reason(&mut self, identity: &Identity) -> Option<&str> {
        let reason = self.reasons.get(identity)?;
        self.used.insert(identity.clone());
        Some(reason)
    }

    /// Returns the entries without a difference.
    pub fn stale(&self) -> impl Iterator<Item = &Identity> {
        self.reasons.keys().filter(|identity| !self.used.contains(identity))
    }
}
