//! Support for the tests of the example programs.
//!
//! A test starts an emulator and a [`Program`]. It then uses the program as a user would:
//!
//! - [`Program`] returns its URL and the lines of its output, and interrupts it.
//! - [`http_client`] returns a client for its HTTP API.
//! - `browser::Browser` opens its web page, with the feature `browser`.
//! - [`eventually`] waits for a condition.
//!
//! ```no_run
//! # async fn test() -> anyhow::Result<()> {
//! let emulator = fishjam_emulator::Emulator::start().await?;
//! let mut program = example_testing::Program::start("target/debug/room_manager", &emulator)?;
//! let url = program.url().await?;
//! // ... use the program ...
//! program.interrupt()?;
//! assert!(program.end().await?.status.success());
//! # Ok(())
//! # }
//! ```

#![deny(missing_docs)]

use std::time::Duration;

use anyhow::{Context, Result};

#[cfg(feature = "browser")]
pub mod browser;
mod output;
mod program;

pub use output::Output;
pub use program::{Program, ProgramBuilder};

/// Limit for each wait, so that a broken program ends its test. No test depends on the duration.
pub(crate) const LIMIT: Duration = Duration::from_secs(120);

/// Waits until the check returns a value, and returns this value.
///
/// ```
/// # use std::cell::Cell;
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// let count = Cell::new(0);
/// let third = example_testing::eventually("a third call", async || {
///     count.set(count.get() + 1);
///     (count.get() == 3).then_some("third")
/// });
/// assert_eq!(third.await?, "third");
/// # Ok(())
/// # }
/// ```
///
/// # Errors
///
/// Returns an error with this description if the check returns `None` for 120 seconds.
pub async fn eventually<T>(description: &str, mut check: impl AsyncFnMut() -> Option<T>) -> Result<T> {
    let wait = async {
        loop {
            if let Some(value) = check().await {
                return value;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(LIMIT, wait).await.with_context(|| format!("timed out while waiting for {description}"))
}

/// Returns an HTTP client for requests to a program on this machine. It uses no proxy.
///
/// # Errors
///
/// Returns an error if the client cannot be created.
pub fn http_client() -> Result<reqwest::Client> {
    // `Client::new` would read the proxy settings of the environment.
    Ok(reqwest::Client::builder().no_proxy().read_timeout(LIMIT).build()?)
}
