//! The sender of deliveries, in a thread of its own.

use std::{net::SocketAddr, sync::mpsc, thread};

use anyhow::{Context, bail};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::Builder,
    task::JoinSet,
};

/// Keep-alive connections to a server. They end when this is dropped.
pub(crate) struct Load {
    orders: mpsc::Sender<usize>,
    results: mpsc::Receiver<anyhow::Result<u32>>,
}

impl Load {
    /// Opens a connection for each request.
    pub(crate) fn start(address: SocketAddr, requests: Vec<Vec<u8>>) -> anyhow::Result<Self> {
        let runtime = Builder::new_current_thread().enable_all().build()?;
        let mut connections = runtime.block_on(async {
            let mut connections = Vec::new();
            for request in requests {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                connections.push(Connection { stream, request, response: Vec::with_capacity(1024) });
            }
            anyhow::Ok(connections)
        })?;
        let (orders, received) = mpsc::channel();
        let (report, results) = mpsc::channel();
        thread::spawn(move || {
            while let Ok(each) = received.recv() {
                let delivered = runtime.block_on(async {
                    let mut tasks: JoinSet<_> =
                        connections.drain(..).map(|connection| connection.deliver(each)).collect();
                    let mut all = 0;
                    while let Some(task) = tasks.join_next().await {
                        let (connection, rejected) = task??;
                        all += rejected;
                        connections.push(connection);
                    }
                    Ok(all)
                });
                if report.send(delivered).is_err() {
                    return;
                }
            }
        });
        Ok(Self { orders, results })
    }

    /// Delivers each request this many times, one after the other on its connection. Returns the number of responses with
    /// the status 503.
    pub(crate) fn deliver(&self, each: usize) -> anyhow::Result<u32> {
        self.orders.send(each)?;
        self.results.recv()?
    }
}

struct Connection {
    stream: TcpStream,
    request: Vec<u8>,
    response: Vec<u8>,
}

impl Connection {
    async fn deliver(mut self, times: usize) -> anyhow::Result<(Self, u32)> {
        let mut rejected = 0;
        for _ in 0..times {
            self.stream.write_all(&self.request).await?;
            self.response.clear();
            while !is_whole(&self.response) {
                if self.stream.read_buf(&mut self.response).await? == 0 {
                    bail!("the server closed the connection");
                }
            }
            match self.response.get(9..12).context("no status")? {
                b"200" => {}
                b"503" => rejected += 1,
                status => bail!("unexpected status {}", String::from_utf8_lossy(status)),
            }
        }
        Ok((self, rejected))
    }
}

fn is_whole(response: &[u8]) -> bool {
    let Some(head) = response.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let text = String::from_utf8_lossy(&response[..head]);
    let length = text.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
    response.len() >= head + 4 + length.unwrap_or(0)
}
