//! The crates that `fishjam-sdk` brings along, as `cargo tree` lists them.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::Path,
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// The package whose dependents pay.
const PACKAGE: &str = "fishjam-sdk";
/// Named, so that the count is the same on every machine.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// Which features are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// The default ones.
    Default,
    /// None.
    NoDefaultFeatures,
    /// The default ones and this one.
    Feature(String),
    /// Only this one.
    Alone(String),
}

/// Which dependencies are followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edges {
    /// Those that the library needs, procedural macros among them.
    Normal,
    /// Those, and what build scripts need.
    NormalAndBuild,
}

/// Everything that can be selected: the default, nothing, and each feature that is not part of the default.
///
/// # Errors
///
/// When cargo cannot read the workspace.
pub fn selections(root: &Path) -> Result<Vec<Selection>> {
    let metadata = stdout(cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata prints no JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata lists no packages")?;
    let package = packages.iter().find(|package| package["name"] == PACKAGE);
    let features = package.and_then(|package| package["features"].as_object());
    let features = features.with_context(|| format!("cargo metadata does not know {PACKAGE}"))?;
    let default: BTreeSet<&str> =
        features.get("default").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let optional = features.keys().filter(|name| *name != "default" && !default.contains(name.as_str()));
    Ok([Selection::Default, Selection::NoDefaultFeatures]
        .into_iter()
        .chain(optional.map(|name| Selection::Feature(name.clone())))
        .collect())
}

/// The crates of one tree, each version once; the package itself is one of them.
#[derive(Debug, PartialEq, Eq)]
pub struct Tree(BTreeSet<(String, String)>);

impl Tree {
    /// Asks cargo.
    ///
    /// # Errors
    ///
    /// When cargo fails, or prints what this does not understand.
    pub fn read(root: &Path, selection: &Selection, edges: Edges) -> Result<Self> {
        let edges = match edges {
            Edges::Normal => "normal",
            Edges::NormalAndBuild => "normal,build",
        };
        let mut command = cargo(root);
        command.args(["tree", "--package", PACKAGE, "--target", TARGET, "--prefix", "none", "--edges", edges]);
        match selection {
            Selection::Default => {}
            Selection::NoDefaultFeatures => {
                command.arg("--no-default-features");
            }
            Selection::Feature(name) => {
                command.args(["--features", name]);
            }
            Selection::Alone(name) => {
                command.args(["--no-default-features", "--features", name]);
            }
        }
        Self::parse(&stdout(&mut command)?)
    }

    /// Reads lines such as `serde v1.0.0 (*)`.
    ///
    /// # Errors
    ///
    /// When a line is something else.
    pub fn parse(text: &str) -> Result<Self> {
        let mut crates = BTreeSet::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let mut words = line.split_whitespace();
            let (Some(name), Some(version)) = (words.next(), words.next().and_then(|word| word.strip_prefix('v')))
            else {
                bail!("cargo tree prints {line:?}, which is no crate and version");
            };
            crates.insert((name.to_owned(), version.to_owned()));
        }
        Ok(Self(crates))
    }

    /// How many crates there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Their names.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Those that are there in several versions, with the versions.
    #[must_use]
    pub fn duplicates(&self) -> BTreeMap<String, Vec<&str>> {
        let mut versions: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for (name, version) in &self.0 {
            versions.entry(name.clone()).or_default().push(version);
        }
        versions.retain(|_, versions| versions.len() > 1);
        versions
    }
}

/// Cargo, in the workspace.
fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

fn stdout(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let said = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} ended with {}: {}", output.status, said.trim());
    String::from_utf8(output.stdout).with_context(|| format!("{command:?} prints no UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_counts_each_version_once_whatever_is_said_about_it() {
        let text = "\
            fishjam-sdk v0.1.0 (/somewhere/fishjam-sdk)\nserde v1.0.0\nserde_derive v1.0.0 (proc-macro)\n\n\
            serde v1.0.0 (*)\nsyn v2.0.0\nsyn v3.0.0\n";
        let tree = Tree::parse(text).unwrap();
        assert_eq!(tree.len(), 5);
        assert_eq!(tree.names().into_iter().collect::<Vec<_>>(), ["fishjam-sdk", "serde", "serde_derive", "syn"]);
        assert_eq!(tree.duplicates(), BTreeMap::from([("syn".to_owned(), vec!["2.0.0", "3.0.0"])]));
        assert!(Tree::parse("[build-dependencies]").is_err());
    }
}
