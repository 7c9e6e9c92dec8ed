//! Defects of the official Python client (P1 to P23), each next to the behavior of this SDK. `tests/official-sdks.md`
//! lists the defects.

use std::time::Duration;

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    Error, ErrorKind, FishjamClient, Template,
    composition::{
        AudioMix, Composition, CompositionClient, CompositionOptions, Font, Output, OutputUpdate, Scene, TemplateEvent,
        Tiles, VideoOutput, View, WhipInputOptions,
    },
};
use fishjam_tests::{
    clock::StoppedClock,
    support::{silent, unanswered_request},
};
use serde_json::{Value, json};
use tokio::time::Instant;

const WHIP: &str = "https://whip.example/publish";

/// A client that sends each request once.
pub(crate) fn client(emulator: &Emulator) -> anyhow::Result<CompositionClient> {
    Ok(CompositionClient::builder(emulator.token()).base_url(emulator.origin()).max_attempts(1).build()?)
}

pub(crate) async fn start() -> anyhow::Result<(Emulator, Composition)> {
    let emulator = Emulator::start().await?;
    let composition = client(&emulator)?.create(CompositionOptions::new()).await?;
    emulator.journal().clear();
    Ok((emulator, composition))
}

fn video() -> fishjam_sdk::Result<VideoOutput> {
    VideoOutput::new(1280, 720, Scene::new(View::new()))
}

/// The error is about the caller's values, and no request was sent.
#[allow(clippy::unwrap_used, reason = "a helper of tests may panic")]
pub(crate) fn assert_refused<T: std::fmt::Debug>(outcome: fishjam_sdk::Result<T>, emulator: &Emulator) -> Error {
    let error = outcome.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error:?}");
    assert!(emulator.journal().requests().is_empty(), "{error}");
    error
}

#[tokio::test]
async fn p1_relative_id_of_an_input_is_refused() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    for id in ["..", ".", ""] {
        assert_refused(composition.unregister_input(id).await, &emulator);
        assert_refused(composition.unregister_output(id).await, &emulator);
        assert_refused(composition.unregister_image(id).await, &emulator);
    }
    composition.register_rtmp_input("../unregister", "key").await?;
    let request = &emulator.journal().requests_for("register_input")[0];
    assert!(request.path().ends_with("/input/..%2Funregister/register"), "{}", request.path());
    Ok(())
}

#[tokio::test]
async fn p2_relative_id_of_a_composition_is_refused() -> anyhow::Result<()> {
    let (emulator, _) = start().await?;
    for id in ["..", ".", ""] {
        let deleted = async { client(&emulator).unwrap().adopt(id)?.delete().await };
        assert_refused(deleted.await, &emulator);
    }
    Ok(())
}

#[tokio::test]
async fn p3_silent_server_times_out() -> anyhow::Result<()> {
    let (listener, url) = silent().await?;
    let compositions = CompositionClient::builder("token").base_url(&url).max_attempts(1).build()?;
    let composition = compositions.adopt("c")?;
    let clock = StoppedClock::stop();
    for (expected, register) in [(30, false), (120, true)] {
        let began = Instant::now();
        let call = async {
            match register {
                false => composition.start().await,
                true => composition.register_mp4_input("film", "https://films.example/film.mp4").await.map(drop),
            }
        };
        let waiting = async {
            let unanswered = unanswered_request(&listener).await?;
            clock.advance(Duration::from_secs(expected)).await;
            anyhow::Ok(unanswered)
        };
        let (outcome, waited) = tokio::join!(call, waiting);
        waited?;
        assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Timeout);
        assert_eq!(began.elapsed().as_secs(), expected);
    }
    Ok(())
}

#[tokio::test]
async fn p4_success_without_a_body_is_a_success() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    for body in ["", "no JSON", "[]"] {
        emulator.faults().on("start").status(200).body(body);
        composition.start().await?;
    }
    Ok(())
}

#[tokio::test]
async fn p5_each_2xx_is_a_success() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    emulator.faults().on("start").status(204).body("");
    composition.start().await?;
    emulator.faults().on("delete_composition").status(204).body("");
    composition.delete().await?;
    emulator.faults().on("create_composition").status(200).body(json!({ "composition_id": "c" }).to_string());
    assert_eq!(client(&emulator)?.create(CompositionOptions::new()).await?.id(), "c");
    Ok(())
}

#[tokio::test]
async fn p6_status_counts_if_the_body_is_html() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    for (status, kind) in [(503, ErrorKind::ServiceUnavailable), (404, ErrorKind::NotFound)] {
        emulator
            .faults()
            .on("send_composition_event")
            .status(status)
            .body("<html>down</html>")
            .content_type("text/html");
        let error = composition.send_event("name").await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
    }
    Ok(())
}

