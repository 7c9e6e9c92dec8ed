//! An agent that joins each room with the first peer, and leaves with the last peer.
//!
//! ```sh
//! cargo run --example agent_on_demand
//! ```
//!
//! Without settings, the example starts an emulator, and two scripted peers visit a room. With `FISHJAM_ID` and
//! `FISHJAM_MANAGEMENT_TOKEN`, it serves all rooms of your Fishjam until you press Ctrl+C.

use std::{collections::HashMap, env};

use anyhow::{bail, ensure};
use fishjam_emulator::{Emulator, ScriptedPeerOptions};
use fishjam_sdk::{
    AgentOptions, EventStream, FishjamClient, FishjamNotifier, Peer, PeerOptions, PeerStatus, PeerType, Room,
    RoomChange, RoomId, RoomOptions, RoomsView,
    agent::{AgentConnectOptions, AgentMessage},
    events::{Event, Notification},
};
use tokio::{sync::oneshot, task::JoinHandle};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if env::var_os("FISHJAM_ID").is_none() {
        return try_on_emulator().await;
    }
    let (fishjam, notifier) = (FishjamClient::from_env()?, FishjamNotifier::from_env()?);
    let closing = notifier.clone();
    tokio::spawn(async move {
        let _ = tokio::signal::ctrl_c().await;
        closing.close();
    });
    serve(fishjam, notifier).await
}

/// Follows all rooms until the notifier is closed. The view also detects changes during a lost connection.
async fn serve(fishjam: FishjamClient, notifier: FishjamNotifier) -> anyhow::Result<()> {
    let view = RoomsView::start(&fishjam, &notifier).await?;
    let mut changes = view.changes();
    let mut agents = HashMap::new();
    view.list().iter().for_each(|room| update(&mut agents, &fishjam, room));
    while let Some(change) = changes.receive().await {
        match change? {
            RoomChange::Room(room) => update(&mut agents, &fishjam, &room),
            RoomChange::Gone(id) => drop(agents.remove(&id)),
            // Changes were dropped. The agents of rooms that are gone have ended.
            _ => view.list().iter().for_each(|room| update(&mut agents, &fishjam, room)),
        }
    }
    for RunningAgent { stop, task } in agents.into_values() {
        drop(stop);
        task.await?;
    }
    Ok(())
}

struct RunningAgent {
    /// Stops the agent when it is dropped.
    stop: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Starts or stops the agent of a room.
fn update(agents: &mut HashMap<RoomId, RunningAgent>, fishjam: &FishjamClient, room: &Room) {
    let is_present = |peer: &Peer| peer.status == PeerStatus::Connected && peer.peer_type == PeerType::Webrtc;
    if !room.peers.iter().any(is_present) {
        agents.remove(&room.id);
    } else if agents.get(&room.id).is_none_or(|agent| agent.task.is_finished()) {
        let (stop, stopped) = oneshot::channel();
        let (fishjam, id) = (fishjam.clone(), room.id.clone());
        let task = tokio::spawn(async move {
            match run_agent(&fishjam, &id, stopped).await {
                Err(error) if !error.is_not_found() => eprintln!("the agent of room {id} ended: {error:#}"),
                // The room can be deleted meanwhile.
                _ => {}
            }
        });
        agents.insert(room.id.clone(), RunningAgent { stop, task });
    }
}

/// Joins a room, listens, and leaves when the agent is stopped.
async fn run_agent(
    fishjam: &FishjamClient,
    room: &RoomId,
    mut stopped: oneshot::Receiver<()>,
) -> fishjam_sdk::Result<()> {
    let agent = fishjam.create_agent(room, AgentOptions::new()).await?;
    let options = AgentConnectOptions::new().reconnect(true).delete_on_end(true);
    let mut session = agent.connect_or_delete(options).await?;
    loop {
        tokio::select! {
            _ = &mut stopped => return session.disconnect().await,
            message = session.receive() => match message.transpose()? {
                Some(AgentMessage::TrackData(audio)) => println!("{} bytes from {}", audio.data.len(), audio.peer_id),
                Some(_) => {}
                None => return Ok(()),
            },
        }
    }
}

/// Two scripted peers visit a room. Checks when the agent joins and leaves.
async fn try_on_emulator() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    let mut events = notifier.events().await?;
    let serving = tokio::spawn(serve(fishjam.clone(), notifier.clone()));

    let room = fishjam.create_room(RoomOptions::new()).await?;
    let (ada, _token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let (bob, _token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    let first = emulator.connect_peer(&room.id, &ada.id, ScriptedPeerOptions::new())?;
    let agent = next(&mut events, |event| match event {
        Notification::PeerConnected(peer) if peer.peer_type == Some(PeerType::Agent) => Some(peer.peer_id),
        _ => None,
    });
    let agent = agent.await?;
    println!("The agent joined with the first peer.");

    let last = emulator.connect_peer(&room.id, &bob.id, ScriptedPeerOptions::new())?;
    first.disconnect();
    last.disconnect();
    for expected in [ada.id, bob.id, agent] {
        let left = next(&mut events, |event| match event {
            Notification::PeerDisconnected(peer) if peer.peer_type != Some(PeerType::Agent) => Some(peer.peer_id),
            Notification::PeerDeleted(peer) => Some(peer.peer_id),
            _ => None,
        });
        ensure!(left.await? == expected, "unexpected order");
    }
    println!("The agent left with the last peer.");

    fishjam.delete_room(&room.id).await?;
    notifier.close();
    drop(events);
    serving.await?
}

/// Returns the next selected value.
async fn next<T>(events: &mut EventStream, select: impl Fn(Notification) -> Option<T>) -> anyhow::Result<T> {
    while let Some(event) = events.receive().await {
        if let Event::Notification(notification) = event?
            && let Some(selected) = select(notification)
        {
            return Ok(selected);
        }
    }
    bail!("the connection ended")
}
