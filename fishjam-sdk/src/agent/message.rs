//! The messages of an agent's socket.

use std::fmt;

use bytes::Bytes;
use fishjam_proto::fishjam::{
    AgentRequest, AgentResponse, agent_request,
    agent_response::{Content, TrackData, TrackImage},
};

use crate::{
    connection::queue::Item,
    events::{Gap, TrackInfo, track_of_wire, unnamed_field},
    id::{PeerId, TrackId},
    secret::PeerToken,
};

/// A message that a session receives.
///
/// For an example, see [`AgentSession`](super::AgentSession).
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum AgentMessage {
    /// A chunk of audio from a track in the room.
    TrackData(IncomingTrackData),
    /// An image of a video track, requested with [`capture_image`](crate::agent::AgentSender::capture_image). Images
    /// whose callers no longer wait arrive here, too.
    TrackImage(IncomingTrackImage),
    /// The connection was lost, and the session has reconnected and restored its tracks.
    ///
    /// Audio from the time of the gap is missing, and the last messages that the session sent can be lost. Sent only
    /// with [`AgentConnectOptions::reconnect`](crate::agent::AgentConnectOptions::reconnect).
    Reconnected(Gap),
    /// The receiver was too slow, so [`Overflow::DropOldest`](crate::Overflow::DropOldest) dropped this number of
    /// messages here.
    Dropped(u64),
    /// A message that this version of the SDK cannot decode. It does not end the session.
    Unknown(UnknownAgentMessage),
}

impl AgentMessage {
    /// Returns the size of the data that the message owns, in bytes.
    fn data_size(&self) -> usize {
        match self {
            Self::TrackData(audio) => {
                let TrackInfo { id, metadata, .. } = &audio.track;
                audio.peer_id.as_str().len() + id.as_str().len() + metadata.as_str().len() + audio.data.len()
            }
            Self::TrackImage(image) => image.track_id.as_str().len() + image.content_type.len() + image.data.len(),
            Self::Unknown(unknown) => unknown.bytes.len(),
            Self::Reconnected(_) | Self::Dropped(_) => 0,
        }
    }
}

impl Item for AgentMessage {
    fn size(&self) -> usize {
        size_of::<Self>() + self.data_size()
    }

    fn keep_on_overflow(&self) -> bool {
        matches!(self, Self::Reconnected(_))
    }
}

/// A chunk of audio in the agent's [input format](crate::agent::Agent::input_format).
///
/// A chunk does not state its format. The server converts all audio to the format with which the agent was created.
///
/// A test of your code starts from the default, which has no data:
///
/// ```
/// use fishjam_sdk::agent::{AgentMessage, IncomingTrackData};
///
/// let mut audio = IncomingTrackData::default();
/// audio.peer_id = "ada".into();
/// audio.data = vec![0; 640].into();
/// let message = AgentMessage::TrackData(audio); // for `fn handle(message: AgentMessage)`
/// # let _ = message;
/// ```
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncomingTrackData {
    /// Id of the speaking peer.
    pub peer_id: PeerId,
    /// The track of the audio.
    ///
    /// Until the server has described the track, its type is `None` and its metadata is null. The id is empty if the
    /// message names no track.
    pub track: TrackInfo,
    /// The audio.
    pub data: Bytes,
}

/// An image of a video track. A test of your code starts from the default, which has no data.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct IncomingTrackImage {
    /// Id of the video track.
    pub track_id: TrackId,
    /// Media type of the data, such as `image/jpeg`.
    pub content_type: String,
    /// The encoded image.
    pub data: Bytes,
}

/// A message that this version of the SDK cannot decode.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownAgentMessage {
    /// Field number of the message in `AgentResponse`, or 0 if the message is empty.
    pub field_number: u32,
    /// The whole message as the server sent it. Empty for a text message.
    pub bytes: Bytes,
    /// Whether the message is malformed or a text message. Otherwise, its type is newer than this SDK.
    pub malformed: bool,
}

impl Default for IncomingTrackData {
    fn default() -> Self {
        Self { peer_id: PeerId::from(""), track: track_of_wire(None), data: Bytes::new() }
    }
}

impl Default for IncomingTrackImage {
    fn default() -> Self {
        Self { track_id: TrackId::from(""), content_type: String::new(), data: Bytes::new() }
    }
}

/// Encodes the request that authenticates the agent.
pub(super) fn credentials(token: &PeerToken) -> Vec<u8> {
    encode(agent_request::Content::AuthRequest(agent_request::AuthRequest { token: token.expose().to_owned() }))
}

/// Encodes a request.
pub(super) fn encode(content: agent_request::Content) -> Vec<u8> {
    AgentRequest { content: Some(content) }.to_frame()
}

