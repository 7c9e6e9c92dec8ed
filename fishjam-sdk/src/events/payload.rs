//! How a payload is written down: once, as the struct that a user sees.

/// A value of ours, made from what the wire carries.
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

/// Defines the struct of a notification, how to read it from the wire and what it is about.
///
/// The wire's message is taken apart completely, so that a field which the contract gains does not compile until it
/// has a place here.
macro_rules! payload {
    (
        from $wire:ident { $($pattern:tt)* };
        $(#[$doc:meta])*
        pub struct $name:ident {
            $($(#[$field_doc:meta])* pub $field:ident: $type:ty,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
        }

        impl $crate::events::payload::FromWire<wire::$wire> for $name {
            fn from_wire(message: wire::$wire) -> Self {
                let wire::$wire { $($pattern)* } = message;
                Self { $($field: $crate::events::payload::FromWire::from_wire($field),)+ }
            }
        }

        impl $crate::events::subject::About for $name {
            fn about<'a>(&'a self, subject: &mut $crate::events::subject::Subject<'a>) {
                $($crate::events::subject::About::about(&self.$field, subject);)+
            }
        }
    };
}
pub(crate) use payload;
