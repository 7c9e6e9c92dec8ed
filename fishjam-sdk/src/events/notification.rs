//! How the list of a server's notifications is written down: once, as the enum that a user sees.

/// Defines the enum, the names of its variants on the wire and what each is about.
macro_rules! notifications {
    // A payload has its notification's name, unless it says otherwise: one that is larger than the others is boxed, so
    // that those are moved at little cost.
    (@payload $name:ident) => { $name };
    (@payload $name:ident $payload:ty) => { $payload };
    (
        $(#[$about:meta])*
        pub enum $notification:ident;

        $($(#[$doc:meta])* $name:ident $(($payload:ty))? = $wire:literal,)+
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
        #[serde(tag = "type")]
        #[non_exhaustive]
        pub enum $notification {
            $($(#[$doc])* #[serde(rename = $wire)] $name(notifications!(@payload $name $($payload)?)),)+
            /// A notification that this version does not know, or that could not be read inside a batch; never dropped.
            #[serde(rename = "unknown")]
            Unknown($crate::events::UnknownNotification),
        }

        impl $notification {
            /// The name on the wire, such as `peer_connected`; `unknown` for what this version does not know.
            #[must_use]
            pub fn name(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => $wire,)+
                    Self::Unknown(_) => "unknown",
                }
            }

            fn subject(&self) -> $crate::events::subject::Subject<'_> {
                let mut subject = $crate::events::subject::Subject::default();
                match self {
                    $(Self::$name(payload) => $crate::events::subject::About::about(payload, &mut subject),)+
                    Self::Unknown(_) => {}
                }
                subject
            }
        }
    };
}
pub(crate) use notifications;
