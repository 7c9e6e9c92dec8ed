//! Wrong settings, and servers that misbehave.

use anyhow::Result;
use fake_models::FakeModel;
use futures_util::{SinkExt, StreamExt};
use model_bridge::{Error, gemini, openai};
use tokio::net::TcpListener;
use tokio_tungstenite::{accept_async, tungstenite::Message};

use super::{KEY, next};

async fn servers() -> Result<(FakeModel, FakeModel)> {
    Ok((FakeModel::gemini(KEY, |_| None).await?, FakeModel::openai(KEY, |_| None).await?))
}

#[tokio::test]
async fn wrong_key_is_an_error_without_the_key() -> Result<()> {
    let (gemini, openai) = servers().await?;
    let wrong = "wrong-key-9876";
    let closed = gemini::Options::new(wrong).url(gemini.url()).connect().await.unwrap_err();
    assert!(matches!(closed, Error::Closed { code: 1007, .. }), "{closed:?}");
    let rejected = openai::Options::new(wrong).url(openai.url()).connect().await.unwrap_err();
    assert_eq!(rejected, Error::Rejected(401));
    for error in [closed, rejected] {
        assert!(!format!("{error:?} {error}").contains(wrong), "{error:?}");
    }
    Ok(())
}

#[test]
fn key_is_not_in_debug() {
    let options = [
        format!("{:?}", gemini::Options::new(KEY).instructions("private")),
        format!("{:?}", openai::Options::new(KEY).instructions("private")),
    ];
    for debug in options {
        assert!(!debug.contains(KEY) && !debug.contains("private") && debug.contains("[API key]"), "{debug}");
    }
}

#[tokio::test]
async fn invalid_settings_are_errors_before_connecting() {
    let errors = [
        gemini::Options::new("").connect().await,
        gemini::Options::new("line\nbreak").connect().await,
        gemini::Options::new(KEY).url("not a URL").connect().await,
        gemini::Options::new(KEY).url("https://example.com/live").connect().await,
        // The key must not be sent without TLS.
        gemini::Options::new(KEY).url("ws://example.com/live").connect().await,
        openai::Options::new(KEY).url("wss://example.com/?key=1").connect().await,
        openai::Options::new(KEY).model("a&b").connect().await,
    ];
    for error in errors {
        assert!(matches!(error, Err(Error::Invalid(_))), "{error:?}");
    }
}

#[tokio::test]
async fn unreachable_server_is_a_connection_error() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/v1/realtime", listener.local_addr()?);
    drop(listener);
    let error = openai::Options::new(KEY).url(&url).connect().await.unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn server_without_tls_is_a_connection_error_for_wss() -> Result<()> {
    let (_gemini, openai) = servers().await?;
    let url = openai.url().replace("ws://", "wss://");
    let error = openai::Options::new(KEY).url(&url).connect().await.unwrap_err();
    assert!(matches!(error, Error::Connection(_)), "{error:?}");
    Ok(())
}

#[tokio::test]
async fn refused_settings_fail_the_connection() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let url = format!("ws://{}/v1/realtime", listener.local_addr()?);
    let serving = tokio::spawn(async move {
        let mut socket = accept_async(listener.accept().await?.0).await?;
        let _settings = socket.next().await;
        let error = r#"{"type":"error","error":{"type":"invalid_request_error","message":"no such voice"}}"#;
        socket.send(Message::text(error)).await?;
        anyhow::Ok(())
    });
    let error = openai::Options::new(KEY).url(&url).voice("nobody").connect().await.unwrap_err();
    assert_eq!(error, Error::Server("no such voice".to_owned()));
    serving.await?
}

#[tokio::test]
async fn audio_that_ends_within_a_sample_is_an_error() -> Result<()> {
    let (gemini, _openai) = servers().await?;
    let mut model = gemini::Options::new(KEY).url(gemini.url()).connect().await?;
    assert!(matches!(model.send_audio(&[0]).await, Err(Error::Invalid(_))));
    model.send_audio(&[]).await?;
    assert_eq!(gemini.violations(), Vec::<String>::new());
    Ok(())
}

#[tokio::test]
async fn broken_messages_end_the_session() -> Result<()> {
    let (gemini, openai) = servers().await?;
    let oversized = format!("{{\"x\":\"{}\"}}", "y".repeat(5 * 1024 * 1024));
    let wrong_type = r#"{"serverContent":7,"type":7}"#;
    let audio = r#"{"serverContent":{"modelTurn":{"parts":[{"inlineData":{"mimeType":"audio/pcm","data":"!"}}]}},
        "type":"response.output_audio.delta","response_id":"r","item_id":"i","delta":"!"}"#;
    for (number, message) in ["not JSON", "", wrong_type, audio, &oversized].into_iter().enumerate() {
        let models = [
            gemini::Options::new(KEY).url(gemini.url()).connect().await?,
            openai::Options::new(KEY).url(openai.url()).connect().await?,
        ];
        for (mut model, server) in models.into_iter().zip([&gemini, &openai]) {
            server.session(number).await.garbage(message);
            let error = next(&mut model).await.unwrap_err();
            assert!(matches!(error.downcast_ref(), Some(Error::Protocol(_))), "{number}: {error:?}");
            assert!(model.receive().await.is_none(), "an error is the last event");
        }
    }
    Ok(())
}

#[tokio::test]
async fn end_of_the_connection_has_its_reason() -> Result<()> {
    let (gemini, openai) = servers().await?;
    let models = [
        gemini::Options::new(KEY).url(gemini.url()).connect().await?,
        openai::Options::new(KEY).url(openai.url()).connect().await?,
    ];
    for (mut model, server) in models.into_iter().zip([&gemini, &openai]) {
        server.session(0).await.close(1008, &format!("quota of {KEY} exceeded"));
        let error = next(&mut model).await.unwrap_err();
        let expected = Error::Closed { code: 1008, reason: "quota of [API key] exceeded".to_owned() };
        assert_eq!(error.downcast_ref(), Some(&expected));
        assert!(model.receive().await.is_none());
    }

    let mut model = openai::Options::new(KEY).url(openai.url()).connect().await?;
    openai.session(1).await.lose();
    let error = next(&mut model).await.unwrap_err();
    assert!(matches!(error.downcast_ref(), Some(Error::Connection(_))), "{error:?}");

    let mut model = openai::Options::new(KEY).url(openai.url()).connect().await?;
    openai.session(2).await.close(1000, "");
    assert!(model.receive().await.is_none(), "a normal end is not an error");
    Ok(())
}
