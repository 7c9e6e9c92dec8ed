//! Checks the files of the guide and of the example programs.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};

/// The most lines of an example's main program.
const PROGRAM_LINES: usize = 200;
/// The most lines of the README of the repository.
const README_LINES: usize = 160;

/// Returns one line for each problem.
///
/// # Errors
///
/// Returns an error if a file cannot be read.
pub fn problems(root: &Path) -> Result<Vec<String>> {
    let source = root.join("docs/guide/src");
    let readme = read(&root.join("README.md"))?;
    let mut problems = Vec::new();
    let mut documents = vec![readme.clone()];

    let contents = read(&source.join("SUMMARY.md"))?;
    let contents: BTreeSet<&str> = link_targets(&contents).collect();
    let doctests = read(&root.join("tests/src/guide.rs"))?;
    let pages = relative_files(&source, "md")?;
    for page in pages.iter().filter(|page| *page != "SUMMARY.md") {
        if !contents.contains(page.as_str()) {
            problems.push(format!("docs/guide/src/{page}: SUMMARY.md does not have this page"));
        }
        if !doctests.contains(&format!("\"{page}\"")) {
            problems.push(format!("docs/guide/src/{page}: tests/src/guide.rs does not have this page"));
        }
        let page_text = read(&source.join(page))?;
        if is_empty(&page_text) {
            problems.push(format!("docs/guide/src/{page}: the page is empty"));
        }
        documents.push(page_text);
    }
    for page in contents.iter().filter(|page| !pages.contains(**page)) {
        problems.push(format!("docs/guide/src/SUMMARY.md: {page} does not exist"));
    }

    for picture in relative_files(&source.join("pictures"), "svg")? {
        let link = format!("pictures/{picture}");
        if !documents.iter().any(|document| link_targets(document).any(|target| target.ends_with(&link))) {
            problems.push(format!("docs/guide/src/{link}: no page shows this picture"));
        }
    }

    for name in programs(&root.join("examples"))? {
        if !pages.contains(&format!("examples/{name}.md")) {
            problems.push(format!("examples/{name}: the guide has no page examples/{name}.md"));
        }
        let program = read(&root.join("examples").join(&name).join("src/main.rs"))?;
        problems.extend(too_long(&format!("examples/{name}/src/main.rs"), &program, PROGRAM_LINES));
    }
    problems.extend(too_long("README.md", &readme, README_LINES));
    Ok(problems)
}

fn too_long(name: &str, text: &str, limit: usize) -> Option<String> {
    let lines = text.lines().count();
    (lines > limit).then(|| format!("{name}: {lines} lines; the limit is {limit}"))
}

/// Returns `true` if the page has only headings.
fn is_empty(page: &str) -> bool {
    page.lines().all(|line| line.trim().is_empty() || line.starts_with('#'))
}

/// Returns the targets of inline links and pictures, and of reference definitions.
fn link_targets(markdown: &str) -> impl Iterator<Item = &str> {
    let inline = markdown.split("](").skip(1).filter_map(|rest| rest.split([')', ' ', '"']).next());
    let references =
        markdown.lines().filter_map(|line| line.strip_prefix('[')?.split_once("]: ").map(|(_, to)| to.trim()));
    // HTML is allowed for pictures with a width.
    let html = markdown.split("src=\"").skip(1).filter_map(|rest| rest.split('"').next());
    inline.chain(references).chain(html)
}

/// Returns the paths of all files with this extension, relative to the directory and with `/`.
fn relative_files(directory: &Path, extension: &str) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    let mut directories = vec![PathBuf::new()];
    while let Some(relative) = directories.pop() {
        let current = directory.join(&relative);
        if !current.exists() {
            continue;
        }
        for entry in fs::read_dir(&current).with_context(|| format!("cannot read {}", current.display()))? {
            let entry = entry?;
            let path = relative.join(entry.file_name());
            if entry.file_type()?.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|found| found == extension) {
                found.insert(path.to_string_lossy().replace('\\', "/"));
            }
        }
    }
    Ok(found)
}

