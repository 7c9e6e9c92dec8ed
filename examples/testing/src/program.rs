//! A running example program.

use std::{
    ffi::{OsStr, OsString},
    path::PathBuf,
    process::Stdio,
};

use anyhow::{Context, Result, anyhow, bail};
use fishjam_emulator::Emulator;
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::{LIMIT, Output, output::Lines};

/// A running example program. If you drop it, the program is killed.
pub struct Program {
    name: String,
    child: Child,
    stdout: Lines,
    stderr: Lines,
    url: Option<String>,
}

/// Builder for a [`Program`].
///
/// The program inherits the environment of the test, except for settings of Fishjam, of models, of proxies and of logging.
#[derive(Debug, Clone)]
pub struct ProgramBuilder {
    executable: OsString,
    arguments: Vec<OsString>,
    /// Each variable and its value, or `None` to remove the variable.
    environment: Vec<(OsString, Option<OsString>)>,
    directory: Option<PathBuf>,
}

impl Program {
    /// Starts a program that uses this emulator. Call it in a Tokio runtime.
    ///
    /// Pass `env!("CARGO_BIN_EXE_<name>")` as the executable. The program receives `FISHJAM_ID`,
    /// `FISHJAM_MANAGEMENT_TOKEN` and `LISTEN=127.0.0.1:0`.
    ///
    /// # Errors
    ///
    /// Returns an error if the program cannot be started.
    pub fn start(executable: &str, emulator: &Emulator) -> Result<Program> {
        Program::builder(executable).emulator(emulator).start()
    }

    /// Returns the builder of a program. The program receives only `LISTEN=127.0.0.1:0`.
    #[must_use]
    pub fn builder(executable: &str) -> ProgramBuilder {
        let builder = ProgramBuilder {
            executable: executable.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            directory: None,
        };
        builder.env("LISTEN", "127.0.0.1:0")
    }

    /// Returns the next line of the standard output that contains this string.
    ///
    /// Skips all lines before it. This method is cancel safe.
    ///
    /// # Errors
    ///
    /// Returns an error with all output if the program ends first, or after 120 seconds.
    pub async fn line_with(&mut self, text: &str) -> Result<String> {
        let found = timeout(LIMIT, self.stdout.next_with(text)).await;
        self.found(found.ok(), &format!("a line with {text:?} in the standard output"))
    }

    /// Returns the next line of the standard error that contains this string, for example a log message.
    ///
    /// Skips all lines before it. This method is cancel safe.
    ///
    /// # Errors
    ///
    /// Returns an error with all output if the program ends first, or after 120 seconds.
    pub async fn log_with(&mut self, text: &str) -> Result<String> {
        let found = timeout(LIMIT, self.stderr.next_with(text)).await;
        self.found(found.ok(), &format!("a line with {text:?} in the standard error"))
    }

    /// Returns the URL of a web program, without a slash at its end. Waits for the line `listening on http://...`.
    ///
    /// # Errors
    ///
    /// Returns an error with all output if the program ends first, or after 120 seconds.
    pub async fn url(&mut self) -> Result<String> {
        if self.url.is_none() {
            let line = self.line_with("listening on http://").await?;
            self.url = line.split_whitespace().last().map(|url| url.trim_end_matches('/').to_owned());
        }
        self.url.clone().context("the program printed no URL")
    }

    /// Sends SIGINT, as Ctrl+C does. Call [`end`](Self::end) to wait for the program.
    ///
    /// # Errors
    ///
    /// Returns an error if the program ended already.
    pub fn interrupt(&self) -> Result<()> {
        let id = self.child.id().context("the program ended already")?;
        // Shells have `kill` built in, so that no package with a program `kill` is necessary.
        let status = std::process::Command::new("sh").args(["-c", &format!("kill -INT {id}")]).status()?;
        if !status.success() {
            bail!("cannot send SIGINT to {} ({status}):\n{}", self.name, self.all_output());
        }
        Ok(())
    }

