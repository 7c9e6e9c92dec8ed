use serde_json::json;

use super::*;
use crate::error::ErrorKind;

fn sent(config: types::RecordingConfig) -> Value {
    serde_json::to_value(config).unwrap()
}

const COMPOSITION: &str = "https://h/api/composition/c";

#[test]
fn unset_option_is_not_sent() {
    let bare = CompositionRecordingOptions::new(COMPOSITION, "o");
    let source = json!({ "compositionURL": COMPOSITION, "outputId": "o" });
    assert_eq!(sent(bare.clone().try_into().unwrap()), json!({ "source": source }));
    let full = bare.scale_ratio(0.5).metadata(json!({ "a": { "b": null } }));
    let source = json!({ "compositionURL": COMPOSITION, "outputId": "o", "scaleRatio": 0.5 });
    let expected = json!({ "source": source, "metadata": { "a": { "b": null } } });
    assert_eq!(sent(full.try_into().unwrap()), expected);

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
        let error = types::RecordingConfig::try_from(refused).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
    }
    assert!(RecordingFilter::new().metadata(json!([])).into_parts().is_err());
}

#[test]
fn each_source_is_recognized_or_kept() {
    let source = |source: Value| {
        let recording = json!({ "id": "r", "status": "paused", "source": source, "metadata": null, "more": 1 });
        let recording = Recording::from(serde_json::from_value::<types::Recording>(recording).unwrap());
        assert_eq!(recording.status, RecordingStatus::Unknown("paused".to_owned()));
        assert_eq!((recording.metadata, recording.files), (None, vec![]));
        recording.source
    };
    assert_eq!(
        source(json!({ "compositionURL": "u", "outputId": "o", "scaleRatio": 2, "more": 1 })),
        RecordingSource::Composition(CompositionSource {
            composition_url: "u".to_owned(),
            output_id: "o".to_owned(),
            scale_ratio: Some(2.0),
        })
    );
    let template = |resolution| {
        RecordingSource::Template(TemplateSource { composition_url: "u".to_owned(), audio: Some(true), resolution })
    };
    assert_eq!(
        source(json!({ "compositionURL": "u", "audio": true, "resolution": { "width": 2, "height": 1, "more": 1 } })),
        template(Some(TemplateSourceResolution { width: 2, height: 1 }))
    );
    assert_eq!(source(json!({ "compositionURL": "u", "audio": true })), template(None));
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
