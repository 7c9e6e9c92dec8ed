//! One stream per speaker.

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
    audio::PcmFormat,
    connection::queue::{Item, Items, Limits, Overflow, Queue, QueueItem, Reader},
    error::Result,
    events::TrackInfo,
    id::{PeerId, TrackId},
};

/// The limits of the chunks that wait for the reader of one speaker.
const LIMITS: Limits = Limits { items: 512, bytes: 4 * 1024 * 1024, overflow: Overflow::DropOldest };
/// The number of messages that one poll routes before other tasks run.
const BURST: usize = 128;

/// An item of the stream [`Speakers`].
///
/// For an example, see [`AgentReceiver::speakers`](super::AgentReceiver::speakers).
#[derive(Debug)]
#[non_exhaustive]
pub enum SpeakerEvent {
    /// A peer starts speaking on a track. The value is the stream of its audio.
    Speaker(Speaker),
    /// Any other message that the session receives.
    Message(AgentMessage),
}

/// A stream of the speakers in a room, and of the other messages.
///
/// Poll this stream continuously, even if you expect no other speaker: it routes the audio to the streams of its
/// speakers. It ends with the session, and the streams of the speakers end with it.
///
/// The server does not notify an agent when a peer leaves. It sends this event to the notifier. When you receive the
/// event, call [`end_track`](Self::end_track) or [`end_peer`](Self::end_peer). Otherwise, the stream of the speaker
/// stays open without audio.
///
/// For an example, see [`AgentReceiver::speakers`](super::AgentReceiver::speakers).
pub struct Speakers {
    receiver: AgentReceiver,
    queues: HashMap<(PeerId, TrackId), SpeakerQueue>,
}

/// The writing side of a [`Speaker`].
struct SpeakerQueue {
    queue: Arc<Queue<Items<Bytes>>>,
    track: Arc<Mutex<TrackInfo>>,
}

/// A stream of the audio of one track of a peer. Its items are the chunks as they arrived.
///
/// At most 512 chunks and 4 MiB wait for the reader. If it is too slow, the oldest chunks are dropped and
/// [counted](Self::dropped). If you drop a speaker and more audio arrives on its track, [`Speakers`] returns another
/// one.
///
/// For an example, see [`AgentReceiver::speakers`](super::AgentReceiver::speakers).
pub struct Speaker {
    peer_id: PeerId,
    track: Arc<Mutex<TrackInfo>>,
    format: PcmFormat,
    reader: Reader<Items<Bytes>>,
    dropped: u64,
}

impl AgentReceiver {
    /// Converts the receiver into one stream per speaker.
    ///
    /// The chunks of simultaneous speakers do not interleave. All speakers have the agent's
    /// [input format](Self::input_format).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use fishjam_sdk::agent::SpeakerEvent;
    ///
    /// let (sender, receiver) = session.split();
    /// let mut speakers = receiver.speakers();
    /// # fishjam.delete_room(&room.id).await?;
    /// while let Some(Ok(event)) = speakers.receive().await {
    ///     match event {
    ///         SpeakerEvent::Speaker(mut speaker) => {
    ///             tokio::spawn(async move {
    ///                 while let Some(chunk) = speaker.receive().await {
    ///                     println!("{} bytes from {}", chunk.len(), speaker.peer_id());
    ///                 }
    ///             });
    ///         }
    ///         SpeakerEvent::Message(other) => println!("{other:?}"),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn speakers(self) -> Speakers {
        Speakers { receiver: self, queues: HashMap::new() }
    }
}

impl Speakers {
    /// Returns the next speaker or message, or `None` after the end of the session. The same as `next` of the stream.
    ///
    /// For an example, see [`AgentReceiver::speakers`](super::AgentReceiver::speakers).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. The next call returns any pending event.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the session, once, as the last item.
    pub async fn receive(&mut self) -> Option<Result<SpeakerEvent>> {
        self.next().await
    }

    /// Returns the format of the audio.
    #[must_use]
    pub fn format(&self) -> PcmFormat {
        self.receiver.input_format()
    }

    /// Returns the reason for the end of the session, or `None` while it lasts.
    #[must_use]
    pub fn end(&self) -> Option<SessionEnd> {
        self.receiver.end()
    }

