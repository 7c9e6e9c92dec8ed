//! Conversion from the protobuf types to the public types.

use crate::metadata::Metadata;

/// A public value that is built from its protobuf form.
pub(crate) trait FromWire<Wire> {
    fn from_wire(wire: Wire) -> Self;
}

impl<Wire, T: FromWire<Wire>> FromWire<Wire> for Box<T> {
    fn from_wire(wire: Wire) -> Self {
        Self::new(T::from_wire(wire))
    }
}

impl FromWire<String> for String {
    fn from_wire(wire: String) -> Self {
        wire
    }
}

/// Metadata in protobuf is a string that contains JSON.
impl FromWire<String> for Metadata {
    fn from_wire(wire: String) -> Self {
        Self::new(wire)
    }
}
