//! Fenced code blocks of Markdown files.

/// A fenced code block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Block<'a> {
    /// The info string, such as `rust,no_run`.
    pub info: &'a str,
    /// The lines between the fences.
    pub text: &'a str,
    /// The number of the line after the first fence, from 1.
    pub line: usize,
}

impl<'a> Block<'a> {
    /// Returns the language, which is the first word of the info string.
    #[must_use]
    pub fn language(&self) -> &'a str {
        self.words().next().unwrap_or_default()
    }

    /// Returns the file that the info string names, such as `src/main.rs` in `rust,src/main.rs`.
    #[must_use]
    pub fn file(&self) -> Option<&'a str> {
        self.words().skip(1).find(|word| word.contains(['.', '/']))
    }

    /// Returns the lines that a page shows: rustdoc hides lines of Rust code that start with `# `.
    #[must_use]
    pub fn shown(&self) -> String {
        let hidden = |line: &str| {
            let line = line.trim_start();
            self.language() == "rust" && (line == "#" || line.starts_with("# "))
        };
        self.text.split_inclusive('\n').filter(|line| !hidden(line.trim_end())).collect()
    }

    fn words(&self) -> impl Iterator<Item = &'a str> {
        self.info.split([',', ' ']).filter(|word| !word.is_empty())
    }
}

/// Returns the fenced blocks of a document. A block without an end reaches to the end of the document.
#[must_use]
pub fn blocks(markdown: &str) -> Vec<Block<'_>> {
    let mut found = Vec::new();
    // The fence, the info string, the start of the text, and its line.
    let mut open: Option<(&str, &str, usize, usize)> = None;
    let mut offset = 0;
    for (index, line) in markdown.split_inclusive('\n').enumerate() {
        let next = offset + line.len();
        let trimmed = line.trim();
        let fence = &trimmed[..trimmed.len() - trimmed.trim_start_matches('`').len()];
        match open {
            None if fence.len() >= 3 => open = Some((fence, &trimmed[fence.len()..], next, index + 2)),
            Some((opening, info, start, line)) if fence.len() >= opening.len() && fence == trimmed => {
                found.push(Block { info, text: &markdown[start..offset], line });
                open = None;
            }
            _ => {}
        }
        offset = next;
    }
    if let Some((_, info, start, line)) = open {
        found.push(Block { info, text: &markdown[start..], line });
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_have_info_text_and_line() {
        let found = blocks("# A\n\n```toml,Cargo.toml\n[package]\n```\n\ntext\n\n````text\n```\n````\n```sh\ntrue\n");
        let expected = [
            Block { info: "toml,Cargo.toml", text: "[package]\n", line: 4 },
            Block { info: "text", text: "```\n", line: 10 },
            Block { info: "sh", text: "true\n", line: 13 },
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn file_is_a_word_after_the_language() {
        let block = |info| Block { info, text: "", line: 1 };
        assert_eq!(block("rust,no_run,src/main.rs").file(), Some("src/main.rs"));
        assert_eq!(block("toml,Cargo.toml").file(), Some("Cargo.toml"));
        assert_eq!(block("rust,no_run").file(), None);
        assert_eq!((block("").language(), block("").file()), ("", None));
    }

    #[test]
    fn hidden_lines_of_rust_are_not_shown() {
        let text = "# use hidden;\n#[test]\n  # hidden();\n#\nshown();\n";
        assert_eq!(Block { info: "rust", text, line: 1 }.shown(), "#[test]\nshown();\n");
        assert_eq!(Block { info: "sh", text, line: 1 }.shown(), text);
    }
}
