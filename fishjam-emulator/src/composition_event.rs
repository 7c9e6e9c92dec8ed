//! The conversion of a composition's events to the JSON of its event sockets.

use serde::Serialize;

use crate::state::{
    TrackKind,
    compositions::{CompositionEvent, ErrorSeverity, MediaState},
};

/// An event as JSON.
#[derive(Serialize)]
#[serde(untagged)]
enum EventBody<'a> {
    Input {
        r#type: &'static str,
        input_id: &'a str,
    },
    Done {
        r#type: &'static str,
        output_id: &'a str,
    },
    Failed {
        r#type: &'static str,
        output_id: &'a str,
        severity: &'static str,
        err: &'a str,
        /// The causes, beginning with the error itself.
        stack: [&'a str; 1],
    },
}

/// Converts an event to JSON. Returns `None` for an event that sockets do not report.
pub(crate) fn encode(event: &CompositionEvent) -> Option<String> {
    let body = match event {
        CompositionEvent::Input { input, kind, state } => {
            EventBody::Input { r#type: input_event(*kind, *state)?, input_id: input }
        }
        CompositionEvent::OutputDone { output } => EventBody::Done { r#type: "OUTPUT_DONE", output_id: output },
        CompositionEvent::OutputFailed { output, severity, error } => EventBody::Failed {
            r#type: "OUTPUT_ERROR",
            output_id: output,
            severity: match severity {
                ErrorSeverity::Critical => "critical",
                ErrorSeverity::Transient => "transient",
                ErrorSeverity::Warning => "warning",
            },
            err: error,
            stack: [error],
        },
        CompositionEvent::Deleted => return None,
    };
    serde_json::to_string(&body).ok()
}

fn input_event(kind: TrackKind, state: MediaState) -> Option<&'static str> {
    Some(match (kind, state) {
        (_, MediaState::Absent) => return None,
        (TrackKind::Audio, MediaState::Delivered) => "AUDIO_INPUT_DELIVERED",
        (TrackKind::Audio, MediaState::Playing) => "AUDIO_INPUT_PLAYING",
        (TrackKind::Audio, MediaState::Paused) => "AUDIO_INPUT_PAUSED",
        (TrackKind::Audio, MediaState::Ended) => "AUDIO_INPUT_EOS",
        (TrackKind::Video, MediaState::Delivered) => "VIDEO_INPUT_DELIVERED",
        (TrackKind::Video, MediaState::Playing) => "VIDEO_INPUT_PLAYING",
        (TrackKind::Video, MediaState::Paused) => "VIDEO_INPUT_PAUSED",
        (TrackKind::Video, MediaState::Ended) => "VIDEO_INPUT_EOS",
    })
}
