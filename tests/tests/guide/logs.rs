//! The page `observability.md` lists each log line of the SDK with its levels and its fields, and no other one.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use crate::page::read;

/// The levels and the fields of each message.
type Lines = BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>;

const LEVELS: [&str; 4] = ["debug", "info", "warn", "error"];

/// Returns the log lines in the source files of a folder.
fn lines_of_source(folder: &Path) -> anyhow::Result<Lines> {
    let mut lines = Lines::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            lines.extend(lines_of_source(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path)?;
            let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
            for level in LEVELS {
                for call in code.split(&format!("tracing::{level}!(")).skip(1) {
                    let (fields, message) = call_of(call);
                    let line = lines.entry(message).or_default();
                    line.0.insert(level.to_uppercase());
                    line.1.extend(fields);
                }
            }
        }
    }
    Ok(lines)
}

/// Returns the fields and the message of a call, from the text after the opening parenthesis.
fn call_of(text: &str) -> (Vec<String>, String) {
    let (mut depth, mut from, mut arguments) = (0, 0, Vec::new());
    let mut in_string = false;
    for (at, c) in text.char_indices() {
        match c {
            '"' => in_string = !in_string,
            '(' if !in_string => depth += 1,
            ')' if !in_string && depth > 0 => depth -= 1,
            ')' | ',' if !in_string && depth == 0 => {
                arguments.push(text[from..at].trim());
                from = at + 1;
                if c == ')' {
                    break;
                }
            }
            _ => {}
        }
    }
    let message = arguments.pop().unwrap_or_default().trim_matches('"').to_owned();
    let name =
        |field: &str| field.split('=').next().unwrap_or_default().trim().trim_start_matches(['?', '%']).to_owned();
    (arguments.into_iter().map(name).collect(), message)
}

/// Returns the rows of the table below the heading "Log lines".
fn lines_of_page(page: &str) -> Lines {
    let section = page.split("## Log lines").nth(1).and_then(|rest| rest.split("\n## ").next()).unwrap_or_default();
    let codes = |cell: &str| cell.split('`').skip(1).step_by(2).map(str::to_owned).collect::<Vec<_>>();
    let mut lines = Lines::new();
    for row in section.lines().filter(|line| line.starts_with('|')) {
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        if let [_, levels, message, fields, _] = cells[..]
            && let [message] = &codes(message)[..]
        {
            let levels = levels.split(", ").map(str::to_owned).collect();
            lines.insert(message.clone(), (levels, codes(fields).into_iter().collect()));
        }
    }
    lines
}

#[test]
fn page_lists_each_log_line_of_the_sdk() -> anyhow::Result<()> {
    let source = lines_of_source(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../fishjam-sdk/src"))?;
    let page = lines_of_page(&read("observability.md")?);
    for (message, line) in &source {
        assert_eq!(page.get(message), Some(line), "{message}");
    }
    assert_eq!(page.keys().collect::<Vec<_>>(), source.keys().collect::<Vec<_>>());
    assert!(source.len() > 30, "{source:?}");
    Ok(())
}

#[test]
fn other_pages_name_only_existing_log_lines() -> anyhow::Result<()> {
    let known = lines_of_page(&read("observability.md")?);
    for page in ["troubleshooting.md", "production.md"] {
        let text = read(page)?;
        for quoted in text.split("log line\n`").flat_map(|part| part.split("log line `")).skip(1) {
            let message = quoted.split('`').next().unwrap_or_default();
            assert!(known.contains_key(message), "{page}: {message:?}");
        }
    }
    Ok(())
}
