//! The part of the handle for compositions.

use std::{fmt, sync::Arc, time::Duration};

use super::Emulator;
use crate::{
    service::Service,
    sockets::Sockets,
    state::{
        Outcome, State, TrackKind,
        compositions::{CompositionSnapshot, ErrorSeverity, MediaState, Mp4Tracks},
    },
};

impl Emulator {
    /// Returns the ids of all compositions, in no particular order.
    pub fn composition_ids(&self) -> Vec<String> {
        self.service.pass_time();
        self.service.state.read(|state| state.compositions.ids().map(str::to_owned).collect())
    }

    /// Returns the handle of a composition, which does not have to exist.
    ///
    /// ```
    /// # async fn example(composition_id: impl AsRef<str>) -> fishjam_emulator::Result<()> {
    /// let emulator = fishjam_emulator::Emulator::start().await?;
    /// // ... your backend creates a composition and registers an input and an output ...
    /// let composition = emulator.composition(composition_id);
    /// composition.input("camera").play();
    /// if let Some(state) = composition.state() {
    ///     assert!(state.is_started);
    ///     println!("{:?}", state.outputs);
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub fn composition(&self, id: impl AsRef<str>) -> EmulatedComposition {
        EmulatedComposition { service: Arc::clone(&self.service), id: id.as_ref().to_owned() }
    }

    /// Returns the event sockets of all compositions.
    ///
    /// A socket is subscribed to the events of its composition when its client receives the response to the upgrade.
    /// [`Sockets::written`](crate::Sockets::written) returns the events as JSON.
    pub fn composition_sockets(&self) -> &Sockets {
        &self.service.composition_sockets
    }

    /// Advances the clock of compositions. The limit is ten years in total.
    ///
    /// The clock controls scheduled changes, the ends of MP4 files and the clean-up of idle compositions. This method
    /// executes everything that becomes due, each at its own time, before it returns. Apart from advances, the clock
    /// follows the clock of tokio, which tests can pause.
    pub fn advance(&self, by: Duration) {
        self.service.clock.advance(by);
        self.service.pass_time();
    }
}

/// Handle of a composition, from [`Emulator::composition`].
///
/// # Connections
///
/// The emulator serves compositions under its origin, `{origin}/api/composition`, without the connect prefix. It checks
/// scenes and other bodies as the service does, and renders nothing. Compositions are connected with the rest of the
/// emulator, which contacts no other server:
///
/// - A WHIP output to `{origin}/api/v1/live/api/whip` connects the streamer of its token. The streamer disconnects with the
///   output, and the output ends with the livestream.
/// - The tracks of a room that is forwarded are inputs, which play until the tracks end.
/// - A recording of an output becomes finished and then available when the output or the composition ends.
/// - `POST` to `whip/{input}`, with the token of the input, opens a session without media. The test sets the media.
///
/// # Missing objects
///
/// The composition does not have to exist. The methods of this handle and of the handles of inputs and outputs return
/// `None` or `false` if their composition, input or output does not exist.
///
/// For an example, see [`Emulator::composition`].
#[derive(Clone)]
pub struct EmulatedComposition {
    pub(crate) service: Arc<Service>,
    pub(crate) id: String,
}

impl EmulatedComposition {
    /// Returns the id of the composition.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns a snapshot of the composition.
    ///
    /// Returns `None` if the composition does not exist.
    pub fn state(&self) -> Option<CompositionSnapshot> {
        let now = self.service.pass_time();
        self.service.state.read(|state| Some(state.compositions.get(&self.id).ok()?.snapshot(now)))
    }

    /// Sets the durations of an MP4 file for later registrations of its URL.
    ///
    /// `None` means that the file has no such track. A file without tracks cannot be registered.
    ///
    /// Defaults to 10 seconds of video and audio. The emulator does not fetch the file.
    ///
    /// Returns `false` if the composition does not exist.
    pub fn set_mp4_durations(&self, url: impl Into<String>, video: Option<Duration>, audio: Option<Duration>) -> bool {
        let tracks = Mp4Tracks { audio, video };
        self.service.state.write(|state| state.set_mp4_tracks(&self.id, url.into(), tracks)).is_ok()
    }

    /// Returns the handle of an input.
    pub fn input(&self, id: impl AsRef<str>) -> EmulatedInput {
        EmulatedInput { composition: self.clone(), id: id.as_ref().to_owned() }
    }

    /// Returns the handle of an output.
    pub fn output(&self, id: impl AsRef<str>) -> EmulatedOutput {
        EmulatedOutput { composition: self.clone(), id: id.as_ref().to_owned() }
    }

    fn change(&self, change: impl FnOnce(&mut State) -> Option<Outcome<()>>) -> bool {
        self.service.change(|state| change(state).ok_or(())).is_ok()
    }
}

/// Handle of a composition's input, from [`EmulatedComposition::input`].
///
/// The emulator carries no media into compositions. Except for MP4 files and forwarded tracks, an input has media only
/// if a test sets it.
///
/// For an example, see [`Emulator::composition`].
#[derive(Clone)]
pub struct EmulatedInput {
    composition: EmulatedComposition,
    id: String,
}

impl EmulatedInput {
    /// Plays the audio and the video of the input. An input without video plays only its audio.
    ///
    /// An MP4 file that is over ends again immediately.
    ///
    /// Returns `false` if the composition or the input does not exist.
    pub fn play(&self) -> bool {
        self.set_all(MediaState::Playing)
    }

    /// Pauses the media that plays.
    ///
    /// Returns `false` if the composition or the input does not exist.
    pub fn pause(&self) -> bool {
        self.set_all(MediaState::Paused)
    }

    /// Ends the media that plays or is paused.
    ///
    /// Returns `false` if the composition or the input does not exist.
    pub fn end(&self) -> bool {
        self.set_all(MediaState::Ended)
    }

    /// Sets the state of the audio or of the video.
    ///
    /// Returns `false` if the composition or the input does not exist.
    pub fn set_media(&self, kind: TrackKind, media: MediaState) -> bool {
        let composition = &self.composition;
        composition.change(|state| state.set_input_media(&composition.id, &self.id, kind, media))
    }

    fn set_all(&self, media: MediaState) -> bool {
        let composition = &self.composition;
        composition.change(|state| state.set_all_input_media(&composition.id, &self.id, media))
    }
}

/// Handle of a composition's output, from [`EmulatedComposition::output`].
///
/// For an example, see [`Emulator::composition`].
#[derive(Clone)]
pub struct EmulatedOutput {
    composition: EmulatedComposition,
    id: String,
}

impl EmulatedOutput {
    /// Ends all media of the output, which stays registered.
    ///
    /// Returns `false` if the composition or the output does not exist.
    pub fn end(&self) -> bool {
        let composition = &self.composition;
        composition.change(|state| state.end_output(&composition.id, &self.id))
    }

    /// Simulates an error of the output. A critical error ends the output.
    ///
    /// Returns `false` if the composition or the output does not exist.
    pub fn fail(&self, severity: ErrorSeverity, error: impl AsRef<str>) -> bool {
        let composition = &self.composition;
        composition.change(|state| state.fail_output(&composition.id, &self.id, severity, error.as_ref()))
    }
}

impl fmt::Debug for EmulatedComposition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatedComposition").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for EmulatedInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatedInput").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for EmulatedOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmulatedOutput").field("id", &self.id).finish_non_exhaustive()
    }
}
