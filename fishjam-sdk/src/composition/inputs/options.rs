//! Options for registering inputs.

use std::fmt;

use fishjam_api::composition::types;

use crate::{
    error::{Error, Result},
    secret::{Address, EndpointToken, query_of},
};

/// Options for a WHIP input, to which a broadcaster sends. Unset options use the server's defaults.
///
/// ```
/// use fishjam_sdk::composition::WhipInputOptions;
///
/// let audio_only = WhipInputOptions::new().video(false);
/// ```
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct WhipInputOptions {
    pub(super) bearer_token: Option<EndpointToken>,
    video: Option<bool>,
}

impl WhipInputOptions {
    /// Creates options without values.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the token that the broadcaster sends. Server default: the server creates a token.
    #[must_use]
    pub fn bearer_token(mut self, token: impl Into<EndpointToken>) -> Self {
        self.bearer_token = Some(token.into());
        self
    }

    /// Sets whether the input accepts a video track, which must be H.264. Server default: `true`.
    #[must_use]
    pub fn video(mut self, video: bool) -> Self {
        self.video = Some(video);
        self
    }

    pub(super) fn to_wire(&self) -> Result<types::WhipInput> {
        Ok(types::WhipInput {
            bearer_token: exposed(self.bearer_token.as_ref())?,
            type_: types::WhipInputType::WhipServer,
            video: self.video,
        })
    }
}

/// Options for a WHEP input, which the server pulls from a WHEP endpoint. Unset options use the server's defaults.
///
/// `Debug` prints only the scheme and the host of the URL, because the rest can hold a secret.
///
/// ```
/// use fishjam_sdk::composition::WhepInputOptions;
///
/// let options = WhepInputOptions::new("https://example.com/whep").bearer_token("a-token");
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct WhepInputOptions {
    endpoint_url: String,
    pub(super) bearer_token: Option<EndpointToken>,
    video: Option<bool>,
}

impl WhepInputOptions {
    /// Creates options for the WHEP endpoint with this URL.
    #[must_use]
    pub fn new(endpoint_url: impl Into<String>) -> Self {
        Self { endpoint_url: endpoint_url.into(), bearer_token: None, video: None }
    }

    /// Sets the token that the server sends to the endpoint. Server default: no token.
    #[must_use]
    pub fn bearer_token(mut self, token: impl Into<EndpointToken>) -> Self {
        self.bearer_token = Some(token.into());
        self
    }

    /// Sets whether the input receives video. Server default: `true`.
    #[must_use]
    pub fn video(mut self, video: bool) -> Self {
        self.video = Some(video);
        self
    }

    /// Returns the secrets of the request.
    pub(super) fn secrets(&self) -> impl Iterator<Item = &str> {
        self.bearer_token.iter().map(EndpointToken::expose).chain(query_of(&self.endpoint_url))
    }

    pub(super) fn to_wire(&self) -> Result<types::WhepInput> {
        Ok(types::WhepInput {
            bearer_token: exposed(self.bearer_token.as_ref())?,
            endpoint_url: self.endpoint_url.clone(),
            type_: types::WhepInputType::WhepClient,
            video: self.video,
        })
    }
}

impl fmt::Debug for WhepInputOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WhepInputOptions")
            .field("endpoint_url", &Address(&self.endpoint_url))
            .field("bearer_token", &self.bearer_token)
            .field("video", &self.video)
            .finish()
    }
}

/// Options for an MP4 input, which the server downloads. Unset options use the server's defaults.
///
/// The registration ends when the server has downloaded the file. To register a file, a scene and an output before anything
/// plays, create the composition with `autostart(false)` and [start](crate::composition::Composition::start) it afterwards.
///
/// `Debug` prints only the scheme and the host of the URL, because the rest can hold a secret.
///
/// ```
/// use fishjam_sdk::composition::Mp4InputOptions;
///
/// let intro = Mp4InputOptions::new("https://example.com/intro.mp4").repeat(true);
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Mp4InputOptions {
    url: String,
    repeat: Option<bool>,
}

impl Mp4InputOptions {
    /// Creates options for the file with this URL.
    #[must_use]
    pub fn new(url: impl Into<String>) -> Self {
        Self { url: url.into(), repeat: None }
    }

    /// Sets whether the file starts again after its end (the API's member `loop`). Server default: `false`.
    #[must_use]
    pub fn repeat(mut self, repeat: bool) -> Self {
        self.repeat = Some(repeat);
        self
    }

    /// Returns the secrets of the request.
    pub(super) fn secrets(&self) -> Option<&str> {
        query_of(&self.url)
    }

    pub(super) fn to_wire(&self) -> types::Mp4Input {
        types::Mp4Input { loop_: self.repeat, type_: types::Mp4InputType::Mp4, url: self.url.clone() }
    }
}

impl<T: Into<String>> From<T> for Mp4InputOptions {
    fn from(url: T) -> Self {
        Self::new(url)
    }
}

impl<T: Into<String>> From<T> for WhepInputOptions {
    fn from(endpoint_url: T) -> Self {
        Self::new(endpoint_url)
    }
}

impl fmt::Debug for Mp4InputOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mp4InputOptions").field("url", &Address(&self.url)).field("repeat", &self.repeat).finish()
    }
}

fn exposed(token: Option<&EndpointToken>) -> Result<Option<String>> {
    let Some(token) = token.map(EndpointToken::expose) else { return Ok(None) };
    Error::check_not_empty("bearer_token", token)?;
    Ok(Some(token.to_owned()))
}
