//! The JSON of an event: reads what the server sends, and writes the same form.

use fishjam_api::{RawJson, UnknownMembers, with_unknown_members};
use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, IgnoredAny},
    ser::SerializeMap,
};

use super::event::{CompositionEvent, ErrorSeverity, InputEvent, MediaKind, OutputDone, OutputError, UnknownEvent};
use crate::{
    extra::Extra,
    id::composition::{InputId, OutputId},
    json_error::read_unquoted,
    json_text::Nested,
    metadata::Metadata,
};

#[derive(Deserialize)]
struct AnyEvent {
    #[serde(rename = "type")]
    kind: String,
}

#[derive(Deserialize)]
struct InputMembers {
    #[serde(rename = "type")]
    _kind: IgnoredAny,
    input_id: InputId,
}

#[derive(Deserialize)]
struct DoneMembers {
    #[serde(rename = "type")]
    _kind: IgnoredAny,
    output_id: OutputId,
}

#[derive(Deserialize)]
struct ErrorMembers {
    #[serde(rename = "type")]
    _kind: IgnoredAny,
    output_id: OutputId,
    severity: String,
    err: Option<String>,
    stack: Option<Vec<String>>,
}

/// Decodes a struct of members, and collects the unknown ones.
fn members<'de, T: Deserialize<'de>>(json: &'de str) -> serde_json::Result<(T, Extra)> {
    let mut json = serde_json::Deserializer::from_str(json);
    let (members, extra): (T, UnknownMembers) = with_unknown_members(&mut json, |members| read_unquoted(members))?;
    json.end()?;
    Ok((members, Extra::new(extra)))
}

/// Creates an event about an input.
type OfInput = fn(InputEvent) -> CompositionEvent;

impl CompositionEvent {
    /// Decodes the JSON of an event.
    pub(super) fn from_json(json: &str) -> serde_json::Result<Self> {
        use MediaKind::{Audio, Video};
        let AnyEvent { kind } = read_unquoted(&mut serde_json::Deserializer::from_str(json))?;
        let (event, kind): (OfInput, MediaKind) = match kind.as_str() {
            "AUDIO_INPUT_DELIVERED" => (Self::InputDelivered, Audio),
            "VIDEO_INPUT_DELIVERED" => (Self::InputDelivered, Video),
            "AUDIO_INPUT_PLAYING" => (Self::InputPlaying, Audio),
            "VIDEO_INPUT_PLAYING" => (Self::InputPlaying, Video),
            "AUDIO_INPUT_PAUSED" => (Self::InputPaused, Audio),
            "VIDEO_INPUT_PAUSED" => (Self::InputPaused, Video),
            "AUDIO_INPUT_EOS" => (Self::InputEnded, Audio),
            "VIDEO_INPUT_EOS" => (Self::InputEnded, Video),
            "OUTPUT_DONE" => {
                let (DoneMembers { output_id, .. }, extra) = members(json)?;
                return Ok(Self::OutputDone(OutputDone { output_id, extra }));
            }
            "OUTPUT_ERROR" => {
                let (ErrorMembers { output_id, severity, err, stack, .. }, extra) = members(json)?;
                let severity = ErrorSeverity::from_server(severity);
                let causes = stack.unwrap_or_default();
                return Ok(Self::OutputError(OutputError { output_id, severity, message: err, causes, extra }));
            }
            _ => {
                // The other members are not checked, but the whole text must be JSON.
                serde_json::from_str::<IgnoredAny>(json)?;
                return Ok(Self::Unknown(UnknownEvent { kind, json: Metadata::new(json) }));
            }
        };
        let (InputMembers { input_id, .. }, extra) = members(json)?;
        Ok(event(InputEvent { input_id, kind, extra }))
    }

    fn extra(&self) -> Option<&Extra> {
        match self {
            Self::OutputDone(output) => Some(output.extra()),
            Self::OutputError(error) => Some(error.extra()),
            other => other.input().map(InputEvent::extra),
        }
    }
}

