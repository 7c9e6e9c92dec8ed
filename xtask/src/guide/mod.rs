//! `cargo xtask guide`: builds the guide, and checks it.
//!
//! [`pages`] checks the files: each page is in the table of contents and in the doctests, and each program has a page.
//! [`links`] checks all links of the built book and of the Markdown files of the repository, without a network. Links to
//! the documentation of our crates and to files of our repository lead to `target/doc` and to the working tree.
//!
//! mdBook and the checker of links come from PyPI: see `docs/guide/requirements.txt`.

pub mod links;
pub mod pages;

use std::{
    env,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::Result;

use crate::{
    Outcome,
    venv::{Environment, succeed},
};

/// Builds the guide in `target/guide`, and prints the problems.
///
/// Runs rustdoc if `target/doc` does not exist.
///
/// # Errors
///
/// Returns an error if a file cannot be read, or if one of the programs cannot be installed or fails.
pub fn run(root: &Path, out: &mut dyn Write) -> Result<Outcome> {
    let mut problems = pages::problems(root)?;
    let programs = Environment::prepare(root, "guide", &root.join("docs/guide/requirements.txt"))?;
    let book = root.join("target/guide");
    // Otherwise pages of an earlier build remain.
    if book.exists() {
        std::fs::remove_dir_all(&book)?;
    }
    let mut build = Command::new(programs.program("mdbook"));
    succeed(build.arg("build").arg(root.join("docs/guide")).arg("--dest-dir").arg(&book))?;
    let documentation = documentation(root)?;
    let checker = links::Checker { program: programs.program("lychee"), root, documentation: &documentation };
    checker.prove_that_broken_links_fail()?;
    problems.extend(checker.problems(&links::inputs(root, &book)?)?);
    for problem in &problems {
        writeln!(out, "{problem}")?;
    }
    Ok(if problems.is_empty() { Outcome::Clean } else { Outcome::Findings })
}

/// Returns the directory with the documentation of the crates. Creates it in the same way as `.ci/run`, if it does not exist.
fn documentation(root: &Path) -> Result<PathBuf> {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |target| root.join(target));
    let documentation = target.join("doc");
    if !documentation.join("fishjam_sdk/index.html").exists() {
        let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let mut document = Command::new(cargo);
        document.current_dir(root).env("RUSTDOCFLAGS", "-D warnings");
        succeed(document.args(["doc", "--quiet", "--workspace", "--no-deps", "--locked"]))?;
    }
    Ok(documentation)
}
