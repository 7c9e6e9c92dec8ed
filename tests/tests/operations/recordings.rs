//! Recordings: both sources, their statuses, and filters.

use std::{fs, path::Path, time::Duration};

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_sdk::{
    CompositionRecordingOptions, ErrorKind, FishjamClient, RecordingFilter, RecordingSource, RecordingStatus, Template,
    TemplateRecordingOptions,
};
use serde_json::{Value, json};

use super::{debugged, last, start};

const COMPOSITION: &str = "https://rtc.fishjam.io/api/composition/c";

fn of_output() -> CompositionRecordingOptions {
    CompositionRecordingOptions::new(COMPOSITION, "o")
}

fn of_template(template: Template) -> TemplateRecordingOptions {
    TemplateRecordingOptions::new(COMPOSITION, template)
}

#[tokio::test]
async fn a_compositions_output_is_recorded() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let metadata = json!({ "lesson": "7", "nested": { "a": [1, null] } });
    let bare = json!({ "compositionURL": COMPOSITION, "outputId": "o" });
    let scaled = json!({ "compositionURL": COMPOSITION, "outputId": "o", "scaleRatio": 0.5 });
    for (options, sent, scale, attached) in [
        (of_output(), json!({ "source": bare }), 1.0, None),
        (of_output().metadata(json!({})), json!({ "source": bare, "metadata": {} }), 1.0, Some(json!({}))),
        (
            of_output().scale_ratio(0.5).metadata(&metadata),
            json!({ "source": scaled, "metadata": metadata }),
            0.5,
            Some(metadata.clone()),
        ),
    ] {
        let recording = fishjam.create_composition_recording(options).await?;
        let request = last(&emulator, "create_recording");
        assert_eq!((request.method(), request.path(), request.query()), ("POST", "/recordings", None));
        assert_eq!((request.header("content-type"), request.body_json()), (Some("application/json"), Some(sent)));
        assert_eq!((&recording.status, recording.files.len()), (&RecordingStatus::Active, 0));
        assert_eq!(recording.metadata::<Option<Value>>()?, attached);
        let RecordingSource::Composition(source) = &recording.source else { panic!("{recording:?}") };
        assert_eq!((source.composition_url.as_str(), source.output_id.as_str()), (COMPOSITION, "o"));
        assert_eq!(source.scale_ratio, Some(scale));
        assert_eq!(fishjam.get_recording(&recording.id).await?, recording);
    }
    Ok(())
}

#[tokio::test]
async fn template_is_sent_with_its_configuration() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let file = fs::read(&path)?;
    let hostile = "a\"\r\n; name=\"config.js";
    for (template, name, content) in [
        (Template::from_bytes("grid.js", "export default () => null;"), "grid.js", &b"export default () => null;"[..]),
        (Template::from_bytes("żółw 🐢.js", [0, 13, 10, 255, 45, 45]), "żółw 🐢.js", &[0, 13, 10, 255, 45, 45]),
        (Template::from_bytes(hostile, "x"), "a%22%0D%0A; name=%22config.js", b"x"),
        (Template::from_path(&path), "Cargo.toml", &file),
    ] {
        let options = of_template(template).audio(false).resolution(640, 480).metadata(json!({ "a": "ü" }));
        let recording = fishjam.create_template_recording(options).await?;
        let request = last(&emulator, "create_recording");
        assert_eq!((request.method(), request.path(), request.query()), ("POST", "/recordings", None));
        let parts = request.parts().context("no form")?;
        let heads: Vec<_> = parts
            .iter()
            .map(|part| (part.name.as_str(), part.file_name.as_deref(), part.content_type.as_deref()))
            .collect();
        assert_eq!(
            heads,
            [("config", None, Some("application/json")), ("template", Some(name), Some("application/octet-stream")),]
        );
        let resolution = json!({ "width": 640, "height": 480 });
        let source = json!({ "compositionURL": COMPOSITION, "audio": false, "resolution": resolution });
        let config: Value = serde_json::from_slice(&parts[0].body)?;
        assert_eq!(config, json!({ "source": source, "metadata": { "a": "ü" } }));
        assert_eq!(parts[1].body, content);

        let RecordingSource::Template(source) = &recording.source else { panic!("{recording:?}") };
        let resolution = source.resolution.as_ref().context("no resolution")?;
        assert_eq!((source.composition_url.as_str(), source.audio), (COMPOSITION, Some(false)));
        assert_eq!((resolution.width, resolution.height), (640, 480));
    }
    let recording = fishjam.create_template_recording(of_template(Template::from_bytes("t.js", "x"))).await?;
    let parts = last(&emulator, "create_recording").parts().context("no form")?;
    let config: Value = serde_json::from_slice(&parts[0].body)?;
    assert_eq!((config, recording.metadata), (json!({ "source": { "compositionURL": COMPOSITION } }), None));
    Ok(())
}

