//! Sizes of `text` components, estimated without a font.

use fishjam_api::composition::types::{Text, TextWrapMode};

use super::{numbers::length, rect::Size};

/// Estimated width of a character, in font sizes.
const CHARACTER_WIDTH: f64 = 0.55;

/// Server defaults of `max_width` and `max_height`.
const MAX_WIDTH: f64 = 7682.0;
const MAX_HEIGHT: f64 = 4320.0;

/// The string of a `text` component, in lines.
#[derive(Clone, Debug)]
pub(super) struct TextLines {
    text: String,
    wrap: TextWrapMode,
    font_size: f64,
    line_height: f64,
    /// Width at which lines end.
    max_width: f64,
}

impl TextLines {
    pub(super) fn new(text: &Text) -> Self {
        let font_size = length(text.font_size);
        Self {
            text: text.text.clone(),
            wrap: text.wrap.unwrap_or(TextWrapMode::None),
            font_size,
            line_height: text.line_height.map_or(font_size, length),
            max_width: text.width.or(text.max_width).map_or(MAX_WIDTH, length),
        }
    }

    pub(super) fn font_size(&self) -> f64 {
        self.font_size
    }

    pub(super) fn line_height(&self) -> f64 {
        self.line_height
    }

    /// Calls a function with each line.
    pub(super) fn each_line<'a>(&'a self, mut line: impl FnMut(&'a str)) {
        for paragraph in self.text.lines() {
            match self.wrap {
                TextWrapMode::None => line(paragraph),
                TextWrapMode::Glyph => wrap_characters(paragraph, self.capacity(), &mut line),
                TextWrapMode::Word => wrap_words(paragraph, self.capacity(), &mut line),
            }
        }
    }

    /// Number of characters in a full line.
    fn capacity(&self) -> usize {
        let capacity = self.max_width / (CHARACTER_WIDTH * self.font_size);
        // The cast saturates. It converts `NaN`, the result for a component without width and font size, to 0.
        (capacity as usize).max(1)
    }

    fn width_of(&self, line: &str) -> f64 {
        line.chars().count() as f64 * CHARACTER_WIDTH * self.font_size
    }
}

/// Returns the size of the component. A missing width or height is an estimate.
pub(super) fn measure(text: &Text) -> Size {
    if let (Some(width), Some(height)) = (text.width, text.height) {
        return Size::new(length(width), length(height));
    }
    let lines = TextLines::new(text);
    let (mut count, mut widest) = (0.0, 0.0_f64);
    lines.each_line(|line| {
        count += 1.0;
        widest = widest.max(lines.width_of(line));
    });
    let max_height = text.max_height.map_or(MAX_HEIGHT, length);
    let height = text.height.map_or_else(|| length(count * lines.line_height).min(max_height), length);
    let width = text.width.map_or_else(|| length(widest).min(lines.max_width), length);
    Size::new(width, height)
}

fn wrap_characters<'a>(paragraph: &'a str, capacity: usize, line: &mut impl FnMut(&'a str)) {
    let mut rest = paragraph;
    while let Some((end, _)) = rest.char_indices().nth(capacity) {
        let (full, remaining) = rest.split_at(end);
        line(full);
        rest = remaining;
    }
    line(rest);
}

/// Ends lines at spaces. A word that is longer than a line stays whole.
fn wrap_words<'a>(paragraph: &'a str, capacity: usize, line: &mut impl FnMut(&'a str)) {
    let (mut start, mut end, mut used) = (0, 0, 0);
    let mut position = 0;
    for word in paragraph.split_inclusive(' ') {
        let (visible, whole) = (word.trim_end_matches(' '), word.chars().count());
        if used > 0 && used + visible.chars().count() > capacity {
            line(paragraph.get(start..end).unwrap_or_default());
            (start, used) = (position, 0);
        }
        end = position + visible.len();
        position += word.len();
        used += whole;
    }
    line(paragraph.get(start..end).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use fishjam_api::composition::types::TextType;

    use super::*;

    fn text(text: &str, font_size: f64) -> Text {
        Text {
            align: None,
            background_color: None,
            color: None,
            extra: Default::default(),
            font_family: None,
            font_size,
            height: None,
            id: None,
            line_height: None,
            max_height: None,
            max_width: None,
            style: None,
            text: text.to_owned(),
            type_: TextType::Text,
            weight: None,
            width: None,
            wrap: None,
        }
    }

    fn lines(text: &Text) -> Vec<String> {
        let mut all = Vec::new();
        TextLines::new(text).each_line(|line| all.push(line.to_owned()));
        all
    }

    #[test]
    fn text_without_size_is_as_large_as_its_lines() {
        assert_eq!(measure(&text("Hello\nyou", 20.0)), Size::new(5.0 * 0.55 * 20.0, 40.0));
        assert_eq!(measure(&text("", 20.0)), Size::default());
    }

    #[test]
    fn text_with_both_sizes_is_exact() {
        let fixed = Text { width: Some(30.0), height: Some(7.0), ..text("Hello", 20.0) };
        assert_eq!(measure(&fixed), Size::new(30.0, 7.0));
    }

    #[test]
    fn text_with_a_width_is_a_column() {
        // 110 / (0.55 * 20) = 10 characters per line.
        let column = Text {
            width: Some(110.0),
            line_height: Some(25.0),
            wrap: Some(TextWrapMode::Word),
            ..text("one two three four", 20.0)
        };
        assert_eq!(lines(&column), ["one two", "three four"]);
        assert_eq!(measure(&column), Size::new(110.0, 50.0));
        let limited = Text { max_height: Some(30.0), ..column };
        assert_eq!(measure(&limited), Size::new(110.0, 30.0));
    }

    #[test]
    fn text_grows_up_to_its_maxima() {
        let long = Text { max_width: Some(110.0), max_height: Some(50.0), ..text(&"x".repeat(50), 20.0) };
        assert_eq!(measure(&long), Size::new(110.0, 20.0));
        let wrapped = Text { wrap: Some(TextWrapMode::Glyph), ..long };
        assert_eq!(measure(&wrapped), Size::new(110.0, 50.0));
        assert_eq!(measure(&text(&"x".repeat(5_000), 20.0)).width, MAX_WIDTH);
        assert_eq!(measure(&text(&"x\n".repeat(5_000), 20.0)).height, MAX_HEIGHT);
    }

    #[test]
    fn words_stay_whole_and_characters_do_not() {
        let words = Text { width: Some(44.0), wrap: Some(TextWrapMode::Word), ..text("a bc defghi j", 20.0) };
        assert_eq!(lines(&words), ["a bc", "defghi", "j"]);
        let glyphs = Text { wrap: Some(TextWrapMode::Glyph), ..words.clone() };
        assert_eq!(lines(&glyphs), ["a bc", " def", "ghi ", "j"]);
        assert_eq!(lines(&Text { wrap: None, ..words }), ["a bc defghi j"]);
    }

    #[test]
    fn lines_end_for_any_numbers() {
        for (font_size, width) in [(0.0, 0.0), (f64::NAN, f64::NAN), (1e300, 1.0), (1e-300, 1e300), (-1.0, -1.0)] {
            for wrap in [TextWrapMode::None, TextWrapMode::Glyph, TextWrapMode::Word] {
                let odd = Text { width: Some(width), wrap: Some(wrap), ..text("äöü 漢字 \u{1F600}x", font_size) };
                let size = measure(&odd);
                assert!(size.width.is_finite() && size.height.is_finite());
                assert!(!lines(&odd).is_empty());
            }
        }
    }
}
