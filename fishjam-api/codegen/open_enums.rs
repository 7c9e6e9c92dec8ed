//! Generates the invocations of `open_enum!`.

use std::fmt::Write;

use serde_json::Value;

use crate::Outcome;

/// Returns one `open_enum!` for each named schema. `x-enum-descriptions` in the contract documents the variants.
pub(crate) fn emit(document: &Value, names: &[String]) -> Outcome<String> {
    let mut text = String::new();
    for name in names {
        let schema = &document["components"]["schemas"][name];
        text.push_str("open_enum! {\n");
        doc(&mut text, "    ", schema["description"].as_str().unwrap_or(name));
        let _ = writeln!(text, "    {name} {{");
        for value in schema["enum"].as_array().into_iter().flatten() {
            let value = value.as_str().ok_or_else(|| format!("{name}: {value} is not a string"))?;
            let meaning = schema["x-enum-descriptions"][value]
                .as_str()
                .ok_or_else(|| format!("{name}: x-enum-descriptions does not describe {value}"))?;
            doc(&mut text, "        ", meaning);
            let _ = writeln!(text, "        {} = {value:?},", variant(value));
        }
        text.push_str("    }\n}\n");
    }
    Ok(text)
}

fn doc(text: &mut String, indent: &str, comment: &str) {
    for line in comment.trim().lines() {
        let _ = writeln!(text, "{indent}/// {}", line.trim());
    }
}

/// Converts `audio_only` to `AudioOnly`, and `UP` to `Up`.
fn variant(value: &str) -> String {
    let shouted = value.chars().all(|c| !c.is_ascii_lowercase());
    let value = if shouted { value.to_ascii_lowercase() } else { value.to_owned() };
    value
        .split(|c: char| !c.is_ascii_alphanumeric())
        .map(|word| {
            let mut letters = word.chars();
            letters.next().map(|first| first.to_ascii_uppercase()).into_iter().chain(letters).collect::<String>()
        })
        .collect()
}
