//! One stream for each who speaks.

use std::{
    collections::HashMap,
    fmt,
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use futures_util::StreamExt;

use super::{AgentMessage, AgentReceiver, IncomingTrackData, SessionEnd};
use crate::{
    Overflow, PeerId, TrackId,
    audio::{AudioSampleRate, PcmFormat},
    connection::queue::{Item, Items, Limits, Queue, QueueItem, Reader},
    error::{Error, Result},
    events::Track,
};

/// The limits of the chunks that wait for the reader of one speaker.
const LIMITS: Limits = Limits { items: 512, bytes: 4 * 1024 * 1024, overflow: Overflow::DropOldest };
/// How many messages are looked at in one go before others have their turn.
const BURST: usize = 128;

/// What comes out of [`Speakers`].
#[derive(Debug)]
#[non_exhaustive]
pub enum Heard {
    /// Somebody begins to be heard on a track: a stream of all that is said on it.
    Speaker(Speaker),
    /// Everything else that the session receives.
    Message(AgentMessage),
}

/// What a session hears, speaker by speaker: a stream of who begins to be heard, and of everything else that arrives.
///
/// It must be polled for its speakers to be heard, also while nobody new is expected. It ends as the session does, and
/// with it the streams of its speakers.
///
/// An agent is not told that somebody leaves: the server's notifications are. Whoever receives them ends a speaker with
/// [`end_track`](Self::end_track) or [`end_peer`](Self::end_peer); without that a speaker merely falls silent.
pub struct Speakers {
    receiver: AgentReceiver,
    speaking: HashMap<(PeerId, TrackId), Speaking>,
}

/// The other side of a [`Speaker`].
struct Speaking {
    queue: Arc<Queue<Items<Bytes>>>,
    track: Arc<Mutex<Track>>,
}

/// What one peer says on one track: a stream of chunks, bit by bit as they were received.
///
/// At most 512 chunks and 4 MiB wait for the reader. If it is too slow, the oldest chunks are dropped and
/// [counted](Self::dropped). If you drop a speaker and more arrives on its track, the speaker comes again.
pub struct Speaker {
    peer_id: PeerId,
    track: Arc<Mutex<Track>>,
    format: PcmFormat,
    reader: Reader<Items<Bytes>>,
    dropped: u64,
}

impl AgentReceiver {
    /// One stream for each speaker, so that those who speak at once do not interleave.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the agent was not created to hear at this rate: nothing here
    /// changes it, and to take it for another one would change the pitch.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use fishjam_sdk::{AudioSampleRate, agent::Heard};
    /// use futures_util::StreamExt;
    ///
    /// let (sender, receiver) = session.split();
    /// let mut speakers = receiver.speakers(AudioSampleRate::Hz16000)?;
    /// # fishjam.delete_room(&room.id).await?;
    /// while let Some(Ok(heard)) = speakers.next().await {
    ///     match heard {
    ///         Heard::Speaker(mut speaker) => {
    ///             tokio::spawn(async move {
    ///                 while let Some(chunk) = speaker.next().await {
    ///                     println!("{} bytes from {}", chunk.len(), speaker.peer_id());
    ///                 }
    ///             });
    ///         }
    ///         Heard::Message(other) => println!("{other:?}"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn speakers(self, rate: AudioSampleRate) -> Result<Speakers> {
        let hears = self.hears();
        if hears != PcmFormat::mono(rate) {
            return Err(Error::invalid_input(format!(
                "the agent hears {hears}, and what is asked for is {}: choose the rate when the agent is created",
                PcmFormat::mono(rate)
            )));
        }
        Ok(Speakers::new(self))
    }
}

impl Speakers {
    fn new(receiver: AgentReceiver) -> Self {
        Self { receiver, speaking: HashMap::new() }
    }

    /// The form of what is heard.
    #[must_use]
    pub fn format(&self) -> PcmFormat {
        self.receiver.hears()
    }

    /// How the session ended; `None` while it has not.
    #[must_use]
    pub fn end(&self) -> Option<SessionEnd> {
        self.receiver.end()
    }

    /// Ends the speaker on this track, after what waits for its reader; whether there was one.
    ///
    /// For when a [`TrackRemoved`](crate::events::TrackRemoved) says that the track is gone. If more is heard on it all
    /// the same, the speaker comes again.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use fishjam_sdk::AudioSampleRate;
    ///
    /// let (_sender, receiver) = session.split();
    /// let mut speakers = receiver.speakers(AudioSampleRate::Hz16000)?;
    /// assert!(!speakers.end_track("a-peer", "a-track")); // nothing was heard on it
    /// # Ok(())
    /// # }
    /// ```
    pub fn end_track(&mut self, peer_id: impl Into<PeerId>, track_id: impl Into<TrackId>) -> bool {
        let ended = self.speaking.remove(&(peer_id.into(), track_id.into()));
        if let Some(speaking) = &ended {
            speaking.queue.end(None);
        }
        ended.is_some()
    }

