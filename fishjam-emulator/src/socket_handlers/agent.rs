//! `/socket/agent/websocket`: an agent authenticates with its token, publishes audio and receives audio.

use std::{collections::HashMap, future::pending, sync::Arc, time::Duration};

use bytes::Bytes;
use fishjam_proto::fishjam::{
    AgentRequest, AgentResponse,
    agent_request::{AddTrack, Content, TrackData},
    agent_response::{Authenticated, Content as AgentContent, TrackImage},
    notifications::TrackType,
};
use prost::{DecodeError, Message as _};
use serde_json::Value;
use tokio::{
    sync::oneshot,
    time::{Instant, sleep_until},
};

use super::admission::admit;
use crate::{
    agents::{Ignored, IgnoredRequest},
    faults::Handshake,
    media::{
        audio::{Encoding, Playout},
        publication::Publication,
    },
    service::Service,
    sockets::{CloseReason, INTERNAL_ERROR, Link, SocketEvent},
    state::{Admitted, PeerKind, Session, Track, TrackKind},
};

/// The minimum time between two image requests of an agent for one track.
const IMAGE_INTERVAL: Duration = Duration::from_secs(1);

pub(super) async fn serve(service: &Arc<Service>, mut link: Link, script: Handshake) {
    let Some((admitted, mut open)) = admit(service, &mut link, &script, PeerKind::Agent, token).await else {
        return;
    };
    link.subscribe();
    let authenticated = script.response.unwrap_or_else(|| encode(AgentContent::Authenticated(Authenticated {})));
    if link.send(authenticated).await {
        let agent = Agent::new(service, &admitted, open.session, link.number());
        serve_agent(&mut link, agent, &mut open.closed).await;
    }
}

/// Returns the token of an authentication frame.
fn token(frame: Bytes) -> Result<Option<String>, DecodeError> {
    Ok(match AgentRequest::decode(frame)?.content {
        Some(Content::AuthRequest(request)) => Some(request.token),
        _ => None,
    })
}

/// An event that the agent did not cause.
enum Event {
    /// The service closes the socket. Contains `None` if the session ended without a reason.
    Closed(Option<CloseReason>),
    /// An audio chunk or an image must be sent.
    Due,
}

async fn event(closed: &mut oneshot::Receiver<CloseReason>, due: Option<Instant>) -> Event {
    let due = async {
        match due {
            Some(due) => sleep_until(due).await,
            None => pending().await,
        }
    };
    tokio::select! {
        biased;
        reason = closed => Event::Closed(reason.ok()),
        () = due => Event::Due,
    }
}

/// Serves an agent until its socket is closed.
async fn serve_agent(link: &mut Link, mut agent: Agent<'_>, closed: &mut oneshot::Receiver<CloseReason>) {
    loop {
        // This also runs between the frames of an agent that sends without a pause.
        agent.send_due(Instant::now());
        match link.next_event(event(closed, agent.due())).await {
            SocketEvent::Binary(frame) => {
                let request = AgentRequest::decode(frame.clone());
                // The log must not contain tokens.
                let recorded = !matches!(&request, Ok(AgentRequest { content: Some(Content::AuthRequest(_)) }));
                let handled = request.map(|request| agent.handle(request, Instant::now()));
                // A test that finds the frame in the log must also see its effects.
                if recorded {
                    link.record_received(&frame);
                }
                if handled.is_err() {
                    return link.close(INTERNAL_ERROR, "").await;
                }
            }
            SocketEvent::Text => agent.ignore(None, Ignored::NoRequest),
            SocketEvent::Signal(Event::Due) => {}
            SocketEvent::Signal(Event::Closed(Some((code, reason)))) => return link.close(code, reason).await,
            SocketEvent::Signal(Event::Closed(None)) | SocketEvent::Closed => return,
        }
    }
}

/// A track that the agent publishes.
struct PublishedTrack {
    publication: Publication,
    /// `None` if chunks are relayed immediately.
    playout: Option<Playout>,
    /// Whether the agent's log already contains that the track cannot be decoded.
    reported: bool,
}

/// A connected agent.
struct Agent<'a> {
    service: &'a Service,
    admitted: &'a Admitted,
    session: Session,
    connection: u64,
    tracks: HashMap<String, PublishedTrack>,
    /// The times of the last image requests.
    image_requests: HashMap<String, Instant>,
    /// Images that are sent later, each with its time.
    images: Vec<(Instant, Bytes)>,
}

impl<'a> Agent<'a> {
    fn new(service: &'a Service, admitted: &'a Admitted, session: Session, connection: u64) -> Self {
        Agent {
            service,
            admitted,
            session,
            connection,
            tracks: HashMap::new(),
            image_requests: HashMap::new(),
            images: Vec::new(),
        }
    }

