//! The span of a call: one per call, with the same fields for every outcome.

use std::{
    collections::BTreeMap,
    fmt::Debug,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use fishjam_emulator::Emulator;
use fishjam_sdk::{FishjamClient, PeerOptions, RoomOptions};
use fishjam_tests::{
    clock::or_stuck,
    support::{Log, record},
};
use serde_json::json;
use tracing::{
    Level, Subscriber,
    field::{Field, Visit},
    span,
};
use tracing_subscriber::{
    Layer,
    layer::{Context, SubscriberExt},
    registry::LookupSpan,
};

/// The fields of one span, as text.
type Fields = BTreeMap<String, String>;

/// Every `fishjam_call` of this thread: its fields, and whether it is over.
#[derive(Clone, Default)]
struct Recorder(Arc<Mutex<Vec<(u64, Fields, bool)>>>);

impl Recorder {
    fn calls(&self) -> MutexGuard<'_, Vec<(u64, Fields, bool)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The only call since the last time, which is over.
    #[track_caller]
    fn one(&self) -> Fields {
        let calls = std::mem::take(&mut *self.calls());
        assert!(matches!(&*calls, [(_, _, true)]), "not one call that is over: {calls:?}");
        calls.into_iter().map(|(_, fields, _)| fields).next().unwrap_or_default()
    }
}

struct Recorded<'a>(&'a mut Fields);

impl Visit for Recorded<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }
}

impl<S: Subscriber + for<'a> LookupSpan<'a>> Layer<S> for Recorder {
    fn on_new_span(&self, attributes: &span::Attributes<'_>, id: &span::Id, _: Context<'_, S>) {
        if attributes.metadata().name() == "fishjam_call" {
            let mut fields = Fields::new();
            attributes.record(&mut Recorded(&mut fields));
            self.calls().push((id.into_u64(), fields, false));
        }
    }

    fn on_record(&self, id: &span::Id, values: &span::Record<'_>, _: Context<'_, S>) {
        if let Some((_, fields, _)) = self.calls().iter_mut().find(|(call, _, _)| *call == id.into_u64()) {
            values.record(&mut Recorded(fields));
        }
    }

    fn on_close(&self, id: span::Id, _: Context<'_, S>) {
        if let Some((_, _, over)) = self.calls().iter_mut().find(|(call, _, _)| *call == id.into_u64()) {
            *over = true;
        }
    }
}

#[tokio::test]
async fn call_is_one_span_with_its_documented_fields() -> anyhow::Result<()> {
    let recorder = Recorder::default();
    let _recording = record(tracing_subscriber::registry().with(recorder.clone()));
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;

    for (failures, status, operation_works) in [(0, "200", true), (2, "200", true), (1, "404", false)] {
        emulator.faults().clear();
        emulator.faults().on("get_room").times(failures).status(503).retry_after(Duration::ZERO);
        let outcome = if operation_works {
            emulator.faults().on("get_all_rooms").times(failures).status(503).retry_after(Duration::ZERO);
            fishjam.get_all_rooms().await.map(drop)
        } else {
            fishjam.get_room("r").await.map(drop)
        };
        assert_eq!(outcome.is_ok(), operation_works);
        let mut fields = recorder.one();
        let took = fields.remove("duration_ms").unwrap_or_default();
        assert!(took.parse::<u64>().is_ok(), "{took}");
        let name = if operation_works { "\"get_all_rooms\"" } else { "\"get_room\"" };
        let attempts = (failures + 1).to_string();
        let expected = [("operation", name), ("method", name), ("attempts", &attempts), ("status", status)];
        assert_eq!(fields, expected.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    }
    Ok(())
}

#[tokio::test]
async fn dropped_call_is_a_span_without_an_outcome() -> anyhow::Result<()> {
    let recorder = Recorder::default();
    let _recording = record(tracing_subscriber::registry().with(recorder.clone()));
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    emulator.faults().on("get_room").stall();
    assert!(or_stuck(fishjam.get_room("r")).await.is_none());
    let names = ["operation", "method"].map(|field| (field.to_owned(), "\"get_room\"".to_owned()));
    assert_eq!(recorder.one(), names.into());
    Ok(())
}

#[tokio::test]
async fn each_call_is_one_debug_line() -> anyhow::Result<()> {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt().with_ansi(false).with_max_level(Level::DEBUG).with_target(true);
    let _recording = record(subscriber.with_writer(move || writer.clone()).finish());
    let emulator = Emulator::start().await?;
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    emulator.faults().on("add_peer").status(503).retry_after(Duration::ZERO);
    let room = fishjam.create_room(RoomOptions::new()).await?;
    fishjam.create_peer(&room.id, PeerOptions::new().metadata(json!({ "name": "sentinel" }))).await?;
    fishjam.get_room("gone").await.unwrap_err();
    emulator.faults().on("get_room").status(200).body("[]");
    fishjam.get_room("gone").await.unwrap_err();

    let text = log.text();
    let lines: Vec<_> = text.lines().filter(|line| line.contains("fishjam_sdk")).collect();
    let about = |event: &str, fields: &str| {
        let lines = lines.iter().filter(|line| line.contains(event) && line.contains(fields));
        assert_eq!(lines.count(), 1, "{event} {fields}\n{text}");
    };
    about("call succeeded", r#"method="create_room" status=201 attempts=1 duration_ms="#);
    about("request failed; retrying", r#"method="create_peer" attempt=1 wait_ms="#);
    about("call succeeded", r#"method="create_peer" status=201 attempts=2 duration_ms="#);
    about("call failed", r#"method="get_room" status=404 attempts=1 duration_ms="#);
    about("call failed", "error=get_room: not found (404): ");
    // The status is a success, but the response cannot be decoded.
    about("call failed", r#"method="get_room" status=200 attempts=1 duration_ms="#);
    assert_eq!(lines.len(), 5, "{text}");
    assert!(!text.contains("sentinel") && !text.contains(emulator.token()), "{text}");
    Ok(())
}
