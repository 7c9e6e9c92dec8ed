//! The HTTP request that opens a WebSocket.
//!
//! The WebSocket crate logs its requests at level TRACE. The request contains the API key, so it is written here.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio_tungstenite::tungstenite::{
    handshake::{
        client::{Response, generate_key},
        derive_accept_key,
        machine::TryParse,
    },
    http::{
        HeaderValue, StatusCode, Uri,
        header::{HOST, SEC_WEBSOCKET_ACCEPT},
    },
};

use crate::{Error, Result};

/// The maximum size of the response, in bytes.
const MAX_RESPONSE: usize = 16 * 1024;

/// Opens a WebSocket. Returns the bytes that the server sent after its response.
pub(crate) async fn open<S>(stream: &mut S, uri: &Uri, header: (&'static str, HeaderValue)) -> Result<Vec<u8>>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    let failed = |error: std::io::Error| Error::Connection(error.to_string());
    let key = generate_key();
    stream.write_all(&request(uri, &key, header)).await.map_err(failed)?;
    stream.flush().await.map_err(failed)?;

    let wrong = || Error::Connection("the server's response is not a WebSocket handshake".to_owned());
    let mut received = Vec::new();
    let (length, response) = loop {
        if received.len() > MAX_RESPONSE || stream.read_buf(&mut received).await.map_err(failed)? == 0 {
            return Err(wrong());
        }
        if let Some(parsed) = Response::try_parse(&received).map_err(|_| wrong())? {
            break parsed;
        }
    };
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Err(Error::Rejected(response.status().as_u16()));
    }
    let accept = response.headers().get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
    if accept != Some(derive_accept_key(key.as_bytes()).as_bytes()) {
        return Err(wrong());
    }
    Ok(received.split_off(length))
}

/// Encodes the request.
fn request(uri: &Uri, key: &str, (name, value): (&'static str, HeaderValue)) -> Vec<u8> {
    let host = uri.host().unwrap_or_default();
    let port = uri.port().map(|port| format!(":{port}")).unwrap_or_default();
    let target = uri.path_and_query().map_or("/", |target| target.as_str());
    let mut request = format!(
        "GET {target} HTTP/1.1\r\n{HOST}: {host}{port}\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\
        sec-websocket-version: 13\r\nsec-websocket-key: {key}\r\n{name}: "
    )
    .into_bytes();
    request.extend_from_slice(value.as_bytes());
    request.extend_from_slice(b"\r\n\r\n");
    request
}

#[cfg(test)]
mod tests {
    use tokio::io::duplex;

    use super::*;

    /// Returns the result of a handshake with a server that sends this response.
    async fn opened(response: impl Fn(&str) -> String) -> Result<Vec<u8>> {
        let (mut client, mut server) = duplex(64 * 1024);
        let uri = Uri::from_static("wss://example.com:8443/live?model=m");
        let header = ("x-goog-api-key", HeaderValue::from_static("sentinel"));
        let serve = async {
            let mut request = vec![0; 1_024];
            let length = server.read(&mut request).await.unwrap();
            let request = String::from_utf8(request[..length].to_vec()).unwrap();
            let (head, key) = request.split_once("sec-websocket-key: ").unwrap();
            assert!(head.starts_with("GET /live?model=m HTTP/1.1\r\nhost: example.com:8443\r\n"), "{request}");
            assert!(request.ends_with("\r\nx-goog-api-key: sentinel\r\n\r\n"), "{request}");
            let accept = derive_accept_key(key.split_once('\r').unwrap().0.as_bytes());
            // The server can end the connection before the whole response was read.
            let _ = server.write_all(response(&accept).as_bytes()).await;
            drop(server);
        };
        let (result, ()) = tokio::join!(open(&mut client, &uri, header), serve);
        result
    }

    fn accepted(accept: &str) -> String {
        format!("HTTP/1.1 101 Switching Protocols\r\nsec-websocket-accept: {accept}\r\n\r\n")
    }

    #[tokio::test]
    async fn bytes_after_the_response_are_kept() {
        assert_eq!(opened(|accept| accepted(accept) + "frame").await, Ok(b"frame".to_vec()));
    }

    #[tokio::test]
    async fn status_of_a_rejection_is_returned() {
        let response = |_: &str| "HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n".to_owned();
        assert_eq!(opened(response).await, Err(Error::Rejected(403)));
    }

    #[tokio::test]
    async fn wrong_responses_are_errors() {
        let endless = format!("HTTP/1.1 101 Switching Protocols\r\nx: {}", "y".repeat(2 * MAX_RESPONSE));
        for response in ["", "garbage\r\n\r\n", "HTTP/1.1 101 Switch", &accepted("AAAA"), &endless] {
            let result = opened(|_| response.to_owned()).await;
            assert!(matches!(result, Err(Error::Connection(_))), "{response}: {result:?}");
        }
    }
}
