use std::time::Duration;

use tokio::{
    io::{AsyncReadExt, DuplexStream, duplex},
    net::TcpListener,
    select,
    task::yield_now,
};

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
            let connecting = Socket::connect(&http, url, Vec::new(), "token", SocketKind::Agent);
            let (line, socket) = tokio::join!(refuse_upgrade(&listener), connecting);
            assert_eq!(line?, format!("GET {target} HTTP/1.1"), "{network:?}");
            assert_eq!(socket.map(drop).unwrap_err().status(), Some(400));
        }
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
        // Also with wake-ups for another reason, after which the socket can be empty.
        for other_wake_ups in [false, true] {
            let (connection, server) = duplex(capacity);
            let connection: Box<dyn Connection> = Box::new(connection);
            let config = Some(SocketKind::Agent.config());
            let mut socket = Socket {
                stream: WebSocketStream::from_raw_socket(ObservedStream::new(connection), Role::Client, config).await,
                arrivals: Arrivals::new(),
                secret: "token".into(),
                awaiting_auth: false,
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
