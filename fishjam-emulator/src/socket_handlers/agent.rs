//! `/socket/agent/websocket`: an agent authenticates with its token, publishes sound and hears that of others.

use std::{collections::HashMap, future::pending, sync::Arc, time::Duration};

use bytes::Bytes;
use fishjam_proto::fishjam::{
    AgentRequest, AgentResponse,
    agent_request::{AddTrack, Content, TrackData},
    agent_response::{Authenticated, Content as Response, TrackImage},
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

/// How long an agent has to wait before it may ask for an image of the same track again.
const IMAGE_INTERVAL: Duration = Duration::from_secs(1);

pub(super) async fn serve(service: &Arc<Service>, mut link: Link, script: Handshake) {
    let Some((admitted, mut open)) = admit(service, &mut link, &script, PeerKind::Agent, token).await else {
        return;
    };
    link.subscribe();
    let authenticated = script.response.unwrap_or_else(|| encode(Response::Authenticated(Authenticated {})));
    if link.send(authenticated).await {
        let agent = Agent::new(service, &admitted, open.session, link.number());
        converse(&mut link, agent, &mut open.closed).await;
    }
}

/// The token of a first frame, if it is one that authenticates.
fn token(frame: Bytes) -> Result<Option<String>, DecodeError> {
    Ok(match AgentRequest::decode(frame)?.content {
        Some(Content::AuthRequest(request)) => Some(request.token),
        _ => None,
    })
}

/// What happens without the agent.
enum Event {
    /// The service closes the socket; `None` when it forgot to say how.
    Closed(Option<CloseReason>),
    /// A chunk is to be heard, or an image has been taken.
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
        closing = closed => Event::Closed(closing.ok()),
        () = due => Event::Due,
    }
}

/// From the answer to the token until the socket is closed.
async fn converse(link: &mut Link, mut agent: Agent<'_>, closed: &mut oneshot::Receiver<CloseReason>) {
    loop {
        // Also between the frames of an agent that sends without a pause.
        agent.catch_up(Instant::now());
        match link.next_event(event(closed, agent.due())).await {
            SocketEvent::Binary(frame) => {
                let request = AgentRequest::decode(frame.clone());
                // Tokens are not kept.
                let kept = !matches!(&request, Ok(AgentRequest { content: Some(Content::AuthRequest(_)) }));
                let understood = request.map(|request| agent.obey(request, Instant::now()));
                // Last, so that what is noted has been carried out.
                if kept {
                    link.record_received(&frame);
                }
                if understood.is_err() {
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
struct Outgoing {
    publication: Publication,
    /// `None` when everything is heard at once.
    playout: Option<Playout>,
    undecoded: bool,
}

/// A connected agent.
struct Agent<'a> {
    service: &'a Service,
    admitted: &'a Admitted,
    session: Session,
    connection: u64,
    tracks: HashMap<String, Outgoing>,
    /// When images of tracks were asked for.
    asked: HashMap<String, Instant>,
    /// Images on their way, each with the time at which it has been taken.
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
            asked: HashMap::new(),
            images: Vec::new(),
        }
    }

    /// Requests have no answer, not even those that are refused.
    fn obey(&mut self, request: AgentRequest, now: Instant) {
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
        // No text is no metadata.
        let text = if track.metadata.is_empty() { "null" } else { &track.metadata };
        let metadata: Value = serde_json::from_str(text).map_err(|_| Ignored::InvalidTrack)?;
        let encoding = Encoding::announced(request.codec_params).ok_or(Ignored::UnsupportedEncoding)?;
        let Admitted { room, peer, .. } = self.admitted;
        let track = Track { id: track.id, kind: TrackKind::Audio, metadata };
        self.service.change(|state| state.add_agent_track(room, peer, self.session, track.clone()))?;
        let publication = Publication::new(room, peer, &track, encoding);
        let playout = self.service.agents.real_time().then(|| Playout::new(encoding));
        self.tracks.insert(track.id, Outgoing { publication, playout, undecoded: false });
        Ok(())
    }

    /// What has not been heard is not heard any more.
    fn remove(&mut self, track: &str) -> Result<(), Ignored> {
        self.tracks.remove(track);
        let Admitted { room, peer, .. } = self.admitted;
        self.service.change(|state| state.remove_agent_track(room, peer, self.session, track))
    }

    fn play(&mut self, track: &str, data: Bytes, now: Instant) -> Result<(), Ignored> {
        let outgoing = self.tracks.get_mut(track).ok_or(Ignored::UnknownTrack)?;
        match &mut outgoing.playout {
            Some(playout) => {
                if playout.push(data, now) {
                    Ok(())
                } else {
                    Err(Ignored::QueueFull)
                }
            }
            None => outgoing.relay(self.service, &data),
        }
    }

    fn interrupt(&mut self, track: &str) -> Result<(), Ignored> {
        let outgoing = self.tracks.get_mut(track).ok_or(Ignored::UnknownTrack)?;
        if let Some(playout) = &mut outgoing.playout {
            playout.interrupt();
        }
        Ok(())
    }

    fn capture(&mut self, track: &str, now: Instant) -> Result<(), Ignored> {
        let Admitted { room, peer, .. } = self.admitted;
        self.service.read(|state| state.shows_pictures(room, peer, track))?;
        self.asked.retain(|_, asked| now.duration_since(*asked) < IMAGE_INTERVAL);
        if self.asked.contains_key(track) {
            return Err(Ignored::TooSoon);
        }
        self.asked.insert(track.to_owned(), now);
        if let Some((image, delay)) = self.service.agents.images.take(track) {
            let taken = TrackImage { track_id: track.to_owned(), content_type: image.content_type, data: image.data };
            self.images.push((now + delay, encode(Response::TrackImage(taken)).into()));
        }
        Ok(())
    }

    /// When there is something to do again.
    fn due(&self) -> Option<Instant> {
        let chunks = self.tracks.values().filter_map(|track| track.playout.as_ref()?.due());
        chunks.chain(self.images.iter().map(|(taken, _)| *taken)).min()
    }

    /// Lets be heard what is to be heard by now, and hands over the images that have been taken.
    fn catch_up(&mut self, now: Instant) {
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
            let goes = *taken <= now;
            if goes {
                registry.send(self.connection, image.clone());
            }
            !goes
        });
    }
}

impl Outgoing {
    fn relay(&mut self, service: &Service, chunk: &Bytes) -> Result<(), Ignored> {
        if self.publication.relay(service, chunk) || std::mem::replace(&mut self.undecoded, true) {
            Ok(())
        } else {
            Err(Ignored::NotDecoded)
        }
    }
}

fn encode(content: Response) -> Vec<u8> {
    AgentResponse { content: Some(content) }.encode_to_vec()
}
