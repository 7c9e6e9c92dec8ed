//! A track that sends audio in real time.

mod task;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{runtime::Handle, task::JoinHandle};

use self::task::{AudioSink, TaskGuard, run};
use super::{
    OutgoingTrack,
    paced_state::{FlushNotice, Shared, UtteranceEpoch, now},
};
use crate::{
    audio::{Interruption, Pacer, PacingOptions, PcmFormat},
    error::{Error, ErrorKind, Result},
};

/// An outgoing track that sends in real time, even if its source is faster.
///
/// The track sends at most [`PacingOptions::lead`] ahead of the playback. An interrupt thus discards little audio, and
/// [`position`](Self::position) returns how much of an utterance was played. Later audio waits in a queue of
/// [`PacingOptions::queue`]. While the queue is full, [`send_chunk`](Self::send_chunk) waits.
///
/// While the session [reconnects](crate::agent::AgentConnectOptions::reconnect), the playback pauses. Afterwards it
/// continues in real time. The last audio before the loss of the connection can be lost.
///
/// A separate task queues the audio. If you drop the track, it stops immediately and drops the waiting audio. The session
/// still sends the audio that it has already queued, at most [`PacingOptions::lead`]. [`drained`](Self::drained) waits until
/// all audio was played.
///
/// The cost grows with the number of tracks and frames: each frame is one timer, one run of the task and one message.
/// A track that runs late sends all audio that is due together, so it catches up within its lead. If one thread cannot
/// send the audio of all tracks in time, use a runtime with more threads or longer frames.
///
/// For an example, see [`PacedTrack::new`].
#[derive(Debug)]
pub struct PacedTrack {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// The result of adding a chunk.
///
/// [`PacedTrack::send_chunk`] and [`Utterance::send_chunk`] return it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Delivery {
    /// The chunk waits to be sent.
    Accepted,
    /// The chunk was dropped, because its utterance was interrupted. Do not send the rest of the utterance.
    Interrupted,
}

impl PacedTrack {
    /// Creates a paced track. Do not send audio on `track` or its clones from now on.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the track is not one of raw audio, or the options contradict each other:
    ///   [`InvalidInput`](ErrorKind::InvalidInput)
    /// - there is no Tokio runtime: [`Setup`](ErrorKind::Setup)
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{OutgoingAudioTrackOptions, PacedTrack, PacingOptions, SampleRate};
    ///
    /// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
    /// let paced = PacedTrack::new(track, PacingOptions::new())?;
    /// let _ = paced.send_chunk(vec![0; 9_600]).await?;         // 200 milliseconds
    /// paced.drained().await?;                                  // waits 200 milliseconds
    /// assert_eq!(paced.position(), Duration::from_millis(200));
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(track: OutgoingTrack, options: PacingOptions) -> Result<Self> {
        let format = track.format().ok_or_else(|| Error::invalid_input("invalid track: pacing requires raw audio"))?;
        Self::start(track, format, options)
    }

    /// Starts the task that sends to `sink`.
    fn start(sink: impl AudioSink, format: PcmFormat, options: PacingOptions) -> Result<Self> {
        let shared = Arc::new(Shared::new(Pacer::new(format, options)?));
        let runtime =
            Handle::try_current().map_err(|e| Error::setup("pacing requires a Tokio runtime").caused_by(e))?;
        let task = runtime.spawn(run(sink, TaskGuard(Arc::clone(&shared))));
        Ok(Self { shared, task })
    }

