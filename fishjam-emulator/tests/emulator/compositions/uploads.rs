//! Uploads: templates and fonts.

use serde_json::{Value, json};

use super::{COMPOSITION, Client, audio_output, video_output, view};
use crate::client::http;

const JSON_PART: &str = "\r\nContent-Type: application/json";

/// A part: its name with further parameters and headers, and its content.
type Part<'a> = (&'a str, &'a str, &'a [u8]);

/// Sends a multipart body. Returns the status and the JSON body.
async fn upload(client: &Client, path: &str, parts: &[Part<'_>]) -> (u16, Value) {
    let mut body = Vec::new();
    for (name, more, content) in parts {
        let head = format!("--edge\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
        body.extend([head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend(b"--edge--\r\n");
    send(client, path, "multipart/form-data; boundary=edge", body).await
}

async fn send(client: &Client, path: &str, content_type: &str, body: Vec<u8>) -> (u16, Value) {
    let request = http().post(format!("{}{COMPOSITION}/{}/{path}", client.emulator.origin(), client.id));
    let request = request.bearer_auth(client.emulator.token()).header("content-type", content_type).body(body);
    let response = request.send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn template_output_is_registered() {
    let client = Client::start().await;
    let config = video_output(&view()).to_string();
    let parts = [
        ("config", JSON_PART, config.as_bytes()),
        ("template", "; filename=\"template.js\"\r\nContent-Type: text/javascript", b"export default 1"),
    ];
    assert_eq!(upload(&client, "output/o/template", &parts).await, (200, json!({})));
    let output = client.state().outputs.remove(0);
    let template = output.template.unwrap();
    assert_eq!((template.file_name.as_str(), template.length), ("template.js", 16));
    assert_eq!(output.scene, Some(json!({ "root": view() })));
    let request = client.emulator.journal().requests_for("register_template_output").pop().unwrap();
    assert_eq!(request.parts().unwrap()[1].body, b"export default 1");

    // The template renders the output, so updates have no effect.
    let update = json!({ "video": { "root": { "type": "view", "id": "new" } } });
    assert_eq!(client.ok("output/o/update", update).await, json!({}));
    assert_eq!(client.state().outputs[0].scene, Some(json!({ "root": view() })));
    assert_eq!(upload(&client, "output/o/template", &parts).await.0, 409);
    client.ok("output/o/unregister", json!({})).await;
    assert!(client.state().outputs.is_empty());
}

#[tokio::test]
async fn template_is_checked() {
    let client = Client::start().await;
    let valid = audio_output().to_string();
    let (largest, too_large, huge) = (vec![b'x'; 1_000_000], vec![b'x'; 1_000_001], vec![b'x'; 8_100_000]);
    let file = "; filename=\"t.js\"";
    let config = |content: &'static str| ("config", JSON_PART, content.as_bytes());
    let good = ("config", JSON_PART, valid.as_bytes());
    let template = ("template", file, &b"x"[..]);
    for (number, (parts, expected)) in [
        (vec![good, ("template", file, &largest)], 200),
        (vec![template, good], 200),
        (vec![good, ("template", file, &too_large)], 400),
        (vec![good, ("template", file, &huge)], 400),
        (vec![good, ("template", file, b"")], 400),
        (vec![good, ("template", "", b"x")], 400),
        (vec![good], 400),
        (vec![template], 400),
        (vec![("config", "", valid.as_bytes()), template], 400),
        (vec![("config", "; filename=\"blob\"\r\nContent-Type: application/json", valid.as_bytes()), template], 200),
        (vec![config("{"), template], 400),
        (vec![config("{}"), template], 400),
        (vec![config(r#"{"type":"rtmp_client","url":"rtmp://host/a/b"}"#), template], 400),
        (vec![], 400),
    ]
    .into_iter()
    .enumerate()
    {
        let (status, body) = upload(&client, &format!("output/{number}/template"), &parts).await;
        assert_eq!((status, body.get("message").is_some()), (expected, expected != 200), "{number}: {body}");
    }
    assert_eq!(client.state().outputs.len(), 3);
    assert_eq!(send(&client, "output/o/template", "application/json", valid.into()).await.0, 400);
}

#[tokio::test]
async fn font_is_registered_without_a_check_of_its_content() {
    let client = Client::start().await;
    let (largest, too_large, huge) = (vec![0; 2_097_152], vec![0; 2_097_153], vec![0; 8_100_000]);
    for (parts, expected) in [
        (vec![("font", "; filename=\"a.ttf\"\r\nContent-Type: font/ttf", &b"garbage"[..])], 200),
        (vec![("font", "; filename=\"a.ttf\"", &b""[..])], 200),
        (vec![("font", "; filename=\"large\"", &largest)], 200),
        (vec![("font", "; filename=\"large\"", &too_large)], 400),
        (vec![("font", "; filename=\"large\"", &huge)], 400),
        (vec![("font", "", &b"x"[..])], 400),
        (vec![("file", "; filename=\"a\"", &b"x"[..])], 400),
    ] {
        let (status, body) = upload(&client, "font/register", &parts).await;
        assert_eq!((status, body == json!({})), (expected, expected == 200), "{body}");
    }
    let fonts: Vec<_> = client.state().fonts.into_iter().map(|font| (font.file_name, font.length)).collect();
    assert_eq!(fonts, [("a.ttf".to_owned(), 7), ("a.ttf".to_owned(), 0), ("large".to_owned(), 2_097_152)]);
    assert_eq!(send(&client, "font/register", "font/ttf", b"x".to_vec()).await.0, 400);
}
