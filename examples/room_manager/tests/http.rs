//! Uses the program as its clients would, over HTTP.

use std::time::Duration;

use anyhow::{Context, Result, ensure};
use example_testing::{Program, eventually, http_client};
use fishjam_emulator::{Emulator, ScriptedPeerOptions};
use fishjam_sdk::{FishjamClient, PeerOptions, Room};
use futures_util::future::try_join_all;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

const PROGRAM: &str = env!("CARGO_BIN_EXE_room_manager");

/// A running program with its emulator.
struct Manager {
    emulator: Emulator,
    program: Program,
    url: String,
    http: Client,
}

impl Manager {
    async fn start() -> Result<Self> {
        Self::start_with(&[]).await
    }

    async fn start_with(settings: &[(&str, &str)]) -> Result<Self> {
        let emulator = Emulator::start().await?;
        let mut builder = Program::builder(PROGRAM).emulator(&emulator);
        for (name, value) in settings {
            builder = builder.env(name, value);
        }
        let mut program = builder.start()?;
        let url = program.url().await?;
        Ok(Self { emulator, program, url, http: http_client()? })
    }

    fn fishjam(&self) -> Result<FishjamClient> {
        Ok(FishjamClient::new(self.emulator.url(), self.emulator.token())?)
    }

    async fn get(&self, path_and_query: &str) -> Result<Response> {
        Ok(self.http.get(format!("{}{path_and_query}", self.url)).send().await?)
    }

    /// Sends a request that must succeed.
    async fn get_json(&self, path_and_query: &str) -> Result<Value> {
        let response = self.get(path_and_query).await?;
        let (status, body) = (response.status(), response.text().await?);
        ensure!(status == StatusCode::OK, "{path_and_query}: {status} {body}");
        Ok(serde_json::from_str(&body)?)
    }

    /// Sends a request that must fail, and returns the status and the member `error`.
    async fn failure(&self, path_and_query: &str) -> Result<(u16, String)> {
        let response = self.get(path_and_query).await?;
        let (status, body) = (response.status(), response.json::<Value>().await?);
        let error = body["error"].as_str().with_context(|| format!("no error in {body}"))?;
        Ok((status.as_u16(), error.to_owned()))
    }

    async fn join(&self, room: &str, peer: &str) -> Result<Value> {
        self.get_json(&format!("/api/rooms?roomName={room}&peerName={peer}")).await
    }

    async fn room(&self, joined: &Value) -> Result<Room> {
        Ok(self.fishjam()?.get_room(text(&joined["room"]["id"])?).await?)
    }
}

fn text(value: &Value) -> Result<&str> {
    value.as_str().with_context(|| format!("no string: {value}"))
}

#[tokio::test]
async fn join_returns_a_token_for_the_peer() -> Result<()> {
    let manager = Manager::start().await?;
    let joined = manager.join("lesson", "Ada").await?;
    let room = manager.room(&joined).await?;
    assert_eq!(joined["room"], json!({ "id": room.id, "name": "lesson" }));
    assert_eq!(joined["peer"], json!({ "id": room.peers[0].id, "name": "Ada" }));
    assert_eq!(joined["url"], manager.emulator.url().replacen("http", "ws", 1));
    assert_eq!(room.peers[0].metadata::<Value>()?["server"], json!({ "username": "Ada" }));
    assert_eq!(room.config.room_type.to_string(), "conference");
    manager.emulator.connect_peer(&room.id, text(&joined["peerToken"])?, ScriptedPeerOptions::new())?;
    Ok(())
}

#[tokio::test]
async fn concurrent_joins_share_one_room() -> Result<()> {
    let manager = Manager::start().await?;
    let names: Vec<_> = (0..100).map(|number| format!("peer-{number}")).collect();
    let joined = try_join_all(names.iter().map(|name| manager.join("lesson", name))).await?;
    ensure!(joined.iter().all(|one| one["room"] == joined[0]["room"]), "{joined:?}");
    assert_eq!(manager.emulator.journal().count("create_room"), 1);
    assert_eq!(manager.room(&joined[0]).await?.peers.len(), 100);
    Ok(())
}