#[tokio::test]
async fn p7_error_of_the_fishjam_api_has_its_kind() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    emulator.faults().on("start").status(401).body(json!({ "errors": "Invalid token" }).to_string());
    let error = composition.start().await.unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Unauthorized, Some("Invalid token")));
    Ok(())
}

#[tokio::test]
async fn p8_creation_needs_only_the_id() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    for api_url in [None, Some(json!(null)), Some(json!(5))] {
        let mut body = json!({ "composition_id": "c" });
        if let Some(api_url) = api_url {
            body["api_url"] = api_url;
        }
        emulator.faults().on("create_composition").status(201).body(body.to_string());
        assert_eq!(client(&emulator)?.create(CompositionOptions::new()).await?.id(), "c");
    }
    Ok(())
}

#[tokio::test]
async fn p9_nan_in_a_scene_is_a_local_error() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let scene = Scene::new(View::new().child(Tiles::new().width(f64::NAN)));
    let error = assert_refused(composition.update_output("out", scene).await, &emulator);
    assert!(error.message().is_some_and(|message| message.contains("root.children[0].width")), "{error}");
    Ok(())
}

#[tokio::test]
async fn p10_nan_with_a_template_is_a_local_error() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let scene = Scene::new(View::new().padding(f64::INFINITY));
    let output = Output::whip(WHIP, "token").video(VideoOutput::new(640, 360, scene)?);
    let template = Template::from_bytes("template.js", *b"export default null");
    assert_refused(composition.register_template_output("out", output, template).await, &emulator);
    Ok(())
}

#[test]
fn p11_empty_url_is_refused() {
    let error = CompositionClient::builder("token").base_url("").build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[test]
fn p12_url_without_a_scheme_is_refused() {
    for url in ["rtc.fishjam.io", "localhost:8000", "://", "//rtc.fishjam.io"] {
        let error = CompositionClient::builder("token").base_url(url).build().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
    }
}

#[tokio::test]
async fn p13_debug_hides_the_management_token() -> anyhow::Result<()> {
    let builder = CompositionClient::builder("sentinel-token");
    let client = builder.clone().build()?;
    let composition = client.adopt("c")?;
    for printed in [format!("{builder:?}"), format!("{client:#?}"), format!("{composition:?}")] {
        assert!(!printed.contains("sentinel"), "{printed}");
    }
    Ok(())
}

#[tokio::test]
async fn p14_address_has_the_encoded_id() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let composition = client(&emulator)?.adopt("a b/../c")?;
    let address = format!("{}/api/composition/a%20b%2F..%2Fc", emulator.origin());
    assert_eq!(composition.address(), address);
    emulator.faults().on("register_input").status(200).body(json!({ "bearer_token": "t" }).to_string());
    let input = composition.register_whip_input("kamera ż", WhipInputOptions::new()).await?;
    assert_eq!(input.url, format!("{address}/whip/kamera%20%C5%BC"));
    Ok(())
}

#[tokio::test]
async fn p15_route_outside_the_composition_is_refused() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    for route in ["whip/cam", "https://other.example/whip/cam", "/../other/whip/cam", "//other.example/cam"] {
        let body = json!({ "bearer_token": "t", "endpoint_route": route }).to_string();
        emulator.faults().on("register_input").status(200).body(body);
        let error = composition.register_whip_input("cam", WhipInputOptions::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::Decode, true), "{error}");
        assert_eq!(error.possible_object(), Some("input \"cam\""));
        assert_eq!(composition.inputs(), ["cam"]);
    }
    Ok(())
}

#[tokio::test]
async fn p16_error_names_an_input_that_may_exist() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    emulator.faults().on("register_input").times(2).after_handling().status(200).body("{}");
    let whip = composition.register_whip_input("cam", WhipInputOptions::new()).await.map(drop);
    let rtmp = composition.register_rtmp_input("studio", "key").await.map(drop);
    for (id, outcome) in [("cam", whip), ("studio", rtmp)] {
        let error = outcome.unwrap_err();
        assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::Decode, true), "{error}");
        assert_eq!(error.possible_object(), Some(&*format!("input {id:?}")));
        assert!(error.to_string().contains(id), "{error}");
        // The caller can remove the input.
        assert!(composition.inputs().contains(&id.into()));
        composition.unregister_input(id).await?;
    }
    Ok(())
}

