//! The commands of the guide that copy a program: the copy has its new name, and its paths exist.

use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, ensure};
use tempfile::TempDir;

use crate::page::read;

const PROGRAMS: [&str; 7] =
    ["broadcast", "multimodal", "operations", "poet_chat", "room_manager", "selective_subscription", "transcription"];

/// Returns the block `sh` that contains this string.
fn commands(page: &str, part: &str) -> anyhow::Result<String> {
    let blocks = page.split("\n```sh\n").skip(1).filter_map(|rest| rest.split("\n```").next());
    blocks.map(str::to_owned).find(|block| block.contains(part)).with_context(|| format!("no commands with {part:?}"))
}

/// Returns a folder with a clone of this repository, as the pages expect it.
fn folder_with_clone() -> anyhow::Result<TempDir> {
    let folder = TempDir::new()?;
    symlink(Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), folder.path().join("fishjam-rs"))?;
    Ok(folder)
}

/// Runs the commands, except those that need a network or a compiler.
fn run(commands: &str, folder: &Path) -> anyhow::Result<()> {
    let offline = |line: &&str| !line.starts_with("cargo ") && !line.starts_with("git ");
    let script: Vec<_> = commands.lines().filter(offline).collect();
    let output = Command::new("sh").args(["-euc", &script.join("\n")]).current_dir(folder).output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// Checks that each path in the manifest of a package is a package.
fn check_paths(package: &Path) -> anyhow::Result<()> {
    let manifest = fs::read_to_string(package.join("Cargo.toml"))?;
    let paths: Vec<_> = manifest.split("path = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    ensure!(!paths.is_empty(), "no path in {manifest}");
    for path in paths {
        ensure!(package.join(path).join("Cargo.toml").is_file(), "{path} does not exist");
    }
    Ok(())
}

/// Returns the files of a folder and of its folders.
fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() { files.extend(self::files(&path)?) } else { files.push(path) }
    }
    Ok(files)
}

#[test]
fn commands_copy_each_program_under_a_new_name() -> anyhow::Result<()> {
    let page = read("introduction.md")?;
    let commands = commands(&page, "program=room_manager")?;
    for program in PROGRAMS {
        let folder = folder_with_clone()?;
        let commands = commands.replace("program=room_manager", &format!("program={program}"));
        run(&commands, folder.path()).with_context(|| format!("cannot copy {program}"))?;
        let copy = folder.path().join("my_backend");
        check_paths(&copy).context(program)?;
        let mut text = String::new();
        for file in files(&copy)? {
            let extension = file.extension();
            ensure!(extension.is_none_or(|extension| extension != "bak"), "{} is left", file.display());
            if extension.is_some_and(|extension| extension == "rs" || extension == "toml") {
                text.push_str(&fs::read_to_string(file)?);
            }
        }
        ensure!(text.contains("name = \"my_backend\"") && text.contains("CARGO_BIN_EXE_my_backend"), "{program}");
        ensure!(!text.contains(&format!("CARGO_BIN_EXE_{program}")), "{program} keeps its name in a test");
    }
    Ok(())
}

#[test]
fn commands_copy_the_bridge_to_the_models() -> anyhow::Result<()> {
    let folder = folder_with_clone()?;
    fs::create_dir(folder.path().join("my_backend"))?;
    run(&commands(&read("bridges.md")?, "examples/model_bridge")?, folder.path())?;
    check_paths(&folder.path().join("my_backend/model_bridge"))
}
