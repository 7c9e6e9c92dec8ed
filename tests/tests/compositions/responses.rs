//! Responses: the members that the SDK needs, and the members and bodies that it ignores.

use std::time::Duration;

use anyhow::Context;
use fishjam_emulator::{Emulator, Fault};
use fishjam_sdk::{
    Error, ErrorKind, FishjamClient,
    composition::{AudioMix, CompositionOptions, ImageSource, Output, WhipInputOptions},
};
use fishjam_tests::{
    operations::{COMPOSITION_HANDLE, CompositionEntities, Operation},
    support::each,
};
use serde_json::{Value, json};

use crate::start;

/// A fault that replaces a successful response.
fn success(emulator: &Emulator, operation: &str, status: u16, body: &str) {
    emulator.faults().on(operation).status(status).body(body);
}

// Defects P4, P5 and J3 of the official clients.
#[tokio::test]
async fn each_success_of_a_command_is_a_success() -> anyhow::Result<()> {
    const COMMANDS: [&str; 14] = [
        "start",
        "reset",
        "delete",
        "register_whep_input",
        "unregister_input",
        "unregister_input_at",
        "register_output",
        "register_template_output",
        "update_output",
        "request_keyframe",
        "unregister_output",
        "register_image",
        "register_font",
        "send_event",
    ];
    let bodies =
        [(200, ""), (200, "{}"), (204, ""), (201, "[1]"), (202, "no JSON"), (200, "<html>"), (200, "\u{feff}")];
    let rows = COMPOSITION_HANDLE.iter().filter(|row| COMMANDS.contains(&row.method)).collect::<Vec<_>>();
    assert_eq!(rows.len(), COMMANDS.len());
    each(rows, |Operation { method, id, call, .. }| async move {
        let (emulator, composition) = start().await?;
        for (status, body) in bodies {
            success(&emulator, id, status, body);
            let of = CompositionEntities::absent();
            call(&composition, &of).await.with_context(|| format!("{method}: {status} {body:?}"))?;
        }
        // The status arrives, and its body does not.
        emulator.faults().on(id).status(200).body("{}").disconnect_mid_body();
        call(&composition, &CompositionEntities::absent()).await.context(*method)
    })
    .await
}

// Defects P5 and P8 of the official client.
#[tokio::test]
async fn create_needs_only_the_id() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let compositions = FishjamClient::new(emulator.url(), emulator.token())?.compositions();
    for (status, body) in [
        (201, json!({ "composition_id": "c" })),
        (200, json!({ "composition_id": "c", "api_url": "u" })),
        (202, json!({ "composition_id": "c", "api_url": 5, "more": { "a": 1 } })),
    ] {
        success(&emulator, "create_composition", status, &body.to_string());
        let composition = compositions.create(CompositionOptions::new()).await?;
        assert_eq!(composition.id(), "c");
        let more = composition.extra().parse::<Value>("more")?;
        assert_eq!(more.as_ref(), body.get("more"));
        assert_eq!(composition.extra().get("api_url"), None);
    }
    Ok(())
}

// Defect J4 of the official client.
#[tokio::test]
async fn create_without_id_says_that_a_composition_may_exist() -> anyhow::Result<()> {
    let emulator = Emulator::start().await?;
    let compositions = FishjamClient::new(emulator.url(), emulator.token())?.compositions();
    for body in ["", "{}", "[]", "<html>", r#"{"composition_id":null}"#, r#"{"composition_id":".."}"#] {
        success(&emulator, "create_composition", 201, body);
        let error = compositions.create(CompositionOptions::new()).await.err().context("created")?;
        assert_eq!((error.kind(), error.status().unwrap_or(201)), (ErrorKind::Decode, 201), "{body}: {error:#}");
        assert!(error.may_have_taken_effect(), "{body}");
        assert_eq!(error.possible_object(), Some("a composition"), "{body}");
        assert!(error.to_string().starts_with("create: ") && error.to_string().ends_with("; a composition may exist"));
    }
    emulator.faults().on("create_composition").status(400);
    let error = compositions.create(CompositionOptions::new()).await.err().context("created")?;
    assert_eq!(error.possible_object(), None);
    Ok(())
}

