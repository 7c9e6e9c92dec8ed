//! The official Python SDK in a separate process. The process executes commands line by line.

use std::{
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::Context;

/// The process. It ends when this is dropped, because its input ends.
pub(crate) struct Python {
    child: Child,
    orders: Option<ChildStdin>,
    responses: BufReader<ChildStdout>,
}

impl Python {
    /// Starts a script of `tests/interop` in the environment that `cargo xtask interop` makes, if there is one.
    pub(crate) fn start(script: &str, fishjam_id: &str, token: &str) -> anyhow::Result<Option<Self>> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default();
        let python = std::env::var_os("INTEROP_PYTHON")
            .map_or_else(|| root.join("target/venv/interop/bin/python"), PathBuf::from);
        if !python.exists() {
            println!("the official Python SDK is left out: run `cargo xtask interop` once to install it");
            return Ok(None);
        }
        let mut child = Command::new(python)
            .arg(root.join("tests/interop").join(script))
            .env("FISHJAM_ID", fishjam_id)
            .env("FISHJAM_MANAGEMENT_TOKEN", token)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run Python")?;
        let orders = child.stdin.take();
        let responses = BufReader::new(child.stdout.take().context("Python has no output")?);
        Ok(Some(Self { child, orders, responses }))
    }

    /// Sends one line.
    pub(crate) fn send(&mut self, order: &str) -> anyhow::Result<()> {
        let orders = self.orders.as_mut().context("Python has no input")?;
        writeln!(orders, "{order}")?;
        orders.flush().context("Python does not listen")
    }

    /// Waits for one line.
    pub(crate) fn hear(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        anyhow::ensure!(self.responses.read_line(&mut line)? > 0, "Python ended");
        Ok(line.trim().to_owned())
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        self.orders = None;
        let _ = self.child.wait();
    }
}