#[tokio::test]
async fn form_is_sent_again_whole_after_a_refusal() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    emulator.faults().on("create_recording").times(2).status(503).retry_after(Duration::ZERO);
    fishjam.create_template_recording(of_template(Template::from_bytes("t.js", "content"))).await?;
    let requests = emulator.journal().requests_for("create_recording");
    assert_eq!(requests.len(), 3);
    for request in &requests {
        assert_eq!(request.header("content-type"), requests[0].header("content-type"));
        assert_eq!(request.header("content-length"), Some(request.body().len().to_string().as_str()));
        assert_eq!(request.body(), requests[0].body());
    }
    assert_eq!(fishjam.get_all_recordings(RecordingFilter::new()).await?.len(), 1);
    Ok(())
}

#[tokio::test]
async fn retry_sends_each_filter_once() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    emulator.faults().on("list_recordings").times(1).status(503).retry_after(Duration::ZERO);
    fishjam.get_all_recordings(RecordingFilter::new().metadata(json!({ "a": "b" }))).await?;
    let requests = emulator.journal().requests_for("list_recordings");
    let queries: Vec<_> = requests.iter().map(|request| request.query()).collect();
    assert_eq!(queries, [Some("metadata%5Ba%5D=b"); 2]);
    Ok(())
}

/// Returns the ids of the recordings that match a filter, and the query string.
async fn found(
    emulator: &Emulator,
    fishjam: &FishjamClient,
    filter: RecordingFilter,
) -> anyhow::Result<(usize, String)> {
    let recordings = fishjam.get_all_recordings(filter).await?;
    let request = last(emulator, "list_recordings");
    assert_eq!((request.method(), request.path(), request.body()), ("GET", "/recordings", &b""[..]));
    Ok((recordings.len(), request.query().unwrap_or_default().to_owned()))
}

