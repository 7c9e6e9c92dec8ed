//! A server on a port of this machine, with axum or with hyper, and requests to it, written by hand.

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use fishjam_sdk::webhook::{SIGNATURE_HEADER, WebhookService, sign_webhook};
use fishjam_tests::support::within;
use hyper::server::conn::http1;
use hyper_util::{rt::TokioIo, service::TowerToHyperService};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::SECRET;

/// Sends requests to a server, written by hand.
#[derive(Clone, Copy)]
pub(crate) struct Sender(SocketAddr);

pub(crate) struct Server {
    sender: Sender,
    serving: JoinHandle<()>,
}

impl std::ops::Deref for Server {
    type Target = Sender;

    fn deref(&self) -> &Sender {
        &self.sender
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Server {
    /// Serves an axum application.
    pub(crate) async fn start(app: Router) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(async move { drop(axum::serve(listener, app).await) });
        Ok(Self { sender: Sender::to(address), serving })
    }

    /// Serves a tower service with hyper.
    pub(crate) async fn hyper<N: Send + 'static>(service: WebhookService<N>) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let service = TowerToHyperService::new(service.clone());
                tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
            }
        });
        Ok(Self { sender: Sender::to(address), serving })
    }
}

impl Sender {
    pub(crate) fn to(address: SocketAddr) -> Self {
        Self(address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.0
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/fishjam", self.0)
    }

    /// Delivers a body as the service does.
    pub(crate) async fn deliver(&self, body: &[u8]) -> anyhow::Result<u16> {
        Ok(self.post(&[(SIGNATURE_HEADER, &sign_webhook(body, SECRET))], body).await?.status)
    }

    pub(crate) async fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> anyhow::Result<Response> {
        let length = body.len().to_string();
        self.request("POST", &[headers, &[("content-length", &length)]].concat(), body).await
    }

    /// Sends a request with these headers, `host` and `connection`. Reads the response to its end.
    pub(crate) async fn request(
        &self,
        method: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> anyhow::Result<Response> {
        let mut request = format!("{method} /fishjam HTTP/1.1\r\nhost: me\r\nconnection: close\r\n").into_bytes();
        for (name, value) in headers {
            request.extend(format!("{name}: {value}\r\n").bytes());
        }
        request.extend_from_slice(b"\r\n");
        request.extend_from_slice(body);
        self.raw(&request).await
    }

    /// Sends these bytes and reads the response to its end.
    pub(crate) async fn raw(&self, request: &[u8]) -> anyhow::Result<Response> {
        within("a response", async {
            let mut stream = TcpStream::connect(self.0).await?;
            stream.write_all(request).await?;
            let mut response = Vec::new();
            stream.read_to_end(&mut response).await?;
            let text = String::from_utf8(response)?;
            let status = text.split(' ').nth(1).context("no response")?.parse()?;
            Ok(Response { status, text })
        })
        .await?
    }
}
