//! Runs the script as an operator would, against an emulator.

mod cleanup;
mod list;
mod tail;

use anyhow::{Context, Result, ensure};
use example_testing::{Output, Program};
use fishjam_emulator::Emulator;
use serde_json::Value;

const SCRIPT: &str = env!("CARGO_BIN_EXE_operations");

/// Starts the script with these arguments.
fn start(emulator: &Emulator, arguments: &[&str]) -> Result<Program> {
    arguments
        .iter()
        .fold(Program::builder(SCRIPT).emulator(emulator), |program, argument| program.arg(argument))
        .start()
}

/// Runs the script until it ends.
async fn run(emulator: &Emulator, arguments: &[&str]) -> Result<Output> {
    start(emulator, arguments)?.end().await
}

/// Returns the lines of the output. Each of them must be JSON.
fn lines(output: &str) -> Result<Vec<Value>> {
    output.lines().map(|line| serde_json::from_str(line).with_context(|| line.to_owned())).collect()
}

#[tokio::test]
async fn wrong_token_is_one_line_and_exit_code_1() -> Result<()> {
    let emulator = Emulator::start().await?;
    for arguments in [&["list"][..], &["cleanup"], &["cleanup", "--yes"], &["tail"]] {
        let program = Program::builder(SCRIPT).emulator(&emulator).env("FISHJAM_MANAGEMENT_TOKEN", "wrong");
        let program = arguments.iter().fold(program, |program, argument| program.arg(argument));
        let output = program.start()?.end().await?;
        assert_eq!((output.status.code(), output.stdout.as_str()), (Some(1), ""), "{arguments:?}");
        assert_eq!(output.stderr.lines().count(), 1, "{}", output.stderr);
        ensure!(output.stderr.starts_with("operations: ") && output.stderr.contains("unauthorized"), "{output:?}");
    }
    Ok(())
}

#[tokio::test]
async fn missing_setting_is_named() -> Result<()> {
    let output = Program::builder(SCRIPT).arg("list").start()?.end().await?;
    assert_eq!(output.status.code(), Some(1));
    ensure!(output.stderr.contains("FISHJAM_ID"), "{}", output.stderr);
    Ok(())
}

#[tokio::test]
async fn wrong_arguments_print_the_usage() -> Result<()> {
    let emulator = Emulator::start().await?;
    for arguments in [&[][..], &["lists"], &["cleanup", "--wait", "5"], &["cleanup", "--yes", "--wait", "soon"]] {
        let output = run(&emulator, arguments).await?;
        assert_eq!((output.status.code(), output.stdout.as_str()), (Some(2), ""), "{arguments:?}");
        ensure!(output.stderr.starts_with("usage: operations "), "{}", output.stderr);
    }
    ensure!(emulator.journal().requests().is_empty());
    Ok(())
}
