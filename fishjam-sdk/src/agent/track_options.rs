//! Options for the tracks on which an agent sends audio.

use std::fmt;

use fishjam_proto::fishjam::{
    agent_request::{AddTrack, add_track::CodecParameters},
    notifications::{self, TrackEncoding},
};
use serde::Serialize;

use crate::{
    audio::{Channels, PcmFormat, SampleRate},
    error::{Error, Result},
    id::TrackId,
    secret::REDACTED,
};

/// Options for publishing an audio track. `Debug` does not print the metadata.
///
/// The constructor selects the encoding of the audio.
///
/// ```
/// use fishjam_sdk::agent::{Channels, OutgoingAudioTrackOptions, SampleRate};
/// use serde_json::json;
///
/// let voice = OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000).metadata(json!({ "type": "microphone" }));
/// let music = OutgoingAudioTrackOptions::opus().channels(Channels::Stereo);
/// # let _ = (voice, music);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct OutgoingAudioTrackOptions {
    encoding: TrackEncoding,
    /// `None` only for Opus.
    sample_rate: Option<SampleRate>,
    channels: Channels,
    metadata: Option<Result<String>>,
}

/// The defaults of the Python SDK: an unspecified encoding, 16,000 samples per second and one channel.
impl Default for OutgoingAudioTrackOptions {
    fn default() -> Self {
        Self::unspecified(SampleRate::Hz16000)
    }
}

impl OutgoingAudioTrackOptions {
    /// Creates options for a track of raw 16-bit audio with one channel.
    ///
    /// The samples are little-endian. A chunk contains any number of samples. To resample audio, use a crate such as
    /// `rubato`.
    #[must_use]
    pub fn pcm16(sample_rate: SampleRate) -> Self {
        Self::with_encoding(TrackEncoding::Pcm16, Some(sample_rate))
    }

    /// Creates options for a track of Opus packets with one channel.
    ///
    /// Each chunk is one packet. The packets contain their sample rate, so the options need none.
    #[must_use]
    pub fn opus() -> Self {
        Self::with_encoding(TrackEncoding::Opus, None)
    }

    /// Creates options for a track without an encoding, with one channel and this sample rate.
    ///
    /// The server treats it as raw 16-bit audio.
    #[must_use]
    pub fn unspecified(sample_rate: SampleRate) -> Self {
        Self::with_encoding(TrackEncoding::Unspecified, Some(sample_rate))
    }

    fn with_encoding(encoding: TrackEncoding, sample_rate: Option<SampleRate>) -> Self {
        Self { encoding, sample_rate, channels: Channels::Mono, metadata: None }
    }

    /// Sets the sample rate. Defaults to the sample rate of the constructor.
    ///
    /// Optional for Opus, whose packets contain their sample rate.
    #[must_use]
    pub fn sample_rate(mut self, rate: SampleRate) -> Self {
        self.sample_rate = Some(rate);
        self
    }

    /// Sets the number of channels.
    ///
    /// Defaults to [`Channels::Mono`].
    #[must_use]
    pub fn channels(mut self, channels: Channels) -> Self {
        self.channels = channels;
        self
    }

    /// Sets the metadata that other peers can read: any value that serializes to JSON.
    ///
    /// The client SDKs treat a track with `{"type": "microphone"}` as a microphone. If the value does not serialize to
    /// JSON, adding the track returns an error. Defaults to null.
    #[must_use]
    pub fn metadata(mut self, metadata: impl Serialize) -> Self {
        self.metadata = Some(serde_json::to_string(&metadata).map_err(|e| {
            // The message of this error can quote the metadata.
            drop(e);
            Error::invalid_input("invalid metadata: failed to serialize as JSON")
        }));
        self
    }

    /// Returns the format of raw audio, or `None` for Opus.
    pub(super) fn format(&self) -> Option<PcmFormat> {
        match self.encoding {
            TrackEncoding::Opus => None,
            TrackEncoding::Unspecified | TrackEncoding::Pcm16 => {
                self.sample_rate.map(|rate| PcmFormat::new(rate, self.channels))
            }
        }
    }

    /// Returns the request to add the track with this id.
    pub(super) fn into_request(self, id: &TrackId) -> Result<AddTrack> {
        Ok(AddTrack {
            track: Some(notifications::Track {
                id: id.as_str().to_owned(),
                r#type: notifications::TrackType::Audio.into(),
                metadata: self.metadata.transpose()?.unwrap_or_else(|| "null".to_owned()),
            }),
            codec_params: Some(CodecParameters {
                encoding: self.encoding.into(),
                sample_rate: self.sample_rate.map_or(0, SampleRate::hertz),
                channels: self.channels.count().into(),
            }),
        })
    }
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn request_contains_the_options() {
        let (pcm16, opus) = (OutgoingAudioTrackOptions::pcm16, OutgoingAudioTrackOptions::opus);
        for (options, encoding, sample_rate, channels, metadata) in [
            (pcm16(SampleRate::Hz24000), TrackEncoding::Pcm16, 24_000, 1, "null"),
            (opus(), TrackEncoding::Opus, 0, 1, "null"),
            (
                opus().sample_rate(SampleRate::Hz48000).channels(Channels::Stereo),
                TrackEncoding::Opus,
                48_000,
                2,
                "null",
            ),
            (OutgoingAudioTrackOptions::default(), TrackEncoding::Unspecified, 16_000, 1, "null"),
            (pcm16(SampleRate::Hz48000).metadata(json!({ "a": 1 })), TrackEncoding::Pcm16, 48_000, 1, r#"{"a":1}"#),
            (pcm16(SampleRate::Hz16000).metadata("text"), TrackEncoding::Pcm16, 16_000, 1, r#""text""#),
        ] {
            let request = options.into_request(&"t".into()).unwrap();
            let (track, codec) = (request.track.unwrap(), request.codec_params.unwrap());
            assert_eq!((track.id.as_str(), track.metadata.as_str()), ("t", metadata));
            assert_eq!(track.r#type, i32::from(notifications::TrackType::Audio));
            assert_eq!(codec, CodecParameters { encoding: encoding.into(), sample_rate, channels });
        }
    }

    #[test]
    fn format_is_known_for_raw_audio_only() {
        let stereo = PcmFormat::new(SampleRate::Hz48000, Channels::Stereo);
        for (options, format) in [
            (OutgoingAudioTrackOptions::pcm16(SampleRate::Hz48000).channels(Channels::Stereo), Some(stereo)),
            (OutgoingAudioTrackOptions::default(), Some(PcmFormat::mono(SampleRate::Hz16000))),
            (OutgoingAudioTrackOptions::opus().sample_rate(SampleRate::Hz48000), None),
        ] {
            assert_eq!(options.format(), format);
        }
    }

    #[test]
    fn invalid_metadata_is_rejected_without_quoting_it() {
        let options = OutgoingAudioTrackOptions::opus().metadata(BTreeMap::from([(("sentinel", 2), 3)]));
        let error = options.into_request(&"t".into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("invalid metadata: failed to serialize"), "{error}");
        assert!(!format!("{error:#} {error:?}").contains("sentinel"), "{error:?}");
    }
}
