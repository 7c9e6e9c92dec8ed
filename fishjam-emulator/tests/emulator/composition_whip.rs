//! The WHIP endpoints of compositions' inputs.

use fishjam_emulator::{Emulator, MediaState, TrackKind};
use reqwest::Method;
use serde_json::json;

use crate::{
    client::http,
    composition_client::{Events, create_composition, register_whip_input, succeed},
};

/// The status, the `location`, the content type and the body of a response.
type Answer = (u16, Option<String>, String, String);

async fn send(emulator: &Emulator, method: Method, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = http().request(method, format!("{}{path}", emulator.origin())).body("v=0\r\n");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = request.send().await.unwrap();
    let header = |name: &str| response.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
    let (location, content_type) = (header("location"), header("content-type").unwrap_or_default());
    (response.status().as_u16(), location, content_type, response.text().await.unwrap())
}

#[tokio::test]
async fn whip_endpoint_checks_input_type_and_token_in_order() {
    let emulator = Emulator::start().await.unwrap();
    let composition = create_composition(&emulator).await;
    let token = register_whip_input(&emulator, &composition, "a%2F%20b").await;
    register_whip_input(&emulator, &composition, "other").await;
    let file = json!({ "type": "mp4", "url": "https://example.com/a.mp4" });
    succeed(&emulator, "POST", &format!("/{composition}/input/file/register"), Some(file)).await;
    let (valid, management) = (format!("Bearer {token}"), format!("Bearer {}", emulator.token()));
    let sdp = ("content-type", "application/sdp");
    let path = format!("/api/composition/{composition}/whip/a%2F%20b");
    let other = format!("/api/composition/{composition}/whip/other");
    for (path, headers, status) in [
        ("/api/composition/nothing/whip/cam".to_owned(), vec![], 404),
        (format!("/api/composition/{composition}/whip/cam"), vec![], 404),
        (format!("/api/composition/{composition}/whip/file"), vec![sdp, ("authorization", &valid)], 404),
        (path.clone(), vec![("authorization", valid.as_str())], 400),
        (path.clone(), vec![("content-type", "application/json"), ("authorization", &valid)], 500),
        (path.clone(), vec![("content-type", "text/plain")], 500),
        (path.clone(), vec![sdp], 401),
        (path.clone(), vec![sdp, ("authorization", &token)], 401),
        (path.clone(), vec![sdp, ("authorization", &management)], 401),
        (other, vec![sdp, ("authorization", &valid)], 401),
    ] {
        let (answer, location, content_type, text) = send(&emulator, Method::POST, &path, &headers).await;
        assert_eq!((answer, location), (status, None), "{path} {headers:?}");
        assert!(content_type.starts_with("text/plain") && !text.is_empty() && !text.contains(&token), "{text}");
    }
    let headers = [("content-type", "application/sdp; charset=utf-8"), ("authorization", &valid)];
    let (status, location, content_type, answer) = send(&emulator, Method::POST, &path, &headers).await;
    assert_eq!((status, content_type.as_str()), (201, "application/sdp"));
    assert!(answer.starts_with("v=0\r\n") && !answer.contains("m="), "{answer}");
    let location = location.unwrap();
    assert!(location.starts_with(&format!("{path}/")), "{location}");
    assert_eq!(emulator.journal().count("composition_whip"), 11);
    // Beside the connect prefix, not under it.
    let under_prefix = format!("/api/v1/connect/{}{path}", emulator.id());
    assert_eq!(send(&emulator, Method::POST, &under_prefix, &headers).await.0, 404);
}

#[tokio::test]
async fn whip_session_ends_its_media() {
    let emulator = Emulator::start().await.unwrap();
    let composition = create_composition(&emulator).await;
    let token = register_whip_input(&emulator, &composition, "cam").await;
    let mut events = Events::open(&emulator, &composition).await;
    let path = format!("/api/composition/{composition}/whip/cam");
    let bearer = format!("Bearer {token}");
    let headers = [("content-type", "application/sdp"), ("authorization", bearer.as_str())];
    let publish = async || send(&emulator, Method::POST, &path, &headers).await.1.unwrap();
    let end = async |location: &str| send(&emulator, Method::DELETE, location, &[]).await.0;
    // A newer session replaces the older one.
    let (replaced, location) = (publish().await, publish().await);
    assert_eq!(end(&replaced).await, 404);
    assert!(emulator.composition(&composition).input("cam").play());
    events.names(4).await;
    assert_eq!(end(&location).await, 200);
    assert_eq!(events.names(2).await, ["AUDIO_INPUT_EOS cam", "VIDEO_INPUT_EOS cam"]);
    assert_eq!(end(&location).await, 404);
    let input = &emulator.composition(&composition).state().unwrap().inputs[0];
    assert_eq!((input.audio, input.video), (MediaState::Ended, MediaState::Ended));
    // The client comes back. Without media, its session ends silently.
    let location = publish().await;
    assert!(emulator.composition(&composition).input("cam").set_media(TrackKind::Audio, MediaState::Delivered));
    assert_eq!(events.names(1).await, ["AUDIO_INPUT_DELIVERED cam"]);
    // The session ends with its input. A new input with the same id does not know it.
    succeed(&emulator, "POST", &format!("/{composition}/input/cam/unregister"), Some(json!({}))).await;
    assert_eq!(events.names(1).await, ["AUDIO_INPUT_EOS cam"]);
    register_whip_input(&emulator, &composition, "cam").await;
    assert_eq!(end(&location).await, 404);
    assert_eq!(end(&path).await, 404);
}
