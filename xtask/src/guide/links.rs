//! Checks links with lychee, without a network.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

/// The repository in links to its files.
const REPOSITORY: &str = "https://github.com/fishjam-rs/fishjam-rs/";
/// The start of each link to the documentation of our crates.
const DOCUMENTATION: &str = "https://docs.rs/fishjam-";

/// Pages of the book that repeat the links of others.
const REPEATED: [&str; 3] = ["404.html", "print.html", "toc.html"];

/// A page whose links are all broken, except for the first.
const BROKEN: &str = r##"<h1 id="here">Links</h1>
<a href="#here"></a>
<a href="#missing-anchor"></a>
<a href="missing-page.html"></a>
<img src="missing-picture.svg">
<a href="https://docs.rs/fishjam-sdk/latest/fishjam_sdk/struct.MissingItem.html"></a>
<a href="https://docs.rs/fishjam-sdk/latest/fishjam_sdk/struct.FishjamClient.html#method.missing_method"></a>
<a href="https://docs.rs/fishjam-sdk/0.1/fishjam_sdk/unchecked-version.html"></a>
<a href="https://github.com/fishjam-rs/fishjam-rs/blob/main/missing-file.md"></a>
<a href="https://github.com/fishjam-rs/fishjam-rs/blob/unchecked-branch/README.md"></a>
"##;
/// A part of each broken link.
const BROKEN_LINKS: [&str; 8] = [
    "#missing-anchor",
    "missing-page.html",
    "missing-picture.svg",
    "struct.MissingItem.html",
    "#method.missing_method",
    "unchecked-version.html",
    "missing-file.md",
    "unchecked-branch",
];

/// Returns the files whose links are checked: the pages of the book, and the Markdown files of the repository.
///
/// Markdown files under a `src` directory are parts of the book or of rustdoc, which checks its own links.
///
/// # Errors
///
/// Returns an error if the files cannot be listed.
pub fn inputs(root: &Path, book: &Path) -> Result<Vec<PathBuf>> {
    let mut inputs = Vec::new();
    let mut directories = vec![book.to_path_buf()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).with_context(|| format!("cannot read {}", directory.display()))? {
            let path = entry?.path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "html")
                && !REPEATED.iter().any(|name| path.ends_with(name))
            {
                inputs.push(path);
            }
        }
    }
    let listed = Command::new("git").current_dir(root).args(["ls-files", "*.md"]).output().context("cannot run git")?;
    ensure!(listed.status.success(), "git ls-files ended with {}", listed.status);
    let listed = String::from_utf8(listed.stdout).context("a file name is not UTF-8")?;
    inputs.extend(
        listed
            .lines()
            .filter(|name| !Path::new(name).components().any(|part| part.as_os_str() == "src"))
            .map(|name| root.join(name))
            // A deleted file can still be in the index.
            .filter(|path| path.exists()),
    );
    inputs.sort();
    Ok(inputs)
}

/// The checker of links.
#[derive(Debug)]
pub struct Checker<'a> {
    /// The program `lychee`.
    pub program: PathBuf,
    /// The root of the workspace.
    pub root: &'a Path,
    /// The output of rustdoc.
    pub documentation: &'a Path,
}

impl Checker<'_> {
    /// Returns one line for each broken link in these files.
    ///
    /// # Errors
    ///
    /// Returns an error if lychee fails for another reason.
    pub fn problems(&self, inputs: &[PathBuf]) -> Result<Vec<String>> {
        let mut command = Command::new(&self.program);
        command.args(["--offline", "--no-progress", "--include-fragments", "--format", "json"]);
        command.args(["--index-files", "index.html,."]);
        for rule in self.rules() {
            command.arg("--remap").arg(rule);
        }
        let output = command.arg("--").args(inputs).output();
        let output = output.with_context(|| format!("cannot run {}", self.program.display()))?;
        // The status is 2 if a link is broken.
        if !matches!(output.status.code(), Some(0 | 2)) {
            bail!("lychee ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        }
        let report = serde_json::from_slice(&output.stdout).context("lychee printed an unknown report")?;
        Ok(self.broken(&report))
    }

    /// Checks a page with broken links of each kind. Otherwise a wrong option of the checker would accept every link.
    ///
    /// # Errors
    ///
    /// Returns an error if the checker accepts a broken link, or rejects a working link.
    pub fn prove_that_broken_links_fail(&self) -> Result<()> {
        let page = self.root.join("target/broken-links.html");
        fs::write(&page, BROKEN).with_context(|| format!("cannot write {}", page.display()))?;
        let problems = self.problems(&[page])?;
        for link in BROKEN_LINKS {
            ensure!(
                problems.iter().any(|problem| problem.contains(link)),
                "the checker accepts the broken link {link}"
            );
        }
        ensure!(problems.len() == BROKEN_LINKS.len(), "the checker rejects a working link: {problems:#?}");
        Ok(())
    }

    /// Returns the rules that lead our links to this machine.
    fn rules(&self) -> [String; 2] {
        let (root, documentation) = (self.root.display(), self.documentation.display());
        [
            format!(r"{DOCUMENTATION}[a-z]+/latest/(.*) file://{documentation}/$1"),
            format!(r"{REPOSITORY}(?:blob|tree)/main/(.*) file://{root}/$1"),
        ]
    }

    fn broken(&self, report: &Report) -> Vec<String> {
        let mut problems = Vec::new();
        for (file, links) in &report.error_map {
            for link in links {
                let written = link.remap.as_ref().map_or(&link.url, |remap| &remap.original.url);
                problems.push(format!("{}: {written}: {}", self.short(file), link.status.text));
            }
        }
        for (file, links) in &report.excluded_map {
            for link in links.iter().filter(|link| is_ours(&link.url)) {
                problems.push(format!(
                    "{}: {}: use /latest/ for documentation, and /blob/main/ for files",
                    self.short(file),
                    link.url
                ));
            }
        }
        problems
    }

    /// Returns the path from the root.
    fn short<'a>(&self, file: &'a str) -> &'a str {
        let root = self.root.to_str().unwrap_or_default();
        file.strip_prefix(root).map_or(file, |rest| rest.trim_start_matches('/'))
    }
}

