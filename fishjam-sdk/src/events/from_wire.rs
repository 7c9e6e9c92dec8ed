//! Conversion from the protobuf types to the public types.

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