/// Returns the names of the folders that contain a program. The others are crates that programs share.
fn programs(examples: &Path) -> Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for entry in fs::read_dir(examples).with_context(|| format!("cannot read {}", examples.display()))? {
        let entry = entry?;
        if entry.path().join("src/main.rs").exists() {
            names.insert(entry.file_name().to_string_lossy().into_owned());
        }
    }
    Ok(names)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A workspace with a guide of two pages, a picture, a program and a shared crate.
    fn workspace() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        let files = [
            ("README.md", "# Example\n\n![Parts](docs/guide/src/pictures/parts.svg)\n"),
            ("docs/guide/src/SUMMARY.md", "- [Events](events.md)\n- [Echo](examples/echo.md)\n"),
            ("docs/guide/src/events.md", "# Events\n\nReceive events.\n"),
            ("docs/guide/src/examples/echo.md", "# Echo\n\n```rust\nfn main() {}\n```\n"),
            ("docs/guide/src/pictures/parts.svg", "<svg/>"),
            ("tests/src/guide.rs", "pages! { Events: \"events.md\", Echo: \"examples/echo.md\", }"),
            ("examples/echo/src/main.rs", "fn main() {}\n"),
            ("examples/shared/src/lib.rs", ""),
        ];
        for (name, text) in files {
            write(root.path(), name, text);
        }
        root
    }

    fn write(root: &Path, name: &str, text: &str) {
        let path = root.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Returns the problems after one file has changed.
    fn problems_with(name: &str, text: &str) -> Vec<String> {
        let root = workspace();
        write(root.path(), name, text);
        problems(root.path()).unwrap()
    }

    #[test]
    fn complete_guide_has_no_problem() {
        assert!(problems(workspace().path()).unwrap().is_empty());
    }

    #[test]
    fn page_must_be_in_contents_and_doctests() {
        assert_eq!(
            problems_with("docs/guide/src/moq.md", "# MoQ\n\nPublish.\n"),
            [
                "docs/guide/src/moq.md: SUMMARY.md does not have this page",
                "docs/guide/src/moq.md: tests/src/guide.rs does not have this page",
            ]
        );
        let contents = "- [Events](events.md)\n- [Echo](examples/echo.md)\n- [MoQ](moq.md)\n";
        assert_eq!(
            problems_with("docs/guide/src/SUMMARY.md", contents),
            ["docs/guide/src/SUMMARY.md: moq.md does not exist"]
        );
    }

    #[test]
    fn page_with_only_headings_is_empty() {
        let found = problems_with("docs/guide/src/events.md", "# Events\n\n## Gaps\n");
        assert_eq!(found, ["docs/guide/src/events.md: the page is empty"]);
    }

    #[test]
    fn picture_must_be_shown_by_a_page() {
        let unused = problems_with("docs/guide/src/pictures/token.svg", "<svg/>");
        assert_eq!(unused, ["docs/guide/src/pictures/token.svg: no page shows this picture"]);
        assert_eq!(problems_with("README.md", "See pictures/parts.svg.\n").len(), 1);
        // Pages in a subdirectory, reference links and HTML count, too.
        for link in ["![P](../pictures/parts.svg)", "[parts]: pictures/parts.svg", "<img src=\"pictures/parts.svg\">"] {
            let root = workspace();
            write(root.path(), "README.md", "# Example\n");
            write(root.path(), "docs/guide/src/examples/echo.md", &format!("# Echo\n\n{link}\n"));
            assert!(problems(root.path()).unwrap().is_empty(), "{link}");
        }
    }

    #[test]
    fn program_must_have_a_page_and_a_short_main() {
        let found = problems_with("examples/poet/src/main.rs", "fn main() {}\n");
        assert_eq!(found, ["examples/poet: the guide has no page examples/poet.md"]);
        assert!(problems_with("examples/echo/src/main.rs", &"\n".repeat(200)).is_empty());
        let found = problems_with("examples/echo/src/main.rs", &"\n".repeat(201));
        assert_eq!(found, ["examples/echo/src/main.rs: 201 lines; the limit is 200"]);
    }

    #[test]
    fn long_readme_is_a_problem() {
        let readme = |lines: usize| format!("![Parts](docs/guide/src/pictures/parts.svg)\n{}", "\n".repeat(lines - 1));
        assert!(problems_with("README.md", &readme(160)).is_empty());
        assert_eq!(problems_with("README.md", &readme(161)), ["README.md: 161 lines; the limit is 160"]);
    }
}
