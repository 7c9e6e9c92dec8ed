//! Long-running notifiers: lost connections, slow consumers, and the rooms view.

mod backpressure;
mod fixture;
mod fuzz_corpus;
mod gaps;
mod handles;
mod outages;
#[path = "../sockets/peer.rs"]
mod peer;
mod reconnect;
mod rooms_view;
mod shutdown;
mod soak;

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_proto::fishjam::{
    ServerMessage,
    server_message::{Content, RoomCreated},
};
use fishjam_sdk::{
    EventStream, FishjamNotifier, FishjamNotifierBuilder,
    events::{Event, Notification},
};
use fishjam_tests::support::within;

/// A notifier of this emulator that reconnects quickly.
fn quick(emulator: &Emulator) -> FishjamNotifierBuilder {
    FishjamNotifier::builder(emulator.url(), emulator.token())
        .reconnect_backoff(Duration::from_millis(4), Duration::from_millis(20))
}

/// The notification that this room was created.
fn created(room: impl Into<String>) -> ServerMessage {
    ServerMessage { content: Some(Content::RoomCreated(RoomCreated { room_id: room.into() })) }
}

/// The next event, which must come.
async fn next(events: &mut EventStream) -> anyhow::Result<Event> {
    Ok(within("an event", events.receive()).await?.context("the stream ended")??)
}

/// Returns the room of the next event, which must be `RoomCreated`.
async fn next_room(events: &mut EventStream) -> anyhow::Result<String> {
    match next(events).await? {
        Event::Notification(Notification::RoomCreated(event)) => Ok(event.room_id.into()),
        other => anyhow::bail!("not a new room: {other:?}"),
    }
}