#[tokio::test]
async fn same_name_gets_a_new_token_until_it_is_connected() -> Result<()> {
    let manager = Manager::start().await?;
    let first = manager.join("lesson", "Ada").await?;
    let second = manager.join("lesson", "Ada").await?;
    assert_eq!(first["peer"], second["peer"]);
    assert_ne!(first["peerToken"], second["peerToken"]);

    let room = manager.room(&second).await?;
    let peer = manager.emulator.connect_peer(&room.id, text(&second["peerToken"])?, ScriptedPeerOptions::new())?;
    let path = "/api/rooms?roomName=lesson&peerName=Ada";
    assert_eq!(manager.failure(path).await?, (409, "peer is already connected".to_owned()));
    peer.disconnect();
    assert_eq!(manager.get_json(path).await?["peer"], first["peer"]);
    Ok(())
}

#[tokio::test]
async fn room_has_the_requested_type_and_the_limit() -> Result<()> {
    let manager = Manager::start_with(&[("MAX_PEERS", "1")]).await?;
    let joined = manager.get_json("/api/rooms?roomName=radio&peerName=Ada&roomType=audio_only&public=true").await?;
    let config = manager.room(&joined).await?.config;
    assert_eq!((config.room_type.as_str(), config.max_peers, config.public), ("audio_only", Some(1), true));
    assert_eq!(manager.failure("/api/rooms?roomName=radio&peerName=Bob").await?, (409, "conflict".to_owned()));
    Ok(())
}

#[tokio::test]
async fn room_has_no_limit_by_default() -> Result<()> {
    let manager = Manager::start().await?;
    manager.join("lesson", "Ada").await?;
    let request = &manager.emulator.journal().requests_for("create_room")[0];
    // A room with the limit 0 is not the same on every server.
    ensure!(request.body_json().context("no JSON")?.get("maxPeers").is_none(), "{request:?}");
    Ok(())
}

#[tokio::test]
async fn web_page_of_another_server_may_use_the_api() -> Result<()> {
    let manager = Manager::start().await?;
    for path in ["/api/rooms?roomName=lesson&peerName=Ada", "/api/rooms/lesson/peers", "/api/rooms?roomName=lesson"] {
        let response = manager.get(path).await?;
        assert_eq!(response.headers()["access-control-allow-origin"], "*", "{path}");
    }
    Ok(())
}

#[tokio::test]
async fn invalid_requests_are_rejected_with_json() -> Result<()> {
    let manager = Manager::start().await?;
    let long = "a".repeat(101);
    for (query, part) in [
        ("", "roomName"),
        ("?roomName=lesson", "peerName must have 1 to 50 characters"),
        ("?roomName=&peerName=Ada", "roomName must have 1 to 100 characters"),
        (&*format!("?roomName={long}&peerName=Ada"), "roomName must have"),
        (&*format!("?roomName=lesson&peerName={}", &long[..51]), "peerName must have"),
        ("?roomName=lesson&peerName=Ada&roomType=sauna", "sauna"),
        ("?roomName=lesson&peerName=Ada&public=maybe", "public"),
    ] {
        let (status, error) = manager.failure(&format!("/api/rooms{query}")).await?;
        ensure!(status == 400 && error.contains(part), "{query}: {status} {error}");
    }
    assert_eq!(manager.failure("/api/other").await?, (404, "no such path".to_owned()));
    assert_eq!(manager.emulator.journal().count("create_room"), 0);
    Ok(())
}

#[tokio::test]
async fn deleted_room_is_replaced() -> Result<()> {
    let manager = Manager::start().await?;
    let before = manager.join("lesson", "Ada").await?;
    manager.fishjam()?.delete_room(text(&before["room"]["id"])?).await?;
    let after = manager.join("lesson", "Ada").await?;
    assert_ne!(before["room"]["id"], after["room"]["id"]);
    assert_eq!(manager.room(&after).await?.peers.len(), 1);
    Ok(())
}

#[tokio::test]
async fn livestream_has_a_streamer_and_viewers() -> Result<()> {
    let manager = Manager::start().await?;
    let streamer = manager.get_json("/api/rooms/livestream?roomName=show&public=true").await?;
    let config = manager.room(&streamer).await?.config;
    assert_eq!((config.room_type.as_str(), config.public), ("livestream", true));
    ensure!(!text(&streamer["streamerToken"])?.is_empty());
    let viewer = manager.get_json("/api/rooms/show/livestream-viewer-token").await?;
    ensure!(!text(&viewer["token"])?.is_empty());

    let missing = "/api/rooms/other/livestream-viewer-token";
    assert_eq!(manager.failure(missing).await?, (404, "no such room".to_owned()));
    // The server has no livestream tokens for a conference.
    manager.join("lesson", "Ada").await?;
    let (status, _) = manager.failure("/api/rooms/lesson/livestream-viewer-token").await?;
    assert_eq!(status, 404);
    Ok(())
}

