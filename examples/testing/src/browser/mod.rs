//! A headless Chromium, driven by chromedriver.

use std::{env, fmt, ops::Deref};

use anyhow::{Context, Result};
use fantoccini::{Client, ClientBuilder, Locator, elements::Element, wd::Capabilities};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::timeout;

use self::driver::Driver;
use crate::{LIMIT, eventually};

mod driver;

/// A headless Chromium with its own empty profile. It ends when you drop it, even if the test panics.
///
/// A `Browser` dereferences to [`fantoccini::Client`], which opens pages, finds elements and clicks. By
/// default, the system finds the executables. To choose others, set the environment variables `CHROMEDRIVER` and `CHROMIUM`.
///
/// ```no_run
/// use example_testing::browser::Browser;
///
/// # async fn test(url: &str) -> anyhow::Result<()> {
/// let browser = Browser::start().await?;
/// browser.goto(url).await?;
/// browser.element("#join").await?.click().await?;
/// browser.wait_for_text("#peers", "connected").await?;
/// # Ok(())
/// # }
/// ```
pub struct Browser {
    client: Client,
    // Dropped in this order: the processes end before their profile is deleted.
    _driver: Driver,
    _profile: TempDir,
}

impl Browser {
    /// Starts chromedriver on a free port, and a browser.
    ///
    /// # Errors
    ///
    /// Returns an error if chromedriver or Chromium is missing or does not start.
    pub async fn start() -> Result<Browser> {
        let driver = Driver::start().await?;
        let profile = tempfile::tempdir()?;
        let mut arguments = vec![
            "--headless=new".to_owned(),
            "--disable-gpu".to_owned(),
            // Containers have a small /dev/shm.
            "--disable-dev-shm-usage".to_owned(),
            "--no-first-run".to_owned(),
            "--no-proxy-server".to_owned(),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        if driver::is_root() {
            arguments.push("--no-sandbox".to_owned());
        }
        let mut options = json!({ "args": arguments });
        if let Some(binary) = env::var("CHROMIUM").ok().filter(|binary| !binary.is_empty()) {
            options["binary"] = json!(binary);
        }
        let capabilities = Capabilities::from_iter([("goog:chromeOptions".to_owned(), options)]);
        let client =
            timeout(LIMIT, ClientBuilder::new(HttpConnector::new()).capabilities(capabilities).connect(driver.url()))
                .await
                .context("Chromium does not start")?
                .context("cannot start Chromium")?;
        Ok(Browser { client, _driver: driver, _profile: profile })
    }

    /// Waits for an element, and returns it.
    ///
    /// # Errors
    ///
    /// Returns an error if no element matches this CSS selector within 120 seconds.
    pub async fn element(&self, selector: &str) -> Result<Element> {
        eventually(&format!("an element {selector}"), async || self.client.find(Locator::Css(selector)).await.ok())
            .await
    }

    /// Waits until the visible text of an element contains this string, and returns the text.
    ///
    /// # Errors
    ///
    /// Returns an error with the last text if it does not contain the string within 120 seconds.
    pub async fn wait_for_text(&self, selector: &str, expected: &str) -> Result<String> {
        self.wait_until(selector, &format!("contains {expected:?}"), |text| text.contains(expected)).await
    }

    /// Waits until the visible text of an element has this property, and returns the text.
    ///
    /// # Errors
    ///
    /// Returns an error with the last text if the text does not have the property within 120 seconds.
    pub async fn wait_until(&self, selector: &str, property: &str, holds: impl Fn(&str) -> bool) -> Result<String> {
        let mut last = None;
        let description = format!("{selector} with a text that {property}");
        let found = eventually(&description, async || {
            // The page may replace the element between the two requests. Then the next round finds the new one.
            let element = self.client.find(Locator::Css(selector)).await.ok()?;
            let text = element.text().await.ok()?;
            let found = holds(&text).then(|| text.clone());
            last = Some(text);
            found
        });
        let found = found.await;
        found
            .with_context(|| last.map_or("there is no such element".to_owned(), |text| format!("the text is {text:?}")))
    }
}

impl Deref for Browser {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}

impl fmt::Debug for Browser {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Browser").finish_non_exhaustive()
    }
}
