//! The SDK's Jellyfish client against the emulator.

#[allow(dead_code, clippy::unwrap_used, clippy::panic)]
#[path = "../../../fishjam-emulator/tests/jellyfish_rest/case.rs"]
mod case;
mod cluster;
mod connection;
mod content;
mod fixture;
mod invalid_input;
#[path = "../../../fishjam-emulator/tests/jellyfish_rest/made_up.rs"]
mod made_up;
mod notifications;
mod notifier;
mod observed;
mod official;
#[allow(dead_code, clippy::unwrap_used, clippy::expect_used, clippy::panic)]
#[path = "../../../fishjam-emulator/tests/jellyfish_rest/pattern.rs"]
mod pattern;
mod peer_socket;
mod responses;
mod retries;
mod retry_classes;
mod room_module;
mod secrets;
mod unreadable;
mod values;
mod webhooks;
