//! Runs a generator, which is a build script, and finds its output.

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, anyhow, bail};
use serde_json::Value;

/// Builds a package with all features, including `codegen`. Returns the directory with the generator's output.
///
/// The build has its own target directory, so that the feature does not invalidate other builds.
///
/// # Errors
///
/// Returns an error if the build fails or does not report its output directory.
pub fn run(root: &Path, package: &str, directory: &str) -> Result<PathBuf> {
    // Cargo reports canonical paths.
    let root = root.canonicalize().with_context(|| format!("cannot find {}", root.display()))?;
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .current_dir(&root)
        .args(["build", "--package", package, "--all-features", "--message-format", "json-render-diagnostics"])
        .env("CARGO_TARGET_DIR", root.join("target/codegen"))
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("cannot start cargo to build {package}"))?;
    if !output.status.success() {
        bail!("building {package} with the feature `codegen` failed: {}", output.status);
    }
    let messages = String::from_utf8(output.stdout).context("cargo did not print UTF-8")?;
    out_dir(&messages, &root.join(directory).join("Cargo.toml"))
        .map(|out_dir| out_dir.join("frozen"))
        .with_context(|| format!("cannot find the output of the generator of {package}"))
}

/// Finds `OUT_DIR` of a package in the messages of `cargo build --message-format json`.
///
/// # Errors
///
/// Returns an error if the messages are not valid JSON, or if no build script of the package ran.
pub fn out_dir(messages: &str, manifest: &Path) -> Result<PathBuf> {
    let messages: Vec<Value> = messages
        .lines()
        .filter(|line| line.starts_with('{'))
        .map(serde_json::from_str)
        .collect::<Result<_, _>>()
        .context("cargo did not print valid JSON")?;
    let text = |message: &'_ Value, key: &str| message.get(key).and_then(Value::as_str).map(str::to_owned);
    let package = messages
        .iter()
        .filter(|message| text(message, "reason").as_deref() == Some("compiler-artifact"))
        .find(|message| text(message, "manifest_path").is_some_and(|path| Path::new(&path) == manifest))
        .and_then(|message| text(message, "package_id"))
        .ok_or_else(|| anyhow!("cargo built nothing of {}", manifest.display()))?;
    messages
        .iter()
        .filter(|message| text(message, "reason").as_deref() == Some("build-script-executed"))
        .find(|message| text(message, "package_id").as_deref() == Some(&package))
        .and_then(|message| text(message, "out_dir"))
        .map(PathBuf::from)
        .ok_or_else(|| anyhow!("the build script of {package} did not run"))
}
