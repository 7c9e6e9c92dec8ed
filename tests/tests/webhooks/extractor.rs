//! The extractor: the same responses, with the application's own handler and state.

use std::time::Duration;

use axum::{
    Router,
    body::Body,
    extract::{FromRef, FromRequest, Request, State},
    http::StatusCode,
    response::IntoResponse,
    routing::post,
};
use fishjam_sdk::webhook::{
    SIGNATURE_HEADER, VerifiedNotifications, WebhookOptions, WebhookReceiver, WebhookRejection, sign_webhook,
};

use crate::{SECRET, batch, body, connected, created, lines, server::Server};

async fn list(VerifiedNotifications(notifications): VerifiedNotifications) -> String {
    lines(&notifications).join("; ")
}

#[tokio::test]
async fn the_receiver_can_be_the_state() -> anyhow::Result<()> {
    let receiver = WebhookReceiver::with_options([SECRET], WebhookOptions::new().body_limit(64))?;
    let server = Server::start(Router::new().route("/fishjam", post(list)).with_state(receiver)).await?;
    let delivery = batch([created("r"), connected("r", "p")]);
    let signature = sign_webhook(&delivery, SECRET);

    let response = server.post(&[(SIGNATURE_HEADER, &signature)], &delivery).await?;
    assert_eq!(response.status, 200);
    assert!(response.text.ends_with("room_created room=r; peer_connected room=r peer=p"), "{}", response.text);

    assert_eq!(server.post(&[], &delivery).await?.status, 401);
    assert_eq!(server.post(&[(SIGNATURE_HEADER, &signature)], &body(created("s"))).await?.status, 401);
    assert_eq!(server.deliver(b"\xff").await?, 400);
    assert_eq!(server.deliver(&[0xff; 65]).await?, 413);
    assert_eq!(server.request("GET", &[], b"").await?.status, 405);
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn missing_body_times_out() -> anyhow::Result<()> {
    for (receiver, seconds) in [
        (WebhookReceiver::new([SECRET])?, 10),
        (WebhookReceiver::with_options([SECRET], WebhookOptions::new().body_timeout(Duration::from_secs(2)))?, 2),
    ] {
        let never = futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>();
        let request = Request::post("/fishjam").header(SIGNATURE_HEADER, sign_webhook(b"", SECRET));
        let began = tokio::time::Instant::now();
        let response = VerifiedNotifications::from_request(request.body(Body::from_stream(never))?, &receiver).await;
        assert_eq!(response.unwrap_err().status(), 408);
        assert_eq!(began.elapsed().as_secs(), seconds);
    }
    Ok(())
}

#[derive(Clone)]
struct Application {
    receiver: WebhookReceiver,
    name: &'static str,
}

impl FromRef<Application> for WebhookReceiver {
    fn from_ref(application: &Application) -> Self {
        application.receiver.clone()
    }
}

#[tokio::test]
async fn receiver_can_be_part_of_the_state() -> anyhow::Result<()> {
    let handler = async |State(application): State<Application>,
                         delivery: Result<VerifiedNotifications, WebhookRejection>| match delivery {
        Ok(delivery) => format!("{}: {}", application.name, lines(&delivery.0).join("; ")).into_response(),
        Err(rejection) => {
            let status = StatusCode::from_u16(rejection.status()).unwrap();
            (status, format!("{}: {rejection}", application.name)).into_response()
        }
    };
    let application = Application { receiver: WebhookReceiver::new([SECRET])?, name: "application" };
    let server = Server::start(Router::new().route("/fishjam", post(handler)).with_state(application)).await?;

    let delivery = body(created("r"));
    let response = server.post(&[(SIGNATURE_HEADER, &sign_webhook(&delivery, SECRET))], &delivery).await?;
    assert!(response.text.ends_with("application: room_created room=r"), "{}", response.text);
    let response = server.post(&[], &delivery).await?;
    assert_eq!(response.status, 401);
    assert!(response.text.contains("application: unauthorized: missing header"), "{}", response.text);
    Ok(())
}
