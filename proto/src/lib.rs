// As in fishjam-sdk: the first definition of a link wins, so rustdoc links to the items of this version.
#![cfg_attr(not(doctest), doc = include_str!("readme_links.md"))]
#![doc = include_str!("../README.md")]

mod frames;
mod redact;

#[cfg(feature = "codegen")]
macro_rules! generated {
    ($file:literal) => {
        include!(concat!(env!("OUT_DIR"), "/frozen/", $file));
    };
}

#[cfg(not(feature = "codegen"))]
macro_rules! generated {
    ($file:literal) => {
        include!(concat!("generated/", $file));
    };
}

/// The package `fishjam`: server notifications, agent socket and peer handshake of Fishjam.
///
/// From `fishjam/server_notifications.proto`, `fishjam/agent_notifications.proto` and
/// `fishjam/peer_notifications.proto`.
pub mod fishjam {
    generated!("fishjam.rs");

    /// The package `fishjam.notifications`: tracks, for server notifications and agents.
    ///
    /// From `fishjam/notifications/shared.proto`.
    pub mod notifications {
        generated!("fishjam.notifications.rs");
    }
}

/// The package `jellyfish`: server notifications and peer handshake of Jellyfish 0.5.
///
/// From `jellyfish/server_notifications.proto` and `jellyfish/peer_notifications.proto`.
///
/// No feature gates this module: otherwise a test that adds the emulator would compile this crate, and all crates that
/// use it, a second time.
pub mod jellyfish {
    generated!("jellyfish.rs");
}
