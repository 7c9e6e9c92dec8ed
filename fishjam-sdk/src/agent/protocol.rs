//! The protocol of an agent's socket, and the task that runs it.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, Waker, ready},
};

use fishjam_proto::fishjam::agent_request::{CaptureImage, Content};
use reqwest::Url;
use tokio::{sync::mpsc::UnboundedReceiver, time::Instant};

use super::{
    Agent, AgentMessage, IncomingTrackImage, SessionEnd,
    captures::Captures,
    command::{Command, ImageSender},
    early::EarlyMessages,
    end::final_error,
    message::{AgentFrame, credentials, decode, encode, malformed},
    paced_state::FlushNotice,
    shared::{SessionShared, ShutdownRequest, TaskGuard},
    track_state::TrackState,
};
use crate::{
    connection::{
        driver::{self, End},
        lifecycle::{ConnectionLoss, ConnectionState, Input},
        policy::ConnectionPolicy,
        protocol::{Demand, Outgoing, Progress, Protocol, ReadContext},
        queue::Item,
        socket::{Credentials, Socket, SocketKind},
    },
    error::{Error, ErrorKind, Result},
    events::Gap,
    transport::proxy::ProxyServer,
};

/// The agent to connect, and the URL of its socket.
pub(super) struct ConnectTarget {
    pub(super) agent: Agent,
    pub(super) url: Url,
    pub(super) delete_on_end: bool,
}

impl ConnectTarget {
    fn proxy(&self) -> Option<&ProxyServer> {
        self.agent.fishjam.transport.http().proxy(&self.url).ok().flatten()
    }

    async fn open(&self) -> Result<Socket> {
        let token = self.agent.token();
        let http = self.agent.fishjam.transport.http();
        let credentials = Credentials::Message(credentials(token));
        Socket::connect(http, self.url.clone(), credentials, token.expose(), SocketKind::Agent).await
    }
}

/// Runs a session until its end, and closes it.
pub(super) async fn run(
    guard: TaskGuard,
    commands: UnboundedReceiver<Command>,
    target: ConnectTarget,
    policy: ConnectionPolicy,
) {
    let mut protocol = AgentProtocol {
        shared: Arc::clone(&guard.0),
        _guard: guard,
        target: &target,
        commands,
        tracks: Vec::new(),
        captures: Captures::new(),
        was_ready: false,
        unreleased: 0,
        flush_notices: Vec::new(),
        early: EarlyMessages::default(),
        undelivered: VecDeque::new(),
    };
    let (end, socket) = driver::run(&mut protocol, policy, target.proxy()).await;
    let (end, sent) = match end {
        End::Failed(error) => (SessionEnd::Lost(error), Ok(())),
        End::Requested(sent) => (SessionEnd::Disconnected, sent),
    };
    // The handles receive the end before the task closes the socket, which can take seconds.
    protocol.shared.finish(end);
    let sent = protocol.reject_commands(sent);
    socket.close().await;
    let deleted = protocol.delete_agent().await;
    protocol.shared.close(sent.and(deleted));
}

struct AgentProtocol<'a> {
    /// The first field is dropped first: if the runtime drops the task, the handles receive the end before the channels
    /// of their commands close.
    _guard: TaskGuard,
    shared: Arc<SessionShared>,
    target: &'a ConnectTarget,
    commands: UnboundedReceiver<Command>,
    /// The tracks on the server, with the messages that add them again after a reconnection.
    tracks: Vec<(Arc<TrackState>, Vec<u8>)>,
    captures: Captures<ImageSender>,
    /// Whether the server has ever accepted the token.
    was_ready: bool,
    /// The capacity of the outgoing queue that executed commands still occupy, in bytes.
    unreleased: usize,
    /// The notices of paced audio that the socket has not written.
    flush_notices: Vec<FlushNotice>,
    early: EarlyMessages,
    /// The messages for which the receiver has no room. The driver reads nothing while there are any.
    undelivered: VecDeque<AgentMessage>,
}

