//! The tracks on which an agent sends audio.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use fishjam_proto::fishjam::{
    agent_request::{AddTrack, Content, InterruptTrack, RemoveTrack, TrackData, add_track::CodecParameters},
    notifications,
};
use serde::Serialize;
use tokio::sync::oneshot;

use super::{command::Command, message::encode, shared::SessionShared, track_state::TrackState};
use crate::{
    audio::PcmFormat,
    error::{Error, Result},
    id::TrackId,
    secret::REDACTED,
};

/// The sample rates of raw audio that the server supports, in hertz.
const SAMPLE_RATES: [u32; 3] = [16_000, 24_000, 48_000];

/// Encoding of the audio of a track.
///
/// Only requests contain this value, so there is no variant for unknown values.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrackEncoding {
    /// No encoding. The server treats it as [`Pcm16`](Self::Pcm16).
    Unspecified,
    /// Raw 16-bit samples, little-endian and interleaved. A chunk contains any number of samples.
    Pcm16,
    /// Opus. Each chunk is one packet.
    Opus,
}

/// Options for publishing an audio track. `Debug` does not print the metadata.
#[derive(Clone)]
#[non_exhaustive]
pub struct OutgoingAudioTrackOptions {
    encoding: TrackEncoding,
    sample_rate: u32,
    channels: u32,
    metadata: Option<Result<String>>,
}

impl fmt::Debug for OutgoingAudioTrackOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingAudioTrackOptions")
            .field("encoding", &self.encoding)
            .field("sample_rate", &self.sample_rate)
            .field("channels", &self.channels)
            .field("metadata", &self.metadata.as_ref().map(|_| REDACTED))
            .finish()
    }
}

/// The defaults of the Python SDK: an unspecified encoding, 16,000 samples per second and one channel.
impl Default for OutgoingAudioTrackOptions {
    fn default() -> Self {
        Self::unspecified(16_000)
    }
}

impl OutgoingAudioTrackOptions {
    /// Creates options for a track of raw 16-bit audio with one channel and this sample rate.
    ///
    /// The rate is 16,000, 24,000 or 48,000 Hz. With any other rate, adding the track returns an error. To resample
    /// audio, use a crate such as `rubato`.
    #[must_use]
    pub fn pcm16(sample_rate: u32) -> Self {
        Self { encoding: TrackEncoding::Pcm16, sample_rate, channels: 1, metadata: None }
    }

    /// Creates options for a track of Opus packets with one channel. The packets contain their sample rate.
    #[must_use]
    pub fn opus() -> Self {
        Self { encoding: TrackEncoding::Opus, sample_rate: 0, channels: 1, metadata: None }
    }

    /// Creates options for a track without an encoding, with one channel and this sample rate.
    ///
    /// The server treats it as raw 16-bit audio. The rate is 16,000, 24,000 or 48,000 Hz.
    #[must_use]
    pub fn unspecified(sample_rate: u32) -> Self {
        Self { encoding: TrackEncoding::Unspecified, sample_rate, channels: 1, metadata: None }
    }

    /// Sets the sample rate, in hertz.
    #[must_use]
    pub fn sample_rate(mut self, hertz: u32) -> Self {
        self.sample_rate = hertz;
        self
    }

    /// Sets the number of channels: 1 or 2.
    #[must_use]
    pub fn channels(mut self, channels: u32) -> Self {
        self.channels = channels;
        self
    }

    /// Sets the metadata that other peers can read: any value that serializes to JSON.
    ///
    /// The client SDKs treat a track with `{"type": "microphone"}` as a microphone. If the value does not serialize to
    /// JSON, adding the track returns an error.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = Some(serde_json::to_string(&metadata).map_err(|e| {
            // The message of this error can quote the metadata.
            drop(e);
            Error::invalid_input("invalid track metadata: failed to serialize as JSON")
        }));
        self
    }

    /// Returns the format of raw audio, or `None` for Opus.
    fn format(&self) -> Result<Option<PcmFormat>> {
        if !(1..=2).contains(&self.channels) {
            return Err(Error::invalid_input(format!("invalid number of channels {}: must be 1 or 2", self.channels)));
        }
        let channels = if self.channels == 2 { 2 } else { 1 };
        if self.encoding != TrackEncoding::Opus && !SAMPLE_RATES.contains(&self.sample_rate) {
            return Err(Error::invalid_input(format!(
                "invalid sample rate {} Hz of raw audio: must be 16000, 24000 or 48000",
                self.sample_rate
            )));
        }
        match self.encoding {
            TrackEncoding::Opus => Ok(None),
            TrackEncoding::Unspecified | TrackEncoding::Pcm16 => PcmFormat::new(self.sample_rate, channels).map(Some),
        }
    }

    /// Returns the request to add the track with this id.
    fn request(self, id: &TrackId) -> Result<AddTrack> {
        let encoding = match self.encoding {
            TrackEncoding::Unspecified => notifications::TrackEncoding::Unspecified,
            TrackEncoding::Pcm16 => notifications::TrackEncoding::Pcm16,
            TrackEncoding::Opus => notifications::TrackEncoding::Opus,
        };
        Ok(AddTrack {
            track: Some(notifications::Track {
                id: id.as_str().to_owned(),
                r#type: notifications::TrackType::Audio.into(),
                metadata: self.metadata.transpose()?.unwrap_or_else(|| "null".to_owned()),
            }),
            codec_params: Some(CodecParameters {
                encoding: encoding.into(),
                sample_rate: self.sample_rate,
                channels: self.channels,
            }),
        })
    }
}

