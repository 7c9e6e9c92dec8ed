//! The conditions at which the media of outputs ends.

use super::{Composition, CompositionEvent, Input};
use crate::{scene::EndCondition, state::Effect};

impl Composition {
    /// Ends the outputs whose conditions are fulfilled.
    ///
    /// `input_ended` is `true` if an input ended or was unregistered just now. An input that ended before does not
    /// count again when it is unregistered.
    pub(super) fn end_outputs(&mut self, input_ended: bool, effects: &mut Vec<Effect>) {
        let inputs = &self.inputs;
        let mut done = Vec::new();
        for output in &mut self.outputs {
            let was_ended = output.is_ended();
            let ends = |condition: &EndCondition| is_fulfilled(condition, inputs, input_ended);
            output.ended.video |= output.spec.video.as_ref().is_some_and(|video| ends(&video.end));
            output.ended.audio |= output.spec.audio.as_ref().is_some_and(|audio| ends(&audio.end));
            if !was_ended && output.is_ended() {
                done.push(output.id.clone());
            }
        }
        effects.extend(done.into_iter().map(|output| self.emit(CompositionEvent::OutputDone { output })));
    }
}

fn is_fulfilled(condition: &EndCondition, inputs: &[Input], input_ended: bool) -> bool {
    let is_gone = |id: &String| inputs.iter().find(|input| input.id == *id).is_none_or(Input::is_ended);
    match condition {
        EndCondition::Never => false,
        EndCondition::AnyOf(ids) => ids.iter().any(is_gone),
        EndCondition::AllOf(ids) => ids.iter().all(is_gone),
        EndCondition::AnyInput => input_ended,
        EndCondition::AllInputs => inputs.iter().all(Input::is_ended),
    }
}
