//! Transcripts, which arrive in pieces.

/// The speaker of a transcript.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Speaker {
    /// The peer whose audio was sent to the model.
    Peer,
    /// The model.
    Model,
}

/// Words that a peer or the model spoke, or text that the model wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transcript {
    /// The speaker of the words.
    pub speaker: Speaker,
    /// The whole text of the utterance if it is final. Otherwise, its latest words, which can still change.
    pub text: String,
    /// Whether the utterance is complete. A later transcript belongs to another utterance.
    pub is_final: bool,
}

/// The maximum length of an utterance in bytes. A longer utterance becomes several final transcripts.
const MAX_LENGTH: usize = 64 * 1024;

/// Collects the pieces of one speaker's utterance.
#[derive(Clone, Debug)]
pub(crate) struct Utterance {
    speaker: Speaker,
    text: String,
}

impl Utterance {
    pub(crate) fn new(speaker: Speaker) -> Self {
        Self { speaker, text: String::new() }
    }

    /// Adds a piece, and returns it as a transcript. Returns also a final transcript if the utterance is too long.
    pub(crate) fn push(&mut self, piece: &str) -> Vec<Transcript> {
        if piece.is_empty() {
            return Vec::new();
        }
        self.text.push_str(piece);
        let piece = Transcript { speaker: self.speaker, text: piece.to_owned(), is_final: false };
        let end = if self.text.len() > MAX_LENGTH { self.finish() } else { None };
        [Some(piece), end].into_iter().flatten().collect()
    }

    /// Ends the utterance. Returns `None` if it is empty.
    pub(crate) fn finish(&mut self) -> Option<Transcript> {
        let text = std::mem::take(&mut self.text).trim().to_owned();
        (!text.is_empty()).then_some(Transcript { speaker: self.speaker, text, is_final: true })
    }

    /// Ends the utterance with the server's version of the whole text.
    pub(crate) fn finish_as(&mut self, text: &str) -> Option<Transcript> {
        text.clone_into(&mut self.text);
        self.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_transcript_joins_its_pieces() {
        let mut utterance = Utterance::new(Speaker::Peer);
        assert_eq!(utterance.finish(), None);
        let pieces: Vec<_> = [" Hello", ",", "", " you"].into_iter().flat_map(|piece| utterance.push(piece)).collect();
        assert_eq!(pieces.iter().map(|piece| piece.text.as_str()).collect::<Vec<_>>(), [" Hello", ",", " you"]);
        assert!(pieces.iter().all(|piece| !piece.is_final && piece.speaker == Speaker::Peer));
        let end = utterance.finish().unwrap();
        assert_eq!((end.text.as_str(), end.is_final), ("Hello, you", true));
        assert_eq!(utterance.finish(), None);
    }

    #[test]
    fn long_utterance_is_split() {
        let mut utterance = Utterance::new(Speaker::Model);
        let piece = "x".repeat(MAX_LENGTH);
        assert_eq!(utterance.push(&piece).len(), 1);
        let transcripts = utterance.push("y");
        assert!(transcripts[1].is_final);
        assert_eq!(transcripts[1].text.len(), MAX_LENGTH + 1);
        assert_eq!(utterance.finish(), None);
    }
}
