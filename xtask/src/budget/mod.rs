//! `cargo xtask budget`: counts the crates that a dependent of `fishjam-sdk` compiles.
//!
//! There is one dependency tree ([`tree`]) for the default features, one without features, and one for each optional
//! feature. A feature is added to the default features or used alone. `budget.toml` ([`limits`]) has the limit of each tree
//! and the crates that it must not contain. A feature without a limit and a limit without a feature are findings. A count
//! below its limit is not a finding: the report suggests a lower limit.
//!
//! With `--build`, the command measures cold builds instead ([`builds`]).

use std::{io::Write, path::Path};

use anyhow::Result;

use self::{
    limits::{Limit, Limits},
    tree::{Edges, Selection, Tree},
};
use crate::Outcome;

pub mod builds;
pub mod limits;
pub mod tree;

/// Compares the trees with their limits. Prints one line for each tree, then the problems.
///
/// # Errors
///
/// Returns an error if `budget.toml` cannot be read, or if cargo cannot list a tree.
pub fn run(root: &Path, out: &mut dyn Write) -> Result<Outcome> {
    let limits = Limits::read(&root.join("budget.toml"))?;
    let selections = tree::selections(root)?;
    let mut problems = Vec::new();
    for selection in &selections {
        let name = selection.name();
        let selection = &selection.within(limits.of(name));
        let shipped = Tree::read(root, selection, Edges::Normal)?;
        // A dependent also compiles the build dependencies, so forbidden crates must not be among them.
        let compiled = Tree::read(root, selection, Edges::NormalAndBuild)?;
        let Some(limit) = limits.of(name) else {
            writeln!(out, "{name:<24} {:>4} crates", shipped.len())?;
            problems.push(format!("{name}: budget.toml has no limit; add one: max = {}", shipped.len()));
            continue;
        };
        writeln!(out, "{name:<24} {:>4} crates, at most {}{}", shipped.len(), limit.max, hint(shipped.len(), limit))?;
        problems.extend(judge(name, &shipped, &compiled, limit, &limits));
    }
    problems.extend(
        limits
            .names()
            .filter(|name| selections.iter().all(|selection| selection.name() != *name))
            .map(|name| format!("{name}: budget.toml has a limit, but fishjam-sdk has no such feature")),
    );
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    Ok(if problems.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// Suggests a lower limit, if possible.
fn hint(count: usize, limit: &Limit) -> String {
    if count < limit.max { format!(" (the limit could be lowered to {count})") } else { String::new() }
}

/// Returns the problems of one tree.
fn judge(name: &str, shipped: &Tree, compiled: &Tree, limit: &Limit, limits: &Limits) -> Vec<String> {
    let mut problems = Vec::new();
    if shipped.len() > limit.max {
        problems.push(format!("{name}: {} crates, {} more than allowed", shipped.len(), shipped.len() - limit.max));
    }
    for refused in compiled.names().into_iter().filter(|name| limits.forbids(name, limit)) {
        problems.push(format!("{name}: {refused} must not be in this tree (`forbidden` in budget.toml)"));
    }
    for (repeated, versions) in shipped.duplicates() {
        if !limits.expects_duplicates_of(&repeated) {
            problems.push(format!(
                "{name}: {repeated} occurs in the versions {}; use one version, or add it to `duplicates` in budget.toml",
                versions.join(" and ")
            ));
        }
    }
    problems
}

impl Selection {
    /// Returns the name of its entry in `budget.toml`.
    fn name(&self) -> &str {
        match self {
            Self::Default => "default",
            Self::NoDefaultFeatures => "no-default-features",
            Self::Feature(name) | Self::Alone(name) => name,
        }
    }

    /// Returns the same feature alone if its limit leaves the default features out.
    fn within(&self, limit: Option<&Limit>) -> Self {
        match (self, limit) {
            (Self::Feature(name), Some(Limit { default_features: false, .. })) => Self::Alone(name.clone()),
            _ => self.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: &str = r#"
        forbidden = ["openssl-sys", "prost-build"]
        duplicates = ["syn"]
        [trees.default]
        max = 3
        [trees.native-tls]
        default-features = false
        max = 9
        permits = ["openssl-sys"]
    "#;

    fn problems(name: &str, shipped: &str, compiled: &str) -> Vec<String> {
        let limits = Limits::parse(LIMITS).unwrap();
        judge(name, &Tree::parse(shipped).unwrap(), &Tree::parse(compiled).unwrap(), limits.of(name).unwrap(), &limits)
    }

    #[test]
    fn tree_above_its_limit_is_a_problem() {
        assert!(problems("default", "a v1.0.0\nsyn v1.0.0\nsyn v2.0.0", "").is_empty());
        let above = problems("default", "a v1.0.0\nb v1.0.0\nc v1.0.0\nd v1.0.0", "");
        assert_eq!(above, ["default: 4 crates, 1 more than allowed"]);
    }

    #[test]
    fn lower_count_gives_a_hint() {
        let limits = Limits::parse(LIMITS).unwrap();
        let limit = limits.of("default").unwrap();
        assert_eq!(hint(2, limit), " (the limit could be lowered to 2)");
        assert_eq!(hint(3, limit), "");
    }

    #[test]
    fn forbidden_build_dependency_fails_unless_permitted() {
        assert_eq!(problems("default", "a v1.0.0", "a v1.0.0\nprost-build v0.14.0").len(), 1);
        assert_eq!(problems("default", "a v1.0.0", "openssl-sys v0.9.0").len(), 1);
        assert!(problems("native-tls", "a v1.0.0", "openssl-sys v0.9.0").is_empty());
        assert_eq!(problems("native-tls", "a v1.0.0", "prost-build v0.14.0").len(), 1);
    }

    #[test]
    fn feature_is_counted_alone_if_its_limit_requires_it() {
        let limits = Limits::parse(LIMITS).unwrap();
        let within = |name: &str| Selection::Feature(name.to_owned()).within(limits.of(name));
        assert_eq!(within("native-tls"), Selection::Alone("native-tls".to_owned()));
        assert_eq!(within("unlimited"), Selection::Feature("unlimited".to_owned()));
        assert_eq!(Selection::Default.within(limits.of("default")), Selection::Default);
    }

    #[test]
    fn new_duplicate_is_reported_with_its_versions() {
        let found = problems("default", "a v1.0.0\na v2.0.0", "");
        assert!(found.len() == 1 && found[0].contains("1.0.0 and 2.0.0"), "{found:?}");
    }
}
