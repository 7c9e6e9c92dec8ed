//! The tracks on which an agent speaks.

use std::{fmt, sync::Arc};

use bytes::Bytes;
use fishjam_proto::fishjam::{
    agent_request::{AddTrack, Content, InterruptTrack, RemoveTrack, TrackData, add_track::CodecParameters},
    notifications,
};
use serde::Serialize;
use tokio::sync::oneshot;

use super::{command::Order, message::encode, shared::Line, track_state::Voice};
use crate::{
    TrackId,
    audio::PcmFormat,
    error::{Error, Result},
    secret::REDACTED,
};

/// The sample rates of raw audio that the service knows, in hertz.
const RATES: [u32; 3] = [16_000, 24_000, 48_000];

/// How the audio of a track is encoded. Only requests carry it, so there is no unknown value to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TrackEncoding {
    /// Not said; the service takes it for [`Pcm16`](Self::Pcm16).
    Unspecified,
    /// Raw samples of 16 bits, little-endian, interleaved; a chunk holds any number of them.
    Pcm16,
    /// Opus; each chunk is one packet.
    Opus,
}

/// Options for a track to be published. `Debug` does not print the metadata.
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

/// The Python SDK's: an unspecified encoding, 16,000 samples a second, one channel.
impl Default for OutgoingAudioTrackOptions {
    fn default() -> Self {
        Self::unspecified(16_000)
    }
}

impl OutgoingAudioTrackOptions {
    /// A track of raw 16-bit audio with so many samples a second, in one channel: 16,000, 24,000 or 48,000. Any
    /// other rate is refused when the track is added: a crate such as `rubato` resamples.
    #[must_use]
    pub fn pcm16(sample_rate: u32) -> Self {
        Self { encoding: TrackEncoding::Pcm16, sample_rate, channels: 1, metadata: None }
    }

    /// A track of Opus packets of one channel, which say their sample rate themselves.
    #[must_use]
    pub fn opus() -> Self {
        Self { encoding: TrackEncoding::Opus, sample_rate: 0, channels: 1, metadata: None }
    }

    /// A track that does not say how it is encoded, which the service takes for raw 16-bit audio, with so many samples
    /// a second, in one channel: 16,000, 24,000 or 48,000.
    #[must_use]
    pub fn unspecified(sample_rate: u32) -> Self {
        Self { encoding: TrackEncoding::Unspecified, sample_rate, channels: 1, metadata: None }
    }

    /// Chooses the sample rate, in hertz.
    #[must_use]
    pub fn sample_rate(mut self, hertz: u32) -> Self {
        self.sample_rate = hertz;
        self
    }

    /// Chooses the number of channels: 1 or 2.
    #[must_use]
    pub fn channels(mut self, channels: u32) -> Self {
        self.channels = channels;
        self
    }

    /// Attaches what the others should know of the track: anything that serializes to JSON. The client SDKs take a
    /// track with `{"type": "microphone"}` for a microphone.
    ///
    /// What cannot be written as JSON is refused when the track is added.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = Some(serde_json::to_string(&metadata).map_err(|e| {
            // Its words may quote the metadata, and say nothing that the type does not.
            drop(e);
            Error::invalid_input("track metadata cannot be written as JSON")
        }));
        self
    }

    /// The form of its raw audio; `None` of Opus.
    fn format(&self) -> Result<Option<PcmFormat>> {
        if !(1..=2).contains(&self.channels) {
            return Err(Error::invalid_input(format!("a track has one channel or two, not {}", self.channels)));
        }
        let channels = if self.channels == 2 { 2 } else { 1 };
        if self.encoding != TrackEncoding::Opus && !RATES.contains(&self.sample_rate) {
            return Err(Error::invalid_input(format!(
                "raw audio has a sample rate of 16000, 24000 or 48000 Hz, not {}",
                self.sample_rate
            )));
        }
        match self.encoding {
            TrackEncoding::Opus => Ok(None),
            TrackEncoding::Unspecified | TrackEncoding::Pcm16 => PcmFormat::new(self.sample_rate, channels).map(Some),
        }
    }

    /// The request for it, under this id.
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
pub(super) async fn add(line: &Arc<Line>, options: OutgoingAudioTrackOptions) -> Result<OutgoingTrack> {
    let (id, format) = (random_id(), options.format()?);
    let message = encode(Content::AddTrack(options.request(&id)?));
    line.check(&message, "the track's metadata")?;
    let voice = Voice::new(id);
    line.take(message.len(), |cost| Order::Add { voice: Arc::clone(&voice), message, cost }).await?;
    Ok(OutgoingTrack { line: Arc::clone(line), voice, format })
}

/// A UUID of random digits, version 4.
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

/// A track on which an agent speaks. Cloning is cheap, and clones are the same track.
///
/// It does not keep its session alive, and dropping it does not end the track: [`remove`](Self::remove) does, and so
/// does the session's end. After a [reconnection](super::AgentConnectOptions::reconnect) it is the same track as
/// before.
#[derive(Clone)]
pub struct OutgoingTrack {
    line: Arc<Line>,
    voice: Arc<Voice>,
    format: Option<PcmFormat>,
}

impl OutgoingTrack {
    /// The track's id, which notifications name it by.
    #[must_use]
    pub fn id(&self) -> &TrackId {
        &self.voice.id
    }

    /// The form of the raw audio that is sent on it; `None` of Opus.
    #[must_use]
    pub fn format(&self) -> Option<PcmFormat> {
        self.format
    }