    /// Waits until the program ends, and returns its status and its output.
    ///
    /// # Errors
    ///
    /// Returns an error with all output if the program does not end in 120 seconds.
    pub async fn end(mut self) -> Result<Output> {
        let end = async {
            let status = self.child.wait().await?;
            self.stdout.end().await;
            self.stderr.end().await;
            anyhow::Ok(status)
        };
        match timeout(LIMIT, end).await {
            Ok(status) => Ok(Output { status: status?, stdout: self.stdout.text(), stderr: self.stderr.text() }),
            Err(_) => bail!("{} does not end:\n{}", self.name, self.all_output()),
        }
    }

    /// Returns the standard output so far.
    #[must_use]
    pub fn stdout(&self) -> String {
        self.stdout.text()
    }

    /// Returns the standard error so far, which contains the log.
    #[must_use]
    pub fn stderr(&self) -> String {
        self.stderr.text()
    }

    /// Converts the result of a wait: the outer `None` is a timeout, the inner one the end of the stream.
    fn found(&self, found: Option<Option<String>>, expected: &str) -> Result<String> {
        let failure = match found {
            Some(Some(line)) => return Ok(line),
            Some(None) => "ended without",
            None => "did not print in time",
        };
        Err(anyhow!("{} {failure} {expected}:\n{}", self.name, self.all_output()))
    }

    fn all_output(&self) -> String {
        format!("--- standard output\n{}--- standard error\n{}---", self.stdout.text(), self.stderr.text())
    }
}

impl std::fmt::Debug for Program {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Program").field("name", &self.name).field("id", &self.child.id()).finish_non_exhaustive()
    }
}

impl ProgramBuilder {
    /// Sets `FISHJAM_ID` and `FISHJAM_MANAGEMENT_TOKEN` to the values of this emulator.
    #[must_use]
    pub fn emulator(self, emulator: &Emulator) -> Self {
        self.env("FISHJAM_ID", emulator.url()).env("FISHJAM_MANAGEMENT_TOKEN", emulator.token())
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().into(), Some(value.as_ref().into())));
        self
    }

    /// Removes an environment variable that an earlier call set, or that the test inherited.
    #[must_use]
    pub fn without_env(mut self, name: impl AsRef<OsStr>) -> Self {
        self.environment.push((name.as_ref().into(), None));
        self
    }

    /// Adds an argument of the command line.
    #[must_use]
    pub fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.arguments.push(argument.as_ref().into());
        self
    }

    /// Sets the working directory. Defaults to the working directory of the test.
    #[must_use]
    pub fn directory(mut self, directory: impl Into<PathBuf>) -> Self {
        self.directory = Some(directory.into());
        self
    }

    /// Starts the program. Call it in a Tokio runtime.
    ///
    /// # Errors
    ///
    /// Returns an error if the program cannot be started.
    pub fn start(self) -> Result<Program> {
        let name = PathBuf::from(&self.executable).file_name().unwrap_or_default().to_string_lossy().into_owned();
        let mut command = Command::new(&self.executable);
        command.args(self.arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.kill_on_drop(true);
        for (variable, _) in std::env::vars_os().filter(|(variable, _)| is_setting(variable)) {
            command.env_remove(variable);
        }
        for (variable, value) in self.environment {
            match value {
                Some(value) => command.env(variable, value),
                None => command.env_remove(variable),
            };
        }
        if let Some(directory) = self.directory {
            command.current_dir(directory);
        }
        let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let stdout = Lines::read(child.stdout.take().context("no standard output")?);
        let stderr = Lines::read(child.stderr.take().context("no standard error")?);
        Ok(Program { name, child, stdout, stderr, url: None })
    }
}

/// Returns `true` for variables of the developer's machine that would change the result of a test.
fn is_setting(variable: &OsStr) -> bool {
    let name = variable.to_string_lossy().to_uppercase();
    let prefixes = ["FISHJAM_", "JELLYFISH_", "GEMINI_", "GOOGLE_", "OPENAI_"];
    name == "RUST_LOG" || name.ends_with("_PROXY") || prefixes.iter().any(|prefix| name.starts_with(prefix))
}
