use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    net::{TcpListener, TcpStream},
    select,
    task::yield_now,
    time::timeout,
};
use tokio_tungstenite::tungstenite::{handshake::derive_accept_key, protocol::Role};

use super::*;
use crate::{
    config::{Network, Proxy},
    endpoint::Endpoint,
    transport::http::http_client,
};

/// Reads the head of a request.
async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> std::io::Result<String> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(stream.read_u8().await?);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

/// Responds to each tunnel with success, and refuses the upgrade. Returns the first line of the upgrade request.
async fn refuse_upgrade(listener: &TcpListener) -> std::io::Result<String> {
    let (mut stream, _) = listener.accept().await?;
    let mut head = read_head(&mut stream).await?;
    if head.starts_with("CONNECT ") {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        head = read_head(&mut stream).await?;
    }
    stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n").await?;
    Ok(head.lines().next().unwrap_or_default().to_owned())
}

#[tokio::test]
async fn upgrade_request_has_the_query_also_in_a_tunnel() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    for proxy in [Proxy::None, Proxy::Url(origin.clone())] {
        let network = Network { proxy, ..Network::default() };
        let http = http_client(&Endpoint::of_settings(&origin, None)?, &network, None)?;
        for target in ["/a%20path?query=a%20b&c", "/path"] {
            let url = Url::parse(&format!("{origin}{target}"))?;
            let connecting = Socket::connect(&http, url, Credentials::Message(Vec::new()), "token", SocketKind::Agent);
            let (line, socket) = tokio::join!(refuse_upgrade(&listener), connecting);
            assert_eq!(line?, format!("GET {target} HTTP/1.1"), "{network:?}");
            assert_eq!(socket.map(drop).unwrap_err().status(), Some(400));
        }
    }
    Ok(())
}

/// The subprotocol that the server must select.
const SELECTED: &str = "json.example";

/// Accepts an upgrade with these headers, and sends `early` immediately after them. Returns the request's head.
async fn upgrade(listener: &TcpListener, headers: &str, early: &[u8]) -> std::io::Result<(String, TcpStream)> {
    let (mut stream, _) = listener.accept().await?;
    let mut head = read_head(&mut stream).await?;
    if head.starts_with("CONNECT ") {
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
        head = read_head(&mut stream).await?;
    }
    let key = head.lines().find_map(|line| line.strip_prefix("sec-websocket-key: ")).unwrap_or_default();
    let accept = derive_accept_key(key.as_bytes());
    let response = format!(
        "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\
         sec-websocket-accept: {accept}\r\n{headers}\r\n"
    );
    stream.write_all(&[response.as_bytes(), early].concat()).await?;
    Ok((head, stream))
}

#[tokio::test]
async fn subprotocol_contains_the_token_and_is_checked() -> anyhow::Result<()> {
    const OWN: &str = "sec-websocket-protocol: json.example\r\n";
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    for proxy in [Proxy::None, Proxy::Url(origin.clone())] {
        let network = Network { proxy, ..Network::default() };
        let http = http_client(&Endpoint::of_settings(&origin, None)?, &network, None)?;
        for (headers, accepted) in [
            (OWN, true),
            ("", false),
            ("sec-websocket-protocol: bearer.sentinel\r\n", false),
            ("sec-websocket-protocol: json.example, bearer.sentinel\r\n", false),
        ] {
            let credentials = Credentials::subprotocols(SELECTED, "bearer.", "sentinel")?;
            let connecting =
                Socket::connect(&http, Url::parse(&origin)?, credentials, "sentinel", SocketKind::Notifications);
            // A text frame, in the same packet as the response.
            let (served, socket) = tokio::join!(upgrade(&listener, headers, b"\x81\x05early"), connecting);
            let (head, _connection) = served?;
            assert!(head.contains("\r\nsec-websocket-protocol: json.example, bearer.sentinel\r\n"), "{head}");
            assert!(!head.contains("authorization"), "{head}");
            match socket {
                Ok(mut socket) if accepted => {
                    assert!(socket.is_accepted());
                    let received = socket.next().await;
                    assert!(matches!(&received, Some(Ok(Received::Text(text))) if text.as_str() == "early"));
                }
                Err(error) if !accepted => {
                    assert_eq!(error.kind(), ErrorKind::WebSocket);
                    assert!(!format!("{error:#} {error:?}").contains("sentinel"), "{error:?}");
                }
                other => panic!("{headers:?}: {}", other.is_ok()),
            }
        }
    }
    Ok(())
}

