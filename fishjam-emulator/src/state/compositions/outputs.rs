//! The outputs of compositions.

use super::{Composition, CompositionEvent, EndedMedia, ErrorSeverity, Output};
use crate::{
    refusal::Refusal,
    scene::{Scene, UpdateSpec},
    state::{Outcome, State},
};

impl State {
    /// Registers an output. Its media ends immediately if its condition is fulfilled.
    pub(crate) fn register_output(&mut self, composition: &str, output: Output) -> Result<Outcome<()>, Refusal> {
        let found = self.compositions.get(composition)?;
        if found.output(&output.id).is_some() {
            return Err(self.compositions.taken("OUTPUT_STREAM_ALREADY_REGISTERED", "output", &output.id));
        }
        if let Some(video) = &output.spec.video {
            found.build(&video.scene)?;
        }
        // The engine connects before it checks the scene. Here an output with a bad scene does not connect.
        let mut effects = self.open_broadcast(composition, &output.id, &output.spec)?;
        let found = self.compositions.get_mut(composition)?;
        found.outputs.push(output);
        found.end_outputs(false, &mut effects);
        Ok(Outcome { value: (), effects })
    }

    /// Checks that an output can send a keyframe.
    pub(crate) fn request_keyframe(&self, composition: &str, output: &str) -> Result<(), Refusal> {
        let refusal = |message| Refusal::composition(400, Some("REQUEST_KEYFRAME_ERROR"), message);
        match self.compositions.get(composition)?.output(output) {
            None => Err(refusal(format!("output {output} is not registered"))),
            Some(found) if found.spec.video.is_none() => Err(refusal(format!("output {output} has no video"))),
            Some(_) => Ok(()),
        }
    }

    /// Ends the media of an output. Returns `None` if the output does not exist.
    pub(crate) fn end_output(&mut self, composition: &str, output: &str) -> Option<Outcome<()>> {
        let found = self.compositions.get_mut(composition).ok()?;
        let ends = found.output_mut(output)?.end();
        let mut effects = Vec::new();
        if ends {
            effects.push(found.emit(CompositionEvent::OutputDone { output: output.to_owned() }));
        }
        Some(Outcome { value: (), effects })
    }

    /// Reports an error of an output. A critical error ends the output, without the report that it is done.
    ///
    /// Returns `None` if the output does not exist.
    pub(crate) fn fail_output(
        &mut self,
        composition: &str,
        output: &str,
        severity: ErrorSeverity,
        error: &str,
    ) -> Option<Outcome<()>> {
        let found = self.compositions.get_mut(composition).ok()?;
        let failed = found.output_mut(output)?;
        if severity == ErrorSeverity::Critical {
            failed.end();
        }
        let (output, error) = (output.to_owned(), error.to_owned());
        let effects = vec![found.emit(CompositionEvent::OutputFailed { output, severity, error })];
        Some(Outcome { value: (), effects })
    }
}

impl Composition {
    pub(super) fn remove_output(&mut self, id: &str) -> Result<(), Refusal> {
        let position = self.outputs.iter().position(|output| output.id == id);
        let position = position.ok_or_else(|| not_registered(404, id))?;
        self.outputs.remove(position);
        Ok(())
    }

    /// Changes the scene, then the audio. An invalid scene changes nothing.
    pub(super) fn change_scenes(&mut self, id: &str, update: UpdateSpec) -> Result<(), Refusal> {
        // The engine responds with 400, although the output is unknown.
        let output = self.output(id).ok_or_else(|| not_registered(400, id))?;
        let spec = &output.spec;
        if spec.video.is_some() != update.video.is_some() || spec.audio.is_some() != update.audio.is_some() {
            return Err(Refusal::kinds_mismatch());
        }
        if output.is_ended() {
            return Ok(());
        }
        if let Some(scene) = &update.video {
            self.build(scene)?;
        }
        let Some(output) = self.output_mut(id).filter(|output| output.template.is_none()) else {
            // A template renders the output. It is not known to use the scenes.
            return Ok(());
        };
        if let (Some(video), Some(scene), false) = (&mut output.spec.video, update.video, output.ended.video) {
            video.scene = scene;
        }
        if let (Some(audio), Some(mix), false) = (&mut output.spec.audio, update.audio, output.ended.audio) {
            audio.mix = mix;
        }
        Ok(())
    }

    /// Returns an error if a scene shows an image that is not registered, or two components with one id.
    fn build(&self, scene: &Scene) -> Result<(), Refusal> {
        scene.build(|id| self.images.iter().any(|image| image.id == id))
    }
}

impl Output {
    /// Ends the media. Returns `true` if it was not ended.
    fn end(&mut self) -> bool {
        let was_ended = self.is_ended();
        self.ended = EndedMedia { video: true, audio: true };
        !was_ended
    }
}

fn not_registered(status: u16, output: &str) -> Refusal {
    let message = format!("output {output} is not registered");
    Refusal::composition(status, Some("OUTPUT_STREAM_NOT_FOUND"), message)
}
