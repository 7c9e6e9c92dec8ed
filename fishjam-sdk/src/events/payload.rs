//! The macro that defines the payload of a notification.

/// Defines the struct of a notification, its conversion from protobuf, and its ids.
///
/// The pattern after `from` names every field of the protobuf message. A field that the contract gains does not compile
/// until it has a place in the pattern and in the struct.
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

        impl $crate::events::from_wire::FromWire<wire::$wire> for $name {
            fn from_wire(message: wire::$wire) -> Self {
                let wire::$wire { $($pattern)* } = message;
                Self { $($field: $crate::events::from_wire::FromWire::from_wire($field),)+ }
            }
        }

        impl $crate::events::ids::CollectIds for $name {
            fn collect_ids<'a>(&'a self, ids: &mut $crate::events::ids::NotificationIds<'a>) {
                $($crate::events::ids::CollectIds::collect_ids(&self.$field, ids);)+
            }
        }
    };
}
pub(crate) use payload;
