//! A running chromedriver.

use std::{env, process::Stdio};

use anyhow::{Context, Result, bail};
use tokio::{
    process::{Child, Command},
    time::timeout,
};

use crate::{LIMIT, output::Lines};

/// A running chromedriver, which starts the browser. If you drop it, it is killed together with its browser.
pub(super) struct Driver {
    url: String,
    _processes: Group,
    _stdout: Lines,
}

/// The number of ports that are tried.
const ATTEMPTS: usize = 10;

impl Driver {
    /// Starts chromedriver on a free port.
    pub(super) async fn start() -> Result<Driver> {
        for _ in 0..ATTEMPTS {
            if let Some(driver) = Driver::try_start().await? {
                return Ok(driver);
            }
        }
        bail!("chromedriver found no free port in {ATTEMPTS} attempts")
    }

    /// Starts chromedriver. Returns `None` if its port is in use.
    ///
    /// chromedriver takes a free port of IPv6, and ends if another program uses the same port of IPv4.
    async fn try_start() -> Result<Option<Driver>> {
        let executable = env::var_os("CHROMEDRIVER").filter(|name| !name.is_empty());
        let mut child = Command::new(executable.unwrap_or_else(|| "chromedriver".into()))
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .kill_on_drop(true)
            .spawn()
            .context("cannot start chromedriver; `cargo xtask browser` prints how to install it")?;
        let stdout = child.stdout.take();
        let processes = Group(child);
        let mut stdout = Lines::read(stdout.context("chromedriver has no standard output")?);
        let line = timeout(LIMIT, stdout.next_with("started successfully on port")).await.ok().flatten();
        if line.is_none() && stdout.text().contains("port not available") {
            return Ok(None);
        }
        let line = line.with_context(|| format!("chromedriver does not start:\n{}", stdout.text()))?;
        let port = line.trim_end_matches('.').rsplit(' ').next().and_then(|port| port.parse::<u16>().ok());
        let port = port.with_context(|| format!("chromedriver printed no port: {line}"))?;
        Ok(Some(Driver { url: format!("http://127.0.0.1:{port}"), _processes: processes, _stdout: stdout }))
    }

    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

/// The group of a process and all processes that it starts. If you drop it, they are killed.
struct Group(Child);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.0.id() {
            // The standard library kills only one process. Then the processes of the browser would stay.
            let _ = std::process::Command::new("sh").args(["-c", &format!("kill -s KILL -- -{id}")]).status();
        }
    }
}

/// Returns `true` if the test runs as root. Chromium does not start as root with its sandbox.
pub(super) fn is_root() -> bool {
    let output = std::process::Command::new("id").arg("-u").output();
    output.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}
