//! Metadata in notifications: a string that contains JSON.

use super::from_wire::FromWire;
pub use crate::metadata::Metadata;

impl FromWire<String> for Metadata {
    fn from_wire(wire: String) -> Self {
        Self::new(wire)
    }
}
