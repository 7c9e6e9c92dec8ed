//! An axum application on a port of this machine, and requests to it, written by hand.

use std::net::SocketAddr;

use anyhow::Context;
use axum::Router;
use fishjam_sdk::webhook::{SIGNATURE_HEADER, sign_webhook};
use fishjam_tests::support::within;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    task::JoinHandle,
};

use crate::SECRET;

pub(crate) struct Server {
    address: SocketAddr,
    serving: JoinHandle<()>,
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
    pub(crate) async fn start(app: Router) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let serving = tokio::spawn(async move { drop(axum::serve(listener, app).await) });
        Ok(Self { address, serving })
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/fishjam", self.address)
    }

    /// Delivers a body as the service does.
    pub(crate) async fn deliver(&self, body: &[u8]) -> anyhow::Result<u16> {
        Ok(self.post(&[(SIGNATURE_HEADER, &sign_webhook(body, SECRET))], body).await?.status)
    }

    pub(crate) async fn post(&self, headers: &[(&str, &str)], body: &[u8]) -> anyhow::Result<Response> {
        let length = body.len().to_string();
        self.request("POST", &[headers, &[("content-length", &length)]].concat(), body).await
    }

    /// Sends a request with these headers and no others but `host` and `connection`, and reads the answer to its end.
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

    /// Sends these bytes and reads the answer to its end.
    pub(crate) async fn raw(&self, request: &[u8]) -> anyhow::Result<Response> {
        within("a response", async {
            let mut stream = TcpStream::connect(self.address).await?;
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
