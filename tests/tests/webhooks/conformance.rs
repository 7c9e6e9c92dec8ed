//! One suite for all endpoints: for Fishjam and for Jellyfish, as an axum route and as a tower service with hyper.

use std::{io, time::Duration};

use axum::body::Body;
use fishjam_sdk::webhook::{SIGNATURE_HEADER, WebhookOptions, sign_webhook};
use fishjam_tests::support::within;
use futures_util::stream;
use http::Request;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    sync::mpsc,
    time::Instant,
};

use crate::{
    SECRET, body, created,
    target::{Form, Handler, KINDS, Sender, Target},
};

const LIMIT: usize = 64;

/// A handler that reports each line. A room's name can make it fail.
fn telling() -> (Handler, mpsc::UnboundedReceiver<String>) {
    let (tell, handled) = mpsc::unbounded_channel();
    let handler = Handler::new(move |line| {
        assert!(!line.contains("panic-in-call"));
        tell.send(line.clone()).unwrap();
        async move {
            assert!(!line.contains("panic"));
            if line.contains("fail") { Err("sentinel of the handler".to_owned()) } else { Ok(()) }
        }
    });
    (handler, handled)
}

fn chunked(body: &[u8], end: &str) -> Vec<u8> {
    let mut chunks = Vec::new();
    for chunk in body.chunks(16) {
        chunks.extend(format!("{:x}\r\n", chunk.len()).bytes());
        chunks.extend_from_slice(chunk);
        chunks.extend_from_slice(b"\r\n");
    }
    chunks.extend(end.bytes());
    chunks
}

struct Row {
    what: &'static str,
    method: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
    fishjam: u16,
    jellyfish: u16,
    /// Whether the handler is called, unless the delivery is rejected.
    handled: bool,
}

fn row(what: &'static str, body: &[u8], status: u16) -> Row {
    let length = body.len().to_string();
    Row {
        what,
        method: "POST",
        headers: vec![(SIGNATURE_HEADER, sign_webhook(body, SECRET)), ("content-length", length)],
        body: body.to_vec(),
        fishjam: status,
        jellyfish: status,
        handled: false,
    }
}

impl Row {
    fn handled(self) -> Self {
        Self { handled: true, ..self }
    }

    fn header(mut self, name: &'static str, value: impl ToString) -> Self {
        self.headers.push((name, value.to_string()));
        self
    }

    /// Replaces the signatures. Only Fishjam requires one.
    fn signatures(mut self, values: &[&str], jellyfish: u16) -> Self {
        self.headers.retain(|(name, _)| *name != SIGNATURE_HEADER);
        self.headers.extend(values.iter().map(|value| (SIGNATURE_HEADER, (*value).to_owned())));
        Self { fishjam: 401, jellyfish, ..self }
    }

    /// Sends the body in chunks, with this end.
    fn chunked(mut self, end: &str) -> Self {
        self.headers.retain(|(name, _)| *name != "content-length");
        let body = chunked(&self.body, end);
        Self { body, ..self }.header("transfer-encoding", "chunked")
    }
}

