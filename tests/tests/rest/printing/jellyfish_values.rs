//! Values of a Jellyfish server, printed.

use anyhow::Context;
use fishjam_emulator::Emulator;
use fishjam_proto::jellyfish::{
    ServerMessage,
    server_message::{self as wire, Content, Track as WireTrack},
};
use fishjam_sdk::jellyfish::{
    events::{Event, Metrics, Notification},
    *,
};
use fishjam_tests::support::within;
use prost::Message as _;
use serde_json::json;

use super::{CapturedOutput, SENTINEL, address, metadata, room_json, unknown_message};

/// Prints values of a Jellyfish server.
pub(super) async fn print(printed: &mut CapturedOutput) -> anyhow::Result<()> {
    let emulator = Emulator::jellyfish().start().await?;
    let options = ConnectionOptions::new(emulator.address(), emulator.token());
    let client = JellyfishClient::new(options)?;
    let options = ConnectionOptions::new(emulator.address(), SENTINEL);
    printed.debug(&options);
    printed.debug(&JellyfishClient::builder(options.clone()));
    printed.debug(&JellyfishClient::new(options)?);
    printed.display(&S3SecretAccessKey::from(SENTINEL));
    printed.display(&ServerApiToken::from(SENTINEL));
    printed.display(&SipPassword::from(SENTINEL));
    let storage = || S3Credentials::new(SENTINEL, SENTINEL, "eu", "bucket");
    let telephone = || SipCredentials::new("registrar", "user", SENTINEL);
    printed.debug(&storage());
    printed.debug(&telephone());
    printed.debug(&Hls::new().s3(storage()));
    printed.debug(&Recording::new().credentials(storage()));
    printed.debug(&Sip::new(telephone()));
    printed.debug(&Rtsp::new(address()));
    printed.debug(&ComponentOptions::from(Rtsp::new(address())));
    printed.debug(&RoomOptions::new().webhook_url(address()));

    let credentials = json!({ "address": "a", "username": "u", "password": SENTINEL });
    let rtsp = json!({
        "sourceUri": address(), "rtpPort": 1, "reconnectDelay": 1, "keepAliveInterval": 1, "pierceNat": true,
    });
    let mut room = room_json();
    room["components"] = json!([
        { "id": "a", "type": "sip", "properties": { "registrarCredentials": credentials } },
        { "id": "b", "type": "rtsp", "properties": rtsp },
        { "id": "c", "type": "new", "properties": metadata() },
    ]);
    emulator.faults().on("get_room").status(200).body(json!({ "data": room }).to_string());
    let sent = room;
    let room = client.get_room("r").await?;
    printed.debug(&room);
    printed.debug(&room.config);
    printed.debug(&room.peers[0]);
    for component in &room.components {
        printed.debug(component);
        printed.debug(&component.properties);
        match &component.properties {
            ComponentProperties::Sip(properties) => printed.debug(properties),
            ComponentProperties::Rtsp(properties) => printed.debug(properties),
            _ => {}
        }
    }
    let created = json!({ "data": { "peer": room_json()["peers"][0], "token": SENTINEL } });
    emulator.faults().on("add_peer").status(201).body(created.to_string());
    printed.debug(&client.add_peer("r", WebRtc::new()).await?);
    let token = format!("{SENTINEL}/{SENTINEL}");
    printed.error(client.get_room(token.as_str()).await);
    printed.error(client.get_hls_content("r", token.as_str(), HlsRequest::new()).await);
    emulator.faults().on("get_hls_content").status(200).body(SENTINEL);
    printed.debug(&client.get_hls_content("r", "index.m3u8", HlsRequest::new()).await?);

    let options = ConnectionOptions::new(emulator.address(), emulator.token());
    printed.secrets.push(emulator.token().to_owned());
    let client = JellyfishClient::new(options.clone())?;
    printed.debug(&client.room_handle("r"));
    let builder = JellyfishNotifier::builder(options);
    printed.debug(&builder);
    let notifier = builder.build()?;
    let mut events = within("a stream", notifier.events()).await??;
    printed.debug(&notifier);
    printed.debug(&events);
    let unreadable = json!({ "id": "u", SENTINEL: SENTINEL, "config": SENTINEL });
    emulator.faults().on("get_all_rooms").body(json!({ "data": [sent, unreadable] }).to_string());
    let rooms = events.resync([&client]).await?;
    assert_eq!((rooms.items.len(), rooms.unreadable.len()), (1, 1));
    printed.debug(&rooms);
    print_notifications(printed)
}

fn print_notifications(printed: &mut CapturedOutput) -> anyhow::Result<()> {
    let (room_id, peer_id) = (|| "r".to_owned(), || "p".to_owned());
    let track = || Some(WireTrack { id: "t".to_owned(), r#type: 2, metadata: SENTINEL.to_owned() });
    let values = json!({
        SENTINEL: SENTINEL,
        "room_id=r": {
            SENTINEL: SENTINEL,
            "endpoint_id=e": { SENTINEL: SENTINEL, "track_id=t": metadata() },
        },
    });
    let metrics = |metrics: String| Content::MetricsReport(wire::MetricsReport { metrics });
    let contents = [
        metrics(values.to_string()),
        metrics(SENTINEL.to_owned()),
        Content::PeerMetadataUpdated(wire::PeerMetadataUpdated {
            room_id: room_id(),
            peer_id: peer_id(),
            metadata: SENTINEL.to_owned(),
        }),
        Content::TrackAdded(wire::TrackAdded { room_id: room_id(), track: track(), ..Default::default() }),
        Content::TrackRemoved(wire::TrackRemoved { room_id: room_id(), track: track(), ..Default::default() }),
        Content::TrackMetadataUpdated(wire::TrackMetadataUpdated {
            room_id: room_id(),
            track: track(),
            ..Default::default()
        }),
    ];
    let mut bodies: Vec<_> =
        contents.into_iter().map(|it| ServerMessage { content: Some(it) }.encode_to_vec()).collect();
    bodies.push(unknown_message());
    for body in bodies {
        let Some(notification) = webhook::receive(&body)? else { anyhow::bail!("not a notification") };
        printed.display(&notification);
        match &notification {
            Notification::MetricsReport(it) => {
                printed.debug(it);
                match it.metrics() {
                    Ok(metrics) => print_metrics(printed, &metrics)?,
                    Err(error) => printed.error::<()>(Err(error)),
                }
            }
            Notification::PeerMetadataUpdated(it) => printed.debug(it),
            Notification::TrackAdded(it) => {
                printed.debug(it);
                printed.debug(&it.track);
            }
            Notification::TrackRemoved(it) => printed.debug(it),
            Notification::TrackMetadataUpdated(it) => printed.debug(it),
            Notification::Unknown(it) => printed.debug(it),
            other => anyhow::bail!("{other}"),
        }
        printed.debug(&Event::Notification(notification));
    }
    Ok(())
}

fn print_metrics(printed: &mut CapturedOutput, metrics: &Metrics) -> anyhow::Result<()> {
    printed.debug(metrics);
    let room = metrics.rooms.values().next().context("a room")?;
    printed.debug(room);
    let endpoint = room.endpoints.values().next().context("an endpoint")?;
    printed.debug(endpoint);
    printed.debug(endpoint.tracks.values().next().context("a track")?);
    Ok(())
}