impl Protocol for AgentProtocol<'_> {
    const NAME: &'static str = "agent";

    async fn open(&self) -> Result<Socket> {
        self.target.open().await
    }

    fn authenticated(&mut self, _: &mut Outgoing<'_>) -> Result<Progress> {
        Ok(Progress::Done)
    }

    fn ready(&mut self, loss: Option<ConnectionLoss>, outgoing: &mut Outgoing<'_>) -> Result<()> {
        self.was_ready = true;
        // The gap comes first: it must not be lost if this connection fails, too.
        if let Some(ConnectionLoss { since, reason, .. }) = loss {
            self.deliver(AgentMessage::Reconnected(Gap::since(since, reason)));
        }
        // The waiting commands can send audio on these tracks, so the tracks come first.
        for (_, message) in &self.tracks {
            outgoing.push(message.clone())?;
        }
        Ok(())
    }

    fn receive(&mut self, frame: &[u8], read: ReadContext) -> Result<Option<Input>> {
        match decode(frame) {
            AgentFrame::Authenticated => return Ok((!read.ready).then_some(Input::Authenticated)),
            AgentFrame::Message(message) if read.ready => self.deliver(message),
            AgentFrame::Image(image) if read.ready => self.deliver_image(image, read.now),
            AgentFrame::Message(message) => self.early.push(message)?,
            AgentFrame::Image(image) => self.early.push(AgentMessage::TrackImage(image))?,
        }
        Ok(None)
    }

    fn receive_text(&mut self, _: &str, read: ReadContext) -> Result<()> {
        let message = malformed(&[]);
        if !read.ready {
            return self.early.push(message);
        }
        self.deliver(message);
        Ok(())
    }

    fn has_room(&self) -> bool {
        self.undelivered.is_empty()
    }

    fn poll_deliver(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        while let Some(message) = self.undelivered.pop_front() {
            let Err(message) = self.shared.incoming.push(message) else { continue };
            let size = message.size();
            self.undelivered.push_front(message);
            // If the receiver has made room since the push, the next round delivers the message.
            ready!(self.shared.incoming.poll_room(size, cx));
        }
        Poll::Ready(())
    }

    fn poll_send(&mut self, cx: &mut Context<'_>, outgoing: &mut Outgoing<'_>) -> Poll<Result<Progress>> {
        Poll::Ready(match ready!(self.commands.poll_recv(cx)) {
            Some(command) => self.execute(command, outgoing).map(|()| Progress::More),
            // `shared` keeps a sender, so the channel ends only after `drain`.
            None => Ok(Progress::Done),
        })
    }

    fn flushed(&mut self) {
        for notice in self.flush_notices.drain(..) {
            notice.flushed();
        }
        if self.unreleased > 0 {
            self.shared.release_capacity(std::mem::take(&mut self.unreleased));
        }
    }

    fn deadline(&self, now: Instant) -> Option<Instant> {
        self.captures.deadline(now)
    }

    fn on_deadline(&mut self, now: Instant, outgoing: &mut Outgoing<'_>) -> Result<()> {
        self.request_images(now, outgoing)
    }

    fn poll_demand(&self, cx: &mut Context<'_>) -> Demand {
        match self.shared.shutdown_requested(cx.waker()) {
            ShutdownRequest::None => Demand::Stay,
            ShutdownRequest::Drain => Demand::Drain,
            ShutdownRequest::Close => Demand::Close,
        }
    }

    fn drain(&mut self) {
        self.commands.close();
    }

    fn lost(&mut self) {
        self.early = EarlyMessages::default();
        self.captures.reconnected();
        // The messages in the socket are lost, so they occupy no capacity.
        self.flushed();
    }

    fn set_state(&mut self, state: ConnectionState) {
        self.shared.set_state(state);
        if state == ConnectionState::Ready {
            for message in self.early.take() {
                self.deliver(message);
            }
        }
    }

    fn final_error(&self, error: Error) -> Result<Error> {
        final_error(error)
    }
}

