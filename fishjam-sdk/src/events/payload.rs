//! The macro that defines the payload of a notification.

/// Defines the struct of a notification, its conversions from protobuf and from and to JSON, and its ids.
///
/// The pattern after `from` names every field of the protobuf message. If the contract gets a new field, the code
/// compiles only after the pattern and the struct have it.
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
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)+
        }

        /// The default has empty ids and no other values, like an empty message. It is for tests.
        impl Default for $name {
            fn default() -> Self {
                $crate::events::from_wire::FromWire::from_wire(wire::$wire::default())
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                #[serde(rename_all = "camelCase")]
                struct Members {
                    $($(#[$field_doc])* $field: $type,)+
                }
                let Members { $($field),+ } = $crate::json_error::read_unquoted(deserializer)?;
                Ok(Self { $($field),+ })
            }
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
