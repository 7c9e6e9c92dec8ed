//! The steps of a page.

use std::time::Duration;

use anyhow::{Context, Result};

use super::{
    Workspace,
    ports::Ports,
    shell::{Ending, Shell},
    write,
};
use crate::fences::blocks;

/// The longest time of one step. The first build takes most of it.
const LIMIT: Duration = Duration::from_secs(600);

/// A step of the reader.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// Create a file.
    Write {
        /// The path from the current folder of the shell.
        file: &'a str,
        /// The shown content.
        text: String,
    },
    /// Run commands.
    Run {
        /// The commands.
        commands: &'a str,
        /// The shown output.
        expected: Option<&'a str>,
        /// The line of the page.
        line: usize,
    },
}

impl Step<'_> {
    /// Returns `true` for commands that keep running.
    fn is_background(&self) -> bool {
        matches!(self, Step::Run { commands, .. } if commands.trim_end().ends_with('&'))
    }
}

/// Returns the steps of a page, or its first mistake.
///
/// # Errors
///
/// Returns a message if the page has no step, or if a command that keeps running has no output to wait for.
pub fn steps(markdown: &str) -> Result<Vec<Step<'_>>, String> {
    let mut steps = Vec::new();
    for block in blocks(markdown) {
        match (block.language(), block.file()) {
            (_, Some(file)) => steps.push(Step::Write { file, text: block.shown() }),
            ("sh", None) => steps.push(Step::Run { commands: block.text, expected: None, line: block.line }),
            ("text", None) => match steps.last_mut() {
                Some(Step::Run { expected: expected @ None, .. }) => *expected = Some(block.text),
                _ => return Err(format!("{}: the block `text` does not follow a block `sh`", block.line)),
            },
            _ => {}
        }
    }
    for step in &steps {
        if let Step::Run { expected: None, line, .. } = step
            && step.is_background()
        {
            return Err(format!("{line}: a block `text` must show when the command is ready"));
        }
    }
    if !steps.iter().any(|step| matches!(step, Step::Run { .. })) {
        return Err("1: the page has no block `sh`".to_owned());
    }
    Ok(steps)
}

/// Follows the page in a new folder, up to the first problem.
///
/// # Errors
///
/// Returns an error if a file cannot be written, or if the shell cannot be started.
pub fn problems(workspace: &Workspace<'_>, name: &str, markdown: &str) -> Result<Vec<String>> {
    let steps = match steps(markdown) {
        Ok(steps) => steps,
        Err(mistake) => return Ok(vec![format!("{name}:{mistake}")]),
    };
    let ports = Ports::choose(markdown)?;
    let adapt = |text: &str| workspace.adapt(&ports.replace(text));
    // Outside of this workspace, like the folder of a user.
    let folder = tempfile::tempdir().context("cannot create a folder")?;
    let mut shell = Shell::start(folder.path(), |command| workspace.prepare(command))?;
    for step in &steps {
        match step {
            Step::Write { file, text } => {
                let here = shell.current_folder()?;
                write(&here.join(file), &adapt(text))?;
                if *file == "Cargo.toml" {
                    workspace.copy_versions(&here)?;
                }
            }
            Step::Run { commands, expected, line } => {
                let (expected, background) = (ports.replace(expected.unwrap_or_default()), step.is_background());
                match shell.run(&adapt(commands), &expected, background, LIMIT)? {
                    Ending::Expected => {}
                    Ending::Failed(output) => {
                        return Ok(vec![format!("{name}:{line}: the commands failed:\n{output}")]);
                    }
                    Ending::Unexpected(output) => {
                        return Ok(vec![format!("{name}:{line}: expected the output\n{expected}got\n{output}")]);
                    }
                }
            }
        }
    }
    Ok(Vec::new())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    const PAGE: &str = "# Ten minutes\n\n```sh\nmkdir -p app && cd app\n```\n\n```toml,Cargo.toml\n[package]\n```\n\n\
        ```rust,no_run,src/main.rs\n# // hidden\nfn main() {}\n```\n\n```sh\ncat src/main.rs\n```\n\n\
        ```text\nfn ...\n```\n\n```rust\nfn shown_only() {}\n```\n";

    #[test]
    fn steps_are_files_and_commands_with_output() {
        let expected = [
            Step::Run { commands: "mkdir -p app && cd app\n", expected: None, line: 4 },
            Step::Write { file: "Cargo.toml", text: "[package]\n".to_owned() },
            Step::Write { file: "src/main.rs", text: "fn main() {}\n".to_owned() },
            Step::Run { commands: "cat src/main.rs\n", expected: Some("fn ...\n"), line: 17 },
        ];
        assert_eq!(steps(PAGE).unwrap(), expected);
    }

    #[test]
    fn mistakes_of_a_page_are_named() {
        assert_eq!(steps("```text\na\n```\n").unwrap_err(), "2: the block `text` does not follow a block `sh`");
        assert_eq!(steps("# Empty\n").unwrap_err(), "1: the page has no block `sh`");
        let endless = steps("```sh\nserve &\n```\n").unwrap_err();
        assert_eq!(endless, "2: a block `text` must show when the command is ready");
    }

    fn follow(page: &str) -> Vec<String> {
        let root = crate::workspace_root();
        let workspace = Workspace { root: &root, target: PathBuf::from("unused") };
        problems(&workspace, "page.md", page).unwrap()
    }

    #[test]
    fn page_is_followed_from_start_to_end() {
        assert_eq!(follow(PAGE), [""; 0]);
        // The path of the clone is replaced in commands.
        assert_eq!(follow("```sh\nls ../fishjam-rs\n```\n```text\nCargo.toml\nxtask\n```\n"), [""; 0]);
    }

    #[test]
    fn port_in_use_is_replaced_everywhere() {
        let used = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = used.local_addr().unwrap().to_string();
        // The quotes keep the command from replacing this port.
        let (start, end) = address.split_at(address.len() - 2);
        let page = format!(
            "```toml,a.toml\n{address}\n```\n```sh\ncat a.toml\n[[ $(cat a.toml) = {address} ]]\n\
            [[ $(cat a.toml) != {start}''{end} ]]\n```\n```text\n{address}\n```\n"
        );
        assert_eq!(follow(&page), [""; 0]);
    }

    #[test]
    fn wrong_command_and_wrong_output_are_problems() {
        let failed = follow("```sh\necho reason; false; echo later\n```\n");
        assert_eq!(failed, ["page.md:2: the commands failed:\nreason\n"]);
        let other = follow(&PAGE.replace("fn ...", "pub fn ..."));
        assert_eq!(other, ["page.md:17: expected the output\npub fn ...\ngot\nfn main() {}\n"]);
    }

    #[test]
    fn background_command_runs_until_the_end_of_the_page() {
        let page = "```sh\nmkfifo in; { echo ready; read line <in; echo \"got $line\" >done; } &\n```\n\
            ```text\nready\n```\n```sh\necho hello >in; wait; cat done\n```\n```text\ngot hello\n```\n";
        assert_eq!(follow(page), [""; 0]);
        let ended = follow("```sh\necho other &\n```\n```text\nready\n```\n");
        assert_eq!(ended, ["page.md:2: expected the output\nready\ngot\nother\n"]);
    }
}