    /// Ends the speaker on this track. Returns `false` if there is none.
    ///
    /// The stream of the speaker ends after the chunks that wait for its reader. Call this method when a
    /// [`TrackRemoved`](crate::events::TrackRemoved) event arrives. If more audio arrives on the track, the speaker
    /// starts again.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// let (_sender, receiver) = session.split();
    /// let mut speakers = receiver.speakers();
    /// assert!(!speakers.end_track("a-peer", "a-track")); // it has sent no audio
    /// # Ok(())
    /// # }
    /// ```
    pub fn end_track(&mut self, peer_id: impl Into<PeerId>, track_id: impl Into<TrackId>) -> bool {
        let ended = self.queues.remove(&(peer_id.into(), track_id.into()));
        if let Some(speaker) = &ended {
            speaker.queue.end(None);
        }
        ended.is_some()
    }

    /// Ends all speakers of this peer. Returns their number.
    ///
    /// Their streams end after the chunks that wait for their readers. Call this method when a
    /// [`PeerDisconnected`](crate::events::PeerDisconnected) or a [`PeerDeleted`](crate::events::PeerDeleted) event
    /// arrives.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// # let (_sender, receiver) = session.split();
    /// let mut speakers = receiver.speakers();
    /// assert_eq!(speakers.end_peer("a-peer"), 0); // it has not spoken
    /// # Ok(())
    /// # }
    /// ```
    pub fn end_peer(&mut self, peer_id: impl Into<PeerId>) -> usize {
        let (peer, before) = (peer_id.into(), self.queues.len());
        self.queues.retain(|(id, _), speaker| {
            let keep = *id != peer;
            if !keep {
                speaker.queue.end(None);
            }
            keep
        });
        before - self.queues.len()
    }

    /// Adds a chunk to the queue of its speaker. If there is none, creates and returns the speaker.
    fn route(&mut self, audio: IncomingTrackData) -> Option<Speaker> {
        let IncomingTrackData { peer_id, track, data } = audio;
        let key = (peer_id, track.id.clone());
        if let Some(SpeakerQueue { queue, track: known }) = self.queues.get(&key)
            && !queue.is_abandoned()
        {
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            if *known != track {
                *known = track;
            }
            // This queue drops the oldest chunk instead of rejecting one.
            let _ = queue.push(data);
            return None;
        }
        // Dropped speakers that get no more audio would otherwise stay in the map.
        self.queues.retain(|_, speaker| !speaker.queue.is_abandoned());
        let queue = Arc::new(Queue::new(LIMITS));
        let _ = queue.push(data);
        let writer = SpeakerQueue { queue, track: Arc::new(Mutex::new(track)) };
        let speaker = Speaker {
            peer_id: key.0.clone(),
            track: Arc::clone(&writer.track),
            format: self.format(),
            reader: Arc::clone(&writer.queue).reader(),
            dropped: 0,
        };
        self.queues.insert(key, writer);
        Some(speaker)
    }

    fn finish(&mut self) {
        for (_, speaker) in self.queues.drain() {
            speaker.queue.end(None);
        }
    }
}

impl futures_core::Stream for Speakers {
    type Item = Result<SpeakerEvent>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        for _ in 0..BURST {
            match ready!(self.receiver.poll_next_unpin(cx)) {
                Some(Ok(AgentMessage::TrackData(audio))) => {
                    if let Some(speaker) = self.route(audio) {
                        return Poll::Ready(Some(Ok(SpeakerEvent::Speaker(speaker))));
                    }
                }
                Some(Ok(other)) => return Poll::Ready(Some(Ok(SpeakerEvent::Message(other)))),
                end => {
                    self.finish();
                    return Poll::Ready(end.map(|end| end.map(SpeakerEvent::Message)));
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
    /// Returns the next chunk, or `None` after the end of the speaker. The same as `next` of the stream.
    ///
    /// For an example, see [`AgentReceiver::speakers`](super::AgentReceiver::speakers).
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. The next call returns any pending chunk.
    pub async fn receive(&mut self) -> Option<Bytes> {
        self.next().await
    }

    /// Returns the id of the speaking peer.
    #[must_use]
    pub fn peer_id(&self) -> &PeerId {
        &self.peer_id
    }

    /// Returns the track, as the server described it with the newest chunk.
    ///
    /// The server can add or change the metadata later.
    #[must_use]
    pub fn track(&self) -> TrackInfo {
        self.track.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns the format of the audio.
    #[must_use]
    pub fn format(&self) -> PcmFormat {
        self.format
    }

    /// Returns the number of chunks that were dropped because they were not read in time.
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
        f.debug_struct("Speakers").field("receiver", &self.receiver).field("speakers", &self.queues.len()).finish()
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
