//! Draws a layout as SVG.

use std::fmt::{self, Write};

use fishjam_api::composition::types::HorizontalAlign;

use super::{
    super::scene::Color,
    appearance::{Shadow, TextAppearance},
    layout_box::{ComponentKind, LayoutBox},
    rect::Rect,
};

/// Colors of inputs. The id determines the color, so that an input keeps it in all scenes.
const INPUT_COLORS: [&str; 8] =
    ["#2f6f8f", "#8f4f2f", "#4f7f3f", "#7f3f7f", "#8f7f2f", "#3f4f9f", "#8f3f4f", "#2f7f6f"];

/// Estimated width of a character of a label, in font sizes.
const LABEL_CHARACTER: f64 = 0.6;

/// Font sizes of labels. Boxes that are too small have none.
const SMALLEST_LABEL: f64 = 4.0;
const LARGEST_LABEL: f64 = 32.0;

/// Returns the document.
pub(super) fn draw(width: u32, height: u32, boxes: &[LayoutBox]) -> String {
    let mut document = String::with_capacity(256 + 192 * boxes.len());
    // Writing to a string cannot fail.
    let _ = write_document(&mut document, width, height, boxes);
    document
}

fn write_document(svg: &mut String, width: u32, height: u32, boxes: &[LayoutBox]) -> fmt::Result {
    writeln!(
        svg,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">"#
    )?;
    writeln!(svg, r##"<rect width="{width}" height="{height}" fill="#000000"/>"##)?;
    // The open groups: each one clips to the box with this index.
    let mut open: Vec<usize> = Vec::new();
    for component in boxes {
        open_clip(svg, boxes, &mut open, component)?;
        write_box(svg, component)?;
    }
    for _ in open {
        writeln!(svg, "</g>")?;
    }
    writeln!(svg, "</svg>")
}

/// Closes and opens groups, so that the open ones are exactly the boxes that clip the component.
///
/// The boxes are in the order of the tree. Thus at most the innermost group is missing.
fn open_clip(svg: &mut String, boxes: &[LayoutBox], open: &mut Vec<usize>, component: &LayoutBox) -> fmt::Result {
    let clip = component.clip.and_then(|index| boxes.get(index));
    let around = clip.and_then(|clip| clip.clip);
    while let Some(&innermost) = open.last() {
        if Some(innermost) == component.clip || Some(innermost) == around {
            break;
        }
        open.pop();
        writeln!(svg, "</g>")?;
    }
    if let (Some(clip), true) = (clip, open.last().copied() != component.clip) {
        let border = clip.border_width();
        let (inner, radius) = (clip.rect.inset(border), (clip.radius() - border).max(0.0));
        let id = clip.z_index;
        write!(svg, r#"<clipPath id="clip{id}"><rect {}{}"#, Position(inner), Radius(radius))?;
        writeln!(svg, r#"{}/></clipPath><g clip-path="url(#clip{id})">"#, Turn::of(clip))?;
        open.push(id);
    }
    Ok(())
}

fn write_box(svg: &mut String, component: &LayoutBox) -> fmt::Result {
    if component.rect.is_empty() {
        return Ok(());
    }
    write!(svg, "<g{}><title>{}", Turn::of(component), Escaped(&component.path))?;
    if let Some(id) = component.component_id() {
        write!(svg, " {}", Escaped(id))?;
    }
    write!(svg, "</title>")?;
    if component.beyond_limit {
        write_frame(svg, component.rect, "#ff0000")?;
        return writeln!(svg, "</g>");
    }
    let look = &component.appearance;
    for (number, shadow) in look.shadows.iter().enumerate() {
        write_shadow(svg, component, shadow, number)?;
    }
    if let Some(color) = look.background {
        write!(svg, "<rect {}{}{}/>", Position(component.rect), Radius(component.radius()), Fill(color))?;
    }
    match (component.kind, component.source.as_deref(), &look.text) {
        (ComponentKind::InputStream, Some(id), _) => write_input(svg, component, id)?,
        (ComponentKind::Image, Some(id), _) => write_image(svg, component, id)?,
        (_, _, Some(text)) => write_text(svg, component, text)?,
        _ => {}
    }
    if let Some(color) = look.border {
        write_border(svg, component, color)?;
    }
    if component.estimated {
        write_frame(svg, component.rect, "#ffff00")?;
    }
    writeln!(svg, "</g>")
}

fn write_shadow(svg: &mut String, component: &LayoutBox, shadow: &Shadow, number: usize) -> fmt::Result {
    let scale = component.scale;
    let rect = component.rect;
    let rect = Rect::new(rect.x + shadow.x * scale, rect.y + shadow.y * scale, rect.width, rect.height);
    let blur = shadow.blur * scale;
    let radius = Radius(component.radius());
    if blur <= 0.0 {
        return write!(svg, "<rect {}{radius}{}/>", Position(rect), Fill(shadow.color));
    }
    let id = format_args!("shadow{}-{number}", component.z_index).to_string();
    let area = Rect::new(rect.x - 2.0 * blur, rect.y - 2.0 * blur, rect.width + 4.0 * blur, rect.height + 4.0 * blur);
    write!(svg, r#"<filter id="{id}" filterUnits="userSpaceOnUse" {}>"#, Position(area))?;
    write!(svg, r#"<feGaussianBlur stdDeviation="{}"/></filter>"#, Number(blur / 2.0))?;
    write!(svg, r#"<rect {}{radius}{} filter="url(#{id})"/>"#, Position(rect), Fill(shadow.color))
}

/// Writes the border. It is inside the rectangle, and a stroke is on both sides of its line.
fn write_border(svg: &mut String, component: &LayoutBox, color: Color) -> fmt::Result {
    let width = component.border_width().min(component.rect.width / 2.0).min(component.rect.height / 2.0);
    let line = component.rect.inset(width / 2.0);
    let radius = (component.radius() - width / 2.0).max(0.0);
    write!(svg, r#"<rect {}{} fill="none""#, Position(line), Radius(radius))?;
    write!(svg, r#"{} stroke-width="{}"/>"#, Paint("stroke", color), Number(width))
}

fn write_input(svg: &mut String, component: &LayoutBox, id: &str) -> fmt::Result {
    // FNV-1a is the same in each version of Rust, unlike the standard library's hash.
    let hash = id.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    let color = INPUT_COLORS.get(hash as usize % INPUT_COLORS.len()).copied().unwrap_or("#2f6f8f");
    write!(svg, r#"<rect {} fill="{color}"/>"#, Position(component.rect))?;
    write_label(svg, component, id)
}

fn write_image(svg: &mut String, component: &LayoutBox, id: &str) -> fmt::Result {
    let rect = component.rect;
    let (x, y, right, bottom) = (Number(rect.x), Number(rect.y), Number(rect.right()), Number(rect.bottom()));
    write!(svg, r##"<rect {} fill="#555555"/>"##, Position(rect))?;
    write!(svg, r##"<path d="M{x} {y}L{right} {bottom}M{right} {y}L{x} {bottom}" stroke="#888888"/>"##)?;
    write_label(svg, component, id)
}

/// Writes an id into the middle of a box, as large as it fits.
///
/// If clips cut an upright box, the label is in the middle of the visible part.
fn write_label(svg: &mut String, component: &LayoutBox, id: &str) -> fmt::Result {
    let upright = component.rotation == 0.0;
    let rect = component.visible().filter(|_| upright).unwrap_or(component.rect);
    let widest = rect.width / (LABEL_CHARACTER * id.chars().count().max(1) as f64);
    let size = widest.min(rect.height / 2.0).min(LARGEST_LABEL);
    if size < SMALLEST_LABEL {
        return Ok(());
    }
    let (x, y) = (rect.x + rect.width / 2.0, rect.y + rect.height / 2.0 + size * BASELINE);
    write!(svg, r#"<text x="{}" y="{}" font-size="{}""#, Number(x), Number(y), Number(size))?;
    write!(svg, r##" font-family="sans-serif" fill="#ffffff" text-anchor="middle">{}</text>"##, Escaped(id))
}

/// Distance from the middle of a line to its base, in font sizes.
const BASELINE: f64 = 0.35;

/// Writes the lines of a `text` component. The inner `svg` element clips them to its box.
fn write_text(svg: &mut String, component: &LayoutBox, text: &TextAppearance) -> fmt::Result {
    let rect = component.rect;
    let (font, line_height) = (text.lines.font_size() * component.scale, text.lines.line_height() * component.scale);
    if line_height <= 0.0 {
        return Ok(());
    }
    let (x, anchor) = match text.align {
        HorizontalAlign::Left | HorizontalAlign::Justified => (0.0, "start"),
        HorizontalAlign::Center => (rect.width / 2.0, "middle"),
        HorizontalAlign::Right => (rect.width, "end"),
    };
    write!(svg, r#"<svg {} font-size="{}""#, Position(rect), Number(font))?;
    // The quotes make a name with a comma or a space a single name.
    let family = text.font_family.replace(['\'', '\\'], "");
    write!(svg, r#" font-family="'{}', sans-serif" font-weight="{}""#, Escaped(&family), text.weight)?;
    write!(svg, r#" font-style="{}" text-anchor="{anchor}"{}>"#, text.style, Fill(text.color))?;
    let mut middle = line_height / 2.0;
    let mut result = Ok(());
    text.lines.each_line(|line| {
        // The lines below the box are not visible.
        if middle - line_height / 2.0 < rect.height && result.is_ok() {
            let y = middle + font * BASELINE;
            result = write!(svg, r#"<text x="{}" y="{}">{}</text>"#, Number(x), Number(y), Escaped(line));
        }
        middle += line_height;
    });
    result?;
    write!(svg, "</svg>")
}

fn write_frame(svg: &mut String, rect: Rect, color: &str) -> fmt::Result {
    write!(svg, r#"<rect {} fill="none" stroke="{color}" stroke-width="2" stroke-dasharray="6 4"/>"#, Position(rect))
}

/// A number with at most two decimals.
#[derive(Clone, Copy)]
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Integers are faster than the exact digits of a float.
        let hundredths = (self.0 * 100.0).round() as i64;
        let sign = if hundredths < 0 { "-" } else { "" };
        let (whole, part) = (hundredths.unsigned_abs() / 100, hundredths.unsigned_abs() % 100);
        match (part / 10, part % 10) {
            (0, 0) => write!(f, "{sign}{whole}"),
            (tenths, 0) => write!(f, "{sign}{whole}.{tenths}"),
            (tenths, rest) => write!(f, "{sign}{whole}.{tenths}{rest}"),
        }
    }
}

/// The attributes of a rectangle.
struct Position(Rect);

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rect { x, y, width, height } = self.0;
        write!(f, r#"x="{}" y="{}" width="{}" height="{}""#, Number(x), Number(y), Number(width), Number(height))
    }
}

/// The attribute of rounded corners, if there are any.
struct Radius(f64);

impl fmt::Display for Radius {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 > 0.0 { write!(f, r#" rx="{}""#, Number(self.0)) } else { Ok(()) }
    }
}

/// The attribute that turns a component around its center, if it is rotated.
struct Turn {
    degrees: f64,
    x: f64,
    y: f64,
}

impl Turn {
    fn of(component: &LayoutBox) -> Self {
        let rect = component.rect;
        Self { degrees: component.rotation, x: rect.x + rect.width / 2.0, y: rect.y + rect.height / 2.0 }
    }
}

impl fmt::Display for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.degrees == 0.0 {
            return Ok(());
        }
        write!(f, r#" transform="rotate({} {} {})""#, Number(self.degrees), Number(self.x), Number(self.y))
    }
}

/// The attributes of a color.
struct Paint(&'static str, Color);

impl fmt::Display for Paint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(attribute, color) = *self;
        write!(f, r##" {attribute}="#{:02x}{:02x}{:02x}""##, color.red(), color.green(), color.blue())?;
        if color.alpha() < u8::MAX {
            write!(f, r#" {attribute}-opacity="{}""#, Number(f64::from(color.alpha()) / f64::from(u8::MAX)))?;
        }
        Ok(())
    }
}

/// The attributes of a filled shape.
struct Fill(Color);

impl fmt::Display for Fill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Paint("fill", self.0).fmt(f)
    }
}

/// Text in XML, also in an attribute.
struct Escaped<'a>(&'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(|c: char| matches!(c, '&' | '<' | '>' | '"' | '\'') || !is_xml(c)) {
            let (plain, special) = rest.split_at(at);
            f.write_str(plain)?;
            let mut characters = special.chars();
            f.write_str(match characters.next() {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                Some('"') => "&quot;",
                Some('\'') => "&#39;",
                _ => "\u{FFFD}",
            })?;
            rest = characters.as_str();
        }
        f.write_str(rest)
    }
}

/// Returns `true` if XML permits the character.
fn is_xml(character: char) -> bool {
    !matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}
