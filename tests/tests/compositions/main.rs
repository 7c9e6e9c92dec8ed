//! Compositions: the client, the handle, and the events.

mod event_fixture;
mod events;
mod official;
mod official_js;
mod waiters;