/// The content of a binary frame.
#[derive(Debug)]
pub(super) enum AgentFrame {
    /// The server accepted the token.
    Authenticated,
    /// A message for the session's stream.
    Message(AgentMessage),
    /// An image, for the callers that wait for it.
    Image(IncomingTrackImage),
}

/// Decodes a frame, and copies its data.
///
/// A frame is a slice of a buffer of the WebSocket crate, and the buffer can be much larger: a small message after a
/// large one can share its 16 MiB. A message that kept such a slice would occupy more memory than its queue counts.
/// Audio arrives in chunks of 1 to 4 KiB. The cost of copying a chunk is low compared to the cost of receiving it.
pub(super) fn decode(frame: &[u8]) -> AgentFrame {
    let content = match AgentResponse::from_frame(frame) {
        Ok(AgentResponse { content: Some(content) }) => content,
        Ok(AgentResponse { content: None }) => {
            let (field_number, bytes) = (unnamed_field(frame), Bytes::copy_from_slice(frame));
            let unknown = UnknownAgentMessage { field_number, bytes, malformed: false };
            return AgentFrame::Message(AgentMessage::Unknown(unknown));
        }
        Err(_) => return AgentFrame::Message(malformed(frame)),
    };
    match content {
        Content::Authenticated(_) => AgentFrame::Authenticated,
        Content::TrackData(TrackData { peer_id, track, data }) => {
            let track = track_of_wire(track);
            AgentFrame::Message(AgentMessage::TrackData(IncomingTrackData { peer_id: peer_id.into(), track, data }))
        }
        Content::TrackImage(TrackImage { track_id, content_type, data }) => {
            AgentFrame::Image(IncomingTrackImage { track_id: track_id.into(), content_type, data })
        }
    }
}

/// Creates the message for a frame that cannot be decoded. It copies the bytes.
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

    fn decoded(content: Content) -> AgentFrame {
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
                AgentFrame::Message(AgentMessage::TrackData(audio)) => audio.data,
                AgentFrame::Image(image) => image.data,
                AgentFrame::Message(AgentMessage::Unknown(unknown)) => unknown.bytes,
                other => panic!("{name}: {other:?}"),
            };
            assert!(bytes.ends_with(b"data"), "{name}: {bytes:?}");
            assert!(buffer.is_unique(), "{name} keeps the buffer");
        }
    }

    #[test]
    fn audio_keeps_peer_track_and_data() {
        let track = notifications::Track { id: "t".into(), r#type: 2, metadata: "{}".into() };
        let data = Bytes::from(vec![7; 640]);
        let frame = decoded(Content::TrackData(TrackData { peer_id: "p".into(), track: Some(track), data }));
        let AgentFrame::Message(AgentMessage::TrackData(audio)) = frame else { panic!("{frame:?}") };
        assert_eq!((audio.peer_id.as_str(), audio.track.id.as_str()), ("p", "t"));
        assert_eq!(audio.track.metadata.as_str(), "{}");
        assert_eq!(audio.data, vec![7; 640]);
    }

    #[test]
    fn audio_of_an_undescribed_track_is_decoded() {
        let data = Bytes::from_static(b"ab");
        let frame = decoded(Content::TrackData(TrackData { peer_id: "p".into(), track: None, data }));
        let AgentFrame::Message(AgentMessage::TrackData(audio)) = frame else { panic!("{frame:?}") };
        assert!(audio.track.id.as_str().is_empty() && audio.track.track_type.is_none());
        assert!(audio.track.metadata.is_null());
    }

    #[test]
    fn unknown_messages_keep_their_bytes() {
        for (frame, field_number, malformed) in [
            (&b""[..], 0, false),
            (&[0x2a, 1, 0], 5, false),
            (&[0x2a, 0, 0x38, 1], 5, false),
            (&[0x38, 1], 7, false),
            (&[0xff], 0, true),
            (&[0x12, 5, 0], 0, true),
        ] {
            let decoded = decode(frame);
            let AgentFrame::Message(AgentMessage::Unknown(unknown)) = decoded else { panic!("{decoded:?}") };
            assert_eq!((unknown.field_number, unknown.malformed), (field_number, malformed), "{frame:?}");
            assert_eq!(unknown.bytes, frame);
        }
    }

    #[test]
    fn debug_output_contains_no_data() {
        let data = Bytes::from_static(b"sentinel");
        let image = TrackImage { track_id: "t".into(), content_type: "image/jpeg".into(), data: data.clone() };
        let track = notifications::Track { metadata: "sentinel".into(), ..Default::default() };
        for content in [
            Content::TrackImage(image),
            Content::TrackData(TrackData { peer_id: "p".into(), track: Some(track), data }),
        ] {
            let printed = format!("{:?}", decoded(content));
            assert!(printed.contains("8 bytes") && !printed.contains("sentinel"), "{printed}");
        }
    }
}