#[tokio::test]
async fn failure_of_the_server_shows_no_details() -> Result<()> {
    let manager = Manager::start().await?;
    let faults = manager.emulator.faults();
    faults.on("create_room").times(1).status(402);
    assert_eq!(manager.failure("/api/rooms?roomName=a&peerName=Ada").await?, (503, "service unavailable".to_owned()));
    faults.on("create_room").times(1).status(401);
    assert_eq!(manager.failure("/api/rooms?roomName=a&peerName=Ada").await?, (502, "bad gateway".to_owned()));
    // The next request succeeds.
    manager.join("a", "Ada").await?;
    Ok(())
}

#[tokio::test]
async fn lost_connection_is_an_error_until_it_returns() -> Result<()> {
    let mut manager = Manager::start().await?;
    manager.emulator.faults().on("create_room").times(1).disconnect();
    assert_eq!(manager.failure("/api/rooms?roomName=a&peerName=Ada").await?, (502, "bad gateway".to_owned()));
    manager.program.log_with("handler failed").await?;

    let outage = manager.emulator.outage(Duration::MAX);
    let health = async |connected: bool| {
        let health = manager.get_json("/health").await.ok()?;
        (health == json!({ "status": "ok", "connected": connected })).then_some(())
    };
    eventually("the outage", async || health(false).await).await?;
    outage.end();
    eventually("the end of the outage", async || health(true).await).await?;
    manager.join("a", "Ada").await?;
    Ok(())
}

