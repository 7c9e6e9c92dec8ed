//! Writes curves into a Markdown document, and their drawings into a folder beside it.

use std::{
    collections::BTreeMap,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};

use super::{chart, curve::Curve};

const START: &str = "<!-- growth -->";
const END: &str = "<!-- /growth -->";

/// Folder of the drawings, beside the document.
const FOLDER: &str = "growth";

/// Checks that the document has the markers.
///
/// # Errors
///
/// Returns an error if the file cannot be read, or if it does not have each marker once, in this order.
pub(crate) fn check(document: &Path) -> anyhow::Result<()> {
    read(document).map(|_| ())
}

/// Replaces everything between the markers by these curves, and deletes the drawings of other curves.
pub(crate) fn replace(document: &Path, curves: &[Curve]) -> anyhow::Result<()> {
    write(document, Vec::new(), curves)?;
    let names: Vec<String> = curves.iter().map(|curve| chart::file_name(curve.title)).collect();
    for file in fs::read_dir(folder(document))? {
        let path = file?.path();
        let current = path.file_name().is_some_and(|name| names.iter().any(|current| name == current.as_str()));
        if path.extension() == Some(OsStr::new("svg")) && !current {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Replaces the sections of these curves. A new section is the last one.
pub(crate) fn update(document: &Path, curves: &[Curve]) -> anyhow::Result<()> {
    let [_, sections, _] = read(document)?;
    // The text before the first heading is empty.
    let sections = sections.split("\n### ").skip(1).map(|section| format!("### {}\n", section.trim_end())).collect();
    write(document, sections, curves)
}

/// Writes the drawings, and then the document with the curves in their sections.
fn write(document: &Path, mut sections: Vec<String>, curves: &[Curve]) -> anyhow::Result<()> {
    let [before, _, after] = read(document)?;
    let mut drawings = BTreeMap::new();
    for curve in curves {
        let name = chart::file_name(curve.title);
        let section = section(curve, &name);
        let heading = section.lines().next().unwrap_or_default();
        match sections.iter_mut().find(|old| old.lines().next() == Some(heading)) {
            Some(old) => *old = section,
            None => sections.push(section),
        }
        ensure!(drawings.insert(name, chart::draw(curve)?).is_none(), "two curves have the title \"{}\"", curve.title);
    }
    let folder = folder(document);
    fs::create_dir_all(&folder)?;
    for (name, drawing) in drawings {
        fs::write(folder.join(name), drawing)?;
    }
    let sections = sections.join("\n");
    fs::write(document, format!("{before}{START}\n\n{sections}\n{END}{after}"))?;
    Ok(())
}

fn section(curve: &Curve, drawing: &str) -> String {
    let Curve { title, size, cost, .. } = curve;
    format!("{}\n![{title}: {cost}, by {size}]({FOLDER}/{drawing})\n", curve.table())
}

fn folder(document: &Path) -> PathBuf {
    document.with_file_name(FOLDER)
}

/// Reads the document. Returns the text before the markers, between them and after them.
fn read(document: &Path) -> anyhow::Result<[String; 3]> {
    let text = fs::read_to_string(document).with_context(|| format!("cannot read {}", document.display()))?;
    let parts = || {
        let (before, rest) = text.split_once(START)?;
        let (sections, after) = rest.split_once(END)?;
        let once = !before.contains(END) && !after.contains(END) && !rest.contains(START);
        once.then(|| [before, sections, after].map(str::to_owned))
    };
    parts().with_context(|| {
        let name = document.file_name().unwrap_or_default().display();
        format!("{name} needs the markers {START} and {END}, each once and in this order")
    })
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::curve::Point;

    const BEFORE: &str = "# Performance\r\n\n### Reads\nkept  \n\n";
    const AFTER: &str = "\n\n## Next\n\n### Creates\nno newline at the end";

    fn curve(title: &'static str, sdk: f64) -> Curve {
        Curve {
            title,
            size: "calls in flight",
            cost: "µs per call",
            bare: "reqwest",
            goal: "at most 1.05",
            points: vec![Point { size: 1, sdk, bare: Some(50.0) }, Point { size: 1000, sdk, bare: None }],
        }
    }

    fn document(text: &str) -> (TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("performance.md");
        fs::write(&path, text).unwrap();
        (folder, path)
    }

    fn between(path: &Path) -> String {
        let text = fs::read_to_string(path).unwrap();
        let text = text.strip_prefix(BEFORE).and_then(|text| text.strip_prefix(START)).unwrap();
        text.strip_suffix(AFTER).and_then(|text| text.strip_suffix(END)).unwrap().to_owned()
    }

    fn drawings(path: &Path) -> Vec<String> {
        let files = fs::read_dir(folder(path)).unwrap();
        let mut names: Vec<_> = files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn replace_changes_only_text_between_markers() {
        let (_folder, path) = document(&format!("{BEFORE}{START}### Old\n{END}{AFTER}"));
        replace(&path, &[curve("Reads", 52.0), curve("Creates", 60.0)]).unwrap();
        let sections = "

### Reads

Cost: µs per call. Bare: reqwest. Goal: at most 1.05.

| calls in flight | fishjam-sdk | bare | ratio |
|---|---|---|---|
| 1 | 52.0 | 50.0 | 1.04 |
| 1,000 | 52.0 |  |  |

![Reads: µs per call, by calls in flight](growth/reads.svg)

### Creates

Cost: µs per call. Bare: reqwest. Goal: at most 1.05.

| calls in flight | fishjam-sdk | bare | ratio |
|---|---|---|---|
| 1 | 60.0 | 50.0 | 1.20 |
| 1,000 | 60.0 |  |  |

![Creates: µs per call, by calls in flight](growth/creates.svg)

";
        assert_eq!(between(&path), sections);
        assert_eq!(drawings(&path), ["creates.svg", "reads.svg"]);
        assert_eq!(
            fs::read_to_string(folder(&path).join("reads.svg")).unwrap(),
            chart::draw(&curve("Reads", 52.0)).unwrap()
        );
        replace(&path, &[curve("Reads", 52.0), curve("Creates", 60.0)]).unwrap();
        assert_eq!(between(&path), sections);
    }

    #[test]
    fn replace_deletes_drawings_of_other_curves() {
        let (_folder, path) = document(&format!("{BEFORE}{START}{END}{AFTER}"));
        replace(&path, &[curve("Reads", 52.0), curve("Creates", 60.0)]).unwrap();
        fs::write(folder(&path).join("README.md"), "kept").unwrap();
        replace(&path, &[curve("Creates", 60.0)]).unwrap();
        assert_eq!(drawings(&path), ["README.md", "creates.svg"]);
        assert!(!between(&path).contains("Reads"));
    }

    #[test]
    fn update_keeps_other_sections_and_order() {
        let (_folder, path) = document(&format!("{BEFORE}{START}{END}{AFTER}"));
        let all = |creates| [curve("Reads", 52.0), curve("Creates", creates), curve("Rooms", 70.0)];
        replace(&path, &all(55.0)).unwrap();
        let expected = between(&path);
        replace(&path, &all(60.0)).unwrap();
        update(&path, &[curve("Creates", 55.0)]).unwrap();
        assert_eq!(between(&path), expected);
        assert_eq!(drawings(&path), ["creates.svg", "reads.svg", "rooms.svg"]);
        update(&path, &[curve("Batches", 80.0)]).unwrap();
        assert!(between(&path).starts_with(&expected));
        assert!(between(&path).ends_with("growth/batches.svg)\n\n"));
    }

    #[test]
    fn document_without_markers_is_error() {
        for text in [
            "no marker",
            "<!-- growth -->",
            "<!-- /growth --><!-- growth -->",
            "<!-- growth --><!-- growth --><!-- /growth -->",
            "<!-- growth --><!-- /growth --><!-- /growth -->",
            "<!-- growth --><!-- /growth --><!-- growth -->",
        ] {
            let (_folder, path) = document(text);
            let curves = [curve("Reads", 52.0)];
            for outcome in [check(&path), replace(&path, &curves), update(&path, &curves)] {
                let error = outcome.unwrap_err().to_string();
                assert!(error.contains("performance.md") && error.contains(START) && error.contains(END), "{error}");
            }
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert!(!folder(&path).exists());
        }
    }

    #[test]
    fn invalid_curve_changes_nothing() {
        let text = format!("{BEFORE}{START}{END}{AFTER}");
        let (_folder, path) = document(&text);
        for curves in [[curve("Reads", 52.0), curve("Creates", f64::NAN)], [curve("Reads", 1.0), curve("Reads", 2.0)]] {
            replace(&path, &curves).unwrap_err();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert!(!folder(&path).exists());
        }
    }
}
