//! Media in simulated form: audio between agents, and recordings.

pub(crate) mod audio;
pub(crate) mod publication;
pub(crate) mod recorder;
