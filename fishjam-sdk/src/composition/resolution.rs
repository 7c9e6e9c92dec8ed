//! The size of a picture.

use crate::error::{Error, Result};

/// Checks that a video with this width and height can be encoded.
pub(super) fn check(width: u32, height: u32) -> Result<()> {
    for (name, value) in [("width", width), ("height", height)] {
        if value == 0 || value % 2 != 0 {
            return Err(Error::invalid_input(format!("invalid {name} {value}: use an even number above 0")));
        }
    }
    Ok(())
}
