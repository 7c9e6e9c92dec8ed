//! Options for registering outputs.

use std::fmt;

use fishjam_api::composition::types;

use super::{
    audio::{AudioOutput, WireAudio},
    video::{VideoOutput, WireVideo},
};
use crate::{
    composition::media_kinds::MediaKinds,
    error::{Error, Result},
    secret::{Address, EndpointToken, RtmpUrl, query_of},
};

/// An output to register: its destination, and its video, its audio or both.
///
/// `Debug` prints no token and no stream key.
///
/// ```
/// # fn main() -> anyhow::Result<()> {
/// use fishjam_sdk::composition::{AudioMix, InputStream, Output, Scene, VideoOutput};
///
/// let scene = Scene::new(InputStream::new("camera"));
/// let output = Output::rtmp("rtmp://live.example.com/app/stream-key")
///     .video(VideoOutput::new(1280, 720, scene)?)
///     .audio(AudioMix::all(["camera"]));
/// # drop(output);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
#[must_use]
pub struct Output {
    destination: Destination,
    video: Option<VideoOutput>,
    audio: Option<AudioOutput>,
}

#[derive(Clone)]
enum Destination {
    Whip { endpoint_url: String, bearer_token: Option<EndpointToken> },
    Rtmp(RtmpUrl),
}

impl Output {
    /// Creates an output that sends with WHIP to this endpoint, such as a livestream.
    ///
    /// For a livestream of Fishjam, pass
    /// [`livestream_whip_url`](crate::FishjamClient::livestream_whip_url) and the token of a streamer.
    pub fn whip(endpoint_url: impl Into<String>, bearer_token: impl Into<EndpointToken>) -> Self {
        let bearer_token = Some(bearer_token.into());
        Self::to(Destination::Whip { endpoint_url: endpoint_url.into(), bearer_token })
    }

    /// Creates an output that sends with WHIP to an endpoint that needs no token.
    pub fn whip_without_token(endpoint_url: impl Into<String>) -> Self {
        Self::to(Destination::Whip { endpoint_url: endpoint_url.into(), bearer_token: None })
    }

    /// Creates an output that sends with RTMP. The scheme of the URL is `rtmp` or `rtmps`.
    pub fn rtmp(url: impl Into<RtmpUrl>) -> Self {
        Self::to(Destination::Rtmp(url.into()))
    }

    fn to(destination: Destination) -> Self {
        Self { destination, video: None, audio: None }
    }

    /// Sets the video. Defaults to no video.
    pub fn video(mut self, video: VideoOutput) -> Self {
        self.video = Some(video);
        self
    }

    /// Sets the audio: an [`AudioMix`](crate::composition::AudioMix), or an [`AudioOutput`] with more options.
    ///
    /// Defaults to no audio.
    pub fn audio(mut self, audio: impl Into<AudioOutput>) -> Self {
        self.audio = Some(audio.into());
        self
    }

    /// Returns the kinds of media that the output has.
    pub(super) fn kinds(&self) -> MediaKinds {
        MediaKinds { video: self.video.is_some(), audio: self.audio.is_some() }
    }

    /// Returns the secrets of the request. The stream key comes after the URL, because it is a part of the URL.
    pub(super) fn secrets(&self) -> Vec<&str> {
        match &self.destination {
            Destination::Whip { endpoint_url, bearer_token } => {
                bearer_token.iter().map(EndpointToken::expose).chain(query_of(endpoint_url)).collect()
            }
            Destination::Rtmp(url) => {
                // The part after the scheme consists of the host, the application and the key.
                let address = url.expose().split_once("://").map(|(_, address)| address);
                let key = address.and_then(|address| address.splitn(3, '/').nth(2));
                // Some servers take a signature in the query, and report only the path.
                let path = key.and_then(|key| key.split_once('?')).map(|(path, _)| path);
                [url.expose()].into_iter().chain(key).chain(path).collect()
            }
        }
    }

    /// Checks the options and converts them for the request.
    pub(super) fn into_wire(self) -> Result<types::RegisterOutput> {
        if self.kinds() == (MediaKinds { video: false, audio: false }) {
            return Err(Error::invalid_input("an output has neither video nor audio; set at least one"));
        }
        self.destination.check()?;
        let video = self.video.map(VideoOutput::into_wire).transpose()?;
        let audio = self.audio.map(AudioOutput::into_wire).transpose()?;
        match self.destination {
            Destination::Whip { endpoint_url, bearer_token } => Ok(types::WhipOutput {
                audio: audio.map(WireAudio::into_whip),
                bearer_token: bearer_token.map(|token| token.expose().to_owned()),
                endpoint_url,
                type_: types::WhipOutputType::WhipClient,
                video: video.map(WireVideo::into_whip),
            }
            .into()),
            Destination::Rtmp(url) => Ok(types::RtmpOutput {
                audio: audio.map(WireAudio::into_rtmp).transpose()?,
                type_: types::RtmpOutputType::RtmpClient,
                url: url.expose().to_owned(),
                video: video.map(WireVideo::into_rtmp),
            }
            .into()),
        }
    }
}

impl Destination {
    /// Checks that the token or the URL is not empty.
    fn check(&self) -> Result<()> {
        match self {
            Self::Whip { bearer_token: Some(token), .. } => Error::check_not_empty("bearer_token", token.expose()),
            Self::Whip { bearer_token: None, .. } => Ok(()),
            Self::Rtmp(url) => Error::check_not_empty("RTMP URL", url.expose()),
        }
    }
}

impl fmt::Debug for Destination {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Whip { endpoint_url, bearer_token } => f
                .debug_struct("Whip")
                .field("endpoint_url", &Address(endpoint_url))
                .field("bearer_token", bearer_token)
                .finish(),
            Self::Rtmp(url) => f.debug_tuple("Rtmp").field(&Address(url.expose())).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stream_key_is_a_secret_and_the_host_is_none() {
        for (url, keys) in [
            ("rtmp://e.com/app/key", &["key"][..]),
            ("rtmps://e.com:443/app/key/more?token=t", &["key/more?token=t", "key/more"]),
            ("rtmp://e.com/app", &[]),
            ("rtmp://e.com", &[]),
            ("e.com/app/key", &[]),
        ] {
            let expected: Vec<_> = [url].into_iter().chain(keys.iter().copied()).collect();
            assert_eq!(Output::rtmp(url).secrets(), expected);
        }
        assert_eq!(Output::whip("https://e.com", "token").secrets(), ["token"]);
        assert_eq!(Output::whip("https://e.com?key=k#part", "token").secrets(), ["token", "key=k"]);
    }
}
