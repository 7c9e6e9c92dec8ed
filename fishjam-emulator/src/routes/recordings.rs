//! Recordings of compositions and of templates.

use serde_json::{Map, Value, json};

use super::{ApiRequest, Route};
use crate::{
    http::{
        body::{self, Members},
        multipart::{self, Part},
        response::HttpResponse,
    },
    refusal::Refusal,
    service::Service,
    state::{Recording, RecordingStatus},
    wire::{Data, RecordingBody},
};

pub(super) const ROUTES: &[Route] = &[
    Route::managed("create_recording", "POST", &["recordings"], create),
    Route::managed("list_recordings", "GET", &["recordings"], list),
    Route::managed("get_recording", "GET", &["recordings", "*"], get),
    Route::managed("stop_recording", "POST", &["recordings", "*", "stop"], stop),
    Route::managed("delete_recording", "DELETE", &["recordings", "*"], delete),
];

const LONGEST_TEXT: usize = 255;
const LARGEST_TEMPLATE: usize = 1_048_576;

fn create(service: &Service, mut request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let config = match multipart::parts(&request.content_type, &request.payload) {
        Some(parts) => template_recording(parts)?,
        None => composition_recording(Members::of(request.body.take().ok_or_else(Refusal::structure)?)?)?,
    };
    let recording = service.change(|state| state.create_recording(config.source, config.metadata))?;
    Ok(details(service, 201, &recording))
}

fn list(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let status = match request.target.query_value("status") {
        None => None,
        Some(name) => Some(RecordingStatus::of(&name).ok_or_else(|| {
            body::unexpected("status", "'active', 'finished', 'available' or 'failed'", &Value::String(name))
        })?),
    };
    let metadata = match request.target.query_tree("metadata").map_err(|_| Refusal::malformed())? {
        None => Map::new(),
        Some(Value::Object(metadata)) => metadata,
        Some(other) => return Err(body::unexpected("metadata", "an object", &other)),
    };
    Ok(service.state.read(|state| {
        let wanted = |one: &&Recording| status.is_none_or(|status| one.status == status) && one.has_metadata(&metadata);
        let recordings: Vec<RecordingBody<'_>> = state
            .recordings()
            .iter()
            .filter(wanted)
            .map(|recording| RecordingBody::new(recording, &service.core.origin))
            .collect();
        HttpResponse::json(200, &Data { data: recordings })
    }))
}

fn get(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    service.state.read(|state| Ok(details(service, 200, state.recording(request.parameter(0))?)))
}

/// Stops a recording. It finishes later, so the status in the response is still `active`.
fn stop(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let recording = service.change(|state| state.stop_recording(request.parameter(0)))?;
    Ok(details(service, 200, &recording))
}

fn delete(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    service.state.write(|state| state.delete_recording(request.parameter(0)))?;
    Ok(HttpResponse::empty(204))
}

fn details(service: &Service, status: u16, recording: &Recording) -> HttpResponse {
    HttpResponse::json(status, &Data { data: RecordingBody::new(recording, &service.core.origin) })
}

/// A `RecordingConfig` whose source contains the defaults.
#[derive(Debug, PartialEq)]
struct Config {
    source: Value,
    metadata: Option<Map<String, Value>>,
}

/// Reads a JSON body, whose source must be a composition.
fn composition_recording(members: Members) -> Result<Config, Refusal> {
    config(members, |mut source| {
        if !source.has("outputId") {
            return Err(Refusal::bad_request("A template source needs multipart/form-data with a template"));
        }
        let url = composition_url(&mut source)?;
        let output = match source.take("outputId") {
            Some(Value::String(output)) => short("outputId", output)?,
            other => return Err(body::unexpected("outputId", "a string", &other.unwrap_or_default())),
        };
        let scale = match source.take("scaleRatio") {
            None => json!(1),
            Some(value) if value.as_f64().is_some_and(|scale| scale > 0.0) => value,
            Some(value) => return Err(body::unexpected("scaleRatio", "a number above 0", &value)),
        };
        source.finish()?;
        Ok(json!({ "compositionURL": url, "outputId": output, "scaleRatio": scale }))
    })
}