impl Serialize for CompositionEvent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if let Self::Unknown(unknown) = self {
            return unknown.json.serialize(serializer);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("type", self.name())?;
        if let Some(input) = self.input_id() {
            map.serialize_entry("input_id", input)?;
        }
        if let Some(output) = self.output_id() {
            map.serialize_entry("output_id", output)?;
        }
        if let Self::OutputError(error) = self {
            map.serialize_entry("severity", error.severity.as_str())?;
            if let Some(message) = &error.message {
                map.serialize_entry("err", message)?;
            }
            if !error.causes.is_empty() {
                map.serialize_entry("stack", &error.causes)?;
            }
        }
        for (name, json) in self.extra().into_iter().flat_map(Extra::iter) {
            map.serialize_entry(name, &Nested(json))?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for CompositionEvent {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = RawJson::deserialize(deserializer)?;
        Self::from_json(json.get()).map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::*;
    use crate::events::Event;

    #[test]
    fn event_has_the_form_of_the_server() {
        for (json, line) in [
            (json!({ "type": "AUDIO_INPUT_DELIVERED", "input_id": "a" }), "AUDIO_INPUT_DELIVERED input=a"),
            (json!({ "type": "VIDEO_INPUT_DELIVERED", "input_id": "a" }), "VIDEO_INPUT_DELIVERED input=a"),
            (json!({ "type": "AUDIO_INPUT_PLAYING", "input_id": "a" }), "AUDIO_INPUT_PLAYING input=a"),
            (json!({ "type": "VIDEO_INPUT_PLAYING", "input_id": "a" }), "VIDEO_INPUT_PLAYING input=a"),
            (json!({ "type": "AUDIO_INPUT_PAUSED", "input_id": "a" }), "AUDIO_INPUT_PAUSED input=a"),
            (json!({ "type": "VIDEO_INPUT_PAUSED", "input_id": "a" }), "VIDEO_INPUT_PAUSED input=a"),
            (json!({ "type": "AUDIO_INPUT_EOS", "input_id": "a" }), "AUDIO_INPUT_EOS input=a"),
            (json!({ "type": "VIDEO_INPUT_EOS", "input_id": "a\n" }), "VIDEO_INPUT_EOS input=a "),
            (json!({ "type": "OUTPUT_DONE", "output_id": "o", "at": { "ms": [1] } }), "OUTPUT_DONE output=o"),
            (
                json!({
                    "type": "OUTPUT_ERROR", "output_id": "o", "severity": "critical", "err": "no\npeer",
                    "stack": ["a", "b"], "code": 7,
                }),
                "OUTPUT_ERROR output=o severity=critical message=no peer",
            ),
            (
                json!({ "type": "OUTPUT_ERROR", "output_id": "o", "severity": "mild" }),
                "OUTPUT_ERROR output=o severity=mild",
            ),
            (json!({ "type": "SCENE_CHANGED", "input_id": 5 }), "SCENE_CHANGED bytes=37"),
            (json!({ "type": "" }), " bytes=11"),
        ] {
            let event = CompositionEvent::from_json(&json.to_string()).unwrap();
            assert_eq!(event.to_string(), line, "{json}");
            assert_eq!(serde_json::to_value(&event).unwrap(), json);
            // Also as an item of a stream, and from a value.
            let item = json!({ "notification": json });
            let read: Event<CompositionEvent> = serde_json::from_value(item.clone()).unwrap();
            assert!(matches!(&read, Event::Notification(read) if *read == event), "{read:?}");
            assert_eq!(serde_json::to_value(&read).unwrap(), item);
        }
    }

    #[test]
    fn event_has_typed_members() {
        let json = r#"{"code":7,"type":"OUTPUT_ERROR","output_id":"o","severity":"transient","err":"e","stack":["a"]}"#;
        let CompositionEvent::OutputError(error) = CompositionEvent::from_json(json).unwrap() else { panic!() };
        assert_eq!((error.output_id.as_str(), error.severity.clone()), ("o", ErrorSeverity::Transient));
        assert_eq!((error.message.as_deref(), error.causes.as_slice()), (Some("e"), &["a".to_owned()][..]));
        assert_eq!(error.extra().get("code"), Some("7"));
        let json = r#"{"type":"AUDIO_INPUT_EOS","input_id":"i"}"#;
        let CompositionEvent::InputEnded(input) = CompositionEvent::from_json(json).unwrap() else { panic!() };
        assert_eq!((input.input_id.as_str(), input.kind), ("i", MediaKind::Audio));
        let null = r#"{"type":"OUTPUT_ERROR","output_id":"o","severity":"warning","err":null,"stack":null}"#;
        let CompositionEvent::OutputError(error) = CompositionEvent::from_json(null).unwrap() else { panic!() };
        assert_eq!((error.severity, error.message, error.causes), (ErrorSeverity::Warning, None, Vec::new()));
    }

    #[test]
    fn malformed_event_is_an_error_without_values() {
        for json in [
            "",
            "sentinel",
            "5",
            "null",
            "[]",
            "{}",
            r#"{"type":5}"#,
            r#"{"type":"AUDIO_INPUT_EOS"}"#,
            r#"{"type":"AUDIO_INPUT_EOS","input_id":["sentinel"]}"#,
            r#"{"type":"AUDIO_INPUT_EOS","input_id":"a","input_id":"sentinel"}"#,
            r#"{"type":"AUDIO_INPUT_EOS","input_id":"a"} sentinel"#,
            r#"{"type":"OUTPUT_DONE","input_id":"sentinel"}"#,
            r#"{"type":"OUTPUT_ERROR","output_id":"o"}"#,
            r#"{"type":"OUTPUT_ERROR","output_id":"o","severity":"critical","stack":"sentinel"}"#,
            r#"{"type":"NEW","a":sentinel}"#,
            r#"{"type":"NEW"} sentinel"#,
        ] {
            let error = CompositionEvent::from_json(json).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("sentinel"), "{error:?}");
            // The decoder of a value returns the same verdict.
            if let Ok(value) = serde_json::from_str::<Value>(json).map(|value| value.to_string())
                && value.len() == json.len()
            {
                assert!(serde_json::from_str::<CompositionEvent>(&value).is_err(), "{value}");
            }
        }
        let deep = format!(r#"{{"type":"NEW","a":{}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        let unknown = CompositionEvent::from_json(&deep).unwrap();
        assert!(serde_json::to_string(&unknown).is_ok() && !format!("{unknown:?}").contains("[["));
    }
    proptest! {
        #[test]
        fn read_event_is_written_back(
            kind in prop::sample::select(vec![
                "AUDIO_INPUT_PLAYING", "VIDEO_INPUT_EOS", "OUTPUT_DONE", "OUTPUT_ERROR", "NEW", "",
            ]),
            members in prop::collection::btree_map("input_id|output_id|severity|err|stack|[a-z]{1,3}", json_value(), 0..6),
        ) {
            let mut json = serde_json::to_value(&members).unwrap();
            json["type"] = kind.into();
            if let Ok(event) = CompositionEvent::from_json(&json.to_string()) {
                let mut written = serde_json::to_value(&event).unwrap();
                prop_assert_eq!(serde_json::from_value::<CompositionEvent>(written.clone()).unwrap(), event);
                // An absent message and causes are the same as null, and no causes are the same as an empty list.
                if kind == "OUTPUT_ERROR" {
                    for (name, value) in [("err", Value::Null), ("stack", Value::Null), ("stack", json!([]))] {
                        if json.get(name) == Some(&value) {
                            written[name] = value;
                        }
                    }
                }
                prop_assert_eq!(written, json);
            }
        }

        #[test]
        fn arbitrary_text_never_panics(text in "\\PC*|[\\{\\}\"a-zA-Z_:,\\[\\]0-9 ]{0,80}") {
            let _ = CompositionEvent::from_json(&text);
        }
    }

    fn json_value() -> impl Strategy<Value = Value> {
        prop_oneof![
            Just(Value::Null),
            "[a-z]{0,3}".prop_map(Value::from),
            any::<u8>().prop_map(Value::from),
            prop::collection::vec("[a-z]{0,3}", 0..3).prop_map(Value::from),
            Just(json!({ "a": [1] })),
        ]
    }
}
