//! The aspect ratio of tiles.

use std::{fmt, str::FromStr};

use crate::error::{Error, Result};

/// Ratio of width to height. `Display` prints it as `16:9`.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::composition::AspectRatio;
///
/// assert_eq!(AspectRatio::new(4, 3).to_string(), "4:3");
/// assert_eq!("4:3".parse::<AspectRatio>()?, AspectRatio::new(4, 3));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AspectRatio {
    width: u32,
    height: u32,
}

impl AspectRatio {
    /// Creates an aspect ratio.
    ///
    /// The server accepts 0 for either number. The tiles then have no area.
    #[must_use]
    pub const fn new(width: u32, height: u32) -> Self {
        Self { width, height }
    }

    /// Returns the number for the width.
    #[must_use]
    pub const fn width(self) -> u32 {
        self.width
    }

    /// Returns the number for the height.
    #[must_use]
    pub const fn height(self) -> u32 {
        self.height
    }

    /// Parses the form that the server accepts: two integers with 32 bits, without spaces.
    pub(in crate::composition) fn parse(text: &str) -> Option<Self> {
        let (width, height) = text.split_once(':')?;
        Some(Self::new(width.parse().ok()?, height.parse().ok()?))
    }
}

impl fmt::Display for AspectRatio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.width, self.height)
    }
}

/// The reason why a string is not an aspect ratio.
pub(super) const INVALID: &str = "invalid aspect ratio; use two integers from 0 to 4294967295, such as 16:9";

/// Parses `W:H`, without spaces.
impl FromStr for AspectRatio {
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
    fn ratio_parses_two_integers() {
        for (text, expected) in [("16:9", (16, 9)), ("0:9", (0, 9)), ("1:0", (1, 0)), ("4294967295:1", (u32::MAX, 1))] {
            let ratio: AspectRatio = text.parse().unwrap();
            assert_eq!((ratio.width(), ratio.height()), expected);
            assert_eq!(ratio.to_string(), text);
        }
    }

    #[test]
    fn ratio_rejects_every_other_form() {
        for text in
            ["", ":", "16", "16:", ":9", "16/9", "16: 9", " 16:9", "16:9:1", "-1:1", "1.5:1", "4294967296:1", "1:é"]
        {
            let error = text.parse::<AspectRatio>().unwrap_err();
            assert_eq!((error.kind(), error.message()), (ErrorKind::InvalidInput, Some(INVALID)), "{text:?}");
        }
    }
}
