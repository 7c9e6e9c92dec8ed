//! One agent per room: it joins with the first peer, and leaves with the last peer.

use std::{collections::HashMap, pin::pin, sync::Arc, time::Duration};

use anyhow::Context;
use fishjam_sdk::{
    FishjamClient, FishjamNotifier, Peer, PeerId, PeerStatus, PeerType, Room, RoomChange, RoomId, RoomsView,
    agent::{AgentSender, SessionEndKind},
};
use tokio::{
    sync::watch,
    task::JoinSet,
    time::{Instant, timeout},
};
use tracing::{info, warn};

/// The shortest and the longest pause before an agent that ended too early joins its room again.
const PAUSE: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(60));
/// The maximum time for all agents to leave at the end of the program.
const LEAVE_LIMIT: Duration = Duration::from_secs(20);

/// A room in which at least one peer is connected. An agent of the room receives its states.
pub struct OccupiedRoom {
    id: RoomId,
    states: watch::Receiver<Arc<Room>>,
    view: RoomsView,
    /// Whether the last state had no peers, and a read has not confirmed this yet.
    seems_empty: bool,
}

impl OccupiedRoom {
    /// Returns the id of the room.
    pub fn id(&self) -> &RoomId {
        &self.id
    }

    /// Returns the current state of the room. The next call of [`changed`](Self::changed) can return the same state.
    pub fn state(&self) -> Arc<Room> {
        // The state stays unseen: `changed` must report that the last peer left before this call.
        Arc::clone(&self.states.borrow())
    }

    /// Waits for the next state of the room. Returns `None` when the agent must leave.
    ///
    /// This method is cancel safe.
    pub async fn changed(&mut self) -> Option<Arc<Room>> {
        loop {
            if !self.seems_empty {
                // An error means that the room is gone, or that the program ends.
                self.states.changed().await.ok()?;
            }
            let state = Arc::clone(&self.states.borrow_and_update());
            self.seems_empty = !is_occupied(&state);
            if !self.seems_empty {
                return Some(state);
            }
            // The view reads a room with a new peer again. Until then, the state lacks a peer that has just connected.
            let read = tokio::select! {
                changed = self.states.changed() => {
                    changed.ok()?;
                    continue;
                }
                read = self.view.refresh(&self.id) => read,
            };
            self.seems_empty = false;
            if !read.is_ok_and(|room| is_occupied(&room)) {
                return None;
            }
        }
    }

    /// Waits until the agent must leave: the last peer left, the room is gone, or the program ends.
    ///
    /// This method is cancel safe.
    pub async fn left(&mut self) {
        while self.changed().await.is_some() {}
    }
}

/// Returns `true` if a peer is connected. Agents do not count.
fn is_occupied(room: &Room) -> bool {
    room.peers.iter().any(is_present)
}

/// Returns `true` if the peer is connected and is not an agent.
pub fn is_present(peer: &Peer) -> bool {
    peer.status == PeerStatus::Connected && peer.peer_type == PeerType::Webrtc
}

/// Returns `true` if the peer with this id is an agent, of this or another program. Agents that answer each other never
/// stop, so ignore their audio.
pub fn is_agent(room: &Room, id: &PeerId) -> bool {
    room.peers.iter().any(|peer| peer.id == *id && peer.peer_type != PeerType::Webrtc)
}

/// Ends the session of an agent, and returns the outcome of its work. The end of its room is a success.
///
/// # Errors
///
/// Returns the error of the work, or of the end of the session.
pub async fn leave(session: AgentSender, work: anyhow::Result<()>) -> anyhow::Result<()> {
    let end = session.end().map(|end| end.kind());
    let left = session.disconnect().await;
    match end {
        Some(SessionEndKind::RoomEnded | SessionEndKind::AgentRemoved) => Ok(()),
        _ => work.and_then(|()| Ok(left?)),
    }
}

