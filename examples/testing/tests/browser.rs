//! Starts a real browser. `cargo xtask browser` runs this test.

use anyhow::{Result, ensure};
use example_testing::browser::Browser;

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
