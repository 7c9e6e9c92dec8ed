//! `cargo xtask browser`: runs the tests that open the web pages of the examples in a headless browser.
//!
//! Such a test is the target `browser` of an example, `examples/NAME/tests/browser.rs`. It needs the feature `browser` of its
//! package, so that other tests need no browser.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use crate::Outcome;

/// Names of the browser, the most specific first.
const BROWSERS: [&str; 5] = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

/// Runs the browser tests of all examples.
///
/// The variables `CHROMEDRIVER` and `CHROMIUM` name the executables. By default, the command searches `PATH`, and the folder
/// of the variable `CHROMEWEBDRIVER`, which GitHub's runners set.
///
/// # Errors
///
/// Returns an error if no example has a browser test, if chromedriver or the browser is missing, or if cargo cannot be
/// started.
pub fn run(root: &Path) -> Result<Outcome> {
    let path = search_path([env::var_os("CHROMEWEBDRIVER"), env::var_os("PATH")]);
    let driver = executable(env::var_os("CHROMEDRIVER"), &["chromedriver"], &path)?;
    let browser = executable(env::var_os("CHROMIUM"), &BROWSERS, &path)?;
    let packages = packages(&root.join("examples"))?;
    ensure!(!packages.is_empty(), "no example has a file tests/browser.rs");
    let features: Vec<_> = packages.iter().map(|package| format!("{package}/browser")).collect();

    // The whole workspace, so that its crates have the features of the other tests and are not built again.
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .current_dir(root)
        .args(["test", "--workspace", "--locked", "--test", "browser", "--features", &features.join(",")])
        .env("CHROMEDRIVER", driver)
        .env("CHROMIUM", browser)
        .status()
        .context("cannot run cargo")?;
    Ok(if status.success() { Outcome::Clean } else { Outcome::Findings })
}

/// Returns the folders that are searched.
fn search_path(variables: [Option<OsString>; 2]) -> Vec<PathBuf> {
    variables.iter().flatten().flat_map(env::split_paths).collect()
}

/// Returns the given executable, or the first one of these names in the folders.
fn executable(given: Option<OsString>, names: &[&str], folders: &[PathBuf]) -> Result<PathBuf> {
    if let Some(given) = given.filter(|given| !given.is_empty()) {
        return Ok(given.into());
    }
    let paths = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    match paths.into_iter().find(|path| path.is_file()) {
        Some(path) => Ok(path),
        None => bail!(
            "{} is not installed; install the packages chromium and chromium-driver (Debian), or set the variables \
             CHROMIUM and CHROMEDRIVER",
            names.join(" or ")
        ),
    }
}

/// Returns the names of the packages that have a browser test.
fn packages(examples: &Path) -> Result<Vec<String>> {
    #[derive(Deserialize)]
    struct Manifest {
        package: Package,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
    }
    let mut packages = Vec::new();
    for example in fs::read_dir(examples).with_context(|| format!("cannot read {}", examples.display()))? {
        let example = example?.path();
        if example.join("tests/browser.rs").is_file() {
            let manifest = example.join("Cargo.toml");
            let manifest: Manifest = fs::read_to_string(&manifest)
                .map_err(anyhow::Error::from)
                .and_then(|text| Ok(toml::from_str(&text)?))
                .with_context(|| format!("cannot read {}", manifest.display()))?;
            packages.push(manifest.package.name);
        }
    }
    packages.sort();
    Ok(packages)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executable_is_found_by_preference() {
        let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        fs::write(first.path().join("google-chrome"), "").unwrap();
        fs::write(second.path().join("chromium"), "").unwrap();
        fs::create_dir(first.path().join("chromium")).unwrap();
        let folders = [first.path().to_owned(), second.path().to_owned()];
        let found = |given: Option<&str>| executable(given.map(Into::into), &BROWSERS, &folders).unwrap();
        assert_eq!(found(None), second.path().join("chromium"));
        assert_eq!(found(Some("")), second.path().join("chromium"));
        assert_eq!(found(Some("/opt/chrome")), Path::new("/opt/chrome"));
    }

    #[test]
    fn missing_executable_is_an_error_with_package_names() {
        let error = executable(None, &["chromedriver"], &[]).unwrap_err().to_string();
        assert!(error.contains("chromedriver is not installed") && error.contains("chromium-driver"), "{error}");
    }

    #[test]
    fn examples_with_a_browser_test_are_found() {
        let examples = tempfile::tempdir().unwrap();
        for (folder, test) in [("b", "browser.rs"), ("a", "browser.rs"), ("c", "http.rs")] {
            let folder = examples.path().join(folder);
            fs::create_dir_all(folder.join("tests")).unwrap();
            fs::write(folder.join("tests").join(test), "").unwrap();
            let name = folder.file_name().unwrap().display().to_string();
            fs::write(folder.join("Cargo.toml"), format!("[package]\nname = \"example_{name}\"\n")).unwrap();
        }
        assert_eq!(packages(examples.path()).unwrap(), ["example_a", "example_b"]);
        // The room manager has a page.
        let real = packages(&crate::workspace_root().join("examples")).unwrap();
        assert!(real.contains(&"room_manager".to_owned()), "{real:?}");
    }
}
