//! An agent's track that is spoken on in real time.

mod task;
#[cfg(test)]
mod tests;

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{runtime::Handle, task::JoinHandle};

use self::task::{Outlet, Serving, Shared, Stretch, drive, now};
use super::OutgoingTrack;
use crate::{
    audio::{Interruption, Pacer, PacingOptions, PcmFormat},
    error::{Error, ErrorKind, Result},
};

/// An outgoing track that sends in real time, however fast its source is.
///
/// No more than [`PacingOptions::lead`] is ever sent ahead of its playing, so an interrupt leaves little to discard, and
/// [`position`](Self::position) says what of an utterance was heard. What cannot be sent yet waits here, in a
/// queue of [`PacingOptions::queue`]; when that is full, [`send_chunk`](Self::send_chunk) waits. While the connection
/// is being [replaced](crate::agent::AgentConnectOptions::reconnect) nothing is played, and afterwards it goes on from
/// there, in real time; the audio of the last moment before may be lost.
///
/// A task of its own does the sending. Dropping the track ends it at once and drops what waits;
/// [`drained`](Self::drained) waits for it to be played.
#[derive(Debug)]
pub struct PacedTrack {
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

/// What became of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
#[non_exhaustive]
pub enum Delivery {
    /// It waits to be sent.
    Accepted,
    /// It was dropped, because its utterance was interrupted. The rest of the utterance is not needed either.
    Interrupted,
}

impl PacedTrack {
    /// Paces what is sent on this track. Nothing else should be sent on it from now on, by no clone of it either.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if the track is not one of raw audio, if the options contradict
    /// themselves, or outside a Tokio runtime.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{OutgoingAudioTrackOptions, PacedTrack, PacingOptions};
    ///
    /// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(24_000)).await?;
    /// let voice = PacedTrack::new(track, PacingOptions::new())?;
    /// let _ = voice.send_chunk(vec![0; 9_600]).await?;         // 200 milliseconds
    /// voice.drained().await?;                                  // take 200 milliseconds
    /// assert_eq!(voice.position(), Duration::from_millis(200));
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(track: OutgoingTrack, options: PacingOptions) -> Result<Self> {
        let format = track.format().ok_or_else(|| Error::invalid_input("only a track of raw audio can be paced"))?;
        Self::start(track, format, options)
    }

    /// Paces what is sent to this outlet.
    fn start(outlet: impl Outlet, format: PcmFormat, options: PacingOptions) -> Result<Self> {
        let shared = Arc::new(Shared::new(Pacer::new(format, options)?));
        let runtime = Handle::try_current()
            .map_err(|error| Error::invalid_input("pacing needs a tokio runtime").caused_by(error))?;
        let task = runtime.spawn(drive(outlet, Serving(Arc::clone(&shared))));
        Ok(Self { shared, task })
    }

    /// Begins an utterance: audio that an interrupt ends as a whole.
    ///
    /// Whoever sends an utterance with it sends nothing after an interrupt, even if they do not know of it yet. Several
    /// utterances that are begun without an interrupt in between are played in the order of their chunks.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// use fishjam_sdk::agent::{Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions};
    ///
    /// let track = session.add_track(OutgoingAudioTrackOptions::pcm16(24_000)).await?;
    /// let voice = PacedTrack::new(track, PacingOptions::new())?;
    /// let mut speech = voice.utterance();
    /// let speaking = tokio::spawn(async move {
    ///     // As from a speech synthesizer, which is faster than real time and does not know when to stop.
    ///     while speech.send_chunk(vec![0; 48_000]).await? == Delivery::Accepted {}
    ///     anyhow::Ok(())
    /// });
    /// tokio::time::sleep(std::time::Duration::from_millis(30)).await;
    /// let interruption = voice.interrupt().await?;
    /// println!("{:?} were heard", interruption.played);
    /// speaking.await??;
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn utterance(&self) -> Utterance {
        let stretch = Arc::clone(&self.shared.lock().stretch);
        Utterance { shared: Arc::clone(&self.shared), stretch, start: None, frames: 0 }
    }

    /// Adds audio as an utterance of its own, behind what waits; as soon as there is room for it.
    ///
    /// Cancel safe: if it is dropped before it is done, the chunk was not added.
    ///
    /// # Errors
    ///
    /// As [`Utterance::send_chunk`].
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// # use fishjam_sdk::agent::{Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions};
    /// # let track = session.add_track(OutgoingAudioTrackOptions::pcm16(24_000)).await?;
    /// # let voice = PacedTrack::new(track, PacingOptions::new())?;
    /// assert_eq!(voice.send_chunk(vec![0; 960]).await?, Delivery::Accepted);
    /// assert!(voice.send_chunk(vec![0; 961]).await.is_err()); // half a sample
    /// # Ok(())
    /// # }
    /// ```
    pub async fn send_chunk(&self, audio: impl Into<Bytes>) -> Result<Delivery> {
        self.utterance().send_chunk(audio).await
    }

    /// Ends all utterances: none of their audio is sent from now on, and what was sent and is not played is discarded.
    ///
    /// It returns when the session has taken the interrupt, ahead of all that is said afterwards. What is added
    /// meanwhile is sent after it, and played. Several interrupts at once are one.
    ///
    /// Cancel safe: from its first poll on the interrupt takes place, whether it is awaited to its end or not.
    ///
    /// # Errors
    ///
    /// Whatever ended the sending, such as [`Closed`](ErrorKind::Closed) if the session is.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// # use fishjam_sdk::agent::{Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions};
    /// # let track = session.add_track(OutgoingAudioTrackOptions::pcm16(24_000)).await?;
    /// # let voice = PacedTrack::new(track, PacingOptions::new())?;
    /// let _ = voice.send_chunk(vec![0; 480_000]).await?; // ten seconds
    /// let interruption = voice.interrupt().await?;
    /// assert_eq!(interruption.played + interruption.discarded, std::time::Duration::from_secs(10));
    /// # Ok(())
    /// # }
    /// ```
    pub async fn interrupt(&self) -> Result<Interruption> {
        self.shared.interrupt().await
    }