// Defect X22 of the official SDKs.
#[tokio::test]
async fn recordings_are_found_by_metadata_and_status() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder().manual_recordings()).await?;
    for metadata in [
        json!({ "class": "a", "teacher": { "name": "Ada", "room": { "floor": "2" } } }),
        json!({ "class": "b", "teacher": { "name": "Ada" }, "number": 1, "flag": true }),
        json!({ "class": "a b&c=d%", "ключ 🐢": "żółw", "text": "1", "nothing": null }),
        json!({ "key[with]brackets": "x", "[": { "]": "y" }, "deep": { "a[b]": { "c]": "z" } } }),
    ] {
        fishjam.create_composition_recording(of_output().metadata(metadata)).await?;
    }
    fishjam.create_composition_recording(of_output()).await?;
    for (metadata, count, query) in [
        (json!({}), 5, ""),
        (json!({ "class": "a" }), 1, "metadata%5Bclass%5D=a"),
        (json!({ "class": "a", "teacher": {} }), 1, "metadata%5Bclass%5D=a"),
        (json!({ "class": "A" }), 0, "metadata%5Bclass%5D=A"),
        (json!({ "teacher": { "name": "Ada" } }), 2, "metadata%5Bteacher%5D%5Bname%5D=Ada"),
        (
            json!({ "class": "a", "teacher": { "name": "Ada" } }),
            1,
            "metadata%5Bclass%5D=a&metadata%5Bteacher%5D%5Bname%5D=Ada",
        ),
        (json!({ "teacher": { "room": { "floor": "2" } } }), 1, "metadata%5Bteacher%5D%5Broom%5D%5Bfloor%5D=2"),
        (json!({ "class": "a b&c=d%" }), 1, "metadata%5Bclass%5D=a+b%26c%3Dd%25"),
        (json!({ "ключ 🐢": "żółw" }), 1, "metadata%5B%D0%BA%D0%BB%D1%8E%D1%87+%F0%9F%90%A2%5D=%C5%BC%C3%B3%C5%82w"),
        (json!({ "nothing": null }), 1, "metadata%5Bnothing%5D=null"),
        (json!({ "key[with]brackets": "x" }), 1, "metadata%5Bkey%5Bwith%5Dbrackets%5D=x"),
        (json!({ "[": { "]": "y" } }), 1, "metadata%5B%5B%5D%5B%5D%5D=y"),
        (json!({ "deep": { "a[b]": { "c]": "z" } } }), 1, "metadata%5Bdeep%5D%5Ba%5Bb%5D%5D%5Bc%5D%5D=z"),
        // The service compares strings: a number in the filter matches a string, and no filter matches a number.
        (json!({ "text": 1 }), 1, "metadata%5Btext%5D=1"),
        (json!({ "number": 1 }), 0, "metadata%5Bnumber%5D=1"),
        (json!({ "flag": true }), 0, "metadata%5Bflag%5D=true"),
    ] {
        let filter = RecordingFilter::new().metadata(&metadata);
        assert_eq!(found(&emulator, &fishjam, filter).await?, (count, query.to_owned()), "{metadata}");
    }

    let newest = fishjam.get_all_recordings(RecordingFilter::new()).await?.pop().context("no recording")?;
    assert!(emulator.advance_recording(newest.id.as_str()));
    for (filter, count, query) in [
        (RecordingFilter::new(), 5, ""),
        (RecordingFilter::new().status(RecordingStatus::Active), 4, "status=active"),
        (RecordingFilter::new().status(RecordingStatus::Finished), 1, "status=finished"),
        (RecordingFilter::new().status(RecordingStatus::Failed), 0, "status=failed"),
        (
            RecordingFilter::new().metadata(json!({ "class": "a" })).status(RecordingStatus::Active),
            1,
            "status=active&metadata%5Bclass%5D=a",
        ),
    ] {
        assert_eq!(found(&emulator, &fishjam, filter).await?, (count, query.to_owned()));
    }
    let later = RecordingFilter::new().status(RecordingStatus::Unknown("archived".to_owned()));
    assert_eq!(fishjam.get_all_recordings(later).await.unwrap_err().kind(), ErrorKind::BadRequest);
    assert_eq!(last(&emulator, "list_recordings").query(), Some("status=archived"));
    Ok(())
}

#[tokio::test]
async fn recording_can_be_stopped_and_then_deleted() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder().manual_recordings()).await?;
    let recording = fishjam.create_composition_recording(of_output()).await?;
    let error = fishjam.delete_recording(&recording.id).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Conflict, Some("delete_recording")));

    let stopped = fishjam.stop_recording(&recording.id).await?;
    let request = last(&emulator, "stop_recording");
    assert_eq!((request.method(), request.body()), ("POST", &b""[..]));
    assert_eq!(request.path(), format!("/recordings/{}/stop", recording.id));
    assert_eq!((&stopped.id, &stopped.status), (&recording.id, &RecordingStatus::Active));

    for status in [RecordingStatus::Finished, RecordingStatus::Available] {
        assert!(emulator.advance_recording(recording.id.as_str()));
        let seen = fishjam.get_recording(&recording.id).await?;
        assert_eq!(seen.status, status);
        assert_eq!(seen.files.is_empty(), status != RecordingStatus::Available);
        assert!(seen.files.iter().all(|file| file.url.starts_with("http")));
        assert_eq!(fishjam.stop_recording(&recording.id).await?, seen);
    }
    fishjam.delete_recording(&recording.id).await?;
    let request = last(&emulator, "delete_recording");
    assert_eq!((request.method(), request.path()), ("DELETE", format!("/recordings/{}", recording.id).as_str()));
    assert!(fishjam.get_recording(&recording.id).await.unwrap_err().is_not_found());
    Ok(())
}

#[tokio::test]
async fn recordings_of_another_server_version_are_read() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    for _ in 0..3 {
        fishjam.create_composition_recording(of_output()).await?;
    }
    let hologram = json!({ "hologramURL": "u", "depth": { "near": 1 } });
    emulator.faults().on("list_recordings").patch_json({
        let hologram = hologram.clone();
        move |response| {
            response["data"][0].as_object_mut().map(|recording| recording.remove("files"));
            response["data"][1]["status"] = json!("archived");
            response["data"][1]["source"]["tomorrow"] = json!(1);
            response["data"][2]["source"] = hologram.clone();
        }
    });
    let recordings = fishjam.get_all_recordings(RecordingFilter::new()).await?;
    assert!(recordings[0].files.is_empty());
    assert_eq!(recordings[1].status, RecordingStatus::Unknown("archived".to_owned()));
    assert!(matches!(&recordings[1].source, RecordingSource::Composition(source) if source.output_id == "o"));
    let RecordingSource::Unknown(source) = &recordings[2].source else { panic!("{recordings:?}") };
    assert_eq!(Value::Object(source.clone()), hologram);
    Ok(())
}