impl AgentProtocol<'_> {
    /// Queues a message for the receiver, or keeps it until the receiver has room.
    fn deliver(&mut self, message: AgentMessage) {
        if !self.undelivered.is_empty() {
            self.undelivered.push_back(message);
        } else if let Err(message) = self.shared.incoming.push(message) {
            self.undelivered.push_back(message);
        }
    }

    fn deliver_image(&mut self, image: IncomingTrackImage, now: Instant) {
        let delivery = self.captures.image(&image.track_id, now);
        for waiter in delivery.waiters {
            // The caller can have dropped its future.
            let _ = waiter.send(image.clone());
        }
        if delivery.stream {
            self.deliver(AgentMessage::TrackImage(image));
        }
    }

    fn execute(&mut self, command: Command, outgoing: &mut Outgoing<'_>) -> Result<()> {
        let (message, cost) = match command {
            Command::SendChunk { track, utterance, message, flushed, cost } => {
                self.flush_notices.extend(flushed);
                ((track.utterance() == utterance).then_some(message), cost)
            }
            Command::AddTrack { track, message, cost } => {
                self.tracks.push((track, message.clone()));
                (Some(message), cost)
            }
            Command::RemoveTrack { track, message, cost } => {
                // Two clones can remove the track at the same time. The server receives one message.
                let known = self.tracks.iter().position(|(known, _)| known.id == track.id);
                (known.map(|at| self.tracks.remove(at)).map(|_| message), cost)
            }
            Command::InterruptTrack { track, message } => {
                track.interrupt_sent();
                (Some(message), 0)
            }
            Command::CaptureImage { track_id, sender, cost } => {
                self.unreleased += cost as usize;
                let now = Instant::now();
                match sender {
                    Some(sender) => self.captures.add_waiter(track_id, sender, now),
                    None => self.captures.request_for_stream(track_id, now),
                }
                return self.request_images(now, outgoing);
            }
        };
        // A command without a message also occupied capacity. `flushed` releases it.
        self.unreleased += cost as usize;
        message.map_or(Ok(()), |message| outgoing.push(message))
    }

    fn request_images(&mut self, now: Instant, outgoing: &mut Outgoing<'_>) -> Result<()> {
        for track_id in self.captures.take_due(now) {
            outgoing.push(encode(Content::CaptureImage(CaptureImage { track_id: track_id.into() })))?;
        }
        Ok(())
    }

    /// Drops the commands that were not executed. Returns an error instead of `sent` if the caller of `disconnect`
    /// expects that their audio was sent.
    ///
    /// Dropping the commands and notices notifies their callers of the end.
    fn reject_commands(&mut self, sent: Result<()>) -> Result<()> {
        self.captures = Captures::new();
        self.flush_notices.clear();
        self.commands.close();
        let mut unsent = false;
        while let Ok(command) = self.commands.try_recv() {
            unsent |=
                matches!(&command, Command::SendChunk { track, utterance, .. } if track.utterance() == *utterance);
        }
        let draining = self.shared.shutdown_requested(Waker::noop()) == ShutdownRequest::Drain;
        if draining && unsent && sent.is_ok() {
            let message = "not everything was sent: the session was disconnected while its connection was lost";
            return Err(Error::new(ErrorKind::Connection).message_text(message));
        }
        sent
    }

    async fn delete_agent(&self) -> Result<()> {
        if !self.target.delete_on_end || !self.was_ready {
            return Ok(());
        }
        // The future is on the heap and short-lived, because it is much larger than the rest of the task.
        let deleted = Box::pin(self.target.agent.delete()).await;
        if let Err(error) = &deleted {
            let error = format_args!("{error:#}");
            tracing::warn!(error, "failed to delete an agent at the end of its session");
        }
        deleted
    }
}

#[cfg(test)]
mod tests {
    use super::{super::AgentConnectOptions, *};
    use crate::client::FishjamClient;

    #[test]
    fn session_takes_little_memory_beside_its_socket() {
        let fishjam = FishjamClient::new("id", "token").unwrap();
        let agent = fishjam.agent("r", "p", "token", None).unwrap();
        let options = AgentConnectOptions::default();
        let (shared, commands) = SessionShared::new(&options, agent.input_format);
        let url = Url::parse("http://localhost").unwrap();
        let target = ConnectTarget { agent, url, delete_on_end: false };
        let shared_size = size_of_val(&*shared);
        let task_size = size_of_val(&run(TaskGuard(shared), commands, target, options.policy()));
        assert!(task_size < 8 * 1024 && shared_size < 1024, "{task_size} and {shared_size} bytes");
    }
}