/// Returns `true` for a link to our documentation or to a file of our repository.
fn is_ours(url: &str) -> bool {
    url.starts_with(DOCUMENTATION)
        || ["blob/", "tree/", "raw/"]
            .iter()
            .any(|part| url.strip_prefix(REPOSITORY).is_some_and(|rest| rest.starts_with(part)))
}

/// The report of lychee, as far as it is used.
#[derive(Debug, Deserialize)]
struct Report {
    error_map: BTreeMap<String, Vec<Link>>,
    excluded_map: BTreeMap<String, Vec<Link>>,
}

#[derive(Debug, Deserialize)]
struct Link {
    url: String,
    status: Status,
    remap: Option<Remap>,
}

#[derive(Debug, Deserialize)]
struct Status {
    text: String,
}

#[derive(Debug, Deserialize)]
struct Remap {
    original: Original,
}

#[derive(Debug, Deserialize)]
struct Original {
    url: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(report: &str) -> Vec<String> {
        let root = Path::new("/clone");
        let checker = Checker { program: "lychee".into(), root, documentation: Path::new("/clone/target/doc") };
        checker.broken(&serde_json::from_str(report).unwrap())
    }

    #[test]
    fn broken_link_is_reported_as_its_author_wrote_it() {
        let report = r#"{
            "error_map": { "/clone/target/guide/events.html": [
                { "url": "file:///clone/gone.md", "status": { "text": "File not found" },
                  "remap": { "original": { "url": "https://github.com/fishjam-rs/fishjam-rs/blob/main/gone.md" } } },
                { "url": "file:///clone/target/guide/gone.html", "status": { "text": "File not found" } } ] },
            "excluded_map": {}
        }"#;
        assert_eq!(
            broken(report),
            [
                "target/guide/events.html: https://github.com/fishjam-rs/fishjam-rs/blob/main/gone.md: File not found",
                "target/guide/events.html: file:///clone/target/guide/gone.html: File not found",
            ]
        );
    }

    #[test]
    fn unchecked_link_to_us_is_a_problem_and_one_to_others_is_not() {
        let report = r#"{
            "error_map": {},
            "excluded_map": { "/clone/README.md": [
                { "url": "https://docs.rs/fishjam-sdk/0.1/fishjam_sdk/", "status": { "text": "Excluded" } },
                { "url": "https://github.com/fishjam-rs/fishjam-rs/blob/dev/README.md", "status": { "text": "Excluded" } },
                { "url": "https://github.com/fishjam-rs/fishjam-rs/issues", "status": { "text": "Excluded" } },
                { "url": "https://docs.fishjam.io/", "status": { "text": "Excluded" } } ] }
        }"#;
        let found = broken(report);
        assert_eq!(found.len(), 2, "{found:?}");
        assert!(
            found[0].starts_with("README.md: https://docs.rs/fishjam-sdk/0.1/fishjam_sdk/: use /latest/"),
            "{found:?}"
        );
        assert!(found[1].contains("/blob/dev/README.md"), "{found:?}");
    }

    #[test]
    fn inputs_are_pages_and_markdown_files_outside_src() {
        let root = crate::workspace_root();
        let book = tempfile::tempdir().unwrap();
        fs::create_dir(book.path().join("examples")).unwrap();
        for name in ["events.html", "print.html", "book.js", "examples/broadcast.html"] {
            fs::write(book.path().join(name), "").unwrap();
        }
        let inputs = inputs(&root, book.path()).unwrap();
        let has = |path: PathBuf| inputs.contains(&path);
        assert!(has(book.path().join("events.html")) && has(book.path().join("examples/broadcast.html")));
        assert!(has(root.join("README.md")));
        assert!(!has(book.path().join("print.html")) && !has(book.path().join("book.js")));
        assert!(!has(root.join("docs/guide/src/events.md")));
    }
}
