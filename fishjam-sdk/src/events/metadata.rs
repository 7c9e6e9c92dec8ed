//! The metadata that notifications carry: JSON in a string.

use super::payload::FromWire;
pub use crate::metadata::Metadata;

impl FromWire<String> for Metadata {
    fn from_wire(wire: String) -> Self {
        Self::new(wire)
    }
}
