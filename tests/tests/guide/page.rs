//! Reading a page of the guide, and comparing a quoted line with a real one.

use std::{fs, path::Path};

use anyhow::Context;

/// Returns the text of a page of the guide.
pub(crate) fn read(name: &str) -> anyhow::Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guide/src").join(name);
    fs::read_to_string(&path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Returns the lines of the blocks that begin with "```text".
pub(crate) fn quoted_lines(page: &str) -> Vec<&str> {
    let mut quoted = Vec::new();
    let mut block = None;
    for line in page.lines() {
        match (block, line.strip_prefix("```")) {
            (None, Some(language)) => block = Some(language),
            (Some(_), Some(_)) => block = None,
            (Some("text"), None) => quoted.push(line),
            _ => {}
        }
    }
    quoted
}

/// Returns `true` if the line has this form, in which `...` stands for any text.
pub(crate) fn matches(form: &str, line: &str) -> bool {
    let Some((start, others)) = form.split_once("...") else { return form == line };
    let (between, end) = others.rsplit_once("...").unwrap_or(("", others));
    let Some(mut rest) = line.strip_prefix(start) else { return false };
    for part in between.split("...") {
        let Some((_, after)) = rest.split_once(part) else { return false };
        rest = after;
    }
    rest.ends_with(end)
}

#[test]
fn dots_in_a_form_match_any_text() {
    for (form, line, expected) in [
        ("room gone", "room gone", true),
        ("room gone", "room gone away", false),
        ("room ... (404)", "room r (404)", true),
        ("room ... (404)", "room r (409)", false),
        ("... of ... bytes", "3 of 4 bytes", true),
        ("a...a", "a", false),
    ] {
        assert_eq!(matches(form, line), expected, "{form:?} {line:?}");
    }
}

#[test]
fn only_text_blocks_are_quoted() {
    let page = "a\n```text\nb\n```\n```rust\nc\n```\n```text\nd\n```";
    assert_eq!(quoted_lines(page), ["b", "d"]);
}
