use tokio::{io::AsyncReadExt, net::TcpListener};

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