#[tokio::test]
async fn p17_time_and_scene_of_an_update_are_both_sent() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    composition.register_output("out", Output::whip(WHIP, "token").video(video()?)).await?;
    let update = OutputUpdate::new().schedule_time(Duration::from_millis(5)).video(Scene::new(View::new()));
    composition.update_output("out", update).await?;
    let body = emulator.journal().requests_for("update_output")[0].body_json();
    assert_eq!(body, Some(json!({ "schedule_time_ms": 5.0, "video": { "root": { "type": "view" } } })));
    Ok(())
}

#[tokio::test]
async fn p18_empty_update_is_refused() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    assert_refused(composition.update_output("out", OutputUpdate::new()).await, &emulator);
    let later = OutputUpdate::new().schedule_time(Duration::from_millis(5));
    assert_refused(composition.update_output("out", later).await, &emulator);
    Ok(())
}

#[tokio::test]
async fn p19_impossible_output_is_refused() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    assert_refused(composition.register_output("out", Output::whip(WHIP, "token")).await, &emulator);
    let loud = Output::whip(WHIP, "token").audio(AudioMix::new().input_with_volume("ada", 5.0));
    assert_refused(composition.register_output("out", loud).await, &emulator);
    for (width, height) in [(1281, 720), (1280, 721), (0, 720)] {
        assert_refused(VideoOutput::new(width, height, Scene::new(View::new())), &emulator);
    }
    Ok(())
}

#[tokio::test]
async fn p20_method_sets_the_type() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    composition.register_output("whip", Output::whip(WHIP, "token").video(video()?)).await?;
    let rtmp = Output::rtmp("rtmp://live.example/app/key").audio(AudioMix::new());
    composition.register_output("rtmp", rtmp).await?;
    composition.register_mp4_input("film", "https://films.example/film.mp4").await?;
    let types = |operation| -> Vec<Value> {
        let requests = emulator.journal().requests_for(operation);
        requests.iter().filter_map(|request| Some(request.body_json()?["type"].clone())).collect()
    };
    assert_eq!(types("register_output"), ["whip_client", "rtmp_client"]);
    assert_eq!(types("register_input"), ["mp4"]);
    Ok(())
}

#[tokio::test]
async fn p21_message_is_the_same_for_each_status() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    // The contract of `start` lists 401, 404 and 500.
    for status in [401, 404, 409, 422, 429, 500, 502, 418] {
        emulator.faults().on("start").status(status).body(json!({ "message": "the reason" }).to_string());
        let error = composition.start().await.unwrap_err();
        assert_eq!((error.status(), error.message()), (Some(status), Some("the reason")));
    }
    Ok(())
}

#[tokio::test]
async fn p22_absent_and_null_data_of_an_event_differ() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    composition.send_event("name").await?;
    composition.send_event(TemplateEvent::new("name").data(Value::Null)).await?;
    let requests = emulator.journal().requests_for("send_composition_event");
    let bodies: Vec<_> = requests.iter().filter_map(fishjam_emulator::RecordedRequest::body_json).collect();
    assert_eq!(bodies, [json!({ "event_name": "name" }), json!({ "event_name": "name", "data": null })]);
    Ok(())
}

#[tokio::test]
async fn p23_client_retries_shares_and_takes_bytes() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    // One pool of connections for both clients, which closes with the last clone.
    let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
    let composition = fishjam.compositions().create(CompositionOptions::new().autostart(false)).await?;
    emulator.faults().on("start").times(2).status(503).retry_after(Duration::ZERO);
    composition.start().await?;
    assert_eq!(emulator.journal().count("start"), 3);
    let bytes: Vec<u8> = vec![0, 1, 0, 0];
    composition.register_font(Font::from_bytes(bytes.as_slice())).await?;
    composition.register_font(Font::from_bytes(bytes)).await?;
    // Without a handle, a program cannot find the composition again.
    drop(composition.delete_on_drop());
    fishjam_tests::support::until("the composition is deleted", || emulator.journal().count("delete_composition") == 1)
        .await?;
    // A program without a runtime.
    let output = Output::whip(WHIP, "token").video(video()?);
    let (origin, token) = (emulator.origin().to_owned(), emulator.token().to_owned());
    let synchronous = std::thread::spawn(move || {
        let client = fishjam_sdk::blocking::CompositionClient::builder(token).base_url(origin).build_blocking()?;
        client.create(CompositionOptions::new())?.register_output("out", output).map(drop)
    });
    let ended = tokio::task::spawn_blocking(move || synchronous.join()).await?;
    Ok(ended.map_err(|_| anyhow::anyhow!("the program panicked"))??)
}
