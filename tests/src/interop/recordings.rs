//! Recordings, and the forwarding of a room's tracks to a composition.

use std::time::Duration;

use anyhow::Result;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    CompositionRecordingOptions, RecordingFilter, RecordingStatus, RoomOptions, Template, TemplateRecordingOptions,
};
use futures_util::{FutureExt, future::BoxFuture};
use serde_json::json;

use crate::{
    difference::Tolerated,
    scenario::{Scenario, UNKNOWN_ID, client, refused},
};

pub(crate) const SCENARIO: Scenario =
    Scenario { name: "recordings", calls: Some(calls), tolerated: TOLERATED, ..Scenario::NOTHING };

const DEFAULT: &str = "the Python SDK spells the contract's default out; absent means the same";

const TOLERATED: &[Tolerated] = &[
    spelled_out("create_recording", "/body/source/scaleRatio", "1.0"),
    spelled_out("create_recording", "/body/0/content/source/audio", "true"),
    spelled_out("create_track_forwarding", "/body/selector", r#""all""#),
    Tolerated {
        operation: "create_recording",
        place: "/body/1/content-type",
        python: Some(r#""text/javascript""#),
        rust: Some(r#""application/octet-stream""#),
        reason: "the Python SDK's HTTP library guesses from the file's name; the contract says only that it is binary",
    },
];

/// A default that the official SDK sends, and ours does not.
const fn spelled_out(operation: &'static str, place: &'static str, python: &'static str) -> Tolerated {
    Tolerated { operation, place, python: Some(python), rust: None, reason: DEFAULT }
}

const COMPOSITION: &str = "https://rtc.fishjam.io/api/composition/first";
const OTHER_COMPOSITION: &str = "https://rtc.fishjam.io/api/composition/zażółć?a=b&c";

/// Longer than the emulator takes to end a stopped recording.
const ENDED: Duration = Duration::from_secs(1);

fn calls(emulator: &Emulator) -> BoxFuture<'_, Result<()>> {
    async move {
        let fishjam = client(emulator)?;
        let bare = CompositionRecordingOptions::new(COMPOSITION, "output");
        let recording = fishjam.create_composition_recording(bare.clone()).await?;
        let metadata = json!({
            "name": "Zażółć",
            "nested": { "list": [1, 2.5, null, true], "empty": {}, "deep": { "er": "x" } },
            "dotted.key": "",
        });
        let every = CompositionRecordingOptions::new(OTHER_COMPOSITION, "wyjście 1").scale_ratio(0.5);
        fishjam.create_composition_recording(every.metadata(&metadata)).await?;
        refused(fishjam.create_composition_recording(bare.clone().scale_ratio(-1.0)).await, 400)?;
        // The script's deprecated `create_recording`.
        fishjam.create_composition_recording(bare.clone()).await?;
        fishjam.create_composition_recording(bare.metadata(json!({}))).await?;

        let template = |content: &[u8]| Template::from_bytes("template.js", content);
        let plain = TemplateRecordingOptions::new(COMPOSITION, template(b"export default {}"));
        fishjam.create_template_recording(plain).await?;
        let content = "// Zażółć\r\n--boundary--\r\n\0export default {}";
        let every = TemplateRecordingOptions::new(COMPOSITION, template(content.as_bytes()));
        let every = every.audio(false).resolution(640, 480).metadata(&metadata);
        fishjam.create_template_recording(every).await?;
        refused(
            fishjam.create_template_recording(TemplateRecordingOptions::new(COMPOSITION, template(b""))).await,
            400,
        )?;

        for filter in [
            RecordingFilter::new(),
            RecordingFilter::new().metadata(json!({ "name": "Zażółć" })),
            RecordingFilter::new().metadata(json!({ "nested": { "deep": { "er": "x" } }, "dotted.key": "" })),
            RecordingFilter::new().metadata(json!({ "none": null, "a key&=": "a+b &=%41", "bracket[": "]" })),
            RecordingFilter::new().metadata(json!({ "count": 3, "ratio": 2.5, "flag": true })),
            RecordingFilter::new().metadata(json!({ "nested": {} })),
            RecordingFilter::new().status(RecordingStatus::Active),
            RecordingFilter::new().metadata(json!({ "name": "x" })).status(RecordingStatus::Failed),
        ] {
            fishjam.get_all_recordings(filter).await?;
        }
        fishjam.get_recording(&recording.id).await?;
        refused(fishjam.get_recording(UNKNOWN_ID).await, 404)?;
        refused(fishjam.delete_recording(&recording.id).await, 409)?;
        fishjam.stop_recording(&recording.id).await?;
        refused(fishjam.stop_recording(UNKNOWN_ID).await, 404)?;
        tokio::time::sleep(ENDED).await;
        fishjam.delete_recording(&recording.id).await?;

        let room = fishjam.create_room(RoomOptions::new()).await?.id;
        fishjam.forward_room_tracks(&room, COMPOSITION).await?;
        refused(fishjam.forward_room_tracks(&room, COMPOSITION).await, 409)?;
        refused(fishjam.forward_room_tracks(&room, "no address").await, 400)?;
        refused(fishjam.forward_room_tracks(UNKNOWN_ID, OTHER_COMPOSITION).await, 404)
    }
    .boxed()
}
