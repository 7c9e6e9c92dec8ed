//! Tasks in a child process: memory is measured in a process without other work.

use std::{env, fs, process::Command};

use anyhow::{Context, ensure};

use super::{memory, resync};

/// Environment variable with the task of a child process.
const TASK: &str = "FISHJAM_BENCH_ROOMS_VIEW";
/// Environment variable with the URL of the server.
const URL: &str = "FISHJAM_BENCH_ROOMS_URL";

/// Runs the task of this process, if it is a child process. Returns `false` otherwise.
pub(crate) fn run_child() -> anyhow::Result<bool> {
    let Ok(task) = env::var(TASK) else { return Ok(false) };
    let url = env::var(URL)?;
    ensure!(resync::run_task(&task, &url)? || memory::run_task(&task, &url)?, "unknown task {task}");
    Ok(true)
}

/// Starts a child process. Returns the numbers that it prints, one in a line.
pub(super) fn run(task: &str, url: &str) -> anyhow::Result<Vec<f64>> {
    let output = Command::new(env::current_exe()?).env(TASK, task).env(URL, url).output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{task} failed: {}", String::from_utf8_lossy(&output.stderr));
    printed.lines().map(|line| line.parse().with_context(|| format!("{task} printed {line}"))).collect()
}

/// Returns a line of this process's status, in megabytes.
pub(super) fn memory(name: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0 / 1e6)
}
