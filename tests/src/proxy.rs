//! An HTTP proxy that connects to the same server for every host.

use std::{
    io,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional},
    net::{TcpListener, TcpStream},
    sync::Notify,
};

/// A proxy on loopback. It makes tunnels, and forwards requests without the headers of an upgrade, as tinyproxy does.
#[derive(Clone, Debug)]
pub struct TestProxy {
    address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    cut: Arc<Notify>,
}

impl TestProxy {
    /// Starts a proxy for the server at this address, such as `127.0.0.1:5002`.
    ///
    /// # Errors
    ///
    /// Returns an error if no port can be bound.
    pub async fn start(server: &str) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let proxy = Self { address: listener.local_addr()?, heads: Arc::default(), cut: Arc::default() };
        let (heads, cut, server) = (Arc::clone(&proxy.heads), Arc::clone(&proxy.cut), server.to_owned());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                // A client may leave at any time.
                let serving = serve(client, server.clone(), Arc::clone(&heads));
                let cut = Arc::clone(&cut);
                tokio::spawn(async move {
                    tokio::select! {
                        served = serving => served,
                        () = cut.notified() => Ok(()),
                    }
                });
            }
        });
        Ok(proxy)
    }

    /// Its host and port.
    #[must_use]
    pub fn address(&self) -> String {
        self.address.to_string()
    }

    /// Its URL, with credentials.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://user:p%40ss@{}", self.address)
    }

    /// Ends all connections.
    pub fn cut(&self) {
        self.cut.notify_waiters();
    }

    /// The request lines that it received, each with the credentials of the request.
    #[must_use]
    pub fn requests(&self) -> Vec<String> {
        let heads = self.heads.lock().unwrap_or_else(PoisonError::into_inner);
        heads
            .iter()
            .map(|head| {
                let mut lines = head.lines();
                let line = lines.next().unwrap_or_default();
                let authorization = lines.find_map(|line| line.strip_prefix("proxy-authorization: "));
                format!("{} {}", line.trim_end_matches(" HTTP/1.1"), authorization.unwrap_or("-"))
            })
            .collect()
    }
}

async fn serve(mut client: TcpStream, server: String, heads: Arc<Mutex<Vec<String>>>) -> io::Result<()> {
    let mut received = Vec::new();
    let end = loop {
        if client.read_buf(&mut received).await? == 0 {
            return Ok(());
        }
        if let Some(at) = received.windows(4).position(|end| end == b"\r\n\r\n") {
            break at;
        }
    };
    let head = String::from_utf8_lossy(received.get(..end).unwrap_or_default()).into_owned();
    let rest = received.get(end + 4..).unwrap_or_default();
    let mut lines = head.lines();
    let line = lines.next().unwrap_or_default().to_owned();
    let names = lines.map(|line| {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        (name.to_ascii_lowercase(), value.trim())
    });
    let headers: Vec<_> = names.map(|(name, value)| format!("{name}: {value}")).collect();
    heads.lock().unwrap_or_else(PoisonError::into_inner).push(format!("{line}\n{}", headers.join("\n")));

    let mut server = TcpStream::connect(server).await?;
    if line.starts_with("CONNECT ") {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await?;
    } else {
        let hop_by_hop = ["connection:", "upgrade:", "proxy-authorization:"];
        let kept = headers.iter().filter(|line| !hop_by_hop.iter().any(|name| line.starts_with(name)));
        let kept: Vec<_> = kept.map(String::as_str).chain(["connection: close", "\r\n"]).collect();
        server.write_all(format!("{line}\r\n{}", kept.join("\r\n")).as_bytes()).await?;
        server.write_all(rest).await?;
    }
    copy_bidirectional(&mut client, &mut server).await.map(drop)
}