/// Publishes a track.
pub(super) async fn add(shared: &Arc<SessionShared>, options: OutgoingAudioTrackOptions) -> Result<OutgoingTrack> {
    let (id, format) = (random_id(), options.format()?);
    let message = encode(Content::AddTrack(options.request(&id)?));
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
    /// use fishjam_sdk::agent::OutgoingAudioTrackOptions;
    ///
    /// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(16_000)).await?;
    /// tokio::spawn(async move { track.send_chunk(vec![0; 640]).await }).await??;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_chunk(&self, data: impl Into<Bytes>) -> Result<()> {
        self.send(data.into(), None).await
    }

    /// Sends audio and waits until the socket has written it, or lost it with the connection.
    ///
    /// If the future is dropped, the chunk can be sent or not.
    pub(super) async fn send_flushed(&self, data: Bytes) -> Result<()> {
        if data.is_empty() {
            return self.check_present();
        }
        let (sender, flushed) = oneshot::channel();
        self.send(data, Some(sender)).await?;
        flushed.await.map_err(|_| self.shared.end_error())
    }

    async fn send(&self, data: Bytes, flushed: Option<oneshot::Sender<()>>) -> Result<()> {
        let utterance = self.track.utterance();
        self.check_present()?;
        if data.is_empty() {
            return Ok(());
        }
        let message = encode(Content::TrackData(TrackData { track_id: self.track.id.as_str().to_owned(), data }));
        self.shared.check_size(&message, "chunk")?;
        let track = Arc::clone(&self.track);
        self.shared
            .send_command(message.len(), |cost| Command::SendChunk { track, utterance, message, flushed, cost })
            .await
    }

    /// Interrupts the audio: the session and the server discard all audio that was sent and not played yet.
    ///
    /// Audio that you send afterwards plays as usual. A chunk whose [`send_chunk`](Self::send_chunk) started before
    /// this call is not sent any more. This method does not wait for room in the queue.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error if the track was removed. Otherwise, returns
    /// the error that ended the session, if it has ended.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use fishjam_sdk::agent::OutgoingAudioTrackOptions;
    ///
    /// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(16_000)).await?;
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
    /// use fishjam_sdk::agent::OutgoingAudioTrackOptions;
    ///
    /// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(16_000)).await?;
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
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn request_contains_the_options() {
        use notifications::TrackEncoding as Wire;
        for (options, encoding, sample_rate, channels, metadata) in [
            (OutgoingAudioTrackOptions::pcm16(24_000), Wire::Pcm16, 24_000, 1, "null"),
            (OutgoingAudioTrackOptions::opus(), Wire::Opus, 0, 1, "null"),
            (OutgoingAudioTrackOptions::opus().sample_rate(48_000).channels(2), Wire::Opus, 48_000, 2, "null"),
            (OutgoingAudioTrackOptions::unspecified(16_000), Wire::Unspecified, 16_000, 1, "null"),
            (
                OutgoingAudioTrackOptions::pcm16(48_000).metadata(json!({ "a": 1 })),
                Wire::Pcm16,
                48_000,
                1,
                r#"{"a":1}"#,
            ),
            (OutgoingAudioTrackOptions::pcm16(16_000).metadata("text"), Wire::Pcm16, 16_000, 1, r#""text""#),
        ] {
            let request = options.request(&"t".into()).unwrap();
            let (track, codec) = (request.track.unwrap(), request.codec_params.unwrap());
            assert_eq!((track.id.as_str(), track.metadata.as_str()), ("t", metadata));
            assert_eq!(track.r#type, i32::from(notifications::TrackType::Audio));
            assert_eq!(codec, CodecParameters { encoding: encoding.into(), sample_rate, channels });
        }
    }

    #[test]
    fn invalid_options_are_rejected_with_a_reason() {
        for (options, reason) in [
            (OutgoingAudioTrackOptions::pcm16(0), "sample rate"),
            (OutgoingAudioTrackOptions::unspecified(0), "sample rate"),
            (OutgoingAudioTrackOptions::pcm16(44_100), "44100 Hz"),
            (OutgoingAudioTrackOptions::unspecified(8_000), "8000 Hz"),
            (OutgoingAudioTrackOptions::pcm16(800_000), "sample rate"),
            (OutgoingAudioTrackOptions::pcm16(16_000).channels(0), "channels 0"),
            (OutgoingAudioTrackOptions::opus().channels(3), "channels 3"),
            (OutgoingAudioTrackOptions::opus().metadata(BTreeMap::from([((1, 2), 3)])), "JSON"),
        ] {
            let error = options.format().and_then(|_| options.request(&"t".into())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(reason), "{error}");
        }
    }

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