/// Runs one agent in each occupied room until `shutdown` is ready, and then waits until all agents have left.
///
/// `agent` joins the room, and returns when [`OccupiedRoom::changed`] returns `None`. If it returns earlier, it starts
/// again after a pause. The pause grows from 500 milliseconds to a minute while the agent fails repeatedly.
///
/// # Errors
///
/// Returns an error if the rooms can no longer be followed, or if the agents do not leave within 20 seconds.
pub async fn serve<F>(
    fishjam: &FishjamClient,
    notifier: &FishjamNotifier,
    shutdown: impl Future<Output = ()>,
    agent: impl Fn(OccupiedRoom) -> F + Clone + Send + Sync + 'static,
) -> anyhow::Result<()>
where
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let mut shutdown = pin!(shutdown);
    let view = tokio::select! {
        view = RoomsView::start(fishjam, notifier) => view?,
        () = &mut shutdown => return Ok(()),
    };
    // Also after a lost connection, the view contains all changes.
    let mut changes = view.changes();
    let mut agents = Agents { agent, view: view.clone(), states: HashMap::new(), tasks: JoinSet::new() };
    agents.replace(view.list());
    let end = loop {
        tokio::select! {
            () = &mut shutdown => break Ok(()),
            Some(ended) = agents.tasks.join_next() => drop(ended.inspect_err(|error| warn!(%error, "an agent crashed"))),
            change = changes.receive() => match change {
                Some(Ok(RoomChange::Room(room))) => agents.update(room),
                Some(Ok(RoomChange::Gone(id))) => drop(agents.states.remove(&id)),
                Some(Ok(_)) => agents.replace(view.list()),
                Some(Err(error)) => break Err(error).context("failed to follow the rooms"),
                None => break Ok(()),
            },
        }
    };
    let left = agents.leave().await;
    end.and(left)
}

/// The agents of all rooms.
struct Agents<A> {
    agent: A,
    view: RoomsView,
    /// The task of a room ends when its sender is dropped.
    states: HashMap<RoomId, watch::Sender<Arc<Room>>>,
    tasks: JoinSet<()>,
}

impl<A, F> Agents<A>
where
    A: Fn(OccupiedRoom) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    /// Replaces all rooms.
    fn replace(&mut self, rooms: Vec<Arc<Room>>) {
        self.states.retain(|id, _| rooms.iter().any(|room| room.id == *id));
        rooms.into_iter().for_each(|room| self.update(room));
    }

    /// Sends the new state of a room to its task. Starts the task if there is none.
    fn update(&mut self, room: Arc<Room>) {
        let id = room.id.clone();
        match self.states.get(&id) {
            Some(states) if !states.is_closed() => drop(states.send_replace(room)),
            _ => {
                let (sender, states) = watch::channel(room);
                let room = OccupiedRoom { id: id.clone(), states, view: self.view.clone(), seems_empty: false };
                self.tasks.spawn(serve_room(self.agent.clone(), room));
                self.states.insert(id, sender);
            }
        }
    }

    /// Ends all tasks, and waits until their agents have left.
    async fn leave(mut self) -> anyhow::Result<()> {
        self.states.clear();
        let all_left = async { while self.tasks.join_next().await.is_some() {} };
        timeout(LEAVE_LIMIT, all_left).await.context("not all agents left their rooms in time")
    }
}

/// Runs the agent whenever the room is occupied, until the room is gone.
async fn serve_room<F>(agent: impl Fn(OccupiedRoom) -> F, mut room: OccupiedRoom)
where
    F: Future<Output = anyhow::Result<()>>,
{
    let mut pause = PAUSE.0;
    while room.states.wait_for(|state| is_occupied(state)).await.is_ok() {
        let id = room.id.clone();
        info!(room = %id, "the agent joins");
        let started = Instant::now();
        let occupied =
            OccupiedRoom { id: id.clone(), states: room.states.clone(), view: room.view.clone(), seems_empty: false };
        match agent(occupied).await {
            Ok(()) => info!(room = %id, "the agent left"),
            Err(error) if is_not_found(&error) => info!(room = %id, "the room is gone"),
            Err(error) => warn!(room = %id, error = format_args!("{error:#}"), "the agent failed"),
        }
        // An agent that ended too early must not start again without a pause.
        pause = if started.elapsed() > PAUSE.1 { PAUSE.0 } else { pause };
        match timeout(pause, room.states.wait_for(|state| !is_occupied(state))).await {
            // The room is gone, or the program ends.
            Ok(Err(_)) => return,
            Ok(Ok(_)) => pause = PAUSE.0,
            Err(_) => pause = PAUSE.1.min(pause * 2),
        }
    }
}

fn is_not_found(error: &anyhow::Error) -> bool {
    error.downcast_ref::<fishjam_sdk::Error>().is_some_and(fishjam_sdk::Error::is_not_found)
}
