//! The files of a crate and the files that each one imports.

use std::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    fs,
    path::Path,
};

use anyhow::{Context, Result};

use super::source::Source;

/// The path of a module in its crate, such as `["agent", "driver"]`. The crate root has none.
pub(super) type Module = Vec<String>;

/// Re-exports of re-exports end here.
const MAX_REEXPORTS: usize = 16;

/// The files of a crate and their imports.
#[derive(Debug, Default)]
pub(super) struct Graph {
    /// The file of each module: its name and its source.
    files: BTreeMap<Module, (String, Source)>,
    /// The imports of each file, with the line of the first use.
    edges: BTreeMap<Module, BTreeMap<Module, usize>>,
}

impl Graph {
    /// Reads the files under `src`, except the tests.
    pub(super) fn read(src: &Path) -> Result<Self> {
        let mut graph = Self::default();
        graph.read_directory(src, src)?;
        let mut edges: BTreeMap<Module, BTreeMap<Module, usize>> = BTreeMap::new();
        for (from, (_, source)) in graph.files.iter().filter(|(from, _)| !from.is_empty()) {
            for (path, line) in &source.paths {
                let mut used = BTreeSet::new();
                graph.follow(from, path, &mut used, 0);
                used.remove(from);
                for to in used {
                    let first = edges.entry(from.clone()).or_default().entry(to).or_insert(*line);
                    *first = (*first).min(*line);
                }
            }
        }
        graph.edges = edges;
        Ok(graph)
    }

    fn read_directory(&mut self, src: &Path, directory: &Path) -> Result<()> {
        let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
        for entry in entries {
            let path = entry?.path();
            let relative = path.strip_prefix(src)?.with_extension("");
            let mut module: Module = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            match module.last().map(String::as_str) {
                Some("tests") | None => continue,
                Some("mod" | "lib" | "main") => _ = module.pop(),
                Some(_) => {}
            }
            if path.is_dir() {
                self.read_directory(src, &path)?;
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(src)?.display().to_string();
                // A program's `main.rs` is a crate of its own.
                if name != "main.rs" {
                    self.files.insert(module, (name, Source::read(&path)?));
                }
            }
        }
        Ok(())
    }

    /// Returns `true` if there is a module with this path.
    pub(super) fn has(&self, module: &[String]) -> bool {
        self.files.keys().any(|known| known.starts_with(module))
    }

    /// Returns each import: the importing file, the imported file, and the line of the first use.
    pub(super) fn imports(&self) -> impl Iterator<Item = (&Module, &Module, usize)> {
        self.edges.iter().flat_map(|(from, targets)| targets.iter().map(move |(to, line)| (from, to, *line)))
    }

    /// Returns the line where a file first uses another file.
    pub(super) fn line(&self, from: &Module, to: &Module) -> Option<usize> {
        self.edges.get(from)?.get(to).copied()
    }

    /// Returns the name of a module's file.
    pub(super) fn name(&self, module: &Module) -> &str {
        self.files.get(module).map_or("lib.rs", |(name, _)| name)
    }

    /// Collects the files that a path uses: the file that it names, and the file that defines its last name.
    ///
    /// Returns `false` for a path into another crate.
    fn follow(&self, from: &Module, path: &[String], used: &mut BTreeSet<Module>, reexports: usize) -> bool {
        let (mut module, mut rest) = match path.split_first() {
            Some((first, rest)) if first == "crate" => (Module::new(), rest),
            Some((first, rest)) if first == "self" => (from.clone(), rest),
            Some((first, rest)) if first == "super" => (from[..from.len().saturating_sub(1)].to_vec(), rest),
            Some((first, _)) if self.declares(from, first) => (from.clone(), path),
            _ => return false,
        };
        while let Some((segment, after)) = rest.split_first() {
            let child: Module = module.iter().chain([segment]).cloned().collect();
            if segment == "super" {
                module.pop();
            } else if self.has(&child) {
                module = child;
            } else {
                break;
            }
            rest = after;
        }
        let target = rest.split_first().filter(|_| reexports < MAX_REEXPORTS).and_then(|(name, after)| {
            let target = self.files.get(&module)?.1.names.get(name)?;
            Some(target.iter().chain(after).cloned().collect::<Vec<_>>())
        });
        let elsewhere = target.is_some_and(|target| self.follow(&module, &target, used, reexports + 1));
        // Between the named file and the defining file, a re-export adds nothing.
        if !module.is_empty() && (reexports == 0 || !elsewhere) {
            used.insert(module);
        }
        true
    }

    /// Returns `true` if a name is a module in this one, or imported by it.
    fn declares(&self, module: &Module, name: &str) -> bool {
        let child: Module = module.iter().map(String::as_str).chain([name]).map(str::to_owned).collect();
        let imported = self.files.get(module).and_then(|(_, source)| source.names.get(name));
        self.has(&child) || imported.is_some_and(|path| path != &[name])
    }
}

/// Returns the shortest cycles of a graph, at most one through each node.
pub(super) fn cycles<'a, N: Ord>(edges: &BTreeMap<&'a N, BTreeSet<&'a N>>) -> Vec<Vec<&'a N>> {
    let mut found: Vec<Vec<&N>> = Vec::new();
    for start in edges.keys() {
        if found.iter().flatten().any(|known| known == start) {
            continue;
        }
        let mut before: BTreeMap<&N, &N> = BTreeMap::new();
        let mut queue = VecDeque::from([*start]);
        while let Some(node) = queue.pop_front() {
            for next in edges.get(node).into_iter().flatten() {
                if !before.contains_key(next) {
                    before.insert(next, node);
                    queue.push_back(next);
                }
            }
        }
        let mut cycle = vec![*start];
        while let Some(node) = cycle.last().and_then(|node| before.get(node)) {
            cycle.push(node);
            if node == start {
                cycle.reverse();
                found.push(cycle);
                break;
            }
        }
    }
    found
}