/// Reads a multipart body with the configuration as JSON and the template as a file.
fn template_recording(mut parts: Vec<Part>) -> Result<Config, Refusal> {
    let mut part = |name: &str| parts.iter().position(|part| part.name == name).map(|index| parts.swap_remove(index));
    let given = part("config").filter(is_json).ok_or_else(Refusal::structure)?;
    let given: Value = serde_json::from_slice(&given.body).map_err(|_| Refusal::structure())?;
    let template = part("template")
        .filter(|part| part.file_name.as_ref().is_some_and(|name| !name.is_empty()))
        .ok_or_else(|| Refusal::bad_request("Expected template to be a file"))?;
    let config = config(Members::of(given)?, |mut source| {
        if source.has("outputId") {
            return Err(Refusal::bad_request("A composition source needs application/json"));
        }
        let url = composition_url(&mut source)?;
        let audio = source.take_bool_or("audio", true)?;
        let resolution = match source.take("resolution") {
            None => json!({ "width": 1280, "height": 720 }),
            Some(value) => resolution(Members::of(value)?)?,
        };
        source.finish()?;
        Ok(json!({ "compositionURL": url, "audio": audio, "resolution": resolution }))
    })?;
    match template.body.len() {
        0 => Err(Refusal::bad_request("Invalid template")),
        1..=LARGEST_TEMPLATE => Ok(config),
        _ => Err(Refusal::bad_request(format!("Expected template to be at most {LARGEST_TEMPLATE} bytes"))),
    }
}

fn is_json(part: &Part) -> bool {
    let content_type = part.content_type.as_deref().unwrap_or_default();
    multipart::parameters(content_type).0.eq_ignore_ascii_case("application/json")
}

/// Reads a `RecordingConfig`. The given function reads the source.
fn config(mut members: Members, read: impl FnOnce(Members) -> Result<Value, Refusal>) -> Result<Config, Refusal> {
    let source = read(Members::of(members.take("source").ok_or_else(Refusal::structure)?)?)?;
    let metadata = match members.take_nullable("metadata") {
        None => None,
        Some(Value::Object(metadata)) => Some(metadata),
        Some(other) => return Err(body::unexpected("metadata", "an object", &other)),
    };
    members.finish()?;
    Ok(Config { source, metadata })
}

fn composition_url(source: &mut Members) -> Result<String, Refusal> {
    short("compositionURL", source.take_composition_url()?)
}

fn short(name: &str, text: String) -> Result<String, Refusal> {
    match text.chars().count() {
        0..=LONGEST_TEXT => Ok(text),
        length => Err(Refusal::bad_request(format!(
            "Expected {name} to be at most {LONGEST_TEXT} characters, got: {length} characters"
        ))),
    }
}

