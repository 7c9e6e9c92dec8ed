//! Child processes. Memory is measured in a process without other work, because a process rarely returns memory.

use std::{
    env, fs,
    process::{self, Command},
};

use anyhow::{Context, ensure};

use super::{lists, notifier, rooms_view};

/// Environment variable with the task of a child process and its arguments, separated by spaces.
const TASK: &str = "FISHJAM_BENCH_TASK";

/// Work of a child process with these arguments. It returns the measured numbers.
type Task = fn(&[&str]) -> anyhow::Result<Vec<f64>>;

const TASKS: [(&str, Task); 4] = [
    ("consumer_of_changes", rooms_view::memory::run_task),
    ("consumers", notifier::run_task),
    ("list", lists::run_task),
    ("resync", rooms_view::resync::run_task),
];

/// Runs the task of this process, if it is a child process. Then the process ends.
pub(crate) fn run_task() -> anyhow::Result<()> {
    let Ok(line) = env::var(TASK) else { return Ok(()) };
    let (name, arguments) = line.split_once(' ').unwrap_or((&line, ""));
    let (_, task) = TASKS.iter().find(|(known, _)| *known == name).with_context(|| format!("unknown task {name}"))?;
    for number in task(&arguments.split(' ').collect::<Vec<_>>())? {
        println!("{number}");
    }
    process::exit(0)
}

/// Runs a task in a child process. Returns its numbers.
pub(crate) fn run<const NUMBERS: usize>(task: &str, arguments: &[&str]) -> anyhow::Result<[f64; NUMBERS]> {
    let line = [&[task], arguments].concat().join(" ");
    let output = Command::new(env::current_exe()?).env(TASK, &line).output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{line} failed: {}", String::from_utf8_lossy(&output.stderr));
    let numbers: Result<Vec<f64>, _> = printed.lines().map(str::parse).collect();
    numbers.ok().and_then(|numbers| numbers.try_into().ok()).with_context(|| format!("{line} printed {printed}"))
}

/// Returns the memory of this process, in bytes.
pub(crate) fn memory() -> anyhow::Result<f64> {
    status("VmRSS:")
}

/// Returns the largest memory of this process so far, in bytes.
pub(crate) fn peak_memory() -> anyhow::Result<f64> {
    status("VmHWM:")
}

/// Returns a size of this process's status, in bytes.
fn status(name: &str) -> anyhow::Result<f64> {
    let status = fs::read_to_string("/proc/self/status").context("the status of a process needs Linux")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).with_context(|| format!("no {name}"))?;
    Ok(line.trim().trim_end_matches(" kB").parse::<f64>()? * 1024.0)
}
