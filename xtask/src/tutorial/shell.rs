//! A shell that runs the commands of a page.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, Command, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// The time between two looks at the output.
const POLL: Duration = Duration::from_millis(20);

/// Commands before the first block.
///
/// Jobs get process groups of their own, so that `cargo run &` ends with the program that it runs. At the end, the shell
/// interrupts its jobs. It kills a job that has not ended after ten seconds.
const PREPARE: &str = r#"
set -e -m
end_jobs() {
  trap '' TERM
  set +e
  local job attempt
  for job in $(jobs -p); do kill -INT -- "-$job" 2>/dev/null; done
  for attempt in {1..100}; do
    [[ -n "$(jobs -pr)" ]] || break
    sleep 0.1
  done
  for job in $(jobs -pr); do kill -KILL -- "-$job" 2>/dev/null; done
}
trap end_jobs EXIT
"#;

/// A bash that keeps its folder, its variables and its jobs between the blocks of a page.
///
/// When it is dropped, it ends its jobs.
#[derive(Debug)]
pub struct Shell {
    bash: Child,
    input: Option<ChildStdin>,
    /// The outputs of the blocks.
    outputs: TempDir,
    blocks: usize,
    /// Whether bash still runs a command in the foreground.
    is_busy: bool,
}

/// The end of a block.
#[derive(Debug, PartialEq, Eq)]
pub enum Ending {
    /// The commands succeeded with the expected output.
    Expected,
    /// A command failed. Contains the output.
    Failed(String),
    /// The output is different.
    Unexpected(String),
}

impl Shell {
    /// Starts a shell in a folder. `prepare` sets its environment.
    ///
    /// # Errors
    ///
    /// Returns an error if bash cannot be started.
    pub fn start(folder: &Path, prepare: impl FnOnce(&mut Command)) -> Result<Self> {
        let outputs = tempfile::tempdir().context("cannot create a folder")?;
        let mut command = Command::new("bash");
        prepare(&mut command);
        command.current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        let mut bash = command.spawn().context("cannot run bash")?;
        let input = bash.stdin.take();
        let mut shell = Self { bash, input, outputs, blocks: 0, is_busy: false };
        shell.send(PREPARE)?;
        Ok(shell)
    }

    /// Runs commands, and compares their output.
    ///
    /// If they keep running in the background, waits until the output is as expected.
    ///
    /// # Errors
    ///
    /// Returns an error if the output cannot be read, or if the commands take longer than `limit`.
    pub fn run(&mut self, commands: &str, expected: &str, background: bool, limit: Duration) -> Result<Ending> {
        let deadline = Instant::now() + limit;
        let output = self.outputs.path().join(format!("{}.txt", self.blocks));
        // With a job number, `wait` in a later block still works.
        let job = if background { "echo $! >JOB.new; mv JOB.new JOB" } else { "true" };
        let job = job.replace("JOB", &self.outputs.path().join("job").display().to_string());
        let ended =
            self.send_and_wait(&format!("{{\n{commands}\n{job}\n}} >{} 2>&1 </dev/null\n", quote(&output)), deadline)?;
        loop {
            let running = background && self.is_running()?;
            // Read after the check, so that the output of a command that has just ended is complete.
            let text = String::from_utf8_lossy(&fs::read(&output).context("cannot read the output")?).into_owned();
            if !ended {
                return Ok(Ending::Failed(text));
            }
            if matches(expected, &text) {
                return Ok(Ending::Expected);
            }
            if !running || Instant::now() > deadline {
                return Ok(Ending::Unexpected(text));
            }
            thread::sleep(POLL);
        }
    }

    /// Returns the folder in which the next command runs.
    ///
    /// # Errors
    ///
    /// Returns an error if the shell has ended.
    pub fn current_folder(&mut self) -> Result<PathBuf> {
        let output = self.outputs.path().join("folder.txt");
        if !self.send_and_wait(&format!("pwd >{}\n", quote(&output)), Instant::now() + Duration::from_secs(60))? {
            bail!("the shell has ended");
        }
        let folder = fs::read_to_string(&output).context("cannot read the current folder")?;
        Ok(PathBuf::from(folder.trim_end_matches('\n')))
    }

    /// Sends commands, and waits until they are done. Returns `false` if one failed, which ends the shell.
    fn send_and_wait(&mut self, commands: &str, deadline: Instant) -> Result<bool> {
        self.blocks += 1;
        let done = self.outputs.path().join(format!("{}.done", self.blocks));
        self.send(&format!("{commands}: >{}\n", quote(&done)))?;
        while !done.exists() {
            if self.bash.try_wait().context("cannot wait for bash")?.is_some() {
                return Ok(done.exists());
            }
            if Instant::now() > deadline {
                self.is_busy = true;
                bail!("the commands take too long:\n{commands}");
            }
            thread::sleep(POLL);
        }
        Ok(true)
    }

    /// Returns `true` while the latest job runs.
    fn is_running(&self) -> Result<bool> {
        let job = fs::read_to_string(self.outputs.path().join("job")).context("cannot read the job")?;
        Ok(kill("0", job.trim()).context("cannot run sh")?.success())
    }