fn resolution(mut members: Members) -> Result<Value, Refusal> {
    let mut side = |name: &str| {
        let value = members.take(name).ok_or_else(Refusal::structure)?;
        match body::whole_number(&value) {
            Some(pixels @ 1..) => Ok(pixels),
            _ => Err(body::unexpected(name, "a positive integer", &value)),
        }
    };
    let (width, height) = (side("width")?, side("height")?);
    members.finish()?;
    Ok(json!({ "width": width, "height": height }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://rtc.fishjam.io/api/composition/c";

    fn source(body: Value) -> Result<Value, String> {
        composition_recording(Members::of(json!({ "source": body })).unwrap()).map(|config| config.source).map_err(text)
    }

    fn text(refusal: Refusal) -> String {
        assert_eq!(refusal.status, 400);
        format!("{:?}", refusal.errors)
    }

    #[test]
    fn composition_source_is_checked() {
        let long = "o".repeat(256);
        let long_url = format!("https://host/{}", "x".repeat(243));
        for (sent, refusal) in [
            (json!({ "compositionURL": URL, "outputId": "o" }), ""),
            (json!({ "compositionURL": URL, "outputId": "o", "scaleRatio": 0.5 }), ""),
            (json!({ "compositionURL": URL, "outputId": "ż".repeat(255) }), ""),
            (json!({ "compositionURL": URL, "outputId": long }), "outputId to be at most 255 characters"),
            (json!({ "compositionURL": long_url, "outputId": "o" }), "compositionURL to be at most 255 characters"),
            (json!({ "compositionURL": "https://host", "outputId": "o" }), "compositionURL to be valid URL"),
            (json!({ "outputId": "o" }), "structure"),
            (json!({ "compositionURL": URL, "outputId": 1 }), "outputId to be a string, got: 1"),
            (json!({ "compositionURL": URL, "outputId": "o", "scaleRatio": 0 }), "scaleRatio to be a number above 0"),
            (json!({ "compositionURL": URL, "outputId": "o", "scaleRatio": -1 }), "scaleRatio"),
            (json!({ "compositionURL": URL, "outputId": "o", "scaleRatio": null }), "scaleRatio"),
            (json!({ "compositionURL": URL, "outputId": "o", "audio": true }), "Unexpected field: audio"),
            (json!({ "compositionURL": URL }), "needs multipart/form-data"),
            (json!([]), "structure"),
        ] {
            match source(sent.clone()) {
                Ok(_) => assert_eq!(refusal, "", "{sent}"),
                Err(text) => assert!(!refusal.is_empty() && text.contains(refusal), "{sent}: {text}"),
            }
        }
        let filled = json!({ "compositionURL": URL, "outputId": "o", "scaleRatio": 1 });
        assert_eq!(source(json!({ "compositionURL": URL, "outputId": "o" })), Ok(filled));
    }

    #[test]
    fn recording_config_is_checked() {
        let source = json!({ "compositionURL": URL, "outputId": "o" });
        for (sent, accepted) in [
            (json!({ "source": source, "metadata": null }), true),
            (json!({ "source": source, "metadata": { "a": [1] } }), true),
            (json!({ "source": source, "metadata": "text" }), false),
            (json!({ "source": source, "name": "x" }), false),
            (json!({ "metadata": {} }), false),
        ] {
            assert_eq!(composition_recording(Members::of(sent.clone()).unwrap()).is_ok(), accepted, "{sent}");
        }
    }

    fn parts(source: Value, content_type: &str, file_name: Option<&str>, template: usize) -> Vec<Part> {
        let config = json!({ "source": source, "metadata": { "a": 1 } }).to_string().into_bytes();
        let part = |name: &str, file_name: Option<&str>, content_type: &str, body| Part {
            name: name.to_owned(),
            file_name: file_name.map(str::to_owned),
            content_type: Some(content_type.to_owned()),
            body,
        };
        vec![
            part("config", None, content_type, config),
            part("template", file_name, "text/javascript", vec![b'x'; template]),
        ]
    }

    #[test]
    fn template_source_is_checked() {
        let ok = json!({ "compositionURL": URL });
        let sized = json!({ "compositionURL": URL, "audio": false, "resolution": { "width": 64, "height": "48" } });
        let flat = json!({ "compositionURL": URL, "resolution": { "width": 64, "height": 0 } });
        let composition = json!({ "compositionURL": URL, "outputId": "o" });
        let json_type = "application/json; charset=utf-8";
        for (source, content_type, file_name, template, refusal) in [
            (&ok, json_type, Some("template.js"), 1, ""),
            (&ok, json_type, Some("template.js"), LARGEST_TEMPLATE, ""),
            (&ok, json_type, Some("template.js"), LARGEST_TEMPLATE + 1, "at most 1048576 bytes"),
            (&ok, json_type, Some("template.js"), 0, "Invalid template"),
            (&ok, json_type, None, 1, "template to be a file"),
            (&ok, "text/plain", Some("template.js"), 1, "structure"),
            (&sized, json_type, Some("template.js"), 1, ""),
            (&flat, json_type, Some("template.js"), 1, "height to be a positive integer, got: 0"),
            (&composition, json_type, Some("template.js"), 1, "needs application/json"),
        ] {
            match template_recording(parts(source.clone(), content_type, file_name, template)) {
                Ok(_) => assert_eq!(refusal, "", "{source}"),
                Err(given) => {
                    let given = text(given);
                    assert!(!refusal.is_empty() && given.contains(refusal), "{source}: {given}");
                }
            }
        }
        let filled = json!({ "compositionURL": URL, "audio": true, "resolution": { "width": 1280, "height": 720 } });
        let read = template_recording(parts(ok, json_type, Some("t.js"), 1)).unwrap();
        assert_eq!((read.source, read.metadata.unwrap()["a"].clone()), (filled, json!(1)));
        assert_eq!(template_recording(Vec::new()), Err(Refusal::structure()));
    }
}
