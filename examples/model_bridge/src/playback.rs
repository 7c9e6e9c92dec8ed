//! Finds the part of the model's audio that peers heard.

use std::{collections::VecDeque, time::Duration};

use fishjam_sdk::agent::{PcmFormat, SampleRate};

/// The maximum number of items to remember. Earlier items were played long ago.
const MAX_ITEMS: usize = 64;

/// The audio of the model since the last interruption: the items of the conversation, in the order of their playback.
#[derive(Clone, Debug)]
pub(crate) struct Playback {
    format: PcmFormat,
    /// The bytes of the items that are no longer in the list.
    earlier: usize,
    /// Each item with its number of bytes.
    items: VecDeque<(String, usize)>,
}

impl Playback {
    pub(crate) fn new(rate: SampleRate) -> Self {
        Self { format: PcmFormat::mono(rate), earlier: 0, items: VecDeque::new() }
    }

    /// Adds audio of an item.
    pub(crate) fn push(&mut self, item: &str, bytes: usize) {
        match self.items.back_mut() {
            Some((last, length)) if last == item => *length += bytes,
            _ => self.items.push_back((item.to_owned(), bytes)),
        }
        if self.items.len() > MAX_ITEMS {
            self.earlier += self.items.pop_front().map_or(0, |(_, bytes)| bytes);
        }
    }

    /// Forgets all items. Returns the items that were not played completely, and how much of each was played.
    pub(crate) fn truncate(&mut self, played: Duration) -> Vec<(String, Duration)> {
        let mut start = std::mem::take(&mut self.earlier);
        let mut truncated = Vec::new();
        for (item, bytes) in self.items.drain(..) {
            let end = start + bytes;
            if self.format.duration_of(end) > played {
                truncated.push((item, played.saturating_sub(self.format.duration_of(start))));
            }
            start = end;
        }
        truncated
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The bytes of a second.
    const SECOND: usize = 48_000;

    fn heard(playback: &mut Playback, played_ms: u64) -> Vec<(String, u128)> {
        let items = playback.truncate(Duration::from_millis(played_ms)).into_iter();
        items.map(|(item, heard)| (item, heard.as_millis())).collect()
    }

    #[test]
    fn item_that_is_playing_is_truncated_within() {
        let mut playback = Playback::new(SampleRate::Hz24000);
        playback.push("preamble", SECOND);
        playback.push("poem", SECOND);
        playback.push("poem", SECOND);
        assert_eq!(heard(&mut playback, 2_500), [("poem".to_owned(), 1_500)]);
        assert_eq!(heard(&mut playback, 0), []);
    }

    #[test]
    fn item_that_waits_is_truncated_to_nothing() {
        let mut playback = Playback::new(SampleRate::Hz24000);
        playback.push("first", SECOND);
        playback.push("second", SECOND);
        assert_eq!(heard(&mut playback, 400), [("first".to_owned(), 400), ("second".to_owned(), 0)]);
    }

    #[test]
    fn completely_played_items_are_not_truncated() {
        let mut playback = Playback::new(SampleRate::Hz24000);
        playback.push("first", SECOND);
        assert_eq!(heard(&mut playback, 1_000), []);
    }

    #[test]
    fn number_of_items_is_bounded() {
        let mut playback = Playback::new(SampleRate::Hz24000);
        for index in 0..1_000 {
            playback.push(&index.to_string(), SECOND);
        }
        assert_eq!(playback.items.len(), MAX_ITEMS);
        assert_eq!(heard(&mut playback, 999_250), [("999".to_owned(), 250)]);
        playback.push("next", SECOND);
        assert_eq!(heard(&mut playback, 400), [("next".to_owned(), 400)]);
    }
}
