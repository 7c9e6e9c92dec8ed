//! Defects of the official JavaScript client (J1 to J7), each next to the behavior of this SDK. `tests/official-sdks.md`
//! lists the defects.

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    ErrorKind,
    composition::{CompositionOptions, Output, Scene},
};
use serde_json::json;

use crate::official::{assert_refused, client, start};

#[tokio::test]
async fn j1_relative_ids_are_refused() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    assert_refused(composition.unregister_input("..").await, &emulator);
    assert_refused(async { client(&emulator).unwrap().adopt("..")?.delete().await }.await, &emulator);
    Ok(())
}

#[tokio::test]
async fn j2_unknown_component_is_never_sent() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    for root in [json!({ "type": "web_view", "instance_id": "w" }), json!({}), json!({ "type": "text", "text": "t" })] {
        assert_refused(Scene::from_json(&json!({ "root": root }).to_string()), &emulator);
    }
    assert_refused(composition.register_output("out", Output::rtmp("rtmp://live.example/app/key")).await, &emulator);
    Ok(())
}

#[tokio::test]
async fn j3_success_without_a_body_is_a_success() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    emulator.faults().on("start").status(200).body("");
    Ok(composition.start().await?)
}

#[tokio::test]
async fn j4_creation_without_an_id_is_an_error() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    for body in [json!({}), json!({ "id": "c" }), json!({ "composition_id": null }), json!([])] {
        emulator.faults().on("create_composition").status(201).body(body.to_string());
        let error = client(&emulator)?.create(CompositionOptions::new()).await.unwrap_err();
        assert_eq!((error.kind(), error.may_have_taken_effect()), (ErrorKind::Decode, true), "{body}: {error}");
    }
    Ok(())
}

#[tokio::test]
async fn j5_body_that_is_not_json_is_in_the_error() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    emulator.faults().on("start").status(503).body("<html>upstream is down</html>").content_type("text/html");
    let error = composition.start().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ServiceUnavailable);
    assert!(error.body_excerpt().is_some_and(|excerpt| excerpt.contains("upstream is down")), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn j6_rtmp_input_has_its_publish_url() -> anyhow::Result<()> {
    let (_emulator, composition) = start().await?;
    let input = composition.register_rtmp_input("studio", "the-key").await?;
    assert!(input.publish_url.expose().ends_with("the-key"));
    Ok(())
}

// `p3_silent_server_times_out` shows the time limit.
#[tokio::test]
async fn j7_requests_name_the_client() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    composition.start().await?;
    let request = &emulator.journal().requests_for("start")[0];
    assert!(request.header("x-fishjam-api-client").is_some_and(|name| name.starts_with("rust-server/")));
    Ok(())
}
