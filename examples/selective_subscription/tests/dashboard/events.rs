//! A client that reads the server-sent events of the dashboard.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use example_testing::http_client;
use reqwest::Response;
use serde_json::Value;
use tokio::time::timeout;

/// Limit for each wait, so that a broken program ends its test. No test depends on the duration.
///
/// The limit of the HTTP client does not suffice, because the dashboard sends comments that keep the connection alive.
const LIMIT: Duration = Duration::from_secs(60);

/// An open response of `GET /events`.
pub struct Events {
    response: Response,
    /// Received bytes that do not contain a complete event.
    buffer: Vec<u8>,
}

impl Events {
    pub async fn open(url: &str) -> Result<Events> {
        let response = http_client()?.get(format!("{url}/events")).send().await?.error_for_status()?;
        Ok(Events { response, buffer: Vec::new() })
    }

    /// Returns the name and the data of the next event, or `None` at the end of the response.
    pub async fn next(&mut self) -> Result<Option<(String, Value)>> {
        timeout(LIMIT, self.read()).await.context("no further event")?
    }

    async fn read(&mut self) -> Result<Option<(String, Value)>> {
        loop {
            if let Some(end) = self.buffer.windows(2).position(|bytes| bytes == b"\n\n") {
                let event: Vec<u8> = self.buffer.drain(..end + 2).collect();
                let event = String::from_utf8(event)?;
                let field = |name| event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
                // A comment, which keeps the connection alive, has no name.
                if let (Some(name), Some(data)) = (field("event"), field("data")) {
                    return Ok(Some((name.to_owned(), serde_json::from_str(data)?)));
                }
                continue;
            }
            match self.response.chunk().await? {
                Some(chunk) => self.buffer.extend_from_slice(&chunk),
                None => return Ok(None),
            }
        }
    }

    /// Returns the data of the next event with this name that satisfies the condition.
    pub async fn next_with(&mut self, expected: &str, condition: impl Fn(&Value) -> bool) -> Result<Value> {
        loop {
            let (name, data) = self.next().await?.with_context(|| format!("the stream ended without {expected}"))?;
            if name == expected && condition(&data) {
                return Ok(data);
            }
        }
    }

    /// Returns the data of the first event, which contains all rooms.
    pub async fn rooms(&mut self) -> Result<Value> {
        match self.next().await? {
            Some((name, data)) if name == "rooms" => Ok(data),
            other => bail!("expected all rooms, got {other:?}"),
        }
    }
}

/// Returns the peer with this id in the JSON of a room.
pub fn peer<'a>(room: &'a Value, id: &str) -> Option<&'a Value> {
    room["peers"].as_array()?.iter().find(|peer| peer["id"] == id)
}
