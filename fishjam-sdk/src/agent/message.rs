//! What an agent receives.

use std::fmt;

use bytes::Bytes;
use fishjam_proto::fishjam::{
    AgentRequest, AgentResponse, agent_request,
    agent_response::{Content, TrackData, TrackImage},
};

use crate::{
    PeerId, TrackId,
    events::{Gap, Track, track_of_wire, unnamed_field},
    secret::PeerToken,
};

/// Something that a session receives.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AgentMessage {
    /// A piece of what somebody in the room says.
    TrackData(IncomingTrackData),
    /// An image that [`capture_image`](crate::agent::AgentSender::capture_image) asked for, or one that nobody waits
    /// for any more.
    TrackImage(IncomingTrackImage),
    /// The connection was lost and is restored, with the session's tracks: what was said meanwhile is missing here, and
    /// what was sent last may not have arrived. Only with [`AgentConnectOptions::reconnect`].
    ///
    /// [`AgentConnectOptions::reconnect`]: crate::agent::AgentConnectOptions::reconnect
    Reconnected(Gap),
    /// So many messages are missing here: the receiver was too slow, and
    /// [`Overflow::DropOldest`](crate::Overflow::DropOldest) let the oldest of them go.
    Dropped(u64),
    /// What this version does not know, or cannot read; it does not end the session.
    Unknown(UnknownAgentMessage),
}

impl AgentMessage {
    /// Returns the size of the data that the message owns, in bytes.
    pub(super) fn data_size(&self) -> usize {
        match self {
            Self::TrackData(heard) => {
                let Track { id, metadata, .. } = &heard.track;
                heard.peer_id.as_str().len() + id.as_str().len() + metadata.as_str().len() + heard.data.len()
            }
            Self::TrackImage(image) => image.track_id.as_str().len() + image.content_type.len() + image.data.len(),
            Self::Unknown(unknown) => unknown.bytes.len(),
            Self::Reconnected(_) | Self::Dropped(_) => 0,
        }
    }
}

/// A piece of what somebody in the room says, in the form that the agent [hears](crate::agent::Agent::hears).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncomingTrackData {
    /// The peer that speaks.
    pub peer_id: PeerId,
    /// The track that it speaks on. Where the service does not describe it yet, its type is `None` and its metadata
    /// null; its id is empty if there is nothing at all.
    pub track: Track,
    /// The audio.
    pub data: Bytes,
}

/// An image of a video track.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncomingTrackImage {
    /// The track that was looked at.
    pub track_id: TrackId,
    /// The media type of the data, such as `image/jpeg`.
    pub content_type: String,
    /// The encoded image.
    pub data: Bytes,
}

/// A message that this version does not know, kept whole.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownAgentMessage {
    /// Its number in the contract's `AgentResponse`; 0 if it has none, as an empty message has not.
    pub field_number: u32,
    /// The whole message, as it was sent; empty for a text message.
    pub bytes: Bytes,
    /// Whether it is damaged, or text, and not merely new.
    pub malformed: bool,
}

pub(super) fn credentials(token: &PeerToken) -> Vec<u8> {
    encode(agent_request::Content::AuthRequest(agent_request::AuthRequest { token: token.expose().to_owned() }))
}

/// A whole message.
pub(super) fn encode(content: agent_request::Content) -> Vec<u8> {
    AgentRequest { content: Some(content) }.to_frame()
}

/// What one binary frame says.
#[derive(Debug)]
pub(super) enum Said {
    /// The token is accepted.
    Authenticated,
    /// For the session's stream.
    Message(AgentMessage),
    /// An image, for whoever waits for it.
    Image(IncomingTrackImage),
}

/// Reads one frame, and copies its data.
///
/// A frame is a part of a buffer of the WebSocket crate, which can be many times as large: a small message after a large
/// one can share its 16 MiB. A message that kept such a part would take far more memory than its queue counts. Audio
/// arrives in chunks of 1 to 4 KiB. To copy one costs little beside receiving it.
pub(super) fn decode(frame: &[u8]) -> Said {
    let content = match AgentResponse::from_frame(frame) {
        Ok(AgentResponse { content: Some(content) }) => content,
        Ok(AgentResponse { content: None }) => {
            let (field_number, bytes) = (unnamed_field(frame), Bytes::copy_from_slice(frame));
            let unknown = UnknownAgentMessage { field_number, bytes, malformed: false };
            return Said::Message(AgentMessage::Unknown(unknown));
        }
        Err(_) => return Said::Message(malformed(frame)),
    };
    match content {
        Content::Authenticated(_) => Said::Authenticated,
        Content::TrackData(TrackData { peer_id, track, data }) => {
            let track = track_of_wire(track);
            Said::Message(AgentMessage::TrackData(IncomingTrackData { peer_id: peer_id.into(), track, data }))
        }
        Content::TrackImage(TrackImage { track_id, content_type, data }) => {
            Said::Image(IncomingTrackImage { track_id: track_id.into(), content_type, data })
        }
    }
}

