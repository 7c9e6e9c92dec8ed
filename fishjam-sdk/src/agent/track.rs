//! The tracks on which an agent sends audio.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use fishjam_proto::fishjam::agent_request::{Content, InterruptTrack, RemoveTrack, TrackData};

use super::{
    OutgoingAudioTrackOptions, command::Command, message::encode, paced_state::FlushNotice, shared::SessionShared,
    track_state::TrackState,
};
use crate::{
    audio::PcmFormat,
    error::{Error, Result},
    id::TrackId,
};

/// Publishes a track.
pub(super) async fn add(shared: &Arc<SessionShared>, options: OutgoingAudioTrackOptions) -> Result<OutgoingTrack> {
    let (id, format) = (random_id(), options.format());
    let message = encode(Content::AddTrack(options.into_request(&id)?));
    shared.check_size(&message, "track metadata")?;
    let track = TrackState::new(id);
    shared.send_command(message.len(), |cost| Command::AddTrack { track: Arc::clone(&track), message, cost }).await?;
    Ok(OutgoingTrack { shared: Arc::clone(shared), track, format })
}

/// Returns a random UUID of version 4.
fn random_id() -> TrackId {
    let random = fastrand::u128(..);
    let random = (random & !(0xF << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let digits = format!("{random:032x}");
    let (a, rest) = digits.split_at(8);
    let (b, rest) = rest.split_at(4);
    let (c, rest) = rest.split_at(4);
    let (d, e) = rest.split_at(4);
    TrackId::from(format!("{a}-{b}-{c}-{d}-{e}"))
}

/// A track on which an agent sends audio. Cloning is cheap, and clones are the same track.
///
/// The track does not keep its session alive. It ends when you call [`remove`](Self::remove) and when the session ends,
/// not when you drop it. After a [reconnection](super::AgentConnectOptions::reconnect), it is the same track.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
/// # let room = fishjam.create_room(Default::default()).await?;
/// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
/// use fishjam_sdk::agent::{OutgoingAudioTrackOptions, SampleRate};
///
/// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
/// track.send_chunk(vec![0; 48_000]).await?; // one second of silence
/// track.interrupt().await?;
/// track.remove().await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct OutgoingTrack {
    shared: Arc<SessionShared>,
    track: Arc<TrackState>,
    format: Option<PcmFormat>,
}

impl OutgoingTrack {
    /// Returns the id of the track. Notifications contain this id.
    #[must_use]
    pub fn id(&self) -> &TrackId {
        &self.track.id
    }

    /// Returns the format of the raw audio of this track, or `None` for Opus.
    #[must_use]
    pub fn format(&self) -> Option<PcmFormat> {
        self.format
    }

    /// Sends audio of any length, or one packet of Opus. The server queues the audio and plays it.
    ///
    /// This method returns when the chunk is in the outgoing queue, not when it is sent. While the queue is full, the
    /// method waits. [`outgoing_bytes`](super::AgentConnectOptions::outgoing_bytes) sets its size. An empty chunk sends
    /// nothing.
    ///
    /// While the session reconnects, the queue accepts chunks, too. They are sent immediately after the reconnection:
    /// late, and faster than they are played. A smaller queue limits the delay. A [`PacedTrack`](super::PacedTrack)
    /// sends in real time even after an outage.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the whole chunk was accepted or none of it.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error if the track was removed, or if the chunk
    /// exceeds [`max_message_bytes`](super::AgentConnectOptions::max_message_bytes). Otherwise, returns the error that
    /// ended the session, if it has ended.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use fishjam_sdk::agent::{OutgoingAudioTrackOptions, SampleRate};
    ///
    /// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    /// tokio::spawn(async move { track.send_chunk(vec![0; 640]).await }).await??;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_chunk(&self, data: impl Into<Bytes>) -> Result<()> {
        self.send(data.into(), None).await
    }

    /// Sends audio. The session's task calls `notice` when the socket has written it, or lost it with the connection.
    ///
    /// If the future is dropped, the chunk can be sent or not.
    pub(super) async fn send_with_notice(&self, data: Bytes, notice: FlushNotice) -> Result<()> {
        self.send(data, Some(notice)).await
    }

    /// Returns the error that ended the session.
    pub(super) fn session_error(&self) -> Error {
        self.shared.end_error()
    }

    async fn send(&self, data: Bytes, flushed: Option<FlushNotice>) -> Result<()> {
        let utterance = self.track.utterance();
        self.check_present()?;
        if data.is_empty() {
            if let Some(notice) = flushed {
                notice.flushed();
            }
            return Ok(());
        }
        let message = encode(Content::TrackData(TrackData { track_id: self.track.id.as_str().to_owned(), data }));
        self.shared.check_size(&message, "chunk")?;
        let track = Arc::clone(&self.track);
        self.shared
            .send_command(message.len(), |cost| Command::SendChunk { track, utterance, message, flushed, cost })
            .await
    }

    /// Discards all audio of the session and the server that was not played yet.
    ///
    /// Audio that you send afterwards plays as usual. A chunk whose [`send_chunk`](Self::send_chunk) started before
    /// this call is not sent any more. This method does not wait for room in the queue.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error if the track was removed. Otherwise, returns
    /// the error that ended the session, if it has ended.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. The session queues the interrupt when you first poll the future.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use fishjam_sdk::agent::{OutgoingAudioTrackOptions, SampleRate};
    ///
    /// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    /// track.send_chunk(vec![0; 320_000]).await?; // ten seconds
    /// track.interrupt().await?;
    /// track.send_chunk(vec![0; 640]).await?; // plays next
    /// # Ok(())
    /// # }
    /// ```
    pub async fn interrupt(&self) -> Result<()> {
        self.check_present()?;
        self.track.interrupt(|| {
            let track_id = self.track.id.as_str().to_owned();
            let message = encode(Content::InterruptTrack(InterruptTrack { track_id }));
            self.shared.send_control(Command::InterruptTrack { track: Arc::clone(&self.track), message })
        })
    }

    /// Ends the track after the audio that was sent on it. Later calls, on any clone, have no effect.
    ///
    /// The server ends the track immediately, and discards audio that it has not played yet.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future before it is ready, the track stays.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the session, if it has ended.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use fishjam_sdk::agent::{OutgoingAudioTrackOptions, SampleRate};
    ///
    /// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz16000)).await?;
    /// track.remove().await?;
    /// assert!(track.send_chunk(vec![0; 640]).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove(&self) -> Result<()> {
        if self.track.is_removed() {
            return Ok(());
        }
        let message = encode(Content::RemoveTrack(RemoveTrack { track_id: self.track.id.as_str().to_owned() }));
        let track = Arc::clone(&self.track);
        self.shared
            .send_command(message.len(), |cost| {
                track.mark_removed();
                Command::RemoveTrack { track, message, cost }
            })
            .await
    }

    fn check_present(&self) -> Result<()> {
        match self.track.is_removed() {
            true => Err(Error::invalid_input("the track was removed")),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for OutgoingTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingTrack")
            .field("id", &self.track.id)
            .field("format", &self.format)
            .field("session", &self.shared)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn track_id_is_a_random_uuid() {
        let (id, other) = (random_id(), random_id());
        assert_ne!(id, other);
        let digits: Vec<_> = id.as_str().split('-').map(str::len).collect();
        assert_eq!(digits, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_str().get(14..15), Some("4"));
        assert!(matches!(id.as_str().get(19..20), Some("8" | "9" | "a" | "b")), "{id}");
    }
}