#[tokio::test]
async fn list_of_peers_follows_the_room() -> Result<()> {
    let manager = Manager::start().await?;
    assert_eq!(manager.failure("/api/rooms/lesson/peers").await?, (404, "no such room".to_owned()));
    let joined = manager.join("lesson", "Ada").await?;
    let mut lists = Lists::open(&manager, "lesson").await?;
    lists.wait_for(r#"[{"id":"ID","name":"Ada","status":"disconnected"}]"#, &joined).await?;

    let room = manager.room(&joined).await?;
    let ada = manager.emulator.connect_peer(&room.id, &room.peers[0].id, ScriptedPeerOptions::new())?;
    lists.wait_for(r#"[{"id":"ID","name":"Ada","status":"connected"}]"#, &joined).await?;
    // Other rooms send nothing. The view can read this room again, which sends a few equal lists.
    for number in 0..20 {
        let room = format!("other-{number}");
        let other = manager.join(&room, "Bob").await?;
        let mut lists = Lists::open(&manager, &room).await?;
        lists.wait_for(r#"[{"id":"ID","name":"Bob","status":"disconnected"}]"#, &other).await?;
        manager.fishjam()?.delete_room(text(&other["room"]["id"])?).await?;
        lists.wait_for("null", &other).await?;
    }
    ada.disconnect();
    let skipped = lists.wait_for(r#"[{"id":"ID","name":"Ada","status":"disconnected"}]"#, &joined).await?;
    ensure!(skipped.matches("data:").count() < 20 && !skipped.contains("Bob"), "{skipped}");
    manager.fishjam()?.delete_room(&room.id).await?;
    lists.wait_for("null", &joined).await?;
    Ok(())
}

/// The events of a list of peers.
struct Lists {
    response: Response,
    received: String,
}

impl Lists {
    async fn open(manager: &Manager, room: &str) -> Result<Self> {
        Ok(Self { response: manager.get(&format!("/api/rooms/{room}/peers")).await?, received: String::new() })
    }

    /// Waits until a list contains this string. The next wait starts at this string.
    async fn wait_for_text(&mut self, text: &str) -> Result<()> {
        while !self.received.contains(text) {
            let chunk = self.response.chunk().await?.context("the response ended")?;
            self.received.push_str(std::str::from_utf8(&chunk)?);
        }
        let at = self.received.find(text).unwrap_or_default();
        self.received.drain(..at);
        Ok(())
    }

    /// Waits for this list, and returns the events before it. `ID` stands for the id of the peer.
    async fn wait_for(&mut self, list: &str, joined: &Value) -> Result<String> {
        let event = format!("data: {}\n\n", list.replace("ID", text(&joined["peer"]["id"])?));
        loop {
            if let Some((before, after)) = self.received.split_once(&event) {
                let before = before.to_owned();
                self.received = after.to_owned();
                return Ok(before);
            }
            let chunk = self.response.chunk().await?;
            let chunk = chunk.with_context(|| format!("the response ended before {event}: {}", self.received))?;
            self.received.push_str(std::str::from_utf8(&chunk)?);
        }
    }
}

#[tokio::test]
async fn webhooks_are_accepted_with_the_right_signature() -> Result<()> {
    let mut manager = Manager::start_with(&[("FISHJAM_WEBHOOK_SECRET", "sesame")]).await?;
    let url = format!("{}/api/rooms/webhook", manager.url);
    for (secret, status) in [("wrong", 401), ("sesame", 200)] {
        let sender = Emulator::builder().webhook_url(&url).webhook_secret(secret).start().await?;
        let fishjam = FishjamClient::new(sender.url(), sender.token())?;
        fishjam.create_room(Default::default()).await?;
        sender.webhooks().idle().await;
        let deliveries = sender.webhooks().deliveries();
        assert_eq!(deliveries.iter().map(|delivery| delivery.status()).collect::<Vec<_>>(), [Some(status)]);
    }
    manager.program.log_with("room_created").await?;
    Ok(())
}

#[tokio::test]
async fn webhook_route_needs_a_secret() -> Result<()> {
    let manager = Manager::start().await?;
    let response = manager.http.post(format!("{}/api/rooms/webhook", manager.url)).send().await?;
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    Ok(())
}

#[tokio::test]
async fn interrupt_ends_open_lists_and_the_program() -> Result<()> {
    let manager = Manager::start().await?;
    let joined = manager.join("lesson", "Ada").await?;
    let mut lists = manager.get("/api/rooms/lesson/peers").await?;
    manager.program.interrupt()?;
    while lists.chunk().await?.is_some() {}
    let output = manager.program.end().await?;
    ensure!(output.status.success(), "{output:?}");
    let log = output.stdout + &output.stderr;
    ensure!(!log.contains(text(&joined["peerToken"])?) && !log.contains(manager.emulator.token()), "{log}");
    Ok(())
}

#[tokio::test]
async fn interrupt_ends_the_program_despite_a_stuck_reader() -> Result<()> {
    let manager = Manager::start().await?;
    let joined = manager.join("lesson", "Ada").await?;
    let stuck = manager.get("/api/rooms/lesson/peers").await?;
    let mut lists = Lists::open(&manager, "lesson").await?;
    let room = manager.room(&joined).await?;
    // 20 MB of lists do not fit into the buffers of a connection. Another reader paces the changes.
    let name = "x".repeat(1_000_000);
    for number in 0..20 {
        let options = PeerOptions::new().metadata(json!({ "username": format!("{number}{name}") }));
        let (peer, _token) = manager.fishjam()?.create_peer(&room.id, options).await?;
        lists.wait_for_text(peer.id.as_str()).await?;
        manager.fishjam()?.delete_peer(&room.id, &peer.id).await?;
        lists.wait_for(r#"[{"id":"ID","name":"Ada","status":"disconnected"}]"#, &joined).await?;
    }
    manager.program.interrupt()?;
    let output = manager.program.end().await?;
    ensure!(output.status.success(), "{output:?}");
    drop(stuck);
    Ok(())
}

#[tokio::test]
async fn interrupt_ends_the_program_while_it_waits_for_fishjam() -> Result<()> {
    let emulator = Emulator::start().await?;
    let _outage = emulator.outage(Duration::MAX);
    let mut program = Program::start(PROGRAM, &emulator)?;
    program.log_with("WARN").await?;
    program.interrupt()?;
    let output = program.end().await?;
    ensure!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    Ok(())
}

#[tokio::test]
async fn invalid_settings_end_the_program() -> Result<()> {
    let emulator = Emulator::start().await?;
    for (name, value, part) in [
        ("MAX_PEERS", "many", "MAX_PEERS"),
        ("LISTEN", "nowhere", "cannot listen on nowhere"),
        ("FISHJAM_WEBHOOK_SECRET", " ", "secret"),
        ("FISHJAM_MANAGEMENT_TOKEN", "wrong", "token"),
    ] {
        let program = Program::builder(PROGRAM).emulator(&emulator).env(name, value).start()?;
        let output = program.end().await?;
        ensure!(!output.status.success() && output.stderr.contains(part), "{name}: {output:?}");
    }
    Ok(())
}
