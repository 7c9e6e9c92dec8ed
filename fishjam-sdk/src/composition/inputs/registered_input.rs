//! The responses to the registrations of inputs.

use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    extra::Extra,
    secret::{EndpointToken, RtmpUrl},
};

/// A registered WHIP input: the address and the token for the broadcaster.
///
/// To wait until the broadcaster sends, use the handle of the input:
/// [`composition.input(id).playing()`](crate::composition::CompositionInput::playing).
///
/// The token serializes as `[redacted]`; see [`Exposed`](crate::Exposed).
///
/// [`Composition::register_whip_input`](crate::composition::Composition::register_whip_input) returns it, and has an example.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct WhipInput {
    /// The URL to which the broadcaster sends its WHIP request.
    pub url: String,
    /// The bearer token of the WHIP request, from the options or from the server.
    pub bearer_token: EndpointToken,
    #[serde(flatten)]
    pub(super) extra: Extra,
}

/// A registered MP4 input: the durations of its tracks.
///
/// [`Composition::register_mp4_input`](crate::composition::Composition::register_mp4_input) returns it, and has an example.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Mp4Input {
    /// The duration of the video track, or `None` if the file has no video.
    pub video_duration: Option<Duration>,
    /// The duration of the audio track, or `None` if the file has no audio.
    pub audio_duration: Option<Duration>,
    #[serde(flatten)]
    pub(super) extra: Extra,
}

/// A registered RTMP input: the address for the broadcaster.
///
/// The address serializes as `[redacted]`; see [`Exposed`](crate::Exposed).
///
/// [`Composition::register_rtmp_input`](crate::composition::Composition::register_rtmp_input) returns it, and has an example.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct RtmpInput {
    /// The URL to which the broadcaster sends. It is a secret, because it contains the stream key.
    pub publish_url: RtmpUrl,
    #[serde(flatten)]
    pub(super) extra: Extra,
}

macro_rules! extra {
    ($($input:ident)+) => {$(
        impl $input {
            /// Returns the members of the response that this version of the SDK does not know.
            #[must_use]
            pub fn extra(&self) -> &Extra {
                &self.extra
            }
        }
    )+};
}

extra! { WhipInput Mp4Input RtmpInput }

/// The members of a response that one kind of input needs, and the other members.
pub(super) struct Answer<T> {
    pub(super) members: T,
    pub(super) extra: Extra,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Answer<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (members, extra) = fishjam_api::with_unknown_members(deserializer, |known| T::deserialize(known))?;
        Ok(Self { members, extra: Extra::new(extra) })
    }
}

// Each type has only the members of its kind of input. A wrong type of another member does not matter.

#[derive(Deserialize)]
pub(super) struct WhipMembers {
    pub(super) bearer_token: Option<String>,
    pub(super) endpoint_route: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Mp4Members {
    pub(super) video_duration_ms: Option<u64>,
    pub(super) audio_duration_ms: Option<u64>,
}

#[derive(Deserialize)]
pub(super) struct RtmpMembers {
    pub(super) publish_url: Option<String>,
}
