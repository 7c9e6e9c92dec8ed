//! Starts a real browser. `cargo xtask browser` runs this test.

use std::env;

use anyhow::{Result, ensure};
use example_testing::{Program, browser::Browser};

#[tokio::test]
async fn browser_runs_the_script_of_a_page() -> Result<()> {
    let browser = Browser::start().await?;
    browser
        .goto("data:text/html,<button onclick=\"text.textContent='pressed'\">Press</button><p id=text>new</p>")
        .await?;
    browser.wait_for_text("#text", "new").await?;
    browser.element("button").await?.click().await?;
    assert_eq!(browser.wait_until("#text", "has 7 letters", |text| text.len() == 7).await?, "pressed");
    ensure!(!browser.screenshot().await?.is_empty());
    Ok(())
}

#[tokio::test]
async fn port_in_use_is_not_the_end() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let driver = env::var("CHROMEDRIVER").ok().filter(|driver| !driver.is_empty());
    // This test binary runs the other test with a chromedriver that fails once.
    let executable = env::current_exe()?;
    let test = Program::builder(&executable.to_string_lossy())
        .arg("--exact")
        .arg("browser_runs_the_script_of_a_page")
        .env("CHROMEDRIVER", concat!(env!("CARGO_MANIFEST_DIR"), "/tests/busy_port.sh"))
        .env("REAL_CHROMEDRIVER", driver.unwrap_or_else(|| "chromedriver".to_owned()))
        .env("BUSY_PORT_FOLDER", folder.path());
    let output = test.start()?.end().await?;
    ensure!(output.status.success() && output.stdout.contains("1 passed"), "{output:?}");
    ensure!(folder.path().join("used").exists());
    Ok(())
}
