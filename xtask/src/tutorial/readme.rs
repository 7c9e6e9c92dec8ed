//! The programs of README.md.

use std::{env, process::Command};

use anyhow::{Context, Result};

use super::{Workspace, write};
use crate::fences::{Block, blocks};

/// The package of the programs. README.md has its dependencies.
const PACKAGE: &str = "[package]\nname = \"readme\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n";

/// The parts of README.md that are checked.
#[derive(Debug, PartialEq, Eq)]
struct Readme<'a> {
    /// The dependencies.
    dependencies: Block<'a>,
    /// The programs.
    programs: Vec<Block<'a>>,
}

impl<'a> Readme<'a> {
    fn parse(text: &'a str) -> Result<Self, String> {
        let blocks = blocks(text);
        let dependencies =
            blocks.iter().find(|block| block.language() == "toml" && block.text.contains("[dependencies]"));
        let dependencies = *dependencies.ok_or("README.md: no block `toml` has [dependencies]")?;
        let programs: Vec<_> = blocks.into_iter().filter(|block| block.language() == "rust").collect();
        if programs.is_empty() {
            return Err("README.md: no block `rust`".to_owned());
        }
        match programs.iter().find(|block| !block.text.contains("fn main()")) {
            Some(block) => Err(format!("README.md:{}: the block is not a program", block.line)),
            None => Ok(Self { dependencies, programs }),
        }
    }
}

/// Compiles the programs. Returns one line if cargo fails.
///
/// # Errors
///
/// Returns an error if the programs cannot be written, or if cargo cannot be started.
pub fn problems(workspace: &Workspace<'_>, text: &str) -> Result<Vec<String>> {
    let readme = match Readme::parse(text) {
        Ok(readme) => readme,
        Err(problem) => return Ok(vec![problem]),
    };
    // Outside of this workspace, like the folder of a user.
    let folder = tempfile::tempdir().context("cannot create a folder")?;
    let manifest = format!("{PACKAGE}{}", workspace.adapt(readme.dependencies.text));
    write(&folder.path().join("Cargo.toml"), &manifest)?;
    workspace.copy_versions(folder.path())?;
    for block in &readme.programs {
        write(&folder.path().join(format!("src/bin/line_{}.rs", block.line)), &block.shown())?;
    }
    let mut build = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    workspace.prepare(&mut build);
    let status = build.current_dir(folder.path()).args(["build", "--quiet", "--bins"]).status();
    let status = status.context("cannot run cargo")?;
    Ok(match status.success() {
        true => Vec::new(),
        false => vec![format!("README.md: cargo build ended with {status}; src/bin/line_N.rs is the block in line N")],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readme_has_dependencies_and_programs() {
        let text = "```sh\ncargo test\n```\n```toml\n[dependencies]\n```\n```rust,no_run\nfn main() {}\n```\n";
        let readme = Readme::parse(text).unwrap();
        assert_eq!(readme.dependencies.text, "[dependencies]\n");
        assert_eq!(readme.programs.len(), 1);
    }

    #[test]
    fn readme_without_dependencies_or_programs_is_a_problem() {
        assert!(Readme::parse("```rust\nfn main() {}\n```\n").unwrap_err().contains("[dependencies]"));
        assert!(Readme::parse("```toml\n[dependencies]\n```\n").unwrap_err().contains("no block `rust`"));
        let part = Readme::parse("```toml\n[dependencies]\n```\n```rust\nlet a = 1;\n```\n").unwrap_err();
        assert_eq!(part, "README.md:5: the block is not a program");
    }
}