#[tokio::test]
async fn recording_refusals_have_the_servers_message() -> anyhow::Result<()> {
    let (_emulator, fishjam) = start(Emulator::builder()).await?;
    let template = |size: usize| of_template(Template::from_bytes("t.js", vec![b'x'; size]));
    fishjam.create_template_recording(template(1_048_576)).await?;
    for error in [
        fishjam.create_template_recording(template(1_048_577)).await.unwrap_err(),
        fishjam.create_template_recording(template(0)).await.unwrap_err(),
        fishjam.create_template_recording(template(1).resolution(0, 720)).await.unwrap_err(),
        fishjam.create_composition_recording(of_output().scale_ratio(0.0)).await.unwrap_err(),
        fishjam
            .create_composition_recording(CompositionRecordingOptions::new("https://no-slash", "o"))
            .await
            .unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.operation()), (ErrorKind::BadRequest, Some("create_recording")), "{error}");
    }
    for error in [fishjam.get_recording("gone").await.unwrap_err(), fishjam.stop_recording("gone").await.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::NotFound);
    }
    // The contract lists no 404 here, and the service sends none.
    fishjam.delete_recording("gone").await?;
    Ok(())
}

#[tokio::test]
async fn invalid_recording_input_sends_no_request() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let filter = |metadata: Value| RecordingFilter::new().metadata(metadata);
    let template = || Template::from_bytes("t.js", "x");
    for error in [
        fishjam.create_composition_recording(of_output().metadata(json!("text"))).await.unwrap_err(),
        fishjam.create_composition_recording(of_output().scale_ratio(f64::NAN)).await.unwrap_err(),
        fishjam.create_template_recording(of_template(template()).metadata(json!([1]))).await.unwrap_err(),
        fishjam.create_template_recording(of_template(Template::from_bytes("", "x"))).await.unwrap_err(),
        fishjam.get_all_recordings(filter(json!("text"))).await.unwrap_err(),
        fishjam.get_all_recordings(filter(json!({ "a": ["b"] }))).await.unwrap_err(),
        fishjam.get_all_recordings(filter(json!({ "": "b" }))).await.unwrap_err(),
        fishjam.get_all_recordings(filter(json!({ "a][b": "c" }))).await.unwrap_err(),
        fishjam.get_recording("..").await.unwrap_err(),
        fishjam.stop_recording("a/b").await.unwrap_err(),
        fishjam.delete_recording("").await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0), "{error}");
    }
    let unreadable = of_template(Template::from_path("no/such/file.js"));
    let error = fishjam.create_template_recording(unreadable).await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Setup, 0), "{error}");
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}

#[tokio::test]
async fn contents_and_filters_are_not_printed() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let options = of_template(Template::from_bytes("t.js", "sentinel"));
    assert!(!debugged(&options).contains("sentinel"));
    emulator.faults().on("*").always().status(500);
    for error in [
        fishjam.create_template_recording(options).await.unwrap_err(),
        fishjam
            .get_all_recordings(RecordingFilter::new().metadata(json!({ "sentinel": "sentinel" })))
            .await
            .unwrap_err(),
    ] {
        assert!(!format!("{error} {}", debugged(&error)).contains("sentinel"), "{error:?}");
    }
    let (listener, url) = fishjam_tests::support::silent().await?;
    let slow =
        FishjamClient::builder(url, "token").request_timeout(Duration::from_millis(50)).max_attempts(1).build()?;
    let filter = RecordingFilter::new().metadata(json!({ "sentinel": "sentinel" }));
    let _clock = fishjam_tests::clock::SteppedClock::start(Duration::from_millis(5));
    let error = slow.get_all_recordings(filter).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(!format!("{error} {}", debugged(&error)).contains("sentinel"), "{error:?}");
    drop(listener);
    Ok(())
}
