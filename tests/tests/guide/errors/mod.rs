//! The page `troubleshooting.md` quotes errors as the SDK prints them, and no other ones.

mod agents;
mod calls;
mod events;
mod media;
mod settings;

use std::fs;

use fishjam_sdk::Result;

use crate::page::{matches, quoted_lines, read};

/// Lines that no process of this test can produce, with the string in the source of the SDK.
const FROM_SOURCE: [(&str, &str, &str); 3] = [
    (
        "invalid input: the environment variable FISHJAM_ID is not set",
        "config/mod.rs",
        "the environment variable {name} is not set",
    ),
    (
        "setup failed: no trusted certificates: install the system's certificates (package ca-certificates), or add your own",
        "transport/tls/mod.rs",
        "no trusted certificates: install the system's certificates (package ca-certificates), or add your own",
    ),
    (
        "setup failed: https requires TLS: enable a TLS feature of fishjam-sdk, such as `rustls`",
        "transport/tls/mod.rs",
        "https requires TLS: enable a TLS feature of fishjam-sdk, such as `rustls`",
    ),
];

/// Returns an error as a log prints it.
fn line<T>(outcome: Result<T>) -> anyhow::Result<String> {
    match outcome {
        Ok(_) => anyhow::bail!("the call succeeded"),
        Err(error) => Ok(format!("{error:#}")),
    }
}

#[tokio::test]
async fn each_quoted_error_is_an_error_of_the_sdk() -> anyhow::Result<()> {
    let mut errors = settings::errors().await?;
    errors.extend(calls::errors().await?);
    errors.extend(events::errors().await?);
    errors.extend(agents::errors().await?);
    errors.extend(media::errors().await?);
    for (line, file, literal) in FROM_SOURCE {
        let source = fs::read_to_string(format!("{}/../fishjam-sdk/src/{file}", env!("CARGO_MANIFEST_DIR")))?;
        anyhow::ensure!(source.contains(literal), "{file} does not contain {literal:?}");
        errors.push(line.to_owned());
    }

    let page = read("troubleshooting.md")?;
    let quoted = quoted_lines(&page);
    let unknown: Vec<_> = quoted.iter().filter(|form| !errors.iter().any(|error| matches(form, error))).collect();
    let missing: Vec<_> = errors.iter().filter(|error| !quoted.iter().any(|form| matches(form, error))).collect();
    assert!(unknown.is_empty() && missing.is_empty(), "not an error: {unknown:#?}\nnot on the page: {missing:#?}");

    let causes = first_cells(&page, "Connection failed");
    let direct = errors.iter().filter(|error| error.contains(": connection failed") && !error.contains("proxy"));
    for error in direct {
        assert!(causes.iter().any(|cause| error.contains(cause)), "the page has no row for {error}");
    }
    Ok(())
}

/// Returns the strings in backticks at the start of each row of the tables in a section.
fn first_cells<'a>(page: &'a str, heading: &str) -> Vec<&'a str> {
    let (_, section) = page.split_once(&format!("\n### {heading}\n")).unwrap_or_default();
    let section = section.split("\n#").next().unwrap_or_default();
    section.lines().filter_map(|line| line.strip_prefix("| `")?.split('`').next()).collect()
}
