//! A tunnel through an HTTP proxy (RFC 9110, section 9.3.6) for a socket without TLS.
//!
//! A proxy that forwards a request drops the headers of the upgrade, so every socket needs a tunnel (RFC 6455, section
//! 4.1). reqwest makes one only for `https`.

use bytes::BytesMut;
use http::HeaderValue;
use reqwest::Url;
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    error::{Error, ErrorKind, Result},
    transport::proxy::ProxyServer,
};

/// The largest head of a response, in bytes.
const MAX_HEAD: usize = 16 * 1024;
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// Connects to the proxy and requests a tunnel to the host of `url`.
pub(crate) async fn open(proxy: &ProxyServer, url: &Url, user_agent: &HeaderValue) -> Result<TcpStream> {
    if proxy.is_tls() {
        return Err(Error::setup(
            "a ws:// socket cannot go through an https:// proxy; use an https:// URL for the server or an http:// proxy",
        ));
    }
    let (host, port) = proxy.host_and_port();
    let mut stream = TcpStream::connect((host.trim_matches(['[', ']']), port)).await.map_err(broken)?;
    stream.set_nodelay(true).map_err(broken)?;
    connect(&mut stream, proxy, url, user_agent).await?;
    Ok(stream)
}

/// Sends `CONNECT` and reads the response.
async fn connect(
    stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
    proxy: &ProxyServer,
    url: &Url,
    user_agent: &HeaderValue,
) -> Result<()> {
    stream.write_all(&request(proxy, url, user_agent)).await.map_err(broken)?;
    // A proxy that refuses the tunnel may send a body after the head.
    let (head, rest) = read_head(stream).await?;
    match status(&head) {
        // The server sends nothing before the request for the upgrade.
        Some(200..=299) if !rest.is_empty() => Err(refused("the proxy opened a tunnel and sent data of its own")),
        Some(200..=299) => Ok(()),
        Some(407) => Err(refused("the proxy requires other credentials (407)")),
        Some(status) => Err(refused(format!("the proxy refused a tunnel to the server ({status})"))),
        None => Err(refused("the proxy's response is not HTTP")),
    }
}

/// Reads the head of a response. Returns the head, and the bytes after it that have arrived.
pub(super) async fn read_head(stream: &mut (impl AsyncRead + Unpin)) -> Result<(BytesMut, BytesMut)> {
    let mut head = BytesMut::new();
    loop {
        if let Some(end) = head.windows(END_OF_HEAD.len()).position(|bytes| bytes == END_OF_HEAD) {
            let rest = head.split_off(end + END_OF_HEAD.len());
            return Ok((head, rest));
        }
        if head.len() > MAX_HEAD {
            return Err(refused("the head of the response is too long"));
        }
        if stream.read_buf(&mut head).await.map_err(broken)? == 0 {
            return Err(refused("the connection was closed instead of a response"));
        }
    }
}

fn request(proxy: &ProxyServer, url: &Url, user_agent: &HeaderValue) -> Vec<u8> {
    let host = url.host_str().unwrap_or_default();
    let port = url.port_or_known_default().unwrap_or_default();
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nhost: {host}:{port}\r\nuser-agent: ").into_bytes();
    request.extend_from_slice(user_agent.as_bytes());
    if let Some(authorization) = proxy.authorization() {
        request.extend_from_slice(b"\r\nproxy-authorization: ");
        request.extend_from_slice(authorization.as_bytes());
    }
    request.extend_from_slice(END_OF_HEAD);
    request
}

/// Reads the status of a response of HTTP/1.0 or HTTP/1.1.
fn status(head: &[u8]) -> Option<u16> {
    let line = head.strip_prefix(b"HTTP/1.0 ").or_else(|| head.strip_prefix(b"HTTP/1.1 "))?;
    let ([status @ .., b' ' | b'\r'], _) = line.split_at_checked(4)? else { return None };
    std::str::from_utf8(status).ok()?.parse().ok()
}

fn broken(error: std::io::Error) -> Error {
    Error::new(ErrorKind::Connection).caused_by(error)
}

fn refused(message: impl Into<std::borrow::Cow<'static, str>>) -> Error {
    Error::new(ErrorKind::Connection).message_text(message)
}
