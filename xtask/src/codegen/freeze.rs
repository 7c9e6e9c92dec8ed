//! Holds a generator's output against the committed copy, and makes the copy the same.

use std::{collections::BTreeMap, fs, io, path::Path, time::Duration};

use anyhow::{Context, Result, bail};
use similar::TextDiff;

/// A diff longer than this is cut: whoever reads it will run the generator anyway.
const MAX_DIFF_LINES: usize = 400;

/// After this long the diff is finished with less care.
const DIFF_TIME: Duration = Duration::from_secs(5);

/// What has to happen to a committed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// It is not there.
    Missing {
        /// Name of the file.
        name: String,
        /// What it should hold.
        generated: String,
    },
    /// No generator produces it any more.
    Extra {
        /// Name of the file.
        name: String,
    },
    /// It holds something else.
    Different {
        /// Name of the file.
        name: String,
        /// What it holds.
        committed: String,
        /// What it should hold.
        generated: String,
    },
}

impl Change {
    /// One line that names the file and what is wrong with it.
    #[must_use]
    pub fn headline(&self, directory: &str) -> String {
        match self {
            Self::Missing { name, .. } => format!("missing    {directory}/{name}"),
            Self::Extra { name } => format!("extra      {directory}/{name}"),
            Self::Different { name, .. } => format!("different  {directory}/{name}"),
        }
    }

    /// The headline and, for a file that differs, the way from the committed to the generated text.
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

/// What has to change in the committed directory, sorted by file; only its `.rs` files count.
///
/// # Errors
///
/// When a directory cannot be read, or the generator produced nothing or something that is not a `.rs` file.
pub fn plan(frozen: &Path, committed: &Path) -> Result<Vec<Change>> {
    let generated = read(frozen, true)?;
    if generated.is_empty() {
        bail!("the generator left nothing in {}", frozen.display());
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

/// Carries out the changes; a file that is as it should be is not touched.
///
/// # Errors
///
/// When a file cannot be written or removed.
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

/// The `.rs` files of a directory; `strict` takes anything else for a mistake.
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
