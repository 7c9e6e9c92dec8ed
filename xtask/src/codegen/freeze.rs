//! Compares a generator's output with the committed copy, and updates the copy.

use std::{collections::BTreeMap, fs, io, path::Path, time::Duration};

use anyhow::{Context, Result, bail};
use similar::TextDiff;

/// Longest diff that is printed in full.
const MAX_DIFF_LINES: usize = 400;

/// Time limit for an exact diff. After it, the diff is approximate.
const DIFF_TIME: Duration = Duration::from_secs(5);

/// A change of a committed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// The file is missing.
    Missing {
        /// Name of the file.
        name: String,
        /// The generated content.
        generated: String,
    },
    /// No generator produces the file.
    Extra {
        /// Name of the file.
        name: String,
    },
    /// The file has different content.
    Different {
        /// Name of the file.
        name: String,
        /// The committed content.
        committed: String,
        /// The generated content.
        generated: String,
    },
}

impl Change {
    /// Returns one line with the change and the file.
    #[must_use]
    pub fn headline(&self, directory: &str) -> String {
        match self {
            Self::Missing { name, .. } => format!("missing    {directory}/{name}"),
            Self::Extra { name } => format!("extra      {directory}/{name}"),
            Self::Different { name, .. } => format!("different  {directory}/{name}"),
        }
    }

    /// Returns the headline and, for different content, a diff from the committed to the generated content.
    #[must_use]
    pub fn report(&self, directory: &str) -> String {
        let mut report = format!("{}\n", self.headline(directory));
        if let Self::Different { name, committed, generated } = self {
            let diff = TextDiff::configure().timeout(DIFF_TIME).diff_lines(committed, generated);
            let (before, after) = (format!("a/{directory}/{name}"), format!("b/{directory}/{name}"));
            let unified = diff.unified_diff().context_radius(3).header(&before, &after).to_string();
            let length = unified.lines().count();
            for line in unified.lines().take(MAX_DIFF_LINES) {
                report.push_str(line);
                report.push('\n');
            }
            if length > MAX_DIFF_LINES {
                report.push_str(&format!("... {} more lines\n", length - MAX_DIFF_LINES));
            }
        }
        report
    }
}

/// Returns the changes of the committed directory, sorted by file. Ignores its files without `.rs`.
///
/// # Errors
///
/// Returns an error if:
///
/// - a directory cannot be read
/// - the generator produced no file, or a file without `.rs`
pub fn plan(frozen: &Path, committed: &Path) -> Result<Vec<Change>> {
    let generated = read(frozen, true)?;
    if generated.is_empty() {
        bail!("the generator wrote no file to {}", frozen.display());
    }
    let mut committed = if committed.exists() { read(committed, false)? } else { BTreeMap::new() };
    let mut changes = Vec::new();
    for (name, generated) in generated {
        match committed.remove(&name) {
            None => changes.push((name.clone(), Change::Missing { name, generated })),
            Some(committed) if committed != generated => {
                changes.push((name.clone(), Change::Different { name, committed, generated }));
            }
            Some(_) => {}
        }
    }
    changes.extend(committed.into_keys().map(|name| (name.clone(), Change::Extra { name })));
    changes.sort_by(|(left, _), (right, _)| left.cmp(right));
    Ok(changes.into_iter().map(|(_, change)| change).collect())
}

/// Makes the changes. Other files stay untouched.
///
/// # Errors
///
/// Returns an error if a file cannot be written or removed.
pub fn apply(changes: &[Change], committed: &Path) -> io::Result<()> {
    fs::create_dir_all(committed)?;
    for change in changes {
        match change {
            Change::Missing { name, generated } | Change::Different { name, generated, .. } => {
                fs::write(committed.join(name), generated)?;
            }
            Change::Extra { name } => fs::remove_file(committed.join(name))?,
        }
    }
    Ok(())
}

/// Reads the `.rs` files of a directory. With `strict`, any other file is an error.
fn read(directory: &Path, strict: bool) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))? {
        let entry = entry?;
        let path = entry.path();
        let is_rust = entry.file_type()?.is_file() && path.extension().is_some_and(|extension| extension == "rs");
        match entry.file_name().into_string() {
            Ok(name) if is_rust => {
                let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
                files.insert(name, text);
            }
            _ if strict => bail!("{} is not a .rs file", path.display()),
            _ => {}
        }
    }
    Ok(files)
}