    /// Handles a request. Requests have no response, not even invalid ones.
    fn handle(&mut self, request: AgentRequest, now: Instant) {
        let (track, outcome) = match request.content {
            Some(Content::AddTrack(request)) => (request.track.as_ref().map(|one| one.id.clone()), self.add(request)),
            Some(Content::RemoveTrack(request)) => {
                let outcome = self.remove(&request.track_id);
                (Some(request.track_id), outcome)
            }
            Some(Content::TrackData(TrackData { track_id, data })) => {
                let outcome = self.play(&track_id, data, now);
                (Some(track_id), outcome)
            }
            Some(Content::InterruptTrack(request)) => {
                let outcome = self.interrupt(&request.track_id);
                (Some(request.track_id), outcome)
            }
            Some(Content::CaptureImage(request)) => {
                let outcome = self.capture(&request.track_id, now);
                (Some(request.track_id), outcome)
            }
            Some(Content::AuthRequest(_)) | None => (None, Err(Ignored::NoRequest)),
        };
        if let Err(reason) = outcome {
            self.ignore(track, reason);
        }
    }

    fn ignore(&self, track_id: Option<String>, reason: Ignored) {
        let Admitted { room, peer, .. } = self.admitted;
        self.service.agents.ignore(IgnoredRequest {
            room_id: room.clone(),
            peer_id: peer.clone(),
            connection: self.connection,
            track_id,
            reason,
        });
    }

    fn add(&mut self, request: AddTrack) -> Result<(), Ignored> {
        let track = request.track.ok_or(Ignored::InvalidTrack)?;
        if track.id.is_empty() || track.r#type != i32::from(TrackType::Audio) {
            return Err(Ignored::InvalidTrack);
        }
        // An empty string means no metadata.
        let text = if track.metadata.is_empty() { "null" } else { &track.metadata };
        let metadata: Value = serde_json::from_str(text).map_err(|_| Ignored::InvalidTrack)?;
        let encoding = Encoding::announced(request.codec_params).ok_or(Ignored::UnsupportedEncoding)?;
        let Admitted { room, peer, .. } = self.admitted;
        let track = Track { id: track.id, kind: TrackKind::Audio, metadata };
        self.service.change(|state| state.add_agent_track(room, peer, self.session, track.clone()))?;
        let publication = Publication::new(room, peer, &track, encoding);
        let playout = self.service.agents.real_time().then(|| Playout::new(encoding));
        self.tracks.insert(track.id, PublishedTrack { publication, playout, reported: false });
        Ok(())
    }

    /// Removes a track and discards its queued audio.
    fn remove(&mut self, track: &str) -> Result<(), Ignored> {
        self.tracks.remove(track);
        let Admitted { room, peer, .. } = self.admitted;
        self.service.change(|state| state.remove_agent_track(room, peer, self.session, track))
    }

    fn play(&mut self, track: &str, data: Bytes, now: Instant) -> Result<(), Ignored> {
        let published = self.tracks.get_mut(track).ok_or(Ignored::UnknownTrack)?;
        match &mut published.playout {
            Some(playout) => {
                if playout.push(data, now) {
                    Ok(())
                } else {
                    Err(Ignored::QueueFull)
                }
            }
            None => published.relay(self.service, &data),
        }
    }

    fn interrupt(&mut self, track: &str) -> Result<(), Ignored> {
        let published = self.tracks.get_mut(track).ok_or(Ignored::UnknownTrack)?;
        if let Some(playout) = &mut published.playout {
            playout.interrupt();
        }
        Ok(())
    }

    fn capture(&mut self, track: &str, now: Instant) -> Result<(), Ignored> {
        let Admitted { room, peer, .. } = self.admitted;
        self.service.state.read(|state| state.check_image_track(room, peer, track))?;
        self.image_requests.retain(|_, requested| now.duration_since(*requested) < IMAGE_INTERVAL);
        if self.image_requests.contains_key(track) {
            return Err(Ignored::TooSoon);
        }
        self.image_requests.insert(track.to_owned(), now);
        if let Some((image, delay)) = self.service.agents.images.take(track) {
            let taken = TrackImage { track_id: track.to_owned(), content_type: image.content_type, data: image.data };
            self.images.push((now + delay, encode(AgentContent::TrackImage(taken)).into()));
        }
        Ok(())
    }

    /// Returns the time of the next audio chunk or image.
    fn due(&self) -> Option<Instant> {
        let chunks = self.tracks.values().filter_map(|track| track.playout.as_ref()?.due());
        chunks.chain(self.images.iter().map(|(taken, _)| *taken)).min()
    }

    /// Relays the audio chunks and sends the images that are due.
    fn send_due(&mut self, now: Instant) {
        let mut undecoded = Vec::new();
        for (id, track) in &mut self.tracks {
            while let Some(chunk) = track.playout.as_mut().and_then(|playout| playout.release(now)) {
                if track.relay(self.service, &chunk).is_err() {
                    undecoded.push(id.clone());
                }
            }
        }
        for id in undecoded {
            self.ignore(Some(id), Ignored::NotDecoded);
        }
        let registry = self.service.agent_sockets.registry();
        self.images.retain(|(taken, image)| {
            let is_due = *taken <= now;
            if is_due {
                registry.send(self.connection, image.clone());
            }
            !is_due
        });
    }
}

impl PublishedTrack {
    fn relay(&mut self, service: &Service, chunk: &Bytes) -> Result<(), Ignored> {
        if self.publication.relay(service, chunk) || std::mem::replace(&mut self.reported, true) {
            Ok(())
        } else {
            Err(Ignored::NotDecoded)
        }
    }
}

fn encode(content: AgentContent) -> Vec<u8> {
    AgentResponse { content: Some(content) }.encode_to_vec()
}