    /// Starts an utterance: audio that an interrupt ends as a whole.
    ///
    /// After an interrupt, the utterance sends nothing, even if its sender does not know of the interrupt. Without an
    /// interrupt, the chunks of several utterances play in the order of their calls.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use fishjam_sdk::agent::{Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions, SampleRate};
    ///
    /// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
    /// let paced = PacedTrack::new(track, PacingOptions::new())?;
    /// let mut speech = paced.utterance();
    /// let speaking = tokio::spawn(async move {
    ///     // Like a speech synthesizer, which is faster than real time and does not stop automatically.
    ///     while speech.send_chunk(vec![0; 48_000]).await? == Delivery::Accepted {}
    ///     anyhow::Ok(())
    /// });
    /// tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    /// let interruption = paced.interrupt().await?;
    /// println!("{:?} were played", interruption.played);
    /// speaking.await??;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn utterance(&self) -> Utterance {
        let epoch = Arc::clone(&self.shared.lock().epoch);
        Utterance { shared: Arc::clone(&self.shared), epoch, start: None, frames: 0 }
    }

    /// Adds audio as a separate utterance behind the waiting audio, once the queue has room.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future before it is ready, the chunk is not added.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`Utterance::send_chunk`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// # use fishjam_sdk::agent::{Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions, SampleRate};
    /// # let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
    /// # let paced = PacedTrack::new(track, PacingOptions::new())?;
    /// assert_eq!(paced.send_chunk(vec![0; 960]).await?, Delivery::Accepted);
    /// assert!(paced.send_chunk(vec![0; 961]).await.is_err()); // half a sample
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_chunk(&self, audio: impl Into<Bytes>) -> Result<Delivery> {
        self.utterance().send_chunk(audio).await
    }

    /// Ends all utterances. Discards their audio that was not played yet, whether it was sent or not.
    ///
    /// The method returns when the session has accepted the interrupt, ahead of all later audio. Audio that you add
    /// meanwhile is sent after the interrupt. Simultaneous interrupts become one.
    ///
    /// # Cancel safety
    ///
    /// The interrupt takes effect with the first poll of the future, even if you drop the future afterwards.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the track, such as [`Closed`](ErrorKind::Closed) after the end of the session.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// # use fishjam_sdk::agent::{Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions, SampleRate};
    /// # let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
    /// # let paced = PacedTrack::new(track, PacingOptions::new())?;
    /// let _ = paced.send_chunk(vec![0; 480_000]).await?; // ten seconds
    /// let interruption = paced.interrupt().await?;
    /// assert_eq!(interruption.played + interruption.discarded, std::time::Duration::from_secs(10));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn interrupt(&self) -> Result<Interruption> {
        self.shared.interrupt().await
    }

    /// Waits until all audio was played or discarded.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    ///
    /// # Errors
    ///
    /// Returns the error that ended the track, such as [`Closed`](ErrorKind::Closed) after the end of the session.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// # use fishjam_sdk::agent::{Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions, SampleRate};
    /// # let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
    /// # let paced = PacedTrack::new(track, PacingOptions::new())?;
    /// let _ = paced.send_chunk(vec![0; 960]).await?; // 20 milliseconds
    /// paced.drained().await?;
    /// assert!(paced.queued().is_zero() && paced.lead().is_zero());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn drained(&self) -> Result<()> {
        self.shared.drained().await
    }

    /// Returns the duration of the audio that was played since the last interrupt.
    ///
    /// Before the first interrupt, the position counts from the start of the track.
    ///
    /// The playback of a chunk starts when the socket has written it, so audio that waits for a lost connection does
    /// not count. The delays of the network and of the operating system's buffers are not included.
    #[must_use]
    pub fn position(&self) -> Duration {
        self.shared.lock().pacer.position(now())
    }

    /// Returns the duration of the audio that was sent and not played yet.
    ///
    /// The maximum is [`PacingOptions::lead`].
    #[must_use]
    pub fn lead(&self) -> Duration {
        self.shared.lock().pacer.lead(now())
    }

    /// Returns the duration of the audio that waits to be sent.
    #[must_use]
    pub fn queued(&self) -> Duration {
        self.shared.lock().pacer.queued()
    }

    /// Returns the format of the audio.
    #[must_use]
    pub fn format(&self) -> PcmFormat {
        self.shared.lock().pacer.format()
    }
}

impl AudioSink for OutgoingTrack {
    async fn send(&mut self, audio: Bytes, notice: FlushNotice) -> Result<()> {
        self.send_with_notice(audio, notice).await
    }

    async fn interrupt(&mut self) -> Result<()> {
        OutgoingTrack::interrupt(self).await
    }

    fn end_error(&self) -> Error {
        self.session_error()
    }
}

impl Drop for PacedTrack {
    fn drop(&mut self) {
        self.shared.end(Error::new(ErrorKind::Closed).message_text("the paced track was dropped"));
        self.task.abort();
    }
}

/// Audio that an interrupt ends as a whole.
///
/// The task that sends an utterance and the task that interrupts it can be different.
///
/// For an example, see [`PacedTrack::utterance`].
#[derive(Debug)]
pub struct Utterance {
    shared: Arc<Shared>,
    epoch: Arc<UtteranceEpoch>,
    /// The number of its first sample frame, since the last interrupt.
    start: Option<u64>,
    /// The number of accepted sample frames.
    frames: u64,
}

impl Utterance {
    /// Adds audio once the queue has room.
    ///
    /// For an example, see [`PacedTrack::utterance`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future before it is ready, the chunk is not added.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](ErrorKind::InvalidInput) error if the audio does not consist of whole sample frames.
    /// A [`Chunker`](crate::agent::Chunker) makes whole frames from a stream that is cut anywhere. Returns the error
    /// that ended the track, such as [`Closed`](ErrorKind::Closed) after the end of the session.
    pub async fn send_chunk(&mut self, audio: impl Into<Bytes>) -> Result<Delivery> {
        let audio = audio.into();
        let Some(start) = self.shared.push(&self.epoch, &audio).await? else { return Ok(Delivery::Interrupted) };
        self.start.get_or_insert(start);
        self.frames += self.shared.lock().pacer.frames_of(audio.len());
        Ok(Delivery::Accepted)
    }

    /// Returns `true` if an interrupt ended the utterance.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.epoch.played().is_some()
    }

    /// Waits for the interrupt that ends the utterance, or for the end of the track.
    ///
    /// The track ends with the session, with its runtime, or when the program drops it. Then
    /// [`is_interrupted`](Self::is_interrupted) returns `false`, and [`send_chunk`](Self::send_chunk) returns the
    /// reason. If neither happens, this method waits indefinitely.
    ///
    /// For an example, see [`PacedTrack::utterance`].
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn interrupted(&self) {
        self.shared.ended(&self.epoch).await;
    }

    /// Returns how much of the utterance's audio was played.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// # use fishjam_sdk::agent::{Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions, SampleRate};
    /// # let track = session.add_track(OutgoingAudioTrackOptions::pcm16(SampleRate::Hz24000)).await?;
    /// # let paced = PacedTrack::new(track, PacingOptions::new())?;
    /// let mut speech = paced.utterance();
    /// let _ = speech.send_chunk(vec![0; 4_800]).await?; // 100 milliseconds
    /// paced.drained().await?;
    /// assert_eq!(speech.position(), std::time::Duration::from_millis(100));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn position(&self) -> Duration {
        let state = self.shared.lock();
        let Some(start) = self.start else { return Duration::ZERO };
        let played = self.epoch.played().unwrap_or_else(|| state.pacer.played_frames(now()));
        state.pacer.format().time_of(played.saturating_sub(start).min(self.frames))
    }
}
