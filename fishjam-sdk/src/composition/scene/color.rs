//! Colors.

use std::{fmt, str::FromStr};

use super::color_names::named;
use crate::error::{Error, Result};

/// A color with an alpha channel. `Display` prints the canonical form `#RRGGBBAA`, in upper case.
///
/// A color is parsed from each form that the server accepts. Surrounding spaces are ignored.
///
/// | form | notes |
/// |---|---|
/// | `#RRGGBB`, `#RRGGBBAA` | in either case; opaque without alpha |
/// | `rgb(r,g,b)` | integers from 0 to 255; spaces around them are allowed |
/// | `rgba(r,g,b,a)` | `a` from 0 to 1, without spaces around it |
/// | `red` | the 148 names of CSS and `burntsienna`, in lower case |
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::composition::Color;
///
/// assert_eq!(Color::rgb(255, 99, 71).to_string(), "#FF6347FF");
/// assert_eq!("tomato".parse::<Color>()?, Color::rgb(255, 99, 71));
/// assert!("#fff".parse::<Color>().is_err());
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Color {
    red: u8,
    green: u8,
    blue: u8,
    alpha: u8,
}

impl Color {
    /// Opaque black.
    pub const BLACK: Self = Self::rgb(0, 0, 0);
    /// Opaque white.
    pub const WHITE: Self = Self::rgb(255, 255, 255);
    /// Fully transparent.
    pub const TRANSPARENT: Self = Self::rgba(0, 0, 0, 0);

    /// Creates an opaque color.
    #[must_use]
    pub const fn rgb(red: u8, green: u8, blue: u8) -> Self {
        Self::rgba(red, green, blue, 255)
    }

    /// Creates a color. The alpha value 0 is transparent, and 255 is opaque.
    #[must_use]
    pub const fn rgba(red: u8, green: u8, blue: u8, alpha: u8) -> Self {
        Self { red, green, blue, alpha }
    }

    /// Returns the red value.
    #[must_use]
    pub const fn red(self) -> u8 {
        self.red
    }

    /// Returns the green value.
    #[must_use]
    pub const fn green(self) -> u8 {
        self.green
    }

    /// Returns the blue value.
    #[must_use]
    pub const fn blue(self) -> u8 {
        self.blue
    }

    /// Returns the alpha value, from 0 (transparent) to 255 (opaque).
    #[must_use]
    pub const fn alpha(self) -> u8 {
        self.alpha
    }

    /// Parses each form that the server accepts.
    pub(in crate::composition) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if let Some(digits) = text.strip_prefix('#') {
            return hex(digits);
        }
        let Some(arguments) = text.strip_suffix(')') else { return named(text).map(opaque) };
        if let Some(channels) = arguments.strip_prefix("rgb(") {
            let [red, green, blue] = split(channels)?;
            Some(Self::rgb(channel(red)?, channel(green)?, channel(blue)?))
        } else {
            let [red, green, blue, alpha] = split(arguments.strip_prefix("rgba(")?)?;
            // `parse` accepts no spaces, like the server. The comparison excludes NaN.
            let alpha = alpha.parse().ok().filter(|alpha: &f32| (0.0..=1.0).contains(alpha))?;
            Some(Self::rgba(channel(red)?, channel(green)?, channel(blue)?, (alpha * 255.0).round() as u8))
        }
    }
}

/// Parses 6 or 8 hexadecimal digits.
fn hex(digits: &str) -> Option<Color> {
    if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    match digits.len() {
        6 => Some(opaque(value)),
        8 => {
            let [red, green, blue, alpha] = value.to_be_bytes();
            Some(Color { red, green, blue, alpha })
        }
        _ => None,
    }
}

/// Returns the opaque color with the value `0xRRGGBB`.
fn opaque(value: u32) -> Color {
    let [_, red, green, blue] = value.to_be_bytes();
    Color::rgb(red, green, blue)
}

/// Parses an integer from 0 to 255, with spaces around it.
fn channel(text: &str) -> Option<u8> {
    text.trim().parse().ok()
}

