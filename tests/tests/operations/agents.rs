//! Agents and VAPI calls as peers.

use fishjam_emulator::Emulator;
use fishjam_sdk::{
    AgentOptions, AgentOutputOptions, ErrorKind, PeerStatus, PeerType, RoomOptions, SubscribeMode, VapiAgentOptions,
    agent::{AgentConnectOptions, AudioFormat, SampleRate},
};
use serde_json::{Value, json};

use super::{debugged, last, start};

const KEY: &str = "SENTINEL-vapi-4a1e";

#[tokio::test]
async fn create_agent_sends_only_the_options_that_are_set() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let output = AgentOutputOptions::new;
    for (options, sent) in [
        (AgentOptions::new(), json!({})),
        (AgentOptions::new().output(output()), json!({ "output": {} })),
        (
            AgentOptions::new().output(output().audio_format(AudioFormat::Pcm16)),
            json!({ "output": { "audioFormat": "pcm16" } }),
        ),
        (
            AgentOptions::new().output(output().audio_sample_rate(SampleRate::Hz16000)),
            json!({ "output": { "audioSampleRate": 16_000 } }),
        ),
        (
            AgentOptions::new()
                .output(output().audio_format(AudioFormat::Pcm16).audio_sample_rate(SampleRate::Hz24000))
                .subscribe_mode(SubscribeMode::Manual),
            json!({ "output": { "audioFormat": "pcm16", "audioSampleRate": 24_000 }, "subscribeMode": "manual" }),
        ),
    ] {
        let agent = fishjam.create_agent(&room.id, options).await?;
        let request = last(&emulator, "add_peer");
        assert_eq!((request.method(), request.path()), ("POST", format!("/room/{}/peer", room.id).as_str()));
        assert_eq!(request.body_json(), Some(json!({ "type": "agent", "options": &sent })));
        assert_eq!(agent.room_id(), &room.id);
        assert_eq!((agent.id(), &agent.peer().peer_type), (&agent.peer().id, &PeerType::Agent));
        assert_eq!(agent.peer().status, PeerStatus::Disconnected);
        let manual = sent["subscribeMode"] == "manual";
        let mode = if manual { SubscribeMode::Manual } else { SubscribeMode::Auto };
        assert_eq!(agent.peer().subscribe_mode, mode);
        assert!(fishjam.get_room(&room.id).await?.peers.contains(agent.peer()));
        fishjam.delete_peer(&room.id, agent.id()).await?;
    }
    Ok(())
}

#[tokio::test]
async fn rate_that_agents_cannot_receive_is_refused_before_sending() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let output = AgentOutputOptions::new().audio_sample_rate(SampleRate::Hz48000);
    let error = fishjam.create_agent(&room.id, AgentOptions::new().output(output)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("invalid audio_sample_rate: 48000 Hz"), "{error}");
    assert_eq!(emulator.journal().count("add_peer"), 0);

    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let error = agent.clone().with_input_rate(SampleRate::Hz48000).connect().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("invalid with_input_rate: 48000 Hz"), "{error}");
    let error = agent.connect_with(AgentConnectOptions::new().outgoing_bytes(0)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("invalid outgoing_bytes: must be at least 1"), "{error}");
    assert_eq!(emulator.journal().count("agent_socket"), 0);
    Ok(())
}

