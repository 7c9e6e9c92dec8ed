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