#[tokio::test]
async fn whip_input_has_its_address_and_token() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let made = composition.register_whip_input("my cam", WhipInputOptions::new()).await?;
    assert_eq!(made.url, format!("{}/whip/my%20cam", composition.address()));
    assert_eq!(made.bearer_token.expose().len(), 32);
    let own = composition.register_whip_input("own", WhipInputOptions::new().bearer_token("mine")).await?;
    assert_eq!(own.bearer_token.expose(), "mine");

    for (body, route, token) in [
        (json!({}), "/whip/c", "mine"),
        (json!({ "bearer_token": null, "endpoint_route": null }), "/whip/c", "mine"),
        (json!({ "bearer_token": "theirs", "endpoint_route": "/x/y" }), "/x/y", "theirs"),
        // Members of other inputs do not matter.
        (json!({ "video_duration_ms": "x", "more": 1 }), "/whip/c", "mine"),
    ] {
        success(&emulator, "register_input", 200, &body.to_string());
        let input = composition.register_whip_input("c", WhipInputOptions::new().bearer_token("mine")).await?;
        assert_eq!(input.url, format!("{}{route}", composition.address()));
        assert_eq!(input.bearer_token.expose(), token);
        assert_eq!(input.extra().get("more"), body.get("more").map(|_| "1"));
    }
    Ok(())
}

#[tokio::test]
async fn mp4_input_has_the_durations_of_its_tracks() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let ms = Duration::from_millis;
    for (body, video, audio) in [
        (json!({ "video_duration_ms": 10_000, "audio_duration_ms": 9_999 }), Some(ms(10_000)), Some(ms(9_999))),
        (json!({ "video_duration_ms": 0 }), Some(ms(0)), None),
        (json!({ "video_duration_ms": null }), None, None),
        (json!({ "video_duration_ms": u64::MAX, "publish_url": 1 }), Some(ms(u64::MAX)), None),
        (json!({}), None, None),
    ] {
        success(&emulator, "register_input", 200, &body.to_string());
        let input = composition.register_mp4_input("m", "https://e.com/a.mp4").await?;
        assert_eq!((input.video_duration, input.audio_duration), (video, audio));
    }
    Ok(())
}

// Defect J6 of the official client.
#[tokio::test]
async fn rtmp_input_has_its_address() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let input = composition.register_rtmp_input("r", "key").await?;
    assert!(input.publish_url.expose().starts_with("rtmp"), "{:?}", input.publish_url.expose());
    success(&emulator, "register_input", 200, r#"{"publish_url":"rtmp://h/key","more":1}"#);
    let input = composition.register_rtmp_input("r", "key").await?;
    assert_eq!((input.publish_url.expose(), input.extra().get("more")), ("rtmp://h/key", Some("1")));
    Ok(())
}