/// Creates the message for a frame that cannot be read. It copies the bytes.
pub(super) fn malformed(frame: &[u8]) -> AgentMessage {
    let bytes = Bytes::copy_from_slice(frame);
    AgentMessage::Unknown(UnknownAgentMessage { field_number: 0, bytes, malformed: true })
}

impl fmt::Debug for IncomingTrackData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingTrackData")
            .field("peer_id", &self.peer_id)
            .field("track", &self.track)
            .field("data", &format_args!("{} bytes", self.data.len()))
            .finish()
    }
}

impl fmt::Debug for IncomingTrackImage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingTrackImage")
            .field("track_id", &self.track_id)
            .field("content_type", &self.content_type)
            .field("data", &format_args!("{} bytes", self.data.len()))
            .finish()
    }
}

impl fmt::Debug for UnknownAgentMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnknownAgentMessage")
            .field("field_number", &self.field_number)
            .field("bytes", &format_args!("{} bytes", self.bytes.len()))
            .field("malformed", &self.malformed)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use fishjam_proto::fishjam::notifications;
    use prost::Message as _;

    use super::*;

    fn said(content: Content) -> Said {
        decode(&AgentResponse { content: Some(content) }.encode_to_vec())
    }

    #[test]
    fn message_shares_no_memory_with_the_frame() {
        let data = Bytes::from_static(b"data");
        let audio = TrackData { data: data.clone(), ..Default::default() };
        let image = TrackImage { data, ..Default::default() };
        for (mut frame, name) in [
            (AgentResponse { content: Some(Content::TrackData(audio)) }.encode_to_vec(), "audio"),
            (AgentResponse { content: Some(Content::TrackImage(image)) }.encode_to_vec(), "image"),
            (vec![0x2a, 4, b'd', b'a', b't', b'a'], "unknown"),
            (vec![0x12, 5, b'd', b'a', b't', b'a'], "malformed"),
        ] {
            // The message is a small part of the buffer.
            let size = frame.len();
            frame.resize(64 * 1024, 0);
            let buffer = Bytes::from(frame);
            let bytes = match decode(&buffer.slice(..size)) {
                Said::Message(AgentMessage::TrackData(audio)) => audio.data,
                Said::Image(image) => image.data,
                Said::Message(AgentMessage::Unknown(unknown)) => unknown.bytes,
                other => panic!("{name}: {other:?}"),
            };
            assert!(bytes.ends_with(b"data"), "{name}: {bytes:?}");
            assert!(buffer.is_unique(), "{name} keeps the buffer");
        }
    }

    #[test]
    fn audio_keeps_everything() {
        let track = notifications::Track { id: "t".into(), r#type: 2, metadata: "{}".into() };
        let data = Bytes::from(vec![7; 640]);
        let said = said(Content::TrackData(TrackData { peer_id: "p".into(), track: Some(track), data }));
        let Said::Message(AgentMessage::TrackData(heard)) = said else { panic!("{said:?}") };
        assert_eq!((heard.peer_id.as_str(), heard.track.id.as_str()), ("p", "t"));
        assert_eq!(heard.track.metadata.as_str(), "{}");
        assert_eq!(heard.data, vec![7; 640]);
    }

    #[test]
    fn audio_of_a_track_that_nobody_described_is_audio() {
        let data = Bytes::from_static(b"ab");
        let said = said(Content::TrackData(TrackData { peer_id: "p".into(), track: None, data }));
        let Said::Message(AgentMessage::TrackData(heard)) = said else { panic!("{said:?}") };
        assert!(heard.track.id.as_str().is_empty() && heard.track.track_type.is_none());
        assert!(heard.track.metadata.is_null());
    }

    #[test]
    fn what_is_unknown_is_visible() {
        for (frame, field_number, malformed) in [
            (&b""[..], 0, false),
            (&[0x2a, 1, 0], 5, false),
            (&[0x2a, 0, 0x38, 1], 5, false),
            (&[0x38, 1], 7, false),
            (&[0xff], 0, true),
            (&[0x12, 5, 0], 0, true),
        ] {
            let said = decode(frame);
            let Said::Message(AgentMessage::Unknown(unknown)) = said else { panic!("{said:?}") };
            assert_eq!((unknown.field_number, unknown.malformed), (field_number, malformed), "{frame:?}");
            assert_eq!(unknown.bytes, frame);
        }
    }

    #[test]
    fn nothing_of_what_is_said_is_printed() {
        let data = Bytes::from_static(b"sentinel");
        let image = TrackImage { track_id: "t".into(), content_type: "image/jpeg".into(), data: data.clone() };
        let track = notifications::Track { metadata: "sentinel".into(), ..Default::default() };
        for content in [
            Content::TrackImage(image),
            Content::TrackData(TrackData { peer_id: "p".into(), track: Some(track), data }),
        ] {
            let printed = format!("{:?}", said(content));
            assert!(printed.contains("8 bytes") && !printed.contains("sentinel"), "{printed}");
        }
    }
}
