//! `cargo xtask public-api`: compares the public API of the published crates with committed lists.
//!
//! Each list has one line per public item. A change of the API therefore appears in the diff of a commit, and a reviewer
//! sees it. rustdoc produces the items as JSON, and the crate `public-api` prints them.
//!
//! The command also finds items with several public paths, and items of the SDK that name a type of another crate.
//!
//! rustdoc's JSON is unstable and belongs to one version of Rust. The environment variable `RUSTC_BOOTSTRAP` makes a stable
//! rustdoc produce it.

mod paths;

use std::{
    collections::BTreeSet,
    env, fs, io,
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Context, Result, bail};
use public_api::Builder;
use similar::TextDiff;

use self::paths::Documentation;
use crate::Outcome;

/// A crate whose public API has a committed list.
struct Package {
    name: &'static str,
    /// The directory of the package in the workspace.
    directory: &'static str,
    features: &'static str,
    /// The modules in the list, or none for all modules.
    modules: &'static [&'static str],
}

// No public item of the SDK depends on a TLS feature, and those of the emulator have a cheaper twin in `tls-ring`.
const PACKAGES: [Package; 3] = [
    Package {
        name: "fishjam-sdk",
        directory: "fishjam-sdk",
        features: "axum,blocking,composition,jellyfish",
        modules: &[],
    },
    Package { name: "fishjam-emulator", directory: "fishjam-emulator", features: "tls-ring", modules: &[] },
    // The SDK re-exports these enums. The rest of the crate has no stable API.
    Package {
        name: "fishjam-api",
        directory: "fishjam-api",
        features: "jellyfish",
        modules: &["fishjam_api::fishjam::enums::", "fishjam_api::jellyfish::enums::"],
    },
];

/// The name of each list, in the directory of its package.
const LIST: &str = "public-api.txt";

/// The prefixes of the types that the API of the SDK must not name. A new major version of their crates would break it.
const PRIVATE: [&str; 6] =
    ["fishjam_api::", "fishjam_proto::", "prost::", "reqwest::", "tokio_tungstenite::", "tungstenite::"];
/// The exceptions: the enums that the SDK re-exports.
const SHARED: [&str; 2] = ["fishjam_api::fishjam::enums::", "fishjam_api::jellyfish::enums::"];

/// Writes the lists. With `check`, prints the differences and changes no file.
///
/// # Errors
///
/// Returns an error if rustdoc fails, if its JSON has an unknown version, or if a list cannot be read or written.
pub fn run(root: &Path, check: bool, out: &mut dyn Write) -> Result<Outcome> {
    let mut outcome = Outcome::Clean;
    for package in PACKAGES {
        let json = rustdoc_json(root, package.name, package.features)?;
        let items = items(&json)?;
        // A crate without a stable API has the paths that its generator chose.
        let duplicates = if package.modules.is_empty() { duplicates(&json)? } else { Vec::new() };
        for paths in duplicates {
            writeln!(out, "{}: one item has several public paths: {}", package.name, paths.join(", "))?;
            outcome = Outcome::Findings;
        }
        if package.name == "fishjam-sdk" {
            for line in foreign(&items) {
                writeln!(out, "{}: a public item names a type of another crate: {line}", package.name)?;
                outcome = Outcome::Findings;
            }
        }
        let list = listed(&items, package.modules);
        let path = root.join(package.directory).join(LIST);
        if !check {
            fs::write(&path, list).with_context(|| format!("cannot write {}", path.display()))?;
            continue;
        }
        let name = format!("{}/{LIST}", package.directory);
        if let Some(diff) = difference(&name, &committed(&path)?, &list) {
            write!(out, "{diff}")?;
            writeln!(out, "the public API of {} changed; review it and run `cargo xtask public-api`", package.name)?;
            outcome = Outcome::Findings;
        }
    }
    Ok(outcome)
}

