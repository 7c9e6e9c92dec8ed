//! Compositions: the client, the handle, and the events.

mod event_fixture;
mod events;
mod waiters;
