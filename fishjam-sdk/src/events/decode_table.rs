//! The macro that defines a server's notifications and their decoder from one table.

/// Defines the enum of a server's notifications and its decoder.
///
/// Each row is `number "wire_name" => Variant`. The number is the field number in `ServerMessage.content`, and the
/// variant holds the payload type of the same name. A row can name another type: a payload that is larger than the other
/// ones is boxed, which keeps all notifications cheap to move. In JSON, the name is the variant in camelCase.
///
/// The rows after `others` are the contents that are not notifications. There is no catch-all row, so a content that the
/// contract gains does not compile until it has a row.
///
/// The calling module imports `MessageContent`, and `server_message` and `Content` of its protocol.
macro_rules! decode_table {
    (@payload $name:ident) => { $name };
    (@payload $name:ident $payload:ty) => { $payload };
    (
        $(#[$doc:meta])*
        pub enum $notification:ident;

        $($(#[$variant_doc:meta])* $number:literal $wire_name:literal => $name:ident $(($payload:ty))?,)+

        others:
        $($other:pat => $content:expr,)+
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        #[non_exhaustive]
        pub enum $notification {
            $(
                $(#[$variant_doc])*
                $name($crate::events::decode_table::decode_table!(@payload $name $($payload)?)),
            )+
            /// A notification that this version does not know, or an unreadable member of a batch.
            Unknown($crate::events::UnknownNotification),
        }

        impl $notification {
            /// Returns the name in protobuf, such as `peer_connected`, or `unknown` for an unknown notification.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $wire_name,)+
                    Self::Unknown(_) => "unknown",
                }
            }

            fn ids(&self) -> $crate::events::ids::NotificationIds<'_> {
                let mut ids = $crate::events::ids::NotificationIds::default();
                match self {
                    $(Self::$name(payload) => $crate::events::ids::CollectIds::collect_ids(payload, &mut ids),)+
                    Self::Unknown(_) => {}
                }
                ids
            }
        }

        impl<'de> serde::Deserialize<'de> for $notification {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                #[derive(serde::Deserialize)]
                #[serde(rename_all = "camelCase")]
                enum Form {
                    $($name($crate::events::decode_table::decode_table!(@payload $name $($payload)?)),)+
                    Unknown($crate::events::UnknownNotification),
                }
                Ok(match $crate::json_error::read_unquoted(deserializer)? {
                    $(Form::$name(payload) => Self::$name(payload),)+
                    Form::Unknown(unknown) => Self::Unknown(unknown),
                })
            }
        }

        $(
            impl From<$name> for $notification {
                fn from(payload: $name) -> Self {
                    Self::$name(payload.into())
                }
            }
        )+

        impl From<$crate::events::UnknownNotification> for $notification {
            fn from(unknown: $crate::events::UnknownNotification) -> Self {
                Self::Unknown(unknown)
            }
        }

        #[allow(deprecated, reason = "servers still send deprecated notifications")]
        impl $notification {
            /// Returns the field of a message that consists of one known notification, as nearly all messages do.
            pub(crate) fn single_field(message: &[u8]) -> Option<$crate::events::wire::Field<'_>> {
                $crate::events::wire::single_field(message).filter(|field| matches!(field.number, $($number)|+))
            }

            /// Decodes the value of a field that [`single_field`](Self::single_field) returned.
            ///
            /// Skips prost's [`Content`], which would cost another move of the payload.
            pub(crate) fn decode_payload(number: u32, value: &[u8]) -> $crate::error::Result<Self> {
                use $crate::events::{contents::unreadable, from_wire::FromWire};
                Ok(match number {
                    $($number => Self::$name(FromWire::from_wire(
                        <server_message::$name as prost::Message>::decode(value).map_err(unreadable)?,
                    )),)+
                    _ => return Err(unreadable("it is not a notification")),
                })
            }

            /// Converts a content that prost decoded.
            pub(crate) fn from_content(content: Content) -> $crate::error::Result<MessageContent<Self>> {
                use $crate::events::from_wire::FromWire;
                Ok(match content {
                    $(Content::$name(x) => MessageContent::Notification(Self::$name(FromWire::from_wire(x))),)+
                    $($other => $content,)+
                })
            }
        }
    };
}
pub(crate) use decode_table;