    /// Waits until everything was sent and played, or discarded.
    ///
    /// Cancel safe.
    ///
    /// # Errors
    ///
    /// Whatever ended the sending, such as [`Closed`](ErrorKind::Closed) if the session is.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// # use fishjam_sdk::agent::{Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions};
    /// # let track = session.add_track(OutgoingAudioTrackOptions::pcm16(24_000)).await?;
    /// # let voice = PacedTrack::new(track, PacingOptions::new())?;
    /// let _ = voice.send_chunk(vec![0; 960]).await?; // 20 milliseconds
    /// voice.drained().await?;
    /// assert!(voice.queued().is_zero() && voice.lead().is_zero());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn drained(&self) -> Result<()> {
        self.shared.drained().await
    }

    /// How much of the audio since the last interrupt, or since the beginning, has been played by now.
    ///
    /// It is reckoned from when the socket took the audio, so what waits for a lost connection counts as waiting. What
    /// the way to the listener takes comes on top, with what the operating system buffers for a service that reads
    /// slowly.
    #[must_use]
    pub fn position(&self) -> Duration {
        self.shared.lock().pacer.position(now())
    }

    /// How much audio was sent and has not been played by now; never more than [`PacingOptions::lead`].
    #[must_use]
    pub fn lead(&self) -> Duration {
        self.shared.lock().pacer.lead(now())
    }

    /// How much audio waits to be sent.
    #[must_use]
    pub fn queued(&self) -> Duration {
        self.shared.lock().pacer.queued()
    }

    /// The format of the audio.
    #[must_use]
    pub fn format(&self) -> PcmFormat {
        self.shared.lock().pacer.format()
    }
}

impl Outlet for OutgoingTrack {
    async fn send(&mut self, audio: Bytes) -> Result<()> {
        self.hand_over(audio).await
    }

    async fn interrupt(&mut self) -> Result<()> {
        OutgoingTrack::interrupt(self).await
    }
}

impl Drop for PacedTrack {
    fn drop(&mut self) {
        self.shared.end(Error::new(ErrorKind::Closed).message_text("the paced track was dropped"));
        self.task.abort();
    }
}

/// Audio that belongs together: an interrupt ends all of it, what was sent of it and what was not yet.
///
/// It can be sent by another task than the one that interrupts.
#[derive(Debug)]
pub struct Utterance {
    shared: Arc<Shared>,
    stretch: Arc<Stretch>,
    /// The sample frame with which it began.
    start: Option<u64>,
    /// Sample frames accepted.
    frames: u64,
}

impl Utterance {
    /// Adds audio, as soon as there is room for it.
    ///
    /// Cancel safe: if it is dropped before it is done, the chunk was not added.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](ErrorKind::InvalidInput) if it is not whole sample frames: a [`Chunker`](crate::agent::Chunker)
    /// makes them of a stream that is cut anywhere. [`Closed`](ErrorKind::Closed) if the track was dropped or the
    /// session ended, or whatever else ended the sending.
    pub async fn send_chunk(&mut self, audio: impl Into<Bytes>) -> Result<Delivery> {
        let audio = audio.into();
        let Some(start) = self.shared.push(&self.stretch, &audio).await? else { return Ok(Delivery::Interrupted) };
        self.start.get_or_insert(start);
        self.frames += self.shared.lock().pacer.frames_of(audio.len());
        Ok(Delivery::Accepted)
    }

    /// Whether an interrupt ended it.
    #[must_use]
    pub fn is_interrupted(&self) -> bool {
        self.stretch.played().is_some()
    }

    /// Waits for the interrupt that ends the utterance, or for the end of the track's sending.
    ///
    /// The sending ends with the session, with the runtime of the track, or when the program drops the track. Then
    /// [`is_interrupted`](Self::is_interrupted) returns `false`, and [`send_chunk`](Self::send_chunk) returns the reason.
    /// If neither happens, this method waits indefinitely.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn interrupted(&self) {
        self.shared.over(&self.stretch).await;
    }

    /// How much of it has been played by now, or was before it was interrupted.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// # let session = fishjam.create_agent(&room.id, Default::default()).await?.connect().await?;
    /// # use fishjam_sdk::agent::{Delivery, OutgoingAudioTrackOptions, PacedTrack, PacingOptions};
    /// # let track = session.add_track(OutgoingAudioTrackOptions::pcm16(24_000)).await?;
    /// # let voice = PacedTrack::new(track, PacingOptions::new())?;
    /// let mut speech = voice.utterance();
    /// let _ = speech.send_chunk(vec![0; 4_800]).await?; // 100 milliseconds
    /// voice.drained().await?;
    /// assert_eq!(speech.position(), std::time::Duration::from_millis(100));
    /// # Ok(())
    /// # }
    /// ```
    #[must_use]
    pub fn position(&self) -> Duration {
        let state = self.shared.lock();
        let Some(start) = self.start else { return Duration::ZERO };
        let played = self.stretch.played().unwrap_or_else(|| state.pacer.played_frames(now()));
        state.pacer.format().time_of(played.saturating_sub(start).min(self.frames))
    }
}