#[tokio::test]
async fn agent_connects_to_the_servers_socket_address() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let below_base = format!("{}/socket/agent/websocket", emulator.url().replacen("http", "ws", 1));

    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let prefix = format!("{}/api/v1/connect/{}", emulator.origin().replacen("http", "ws", 1), emulator.id());
    assert_eq!(agent.socket_url(), format!("{prefix}/socket/agent/websocket"));

    for (said, socket) in [
        (json!("wss://media/socket/peer/websocket"), "wss://media/socket/agent/websocket"),
        (json!("https://media:4000/a/b/socket/peer/websocket"), "wss://media:4000/a/b/socket/agent/websocket"),
        (json!("media/socket/peer/websocket"), "ws://media/socket/agent/websocket"),
        (json!("ftp://media/socket/peer/websocket"), below_base.as_str()),
        (json!("media/elsewhere"), below_base.as_str()),
        (json!(""), below_base.as_str()),
        (Value::Null, below_base.as_str()),
    ] {
        emulator.faults().on("add_peer").patch_json({
            let said = said.clone();
            move |response| {
                match response["data"].as_object_mut() {
                    Some(data) if said.is_null() => data.remove("peer_websocket_url"),
                    Some(data) => data.insert("peer_websocket_url".to_owned(), said.clone()),
                    None => None,
                };
            }
        });
        assert_eq!(fishjam.create_agent(&room.id, AgentOptions::new()).await?.socket_url(), socket, "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn agents_have_separate_tokens_that_are_not_printed() -> anyhow::Result<()> {
    let (_emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let agent = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    let other = fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    assert_ne!(agent.token().expose(), other.token().expose());
    let printed = format!("{} {}", debugged(&agent), agent.token());
    assert!(printed.contains(agent.id().as_str()) && printed.contains("[redacted]"), "{printed}");
    assert!(!printed.contains(agent.token().expose()), "{printed}");
    Ok(())
}

#[tokio::test]
async fn a_vapi_call_becomes_a_peer() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(RoomOptions::new()).await?;
    let options = || VapiAgentOptions::new(KEY, "call-1");
    for (options, sent) in [
        (options(), json!({ "apiKey": KEY, "callId": "call-1" })),
        (options().auto_close(false), json!({ "apiKey": KEY, "callId": "call-1", "autoClose": false })),
        (
            options().auto_close(true).subscribe_mode(SubscribeMode::Manual),
            json!({ "apiKey": KEY, "callId": "call-1", "autoClose": true, "subscribeMode": "manual" }),
        ),
    ] {
        let peer = fishjam.create_vapi_agent(&room.id, options).await?;
        let body = last(&emulator, "add_peer").body_json();
        assert_eq!(body, Some(json!({ "type": "vapi", "options": sent })));
        assert_eq!(peer.peer_type, PeerType::Vapi);
        assert!(fishjam.get_room(&room.id).await?.peers.contains(&peer));
    }
    Ok(())
}

#[tokio::test]
async fn a_vapi_key_is_not_printed_even_if_the_server_repeats_it() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let options = VapiAgentOptions::new(KEY, "call-1");
    assert!(!debugged(&options).contains(KEY));
    for body in [
        json!({ "errors": format!("apiKey {KEY} is wrong") }),
        json!({ "errors": { "apiKey": [KEY] } }),
        json!(format!("{KEY} {}", emulator.token())),
    ] {
        emulator.faults().on("add_peer").status(400).body(body.to_string());
        let error = fishjam.create_vapi_agent("r", options.clone()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest);
        let printed = format!("{error} {} {:?}", debugged(&error), error.body_excerpt());
        assert!(printed.contains("[redacted]") && !printed.contains(KEY), "{printed}");
        assert!(!printed.contains(emulator.token()), "{printed}");
    }
    Ok(())
}

#[tokio::test]
async fn create_agent_refuses_invalid_options_and_full_rooms() -> anyhow::Result<()> {
    let (emulator, fishjam) = start(Emulator::builder()).await?;
    let room = fishjam.create_room(RoomOptions::new().max_peers(1)).await?;
    let vapi = || VapiAgentOptions::new(KEY, "call-1");
    let error = fishjam.create_vapi_agent(&room.id, VapiAgentOptions::new(KEY, "call 1")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    fishjam.create_agent(&room.id, AgentOptions::new()).await?;
    for (error, kind) in [
        (fishjam.create_agent(&room.id, AgentOptions::new()).await.unwrap_err(), ErrorKind::Conflict),
        (fishjam.create_vapi_agent(&room.id, vapi()).await.unwrap_err(), ErrorKind::Conflict),
        (fishjam.create_agent("gone", AgentOptions::new()).await.unwrap_err(), ErrorKind::NotFound),
        (fishjam.create_vapi_agent("gone", vapi()).await.unwrap_err(), ErrorKind::NotFound),
    ] {
        assert_eq!((error.kind(), error.operation()), (kind, Some("add_peer")), "{error}");
    }
    emulator.journal().clear();
    for error in [
        fishjam.create_agent("a/b", AgentOptions::new()).await.unwrap_err(),
        fishjam.create_vapi_agent("", vapi()).await.unwrap_err(),
    ] {
        assert_eq!((error.kind(), error.attempts()), (ErrorKind::InvalidInput, 0));
    }
    assert_eq!(emulator.journal().count("*"), 0);
    Ok(())
}