#[test]
fn token_that_splits_the_subprotocols_is_refused() {
    for token in ["", "senti,nel", "senti nel", "senti\tnel", "senti\u{7f}nel", "sentinęl"] {
        let refused = Credentials::subprotocols(SELECTED, "bearer.", token).map(drop).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::InvalidInput, "{token:?}");
        assert!(!format!("{refused:?}").contains("sent"), "{refused:?}");
    }
    let Ok(Credentials::Subprotocols(subprotocols)) = Credentials::subprotocols(SELECTED, "bearer.", "a+/=.b") else {
        panic!("a usual token is refused")
    };
    assert_eq!(format!("{:?}", subprotocols.offered), "Sensitive");
}

#[tokio::test]
async fn tunnel_that_ends_in_the_handshake_is_a_failed_connection() -> anyhow::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let network = Network { proxy: Proxy::Url(origin.clone()), ..Network::default() };
    let http = http_client(&Endpoint::of_settings(&origin, None)?, &network, None)?;
    for (response, kind) in [
        (&b""[..], ErrorKind::Connection),
        (b"HTTP/1.1 101 Switching", ErrorKind::Connection),
        (&[b'x'; 20_000], ErrorKind::Connection),
        (b"sentinel\r\n\r\n", ErrorKind::WebSocket),
        (b"HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: sentinel\r\n\r\n", ErrorKind::WebSocket),
        (b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n", ErrorKind::NotFound),
    ] {
        let serve = async {
            let (mut stream, _) = listener.accept().await?;
            read_head(&mut stream).await?;
            stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await?;
            read_head(&mut stream).await?;
            // The client may have left before all bytes are sent.
            let _ = stream.write_all(response).await;
            std::io::Result::Ok(())
        };
        let credentials = Credentials::Message(Vec::new());
        let connecting = Socket::connect(&http, Url::parse(&origin)?, credentials, "token", SocketKind::Agent);
        let (served, socket) = tokio::join!(serve, connecting);
        served?;
        let error = socket.map(drop).unwrap_err();
        assert_eq!(error.kind(), kind, "{error:#}");
        assert!(!format!("{error:#} {error:?}").contains("sentinel"), "{error:?}");
    }
    Ok(())
}

/// The number of messages in each direction.
const MESSAGES: u8 = 200;

/// Sends messages and pings, waits for the pongs, and closes the connection.
async fn send_and_await_pongs(connection: DuplexStream) -> tungstenite::Result<Vec<Message>> {
    let mut socket = WebSocketStream::from_raw_socket(connection, Role::Server, None).await;
    for number in 0..MESSAGES {
        socket.send(Message::binary(vec![number; usize::from(number)])).await?;
        socket.send(Message::Ping(vec![number].into())).await?;
        if number % 3 == 0 {
            yield_now().await;
        }
    }
    let mut pongs = Vec::new();
    while pongs.last() != Some(&Message::Pong(vec![MESSAGES - 1].into())) {
        pongs.extend(socket.next().await.transpose()?);
    }
    socket.close(None).await?;
    Ok(pongs)
}

#[tokio::test]
async fn messages_and_pongs_pass_however_the_bytes_arrive() -> anyhow::Result<()> {
    for capacity in [1, 2, 3, 50, 1_000, 100_000] {
        // The client also wakes up for other reasons and then may find the socket empty.
        for other_wake_ups in [false, true] {
            let (connection, server) = duplex(capacity);
            let connection: Box<dyn Connection> = Box::new(connection);
            let config = Some(SocketKind::Agent.config());
            let mut socket = Socket {
                stream: WebSocketStream::from_raw_socket(ObservedStream::new(connection), Role::Client, config).await,
                arrivals: Arrivals::new(),
                secret: "token".into(),
                awaiting_auth: false,
                accepted: false,
                proxy: None,
            };
            let server = tokio::spawn(send_and_await_pongs(server));
            let receive = async {
                let (mut messages, mut pings) = (Vec::new(), 0);
                loop {
                    let received = select! {
                        biased;
                        received = socket.next() => received,
                        () = yield_now(), if other_wake_ups => continue,
                    };
                    match received {
                        Some(Ok(Received::Binary(message))) => messages.push(message),
                        Some(Ok(_)) => pings += 1,
                        _ => return (messages, pings),
                    }
                }
            };
            let (messages, pings) = timeout(Duration::from_secs(60), receive).await?;
            let expected: Vec<_> = (0..MESSAGES).map(|number| vec![number; usize::from(number)]).collect();
            assert_eq!((messages, pings), (expected.into_iter().map(Bytes::from).collect(), MESSAGES));
            assert!(!server.await??.is_empty());
        }
    }
    Ok(())
}
