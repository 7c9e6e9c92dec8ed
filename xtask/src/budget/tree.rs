//! The dependency trees of `fishjam-sdk`, from `cargo tree`.

use std::{
    collections::{BTreeMap, BTreeSet},
    env,
    path::Path,
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// The package whose dependency trees are counted.
const PACKAGE: &str = "fishjam-sdk";
/// A fixed target, so that the count is the same on each machine.
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// A selection of features.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// The default features.
    Default,
    /// No features.
    NoDefaultFeatures,
    /// The default features and this feature.
    Feature(String),
    /// Only this feature.
    Alone(String),
}

/// A selection of dependencies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edges {
    /// The dependencies of the library, including procedural macros.
    Normal,
    /// The dependencies of the library and of build scripts.
    NormalAndBuild,
}

/// Returns all selections: the default, no features, and each feature that is not a default feature.
///
/// # Errors
///
/// Returns an error if cargo cannot read the workspace.
pub fn selections(root: &Path) -> Result<Vec<Selection>> {
    let metadata = stdout(cargo(root).args(["metadata", "--no-deps", "--format-version", "1"]))?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata did not print valid JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata listed no packages")?;
    let package = packages.iter().find(|package| package["name"] == PACKAGE);
    let features = package.and_then(|package| package["features"].as_object());
    let features = features.with_context(|| format!("cargo metadata did not list {PACKAGE}"))?;
    let default: BTreeSet<&str> =
        features.get("default").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let optional = features.keys().filter(|name| *name != "default" && !default.contains(name.as_str()));
    Ok([Selection::Default, Selection::NoDefaultFeatures]
        .into_iter()
        .chain(optional.map(|name| Selection::Feature(name.clone())))
        .collect())
}

/// The crates of one tree, including the package itself. Each version occurs once.
#[derive(Debug, PartialEq, Eq)]
pub struct Tree(BTreeSet<(String, String)>);

impl Tree {
    /// Reads a tree from cargo.
    ///
    /// # Errors
    ///
    /// Returns an error if cargo fails or prints an unexpected line.
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

    /// Parses lines such as `serde v1.0.0 (*)`.
    ///
    /// # Errors
    ///
    /// Returns an error if a line has no crate or no version.
    pub fn parse(text: &str) -> Result<Self> {
        let mut crates = BTreeSet::new();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let mut words = line.split_whitespace();
            let (Some(name), Some(version)) = (words.next(), words.next().and_then(|word| word.strip_prefix('v')))
            else {
                bail!("unexpected line of cargo tree: {line:?}");
            };
            crates.insert((name.to_owned(), version.to_owned()));
        }
        Ok(Self(crates))
    }

    /// Returns the number of crates.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns `true` if there are no crates.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the names of the crates.
    #[must_use]
    pub fn names(&self) -> BTreeSet<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    /// Returns the crates that occur in several versions, with the versions.
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

/// Returns a command that runs cargo in the workspace.
fn cargo(root: &Path) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root);
    command
}

fn stdout(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("cannot run {command:?}"))?;
    let messages = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} ended with {}: {}", output.status, messages.trim());
    String::from_utf8(output.stdout).with_context(|| format!("{command:?} did not print UTF-8"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tree_counts_each_version_once() {
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