    fn send(&mut self, commands: &str) -> Result<()> {
        let input = self.input.as_mut().context("the shell has ended")?;
        input.write_all(commands.as_bytes()).and_then(|()| input.flush()).context("the shell has ended")
    }
}

impl Drop for Shell {
    fn drop(&mut self) {
        // The end of its input ends bash, which ends its jobs.
        drop(self.input.take());
        // If a command takes too long, bash still waits for it. This signal ends bash, which also ends this command. Bash loses
        // a signal that arrives just before it waits.
        while self.is_busy && matches!(self.bash.try_wait(), Ok(None)) {
            let _ = kill("TERM", &self.bash.id().to_string());
            thread::sleep(POLL);
        }
        let _ = self.bash.wait();
    }
}

/// Sends a signal to a process. Shells have `kill` built in, so that no package with a program `kill` is necessary.
fn kill(signal: &str, process: &str) -> std::io::Result<ExitStatus> {
    let command = format!("kill -{signal} {process}");
    Command::new("sh").args(["-c", &command]).stderr(Stdio::null()).status()
}

/// Returns `true` if each expected line occurs, in this order. `...` matches any part of a line.
///
/// Other lines may occur between them, such as cargo's progress.
#[must_use]
pub fn matches(expected: &str, output: &str) -> bool {
    let mut lines = output.lines();
    let mut wanted = expected.lines().filter(|line| line.trim() != "...");
    wanted.all(|wanted| lines.any(|line| matches_line(wanted.trim_end(), line.trim_end())))
}

fn matches_line(pattern: &str, line: &str) -> bool {
    let mut parts = pattern.split("...");
    let Some(mut rest) = parts.next().and_then(|start| line.strip_prefix(start)) else { return false };
    let mut parts = parts.peekable();
    if parts.peek().is_none() {
        return rest.is_empty();
    }
    while let Some(part) = parts.next() {
        if parts.peek().is_none() {
            return rest.ends_with(part);
        }
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    true
}

/// Quotes a path for the shell.
fn quote(path: &Path) -> String {
    format!("'{}'", path.display().to_string().replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ellipsis_matches_any_part_of_a_line() {
        for (pattern, line) in [
            ("listening on http://127.0.0.1:...", "listening on http://127.0.0.1:3000"),
            ("test join ... ok", "test join ... ok"),
            ("{\"room\":\"...\",\"token\":\"...\"}", "{\"room\":\"a\",\"token\":\"b\"}"),
            ("...", "anything"),
            ("", ""),
        ] {
            assert!(matches_line(pattern, line), "{pattern}");
        }
        for (pattern, line) in [
            ("listening", "listening on"),
            ("a...c", "ab"),
            ("a...b...c", "a c"),
            ("ab...ba", "aba"),
            ("on", "listening on"),
        ] {
            assert!(!matches_line(pattern, line), "{pattern}");
        }
    }

    #[test]
    fn expected_lines_must_occur_in_their_order() {
        let output = "   Compiling app\nlistening on a\nPeerAdded p\n";
        assert!(matches("listening on ...\nPeerAdded ...\n", output));
        assert!(matches("...\nPeerAdded p\n", output));
        assert!(matches("", output));
        assert!(!matches("PeerAdded ...\nlistening on ...\n", output));
        assert!(!matches("listening on a\nlistening on a\n", output));
    }

    #[test]
    fn dropped_shell_interrupts_its_jobs() {
        let folder = tempfile::tempdir().unwrap();
        let mut shell = Shell::start(folder.path(), |_| {}).unwrap();
        // Perl replaces a SIGINT that is ignored, as in the background of a script. A shell cannot.
        let job = r#"perl -e '$| = 1; $SIG{INT} = sub { system "echo stopped >stopped"; exit }; print "ready\n"; sleep 1 while 1' &"#;
        assert_eq!(shell.run(job, "ready", true, Duration::from_secs(60)).unwrap(), Ending::Expected);
        drop(shell);
        assert_eq!(fs::read_to_string(folder.path().join("stopped")).unwrap(), "stopped\n");
    }

    #[test]
    fn dropped_shell_ends_a_command_that_takes_too_long() {
        let folder = tempfile::tempdir().unwrap();
        let mut shell = Shell::start(folder.path(), |_| {}).unwrap();
        let error = shell.run("sleep 1000 && echo late >late", "", false, Duration::ZERO).unwrap_err().to_string();
        assert!(error.starts_with("the commands take too long"), "{error}");
        drop(shell);
        assert!(!folder.path().join("late").exists());
    }

    #[test]
    fn shell_keeps_folder_and_variables() {
        let folder = tempfile::tempdir().unwrap();
        let mut shell = Shell::start(folder.path(), |_| {}).unwrap();
        let limit = Duration::from_secs(60);
        assert_eq!(shell.run("mkdir inner\ncd inner\nNAME=value", "", false, limit).unwrap(), Ending::Expected);
        assert!(shell.current_folder().unwrap().ends_with("inner"));
        assert_eq!(
            shell.run("echo \"$NAME\"; echo error >&2", "value\nerror", false, limit).unwrap(),
            Ending::Expected
        );
        assert_eq!(shell.run("false", "", false, limit).unwrap(), Ending::Failed(String::new()));
    }
}
