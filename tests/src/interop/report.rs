//! The table of checks and their results.

use anyhow::{Result, ensure};

/// All checks so far.
#[derive(Default)]
pub(crate) struct Report {
    passed: usize,
    failed: usize,
}

impl Report {
    /// The checks of one part of a scenario; its heading is printed.
    pub(crate) fn section(&mut self, scenario: &str, part: &str) -> Section<'_> {
        println!("\n{scenario}: {part}");
        Section { report: self }
    }

    /// Prints the summary and returns how many checks failed.
    pub(crate) fn finish(self) -> Result<usize> {
        ensure!(self.passed + self.failed > 0, "nothing was checked");
        println!("\n{} checks passed, {} failed", self.passed, self.failed);
        Ok(self.failed)
    }
}

/// Checks of one part of a scenario.
pub(crate) struct Section<'a> {
    report: &'a mut Report,
}

impl Section<'_> {
    /// A check that passes when the function returns no error.
    pub(crate) fn check(&mut self, name: &str, check: impl FnOnce() -> Result<()>) {
        match check() {
            Ok(()) => self.passed(name),
            Err(error) => self.failed(name, &format!("{error:#}")),
        }
    }

    pub(crate) fn passed(&mut self, name: &str) {
        self.report.passed += 1;
        println!("  {:<90}  ok", cut(name));
    }

    pub(crate) fn failed(&mut self, name: &str, reason: &str) {
        self.report.failed += 1;
        println!("  {:<90}  FAILED", cut(name));
        for line in reason.lines() {
            println!("      {line}");
        }
    }
}

/// Returns the part of the name that fits into the column.
fn cut(name: &str) -> String {
    if name.chars().count() <= 90 { name.to_owned() } else { name.chars().take(89).chain(['…']).collect() }
}
