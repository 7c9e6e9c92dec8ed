//! The input of the model, and its responses.

use std::sync::Arc;

/// Decides the response to a turn. `None` means no response.
pub(crate) type Replies = Arc<dyn Fn(&Turn) -> Option<Reply> + Send + Sync>;

/// Input that the model responds to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Input {
    /// Speech: 16-bit samples, one channel, with the silence at its end.
    Speech(Vec<u8>),
    /// Text.
    Text(String),
}

/// The end of an input, after which the model responds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Turn {
    /// The number of the session, from 0.
    pub session: usize,
    /// The number of the turn in its session, from 0.
    pub number: usize,
    /// The input.
    pub input: Input,
    /// The number of images that the session received so far.
    pub images: usize,
}

impl Turn {
    /// Returns the loudest sample of the speech, or 0 for text. With speakers of different volumes, it identifies the
    /// speaker.
    #[must_use]
    pub fn volume(&self) -> u16 {
        match &self.input {
            Input::Speech(pcm) => crate::voice::volume(pcm),
            Input::Text(_) => 0,
        }
    }
}

impl Turn {
    /// Returns the response. A text has no transcript.
    pub(crate) fn reply(&self, replies: &Replies) -> Option<Reply> {
        let reply = replies(self)?;
        let heard = reply.heard.filter(|_| matches!(self.input, Input::Speech(_)));
        Some(Reply { heard, ..reply })
    }
}

/// A response of the model.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reply {
    pub(crate) heard: Option<String>,
    pub(crate) said: Option<String>,
    pub(crate) audio: Vec<u8>,
}

impl Reply {
    /// Creates an empty response.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the transcript of the peer's speech. The server sends it only if the program requested transcripts.
    #[must_use]
    pub fn heard(mut self, text: impl Into<String>) -> Self {
        self.heard = Some(text.into());
        self
    }

    /// Sets the transcript of the model's speech.
    #[must_use]
    pub fn said(mut self, text: impl Into<String>) -> Self {
        self.said = Some(text.into());
        self
    }

    /// Sets the model's speech: 16-bit samples, one channel, 24,000 Hz. The server sends all of it immediately.
    #[must_use]
    pub fn audio(mut self, pcm: impl Into<Vec<u8>>) -> Self {
        self.audio = pcm.into();
        self
    }
}
