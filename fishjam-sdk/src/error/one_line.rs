//! Prints text of other parties on one line.

use std::fmt;

/// Text of another party. `Display` replaces line breaks, control characters and bidirectional controls with spaces.
pub(crate) struct OneLine<'a>(pub(crate) &'a str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().map(|c| if leaves_line(c) { ' ' } else { c }).try_for_each(|c| fmt::Write::write_char(f, c))
    }
}

/// Returns `true` if a character ends a line, controls a terminal or changes the order of the text.
fn leaves_line(c: char) -> bool {
    let is_separator = matches!(c, '\u{2028}' | '\u{2029}');
    // The characters with the Unicode property Bidi_Control.
    let is_bidirectional = matches!(c,
        '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || is_separator || is_bidirectional
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_line_replaces_separators_and_bidirectional_controls() {
        let replaced = ['\n', '\r', '\t', '\0', '\u{1b}', '\u{7f}', '\u{85}', '\u{61c}']
            .into_iter()
            .chain(['\u{200e}', '\u{200f}', '\u{2028}', '\u{2029}'])
            .chain('\u{202a}'..='\u{202e}')
            .chain('\u{2066}'..='\u{2069}');
        for c in replaced {
            assert_eq!(OneLine(&format!("a{c}b")).to_string(), "a b", "{c:?}");
        }
        for kept in ["Zażółć", "שלום", "a\u{200d}b", "a\u{a0}b", "\u{1f600}"] {
            assert_eq!(OneLine(kept).to_string(), kept);
        }
    }
}