/// Splits arguments at their commas. Returns `None` if their number is different.
fn split<const COUNT: usize>(arguments: &str) -> Option<[&str; COUNT]> {
    let mut parts = arguments.split(',');
    let mut all = [""; COUNT];
    for part in &mut all {
        *part = parts.next()?;
    }
    parts.next().is_none().then_some(all)
}

impl fmt::Display for Color {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { red, green, blue, alpha } = self;
        write!(f, "#{red:02X}{green:02X}{blue:02X}{alpha:02X}")
    }
}

/// The reason why a string is not a color.
pub(super) const INVALID: &str =
    "invalid color; use #RRGGBB, #RRGGBBAA, rgb(r,g,b), rgba(r,g,b,a) or a CSS name in lower case";

/// Parses each form that the server accepts.
impl FromStr for Color {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::parse(text).ok_or_else(|| Error::invalid_input(INVALID))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn color_prints_canonical_hex() {
        assert_eq!(Color::rgb(1, 2, 0xAB).to_string(), "#0102ABFF");
        assert_eq!(Color::rgba(0, 16, 255, 7).to_string(), "#0010FF07");
        assert_eq!(Color::TRANSPARENT.to_string(), "#00000000");
        assert_eq!(Color::WHITE.to_string(), "#FFFFFFFF");
    }

    #[test]
    fn color_parses_every_accepted_form() {
        for (text, expected) in [
            ("#010203", "#010203FF"),
            ("#aBcDeF", "#ABCDEFFF"),
            ("#01020304", "#01020304"),
            ("  #010203\t", "#010203FF"),
            ("rgb(1,2,3)", "#010203FF"),
            ("rgb( 1 , 2 , 3 )", "#010203FF"),
            ("rgb(0,255,007)", "#00FF07FF"),
            ("rgba(1,2,3,0.5)", "#01020380"),
            ("rgba( 1 , 2, 3,0.5)", "#01020380"),
            ("rgba(1,2,3,0)", "#01020300"),
            ("rgba(1,2,3,1)", "#010203FF"),
            ("rgba(1,2,3,1e-1)", "#0102031A"),
            ("red", "#FF0000FF"),
            (" rebeccapurple ", "#663399FF"),
            ("grey", "#808080FF"),
            ("burntsienna", "#EA7E5DFF"),
        ] {
            assert_eq!(text.parse::<Color>().unwrap().to_string(), expected, "{text:?}");
        }
    }

    #[test]
    fn canonical_form_parses_to_the_same_color() {
        for color in [Color::rgba(1, 2, 3, 4), Color::WHITE, Color::TRANSPARENT] {
            assert_eq!(color.to_string().parse::<Color>().unwrap(), color);
        }
        let color = Color::rgba(1, 2, 3, 4);
        assert_eq!((color.red(), color.green(), color.blue(), color.alpha()), (1, 2, 3, 4));
    }

    #[test]
    fn color_rejects_every_other_form() {
        for text in [
            "",
            " ",
            "#",
            "#fff",
            "#ffff",
            "#fffff",
            "#fffffff",
            "#fffffffff",
            "#gggggg",
            "#+12345",
            "# 12345",
            "010203",
            "#éé00",
            "rgb(1,2)",
            "rgb(1,2,3,4)",
            "rgb(256,0,0)",
            "rgb(-1,0,0)",
            "rgb(1%,2%,3%)",
            "rgb(1.5,2,3)",
            "rgb(1,2,3",
            "rgb 1,2,3)",
            "rgb (1,2,3)",
            "RGB(1,2,3)",
            "rgb(,,)",
            "rgba(1,2,3)",
            "rgba(0,0,0, 0.5)",
            "rgba(0,0,0,0.5 )",
            "rgba(0,0,0,2)",
            "rgba(0,0,0,-0.1)",
            "rgba(0,0,0,nan)",
            "rgba(0,0,0,inf)",
            "rgba(0,0,0,)",
            "rgba(0,0,0,50%)",
            "rgba(1,2,3,4,5)",
            "hsl(1,2,3)",
            "Red",
            "RED",
            "transparent",
            "reddish",
            "currentcolor",
            ")",
            "()",
        ] {
            let error = text.parse::<Color>().unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidInput, Some(INVALID)), "{text:?}");
        }
    }
}
