//! Reads text from a file or an http(s) URL, with a limit on size and time.

use std::{fs::File, io::Read, time::Duration};

use anyhow::{Context, Result, bail};

/// Maximum size. OpenAPI documents are much smaller.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

const TIMEOUT: Duration = Duration::from_secs(30);

/// Reads the text of a file or an http(s) URL.
///
/// # Errors
///
/// Returns an error if:
///
/// - the file cannot be read, or the response has an error status
/// - the download takes longer than 30 seconds
/// - the text is larger than 16 MiB or not UTF-8
pub fn read(source: &str) -> Result<String> {
    if source.starts_with("http://") || source.starts_with("https://") { fetch(source) } else { open(source) }
        .with_context(|| format!("cannot read {source}"))
}

fn open(path: &str) -> Result<String> {
    let mut text = String::new();
    let length = File::open(path)?.take(MAX_BYTES + 1).read_to_string(&mut text)?;
    if length as u64 > MAX_BYTES {
        bail!("larger than {MAX_BYTES} bytes");
    }
    Ok(text)
}

fn fetch(url: &str) -> Result<String> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .timeout_global(Some(TIMEOUT))
        .max_redirects(5)
        .user_agent(concat!("fishjam-rs-xtask/", env!("CARGO_PKG_VERSION")))
        .build()
        .into();
    let mut response = agent.get(url).call()?;
    let bytes = response.body_mut().with_config().limit(MAX_BYTES).read_to_vec()?;
    String::from_utf8(bytes).context("not UTF-8")
}
