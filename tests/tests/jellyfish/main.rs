//! The SDK's Jellyfish half against the emulator's.

mod answers;
mod cluster;
mod connection;
mod content;
mod notifier;
mod official;
mod peer_socket;
mod retry_classes;
mod room_module;
mod secrets;
mod webhooks;
mod world;