// Defects P15 and P16 of the official client.
#[tokio::test]
async fn incomplete_response_names_the_input_that_exists() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let check = |method: &str, part: &str, error: Option<Error>| {
        let error = error.with_context(|| part.to_owned())?;
        assert_eq!(error.kind(), ErrorKind::Decode, "{error:#}");
        let line = error.to_string();
        assert!(line.starts_with(&format!("{method}: ")) && line.ends_with(r#"; input "cam" may exist"#), "{line}");
        assert!(format!("{error:#}").contains(part) && !format!("{error:?}").contains("sentinel"), "{error:#}");
        assert!(error.may_have_taken_effect() && composition.inputs().contains(&"cam".into()), "{line}");
        anyhow::Ok(())
    };
    for (body, part) in [
        ("{}", "bearer_token"),
        (r#"{"bearer_token":5}"#, "bearer_token"),
        ("", "the response"),
        ("<html>", "the response"),
        (r#"{"bearer_token":"sentinel","endpoint_route":"whip/cam"}"#, "slash"),
        (r#"{"bearer_token":"sentinel","endpoint_route":"https://sentinel/cam"}"#, "slash"),
        (r#"{"bearer_token":"sentinel","endpoint_route":"/../sentinel"}"#, "relative"),
    ] {
        success(&emulator, "register_input", 200, body);
        let outcome = composition.register_whip_input("cam", WhipInputOptions::new()).await;
        check("register_whip_input", part, outcome.err())?;
    }
    for (body, part) in [("{}", "publish_url"), (r#"{"publish_url":["sentinel"]}"#, "publish_url")] {
        success(&emulator, "register_input", 200, body);
        check("register_rtmp_input", part, composition.register_rtmp_input("cam", "key").await.err())?;
    }
    success(&emulator, "register_input", 200, r#"{"video_duration_ms":-1}"#);
    check("register_mp4_input", "video_duration_ms", composition.register_mp4_input("cam", "https://e.com").await.err())
}

// Defects P6, P7, P21 and J5 of the official clients.
#[tokio::test]
async fn status_decides_the_kind_and_the_body_the_message() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let composition = composition.with_max_attempts(1);
    for (status, kind) in [
        (400, ErrorKind::BadRequest),
        (401, ErrorKind::Unauthorized),
        (402, ErrorKind::QuotaExceeded),
        (404, ErrorKind::NotFound),
        (409, ErrorKind::Conflict),
        (413, ErrorKind::UnexpectedStatus),
        (422, ErrorKind::BadRequest),
        (429, ErrorKind::RateLimited),
        (500, ErrorKind::Server),
        (502, ErrorKind::Server),
        (503, ErrorKind::ServiceUnavailable),
        (302, ErrorKind::UnexpectedStatus),
    ] {
        for (body, message) in [
            (r#"{"message":"text"}"#, Some("text")),
            (r#"{"errors":"text"}"#, Some("text")),
            (r#"{"error_code":"A","message":"text","stack":["text"],"http_status_code":1}"#, Some("text")),
            ("<html>down</html>", None),
            ("", None),
            (r#"{"message":5"#, None),
        ] {
            let fault = |fault: Fault| fault.status(status).body(body);
            fault(emulator.faults().on("send_composition_event"));
            let error = composition.send_event("e").await.err().context("sent")?;
            assert_eq!((error.kind(), error.status()), (kind, Some(status)), "{body}");
            assert_eq!(error.message(), message, "{status} {body}");
            fault(emulator.faults().on("register_output"));
            let output = Output::whip("https://e.com/whip", "token").audio(AudioMix::new());
            let error = composition.register_output("o", output).await.err().context("registered")?;
            assert_eq!((error.kind(), error.message()), (kind, message), "{status} {body}");
        }
    }
    Ok(())
}

#[tokio::test]
async fn ambiguous_failure_names_the_object_that_may_exist() -> anyhow::Result<()> {
    let (emulator, composition) = start().await?;
    let output = || Output::whip("https://e.com/whip", "token").audio(AudioMix::new());
    emulator.faults().on("register_output").status(504);
    let error = composition.register_output("o\"1", output()).await.err().context("registered")?;
    let line = "register_output: server error (504)";
    assert!(
        error.to_string().starts_with(line) && error.to_string().ends_with(r#"; output "o\"1" may exist"#),
        "{error}"
    );
    emulator.faults().on("register_image").disconnect();
    let error =
        composition.register_image("i", ImageSource::auto("https://e.com")).await.err().context("registered")?;
    assert_eq!((error.kind(), error.possible_object()), (ErrorKind::Connection, Some(r#"image "i""#)));
    assert_eq!((composition.outputs(), composition.images()), (vec!["o\"1".into()], vec!["i".into()]));
    // These requests certainly had no effect.
    emulator.faults().on("register_output").status(400);
    let error = composition.register_output("p", output()).await.err().context("registered")?;
    assert_eq!(error.possible_object(), None);
    emulator.faults().on("register_image").status(409);
    let error =
        composition.register_image("j", ImageSource::auto("https://e.com")).await.err().context("registered")?;
    assert_eq!((error.kind(), error.possible_object()), (ErrorKind::Conflict, None));
    assert_eq!((composition.outputs(), composition.images()), (vec!["o\"1".into()], vec!["i".into()]));
    Ok(())
}