fn rows() -> Vec<Row> {
    let right = body(created("r"));
    let signature = sign_webhook(&right, SECRET);
    let (limit, above) = (vec![0xff; LIMIT], vec![0xff; LIMIT + 1]);
    let full = body(created(&"r".repeat(LIMIT - 4)));
    assert_eq!(full.len(), LIMIT);
    let too_long = body(created(&"r".repeat(LIMIT - 3)));
    let end = "0\r\n\r\n";
    let mut rows = vec![
        row("a delivery", &right, 200).handled(),
        row("a delivery of the maximum size", &full, 200).handled(),
        row("no notification", b"", 200),
        row("a delivery in chunks", &full, 200).chunked(end).handled(),
        row("a delivery with trailers", &full, 200).chunked("0\r\nname: value\r\n\r\n").handled(),
        row("the usual content type", &right, 200).header("content-type", "application/x-protobuf").handled(),
        row("another content type", &right, 200).header("content-type", "application/json").handled(),
        row("no message", &limit, 400),
        row("chunks that break off", &full, 400).chunked("garbage"),
        row("too much", &above, 413),
        row("too much, in chunks", &too_long, 413).chunked(end),
        row("no signature", &right, 401).signatures(&[], 200).handled(),
        row("a malformed signature", &right, 401).signatures(&["garbage"], 200).handled(),
        row("a signature that is not ASCII", &right, 401).signatures(&["sha256=ż"], 200).handled(),
        row("two signatures", &right, 401).signatures(&[&signature, &signature], 200).handled(),
        row("the signature of another body", &limit, 401).signatures(&[&signature], 400),
        row("too much, without a signature", &above, 401).signatures(&[], 413),
        row("a handler that fails", &body(created("fail")), 503).handled(),
        row("a handler that panics", &body(created("panic")), 500).handled(),
        row("a handler that panics in the call", &body(created("panic-in-call")), 500),
    ];
    for method in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS"] {
        rows.push(Row { method, ..row("another method", &right, 405) });
    }
    rows
}

#[tokio::test]
async fn every_endpoint_has_the_documented_responses() -> anyhow::Result<()> {
    for kind in KINDS {
        let (handler, mut handled) = telling();
        let target = Target::new(kind, WebhookOptions::new().body_limit(LIMIT), &handler)?;
        let server = target.serve().await?;
        for row in rows() {
            let what = format!("{kind:?}: {} {}", row.method, row.what);
            let headers: Vec<_> = row.headers.iter().map(|(name, value)| (*name, &**value)).collect();
            let response = server.request(row.method, &headers, &row.body).await?;
            let status = if kind.0 == Sender::Fishjam { row.fishjam } else { row.jellyfish };
            assert_eq!(response.status, status, "{what}");
            // The response follows the handler.
            let called = handled.try_recv().is_ok();
            assert_eq!(called, row.handled && ![400, 401, 413].contains(&status), "{what}");
            // Neither secrets nor the error of the handler.
            assert!(!response.text.contains("sentinel"), "{what}: {}", response.text);
            assert!(!response.text.contains(&sign_webhook(&row.body, SECRET)[7..]), "{what}: {}", response.text);
            if status == 405 {
                assert!(response.text.to_lowercase().contains("allow: post"), "{what}: {}", response.text);
            }
        }
        assert_eq!(server.deliver(&body(created("r"))).await?, 200);
        assert_eq!(handled.try_recv()?, "room_created room=r");
    }
    Ok(())
}

#[tokio::test]
async fn queued_endpoint_responds_200_whatever_the_handler_does() -> anyhow::Result<()> {
    for kind in KINDS {
        let (handler, mut handled) = telling();
        let (target, queue) = Target::queued(kind, WebhookOptions::new().body_limit(LIMIT), &handler)?;
        for room in ["a", "fail", "panic", "panic-in-call", "b"] {
            assert_eq!(target.deliver(body(created(room))).await?, 200, "{kind:?} {room}");
        }
        assert_eq!(target.deliver(vec![0xff; LIMIT]).await?, 400, "{kind:?}");
        assert_eq!(target.deliver(vec![0xff; LIMIT + 1]).await?, 413, "{kind:?}");
        within("the handler", queue.drained()).await?;
        let mut lines = Vec::new();
        while let Ok(line) = handled.try_recv() {
            lines.push(line);
        }
        lines.sort();
        let expected = ["a", "b", "fail", "panic"].map(|room| format!("room_created room={room}"));
        assert_eq!(lines, expected, "{kind:?}");
    }
    Ok(())
}