    /// Ends all speakers of this peer, after what waits for their readers: how many there were.
    ///
    /// For when a [`PeerDisconnected`](crate::events::PeerDisconnected) or
    /// [`PeerDeleted`](crate::events::PeerDeleted) says that the peer is gone.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// # use fishjam_sdk::AudioSampleRate;
    /// # let (_sender, receiver) = session.split();
    /// let mut speakers = receiver.speakers(AudioSampleRate::Hz16000)?;
    /// assert_eq!(speakers.end_peer("a-peer"), 0); // it was not heard
    /// # Ok(())
    /// # }
    /// ```
    pub fn end_peer(&mut self, peer_id: impl Into<PeerId>) -> usize {
        let (peer, before) = (peer_id.into(), self.speaking.len());
        self.speaking.retain(|(speaks, _), speaking| {
            let stays = *speaks != peer;
            if !stays {
                speaking.queue.end(None);
            }
            stays
        });
        before - self.speaking.len()
    }

    /// Gives a chunk to its reader; if there is none, to a new one.
    fn sort(&mut self, heard: IncomingTrackData) -> Option<Speaker> {
        let IncomingTrackData { peer_id, track, data } = heard;
        let key = (peer_id, track.id.clone());
        if let Some(Speaking { queue, track: known }) = self.speaking.get(&key)
            && !queue.is_abandoned()
        {
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            if *known != track {
                *known = track;
            }
            // It drops the oldest and refuses nothing.
            let _ = queue.push(data);
            return None;
        }
        // Those who left without another word would be remembered for ever.
        self.speaking.retain(|_, speaking| !speaking.queue.is_abandoned());
        let queue = Arc::new(Queue::new(LIMITS));
        let _ = queue.push(data);
        let speaking = Speaking { queue, track: Arc::new(Mutex::new(track)) };
        let speaker = Speaker {
            peer_id: key.0.clone(),
            track: Arc::clone(&speaking.track),
            format: self.format(),
            reader: Arc::clone(&speaking.queue).reader(),
            dropped: 0,
        };
        self.speaking.insert(key, speaking);
        Some(speaker)
    }

    fn finish(&mut self) {
        for (_, speaking) in self.speaking.drain() {
            speaking.queue.end(None);
        }
    }
}

impl futures_core::Stream for Speakers {
    type Item = Result<Heard>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        for _ in 0..BURST {
            match ready!(self.receiver.poll_next_unpin(cx)) {
                Some(Ok(AgentMessage::TrackData(heard))) => {
                    if let Some(speaker) = self.sort(heard) {
                        return Poll::Ready(Some(Ok(Heard::Speaker(speaker))));
                    }
                }
                Some(Ok(other)) => return Poll::Ready(Some(Ok(Heard::Message(other)))),
                end => {
                    self.finish();
                    return Poll::Ready(end.map(|end| end.map(Heard::Message)));
                }
            }
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl Drop for Speakers {
    fn drop(&mut self) {
        self.finish();
    }
}

impl Speaker {
    /// The peer that speaks.
    #[must_use]
    pub fn peer_id(&self) -> &PeerId {
        &self.peer_id
    }

    /// The track, as it was described with the newest chunk: metadata may come or change later.
    #[must_use]
    pub fn track(&self) -> Track {
        self.track.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The form of the audio.
    #[must_use]
    pub fn format(&self) -> PcmFormat {
        self.format
    }

    /// How many chunks were dropped so far because they were not read in time.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.dropped
    }
}

impl Item for Bytes {
    fn size(&self) -> usize {
        size_of::<Self>() + self.len()
    }
}

impl futures_core::Stream for Speaker {
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Bytes>> {
        loop {
            match ready!(self.reader.poll_next(cx)) {
                Some(QueueItem::Item(data)) => return Poll::Ready(Some(data)),
                Some(QueueItem::Dropped(chunks)) => self.dropped += chunks,
                Some(QueueItem::Error(_)) | None => return Poll::Ready(None),
            }
        }
    }
}

impl fmt::Debug for Speakers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Speakers").field("receiver", &self.receiver).field("speaking", &self.speaking.len()).finish()
    }
}

impl fmt::Debug for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Speaker")
            .field("peer_id", &self.peer_id)
            .field("track", &self.track())
            .field("format", &self.format)
            .field("dropped", &self.dropped)
            .finish_non_exhaustive()
    }
}
