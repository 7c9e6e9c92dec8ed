use fishjam_api::fishjam::enums::RecordingStatus;
use serde_json::{Value, json};

use super::*;
use crate::error::ErrorKind;

fn sent(config: fishjam_api::fishjam::types::RecordingConfig) -> Value {
    serde_json::to_value(config).unwrap()
}

const COMPOSITION: &str = "https://h/api/composition/c";

#[test]
fn unset_option_is_not_sent() {
    let bare = CompositionRecordingOptions::new(COMPOSITION, "o");
    let source = json!({ "compositionURL": COMPOSITION, "outputId": "o" });
    assert_eq!(sent(bare.clone().into_wire().unwrap()), json!({ "source": source }));
    let full = bare.scale_ratio(0.5).metadata(json!({ "a": { "b": null } }));
    let source = json!({ "compositionURL": COMPOSITION, "outputId": "o", "scaleRatio": 0.5 });
    let expected = json!({ "source": source, "metadata": { "a": { "b": null } } });
    assert_eq!(sent(full.into_wire().unwrap()), expected);

    let bare = TemplateRecordingOptions::new(COMPOSITION, Template::from_bytes("t.js", "t"));
    let (config, _) = bare.clone().into_parts().unwrap();
    assert_eq!(sent(config), json!({ "source": { "compositionURL": COMPOSITION } }));
    let (config, _) = bare.audio(false).resolution(640, 480).metadata(json!({})).into_parts().unwrap();
    let resolution = json!({ "width": 640, "height": 480 });
    let source = json!({ "compositionURL": COMPOSITION, "audio": false, "resolution": resolution });
    assert_eq!(sent(config), json!({ "source": source, "metadata": {} }));
}

#[test]
fn option_without_json_is_refused() {
    let options = CompositionRecordingOptions::new(COMPOSITION, "o");
    for refused in [
        options.clone().scale_ratio(f64::NAN),
        options.clone().scale_ratio(f64::INFINITY),
        options.metadata(json!("text")),
    ] {
        let error = refused.into_wire().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        let setter = error.message().is_some_and(|message| {
            message.starts_with("invalid scale_ratio: ") || message.starts_with("invalid metadata: ")
        });
        assert!(setter, "{error}");
    }
    assert!(RecordingFilter::new().metadata(json!([])).into_parts().is_err());
}

#[test]
fn each_source_is_recognized_or_kept() {
    let source = |source: Value| {
        let recording = json!({ "id": "r", "status": "paused", "source": source, "metadata": null, "more": 1 });
        let recording: Recording = serde_json::from_value(recording).unwrap();
        assert_eq!(recording.status, RecordingStatus::Unknown("paused".to_owned()));
        assert_eq!((recording.metadata, recording.files), (None, vec![]));
        recording.source
    };
    let RecordingSource::Composition(composition) =
        source(json!({ "compositionURL": "u", "outputId": "o", "scaleRatio": 2, "more": 1 }))
    else {
        panic!("not a composition")
    };
    assert_eq!((composition.composition_url.as_str(), composition.output_id.as_str()), ("u", "o"));
    assert_eq!((composition.scale_ratio, composition.extra().get("more")), (Some(2.0), Some("1")));
    let template = |value| match source(value) {
        RecordingSource::Template(template) => template,
        other => panic!("not a template: {other:?}"),
    };
    let sized =
        template(json!({ "compositionURL": "u", "audio": true, "resolution": { "width": 2, "height": 1, "more": 1 } }));
    let size = sized.resolution.unwrap();
    assert_eq!((sized.audio, size.width, size.height, size.extra().get("more")), (Some(true), 2, 1, Some("1")));
    assert_eq!(template(json!({ "compositionURL": "u", "audio": true })).resolution, None);
    let hologram = json!({ "hologramURL": "u", "depth": { "near": 1 } });
    assert_eq!(source(hologram.clone()), RecordingSource::Unknown(hologram.as_object().unwrap().clone()));
}

#[tokio::test]
async fn template_is_read_from_bytes_or_file() {
    let bundle = Template::from_bytes("t.js", "content").read().await.unwrap();
    assert_eq!((bundle.file_name.as_str(), &*bundle.content), ("t.js", &b"content"[..]));

    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
    let bundle = Template::from_path(&path).read().await.unwrap();
    assert_eq!((bundle.file_name.as_str(), &*bundle.content), ("Cargo.toml", &*std::fs::read(&path).unwrap()));

    for (template, kind, why) in [
        (Template::from_path("no/such/template.js"), ErrorKind::Setup, "failed to read the template"),
        (Template::from_path("/"), ErrorKind::Setup, "is not a file"),
        (Template::from_bytes("", "content"), ErrorKind::InvalidInput, "file name"),
    ] {
        let error = template.read().await.err().unwrap();
        assert_eq!(error.kind(), kind);
        assert!(error.to_string().contains(why), "{error}");
    }
}

#[test]
fn debug_does_not_print_template_content() {
    let options = TemplateRecordingOptions::new(COMPOSITION, Template::from_bytes("t.js", "sentinel"));
    assert!(!format!("{options:?}").contains("sentinel"));
}