/// Runs rustdoc on the library of a package. Returns the path of its JSON.
///
/// The build has its own target directory: `RUSTC_BOOTSTRAP` invalidates the build scripts of dependencies.
///
/// # Errors
///
/// Returns an error if cargo cannot start or rustdoc fails.
pub fn rustdoc_json(root: &Path, package: &str, features: &str) -> Result<PathBuf> {
    let cargo = env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let target = root.join("target/public-api");
    let status = Command::new(cargo)
        .current_dir(root)
        .args(["rustdoc", "--quiet", "--lib", "--package", package])
        .args(["--no-default-features", "--features", features])
        // `docsrs` as on docs.rs, so that a build there does not fail.
        .args(["--", "-Z", "unstable-options", "--output-format", "json", "--cap-lints", "allow", "--cfg", "docsrs"])
        .env("RUSTC_BOOTSTRAP", "1")
        .env("CARGO_TARGET_DIR", &target)
        .stderr(Stdio::inherit())
        .status()
        .context("cannot start cargo")?;
    if !status.success() {
        bail!("rustdoc of {package} failed: {status}");
    }
    Ok(target.join("doc").join(package.replace('-', "_")).with_extension("json"))
}

/// Returns the public items in rustdoc's JSON, one line for each.
///
/// The list has the names of derived traits, but not their methods, and no blanket or automatic implementations.
///
/// # Errors
///
/// Returns an error if the file is unreadable, or if another version of Rust wrote it.
pub fn items(json: &Path) -> Result<Vec<String>> {
    let read = |omit_derived| -> Result<Vec<String>> {
        let api = Builder::from_rustdoc_json(json)
            .omit_blanket_impls(true)
            .omit_auto_trait_impls(true)
            .omit_auto_derived_impls(omit_derived)
            .build()
            .context("cannot read the JSON of rustdoc; the crate `public-api` supports another version of Rust")?;
        Ok(api.items().map(ToString::to_string).collect())
    };
    let without_derived: BTreeSet<_> = read(true)?.into_iter().collect();
    let is_listed = |line: &String| without_derived.contains(line) || line.starts_with("impl");
    let mut items: Vec<_> = read(false)?.into_iter().filter(is_listed).collect();
    // An implementation for a type that has two paths appears twice.
    items.dedup();
    Ok(items)
}

/// Returns the paths of each item that has several public paths. Paths do not contain the name of the crate.
///
/// # Errors
///
/// Returns an error if the file is unreadable.
pub fn duplicates(json: &Path) -> Result<Vec<Vec<String>>> {
    let text = fs::read_to_string(json).with_context(|| format!("cannot read {}", json.display()))?;
    let documentation: Documentation = serde_json::from_str(&text).context("unexpected JSON of rustdoc")?;
    Ok(documentation.duplicates())
}

/// Returns the lines that name a type that users must not depend on.
#[must_use]
pub fn foreign(items: &[String]) -> Vec<&str> {
    let is_foreign = |line: &&str| {
        let line = SHARED.iter().fold((*line).to_owned(), |line, shared| line.replace(shared, ""));
        PRIVATE.iter().any(|prefix| {
            line.match_indices(prefix).any(|(at, _)| {
                // `fishjam_prost::` does not name the crate `prost`.
                !line
                    .get(..at)
                    .is_some_and(|before| before.ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c)))
            })
        })
    };
    items.iter().map(String::as_str).filter(|line| !line.starts_with("pub use ")).filter(is_foreign).collect()
}

/// Returns the text of a list: the lines that name one of these modules, or all lines.
fn listed(items: &[String], modules: &[&str]) -> String {
    let is_listed = |line: &&String| modules.is_empty() || modules.iter().any(|module| line.contains(module));
    items.iter().filter(is_listed).flat_map(|line| [line.as_str(), "\n"]).collect()
}

/// Returns the committed list, or an empty list if there is none.
fn committed(path: &Path) -> Result<String> {
    match fs::read_to_string(path) {
        Ok(list) => Ok(list),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Returns the added and the removed lines, if there are any.
#[must_use]
pub fn difference(name: &str, committed: &str, current: &str) -> Option<String> {
    if committed == current {
        return None;
    }
    let diff = TextDiff::from_lines(committed, current);
    Some(diff.unified_diff().context_radius(0).header(&format!("a/{name}"), &format!("b/{name}")).to_string())
}