    /// Sends a piece of audio of any length; of Opus, one packet. The service queues what it gets and plays it.
    ///
    /// Returns when the chunk is taken, not when it is sent. There is room for
    /// [so many bytes](super::AgentConnectOptions::outgoing_bytes) that are not sent yet; while there is none, this
    /// waits. Cancel safe: a future that is dropped has sent the whole chunk or nothing of it. An empty chunk is
    /// nothing to send.
    ///
    /// While the connection is being replaced chunks are taken, too, as long as there is room, and sent at once when it
    /// is there again: late, and faster than they are played. A [`PacedTrack`](super::PacedTrack) keeps real time
    /// across an outage; with a smaller room less is late.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the chunk is larger than
    /// [one message](super::AgentConnectOptions::max_message_bytes) may be, or the track was removed; why the session
    /// ended, if it has.
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
    /// let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(16_000)).await?;
    /// tokio::spawn(async move { voice.send_chunk(vec![0; 640]).await }).await??;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_chunk(&self, data: impl Into<Bytes>) -> Result<()> {
        self.take(data.into(), None).await
    }

    /// Like [`send_chunk`](Self::send_chunk), and waits until the socket has the chunk, or it was lost with a
    /// connection. If this is dropped, the chunk may be sent or not.
    pub(super) async fn hand_over(&self, data: Bytes) -> Result<()> {
        if data.is_empty() {
            return self.check_present();
        }
        let (left, gone) = oneshot::channel();
        self.take(data, Some(left)).await?;
        gone.await.map_err(|_| self.line.why())
    }

    async fn take(&self, data: Bytes, left: Option<oneshot::Sender<()>>) -> Result<()> {
        let utterance = self.voice.utterance();
        self.check_present()?;
        if data.is_empty() {
            return Ok(());
        }
        let message = encode(Content::TrackData(TrackData { track_id: self.voice.id.as_str().to_owned(), data }));
        self.line.check(&message, "the chunk")?;
        let voice = Arc::clone(&self.voice);
        self.line.take(message.len(), |cost| Order::Chunk { voice, utterance, message, left, cost }).await
    }

    /// Falls silent at once: what was sent and is not played yet is thrown away, here and by the service. What is sent
    /// afterwards plays as usual.
    ///
    /// A chunk whose [`send_chunk`](Self::send_chunk) began before this is not sent any more. This never waits for
    /// room.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the track was removed; why the session ended, if it has.
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
    /// let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(16_000)).await?;
    /// voice.send_chunk(vec![0; 320_000]).await?; // ten seconds
    /// voice.interrupt().await?;
    /// voice.send_chunk(vec![0; 640]).await?; // is next
    /// # Ok(())
    /// # }
    /// ```
    pub async fn interrupt(&self) -> Result<()> {
        self.check_present()?;
        self.voice.interrupt(|| {
            let track_id = self.voice.id.as_str().to_owned();
            let message = encode(Content::InterruptTrack(InterruptTrack { track_id }));
            self.line.take_free(Order::Interrupt { voice: Arc::clone(&self.voice), message })
        })
    }

    /// Ends the track, after what was sent on it. Once is enough, on any clone.
    ///
    /// The service ends the track at once, with what it has not played yet. Cancel safe: if this is dropped before it
    /// is ready, the track is as it was.
    ///
    /// # Errors
    ///
    /// Why the session ended, if it has.
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
    /// let voice = session.add_track(OutgoingAudioTrackOptions::pcm16(16_000)).await?;
    /// voice.remove().await?;
    /// assert!(voice.send_chunk(vec![0; 640]).await.is_err());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn remove(&self) -> Result<()> {
        if self.voice.is_removed() {
            return Ok(());
        }
        let message = encode(Content::RemoveTrack(RemoveTrack { track_id: self.voice.id.as_str().to_owned() }));
        let voice = Arc::clone(&self.voice);
        self.line
            .take(message.len(), |cost| {
                voice.remove();
                Order::Remove { voice, message, cost }
            })
            .await
    }

    fn check_present(&self) -> Result<()> {
        match self.voice.is_removed() {
            true => Err(Error::invalid_input("the track was removed")),
            false => Ok(()),
        }
    }
}

impl fmt::Debug for OutgoingTrack {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingTrack")
            .field("id", &self.voice.id)
            .field("format", &self.format)
            .field("line", &self.line)
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
    fn what_a_track_is_asked_to_be_is_what_is_requested() {
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
    fn what_cannot_be_a_track_is_refused_with_its_reason() {
        for (options, why) in [
            (OutgoingAudioTrackOptions::pcm16(0), "sample rate"),
            (OutgoingAudioTrackOptions::unspecified(0), "sample rate"),
            (OutgoingAudioTrackOptions::pcm16(44_100), "not 44100"),
            (OutgoingAudioTrackOptions::unspecified(8_000), "not 8000"),
            (OutgoingAudioTrackOptions::pcm16(800_000), "sample rate"),
            (OutgoingAudioTrackOptions::pcm16(16_000).channels(0), "not 0"),
            (OutgoingAudioTrackOptions::opus().channels(3), "not 3"),
            (OutgoingAudioTrackOptions::opus().metadata(BTreeMap::from([((1, 2), 3)])), "JSON"),
        ] {
            let error = options.format().and_then(|_| options.request(&"t".into())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput);
            assert!(error.to_string().contains(why), "{error}");
        }
    }

    #[test]
    fn a_tracks_id_is_a_random_uuid() {
        let (id, other) = (random_id(), random_id());
        assert_ne!(id, other);
        let digits: Vec<_> = id.as_str().split('-').map(str::len).collect();
        assert_eq!(digits, [8, 4, 4, 4, 12]);
        assert_eq!(id.as_str().get(14..15), Some("4"));
        assert!(matches!(id.as_str().get(19..20), Some("8" | "9" | "a" | "b")), "{id}");
    }
}
