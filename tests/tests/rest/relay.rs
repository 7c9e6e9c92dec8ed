//! A relay in front of a server, which counts connections and can end them.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering::SeqCst},
};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
};

/// Forwards connections to a server until its runtime ends.
pub(crate) struct Relay {
    pub(crate) port: u16,
    end: Arc<watch::Sender<()>>,
    accepted: Arc<AtomicUsize>,
}

impl Relay {
    pub(crate) async fn start(origin: &str) -> anyhow::Result<Self> {
        let server = origin.trim_start_matches("http://").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let port = listener.local_addr()?.port();
        let (end, accepted) = (Arc::new(watch::channel(()).0), Arc::new(AtomicUsize::new(0)));
        let relay = Self { port, end: Arc::clone(&end), accepted: Arc::clone(&accepted) };
        tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                accepted.fetch_add(1, SeqCst);
                let (server, mut end) = (server.clone(), end.subscribe());
                tokio::spawn(async move {
                    let mut server = TcpStream::connect(server).await?;
                    tokio::select! {
                        copied = tokio::io::copy_bidirectional(&mut client, &mut server) => copied.map(drop),
                        _ = end.changed() => Ok(()),
                    }
                });
            }
        });
        Ok(relay)
    }

    /// The address of the relay, which replaces the address of the server.
    pub(crate) fn origin(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Connections that were accepted so far.
    pub(crate) fn accepted(&self) -> usize {
        self.accepted.load(SeqCst)
    }

    /// Ends all connections that were accepted.
    pub(crate) fn end_connections(&self) {
        self.end.send_replace(());
    }
}