#[tokio::test(start_paused = true)]
async fn slow_body_has_status_408() -> anyhow::Result<()> {
    for kind in KINDS {
        for (options, seconds) in
            [(WebhookOptions::new(), 10), (WebhookOptions::new().body_timeout(Duration::from_secs(2)), 2)]
        {
            let (handler, mut handled) = telling();
            let target = Target::new(kind, options, &handler)?;
            let never = Body::from_stream(stream::pending::<Result<Vec<u8>, io::Error>>());
            let request = Request::post("/fishjam").header(SIGNATURE_HEADER, sign_webhook(b"", SECRET)).body(never)?;
            let began = Instant::now();
            assert_eq!(target.call(request).await?.0, 408, "{kind:?}");
            assert_eq!(began.elapsed().as_secs(), seconds, "{kind:?}");
            assert!(handled.try_recv().is_err());
        }
    }
    Ok(())
}

#[tokio::test]
async fn disconnected_client_does_not_stop_the_handler() -> anyhow::Result<()> {
    for kind in KINDS {
        let (tell, mut told) = mpsc::unbounded_channel();
        let (go_on, permit) = tokio::sync::watch::channel(false);
        let handler = Handler::new(move |line| {
            let (tell, mut permit) = (tell.clone(), permit.clone());
            async move {
                tell.send(format!("started {line}")).unwrap();
                permit.wait_for(|go_on| *go_on).await.map_err(|error| error.to_string())?;
                tell.send(format!("finished {line}")).unwrap();
                Ok(())
            }
        });
        let server = Target::new(kind, WebhookOptions::new(), &handler)?.serve().await?;
        let body = body(created("r"));
        let mut client = TcpStream::connect(server.address()).await?;
        let head = format!(
            "POST /fishjam HTTP/1.1\r\nhost: me\r\n{SIGNATURE_HEADER}: {}\r\ncontent-length: {}\r\n\r\n",
            sign_webhook(&body, SECRET),
            body.len()
        );
        client.write_all(&[head.as_bytes(), &body].concat()).await?;
        assert_eq!(within("the handler starts", told.recv()).await?.unwrap(), "started room_created room=r");
        // The server detects the end of the connection and drops the future of the response.
        client.shutdown().await?;
        assert_eq!(within("the server closes", client.read(&mut [0; 1024])).await??, 0, "{kind:?}");
        go_on.send(true)?;
        assert_eq!(within("the handler ends", told.recv()).await?.unwrap(), "finished room_created room=r");
    }
    Ok(())
}

#[tokio::test]
async fn body_limit_is_one_mebibyte_by_default() -> anyhow::Result<()> {
    let mebibyte = vec![0xff; 1024 * 1024];
    for kind in KINDS {
        let (handler, _handled) = telling();
        let server = Target::new(kind, WebhookOptions::new(), &handler)?.serve().await?;
        assert_eq!(server.deliver(&mebibyte).await?, 400, "{kind:?}");
        // The server responds without waiting for a body of this length.
        let signature = sign_webhook(b"", SECRET);
        let announced = [(SIGNATURE_HEADER, &*signature), ("content-length", "1048577")];
        assert_eq!(server.request("POST", &announced, b"").await?.status, 413, "{kind:?}");

        // More than axum's own limit, which does not apply.
        let server = Target::new(kind, WebhookOptions::new().body_limit(usize::MAX), &handler)?.serve().await?;
        assert_eq!(server.deliver(&mebibyte.repeat(3)).await?, 400, "{kind:?}");
    }
    Ok(())
}

#[test]
fn service_without_a_runtime_responds_with_500() -> anyhow::Result<()> {
    for kind in KINDS.into_iter().filter(|(_, form)| *form == Form::Service) {
        let (handler, _handled) = telling();
        let target = Target::new(kind, WebhookOptions::new(), &handler)?;
        let status = futures_util::FutureExt::now_or_never(target.deliver(body(created("r"))));
        assert_eq!(status.unwrap()?, 500, "{kind:?}");
    }
    Ok(())
}
