//! `cargo xtask arrows`: checks the dependencies between the modules of a crate.
//!
//! - Files never import each other in a cycle, except a file and the `mod.rs` above it.
//! - A *top-level module* is a file or a folder directly under `src`. It uses only the modules that its row in
//!   `arrows.toml` lists. The dependencies between top-level modules (*arrows*) have no cycle either.
//!
//! The check reads `use` lines and paths in the code, also inside macros, and skips tests. It follows re-exports to the
//! file that defines a name, so that a path through the crate root hides nothing.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write,
    path::Path,
};

use anyhow::{Context, Result};

use self::graph::{Graph, Module};
use crate::Outcome;

mod graph;
mod source;

/// The table, in the workspace.
const TABLE: &str = "xtask/arrows.toml";

/// As the name of a row: each top-level module. In a row: any module.
const ANY: &str = "*";

/// The rows of one crate: a top-level module, and the modules that it uses.
type Rows = BTreeMap<String, BTreeSet<String>>;

/// Checks the crates in the table, and prints each problem.
///
/// # Errors
///
/// Returns an error if the table or a source file cannot be read.
pub fn run(root: &Path, out: &mut dyn Write) -> Result<Outcome> {
    let table = fs::read_to_string(root.join(TABLE)).with_context(|| format!("cannot read {TABLE}"))?;
    let table: BTreeMap<String, Rows> = toml::from_str(&table).with_context(|| TABLE.to_owned())?;
    let mut outcome = Outcome::Clean;
    for (directory, rows) in &table {
        let graph = Graph::read(&root.join(directory).join("src"))?;
        for problem in problems(&graph, rows) {
            writeln!(out, "{directory}: {problem}")?;
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}

fn problems(graph: &Graph, rows: &Rows) -> Vec<String> {
    let mut problems = Vec::new();
    let (mut files, mut modules): (BTreeMap<_, BTreeSet<_>>, BTreeMap<_, BTreeSet<_>>) = Default::default();
    let mut missing: BTreeMap<_, Vec<String>> = BTreeMap::new();
    let mut used = BTreeSet::new();
    for (from, to, line) in graph.imports() {
        // A file may use the `mod.rs` above it.
        if !from.starts_with(to) {
            files.entry(from).or_default().insert(to);
        }
        let (Some(module), Some(target)) = (from.first(), to.first()) else { continue };
        if module == target {
            continue;
        }
        modules.entry(module).or_default().insert(target);
        let entries = [module.as_str(), ANY].into_iter().filter_map(|row| Some((row, rows.get(row)?)));
        let entries = entries.flat_map(|(row, entries)| entries.iter().map(move |entry| (row, entry)));
        let allowed: Vec<_> = entries.filter(|(_, entry)| covers(entry, to)).collect();
        if allowed.is_empty() {
            let place = format!("{}:{line} uses {}", graph.name(from), graph.name(to));
            missing.entry((module, target)).or_default().push(place);
        }
        used.extend(allowed);
    }
    for ((module, target), places) in missing {
        problems.push(format!(
            "{TABLE} has no arrow {module} -> {target}: {}; move the shared code to a module that both may use, or add \
             \"{target}\" to the row \"{module}\"",
            places.join(", ")
        ));
    }
    for cycle in graph::cycles(&files) {
        let steps = cycle.windows(2).filter_map(|pair| match pair {
            [from, to] => Some(format!("{}:{} uses {}", graph.name(from), graph.line(from, to)?, graph.name(to))),
            _ => None,
        });
        let steps = steps.collect::<Vec<_>>().join(", ");
        problems.push(format!("files import each other in a cycle: {steps}; move the shared code to its own file"));
    }
    for cycle in graph::cycles(&modules) {
        let steps = cycle.into_iter().map(String::as_str).collect::<Vec<_>>().join(" -> ");
        problems.push(format!("modules use each other in a cycle: {steps}; move the shared code to its own module"));
    }
    for (row, entries) in rows {
        if row != ANY && !graph.has(std::slice::from_ref(row)) {
            problems.push(format!("{TABLE}: there is no module \"{row}\"; remove the row"));
        }
        for entry in entries.iter().filter(|entry| *entry != ANY) {
            if !graph.has(&module(entry)) {
                problems.push(format!("{TABLE}: row \"{row}\": there is no module \"{entry}\"; remove it"));
            } else if !used.contains(&(row.as_str(), entry)) {
                problems.push(format!("{TABLE}: row \"{row}\": \"{entry}\" is unused; remove it"));
            }
        }
    }
    problems
}

/// Parses an entry of a row, for example `transport/http`.
fn module(entry: &str) -> Module {
    entry.split('/').map(str::to_owned).collect()
}

/// Returns `true` if an entry of a row names a module or a module above it.
fn covers(entry: &str, target: &Module) -> bool {
    entry == ANY || target.starts_with(&module(entry))
}
