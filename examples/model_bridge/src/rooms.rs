//! Runs one agent in each room that has peers.

use std::{collections::HashMap, future::Future, time::Duration};

use fishjam_sdk::{FishjamClient, FishjamNotifier, Peer, PeerStatus, PeerType, Room, RoomChange, RoomId, RoomsView};
use tokio::{sync::watch, task::JoinSet, time::sleep};
use tracing::{info, warn};

/// The delay before an agent that failed starts again. It doubles with each failure, up to the maximum.
const MIN_DELAY: Duration = Duration::from_secs(1);
const MAX_DELAY: Duration = Duration::from_secs(60);

/// Receives the end of an agent: its last peer has left, or the program ends.
#[derive(Clone, Debug)]
pub struct Stop(watch::Receiver<()>);

impl Stop {
    /// Waits until the agent must leave.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn requested(&mut self) {
        // Nothing is ever sent; an error means that the sender was dropped.
        while self.0.changed().await.is_ok() {}
    }
}

/// Runs `agent` in each room from its first connected peer to its last, until the notifier is closed.
///
/// `agent` receives the room and a [`Stop`]. It must join the room, and leave it when the stop is requested. If it
/// returns an error, the error is logged, and it starts again after a delay while the room has peers. If the room is
/// gone, it does not start again.
///
/// Returns when all agents have ended.
///
/// # Errors
///
/// Returns an error if the rooms cannot be read, or the notifier's connection failed permanently.
pub async fn serve<Run, Running>(
    fishjam: &FishjamClient,
    notifier: &FishjamNotifier,
    agent: Run,
) -> fishjam_sdk::Result<()>
where
    Run: Fn(RoomId, Stop) -> Running + Clone + Send + Sync + 'static,
    Running: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    let view = RoomsView::start(fishjam, notifier).await?;
    let mut changes = view.changes();
    let mut agents = Agents { agent, stops: HashMap::new(), tasks: JoinSet::new() };
    view.list().iter().for_each(|room| agents.update(room));
    let result = loop {
        let change = tokio::select! {
            change = changes.receive() => change,
            Some(_) = agents.tasks.join_next() => continue,
        };
        match change {
            Some(Ok(RoomChange::Room(room))) => agents.update(&room),
            Some(Ok(RoomChange::Gone(id))) => drop(agents.stops.remove(&id)),
            // Changes were dropped, so rooms can be gone without notice.
            Some(Ok(_)) => {
                let rooms = view.list();
                agents.stops.retain(|id, _| rooms.iter().any(|room| room.id == *id));
                rooms.iter().for_each(|room| agents.update(room));
            }
            Some(Err(error)) => break Err(error),
            None => break Ok(()),
        }
    };
    agents.stops.clear();
    while agents.tasks.join_next().await.is_some() {}
    result
}

struct Agents<Run> {
    agent: Run,
    /// The running agents. Dropping a sender stops its agent.
    stops: HashMap<RoomId, watch::Sender<()>>,
    tasks: JoinSet<()>,
}

impl<Run, Running> Agents<Run>
where
    Run: Fn(RoomId, Stop) -> Running + Clone + Send + Sync + 'static,
    Running: Future<Output = anyhow::Result<()>> + Send + 'static,
{
    /// Starts or stops the agent of a room.
    fn update(&mut self, room: &Room) {
        let is_present = |peer: &Peer| peer.status == PeerStatus::Connected && peer.peer_type == PeerType::Webrtc;
        if !room.peers.iter().any(is_present) {
            self.stops.remove(&room.id);
        } else if self.stops.get(&room.id).is_none_or(watch::Sender::is_closed) {
            let (sender, receiver) = watch::channel(());
            self.stops.insert(room.id.clone(), sender);
            self.tasks.spawn(run(self.agent.clone(), room.id.clone(), Stop(receiver)));
        }
    }
}

/// Runs the agent of a room until it ends without an error, or it must stop.
async fn run<Run, Running>(agent: Run, room: RoomId, mut stop: Stop)
where
    Run: Fn(RoomId, Stop) -> Running + Send,
    Running: Future<Output = anyhow::Result<()>> + Send,
{
    let mut delay = MIN_DELAY;
    info!(%room, "agent starts");
    while let Err(error) = agent(room.clone(), stop.clone()).await {
        if error.downcast_ref::<fishjam_sdk::Error>().is_some_and(fishjam_sdk::Error::is_not_found) {
            break;
        }
        warn!(%room, error = format!("{error:#}"), ?delay, "agent failed; it starts again");
        tokio::select! {
            () = stop.requested() => break,
            () = sleep(delay) => delay = MAX_DELAY.min(delay * 2),
        }
    }
    info!(%room, "agent ended");
}
