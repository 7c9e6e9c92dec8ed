//! Servers that send too much, do not read, or close with odd codes; for both notifiers.

use std::{sync::Arc, time::Duration};

use anyhow::Context;
use fishjam_proto::fishjam::server_message::{Content, RoomCreated};
use fishjam_sdk::{ErrorKind, Overflow, events::Gap};
use tokio::{sync::Notify, time::timeout};

use crate::{
    script::{ScriptStep, after_signal, authenticated, binary, close_frame, endless_message, frame, serve},
    servers::{ConnectionSettings, Events, HANG, KINDS, Kind, Seen, next_seen},
};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

fn created(room: &str) -> ScriptStep {
    ScriptStep::Send(frame(Content::RoomCreated(RoomCreated { room_id: room.to_owned() })))
}

/// A notification with about this many bytes.
fn large(bytes: usize) -> ScriptStep {
    created(&"r".repeat(bytes))
}

/// The events of a new connection to a server that runs these steps.
async fn events(
    kind: Kind,
    settings: ConnectionSettings,
    steps: impl IntoIterator<Item = ScriptStep>,
) -> anyhow::Result<Events> {
    let signal = Arc::new(Notify::new());
    let url = serve(after_signal(&signal, steps)).await?;
    let notifier = kind.notifier(&url, settings)?;
    let events = timeout(HANG, notifier.events()).await??;
    signal.notify_one();
    Ok(events)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handshake_ends_at_its_limit_while_messages_arrive() -> anyhow::Result<()> {
    // The client does not respond to pongs. So nothing else ends the connection.
    let flood = || ScriptStep::Flood { bytes: [0x8a, 0].repeat(32 * KIB), reads: true };
    for steps in
        [vec![ScriptStep::Receive, flood()], vec![ScriptStep::Receive, ScriptStep::Send(authenticated()), flood()]]
    {
        let url = serve(steps).await?;
        let settings = ConnectionSettings {
            handshake: Duration::from_millis(300),
            retry_first: false,
            ..ConnectionSettings::default()
        };
        for kind in KINDS {
            let notifier = kind.notifier(&url, settings)?;
            let error = timeout(HANG, notifier.events()).await?.err().context("it is ready")?;
            assert_eq!(error.kind(), ErrorKind::Timeout, "{kind:?}: {error}");
            assert!(error.to_string().contains("not subscribed within 300ms"), "{kind:?}: {error}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn endless_fragments_end_the_handshake() -> anyhow::Result<()> {
    for before in [vec![ScriptStep::Receive], vec![ScriptStep::Receive, ScriptStep::Send(authenticated())]] {
        let url = serve([before, endless_message().to_vec()].concat()).await?;
        for kind in KINDS {
            let notifier =
                kind.notifier(&url, ConnectionSettings { retry_first: false, ..ConnectionSettings::default() })?;
            let error = timeout(HANG, notifier.events()).await?.err().context("it is ready")?;
            assert_eq!(error.kind(), ErrorKind::Connection, "{kind:?}: {error}");
            assert!(format!("{error:#}").contains("fragments"), "{kind:?}: {error:#}");
        }
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn connection_is_lost_when_fragments_are_endless() -> anyhow::Result<()> {
    for kind in KINDS {
        let mut events = events(kind, ConnectionSettings::default(), endless_message()).await?;
        // After the loss the notifier reconnects, and reports the gap.
        match next_seen(&mut events).await?.context("the stream ended")?? {
            Seen::Gap(Gap { reason, .. }) => assert_eq!(reason.kind(), ErrorKind::Connection, "{kind:?}: {reason}"),
            other => panic!("{kind:?}: {other:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn early_notifications_are_limited_in_bytes() -> anyhow::Result<()> {
    // These 40 notifications exceed the limit of 32 MiB, and not the limit of 4,096 notifications.
    let steps = [ScriptStep::Receive].into_iter().chain((0..40).map(|_| large(MIB))).collect();
    let url = serve(steps).await?;
    for kind in KINDS {
        let notifier = kind.notifier(&url, ConnectionSettings::default())?;
        let error = timeout(HANG, notifier.events()).await?.err().context("it is ready")?;
        assert_eq!(error.kind(), ErrorKind::WebSocket, "{kind:?}: {error}");
        assert!(error.to_string().contains("too many notifications"), "{kind:?}: {error}");
    }
    Ok(())
}

#[tokio::test]
async fn connection_is_lost_when_pongs_are_not_read() -> anyhow::Result<()> {
    let ping = [[0x89, 125].as_slice(), &[7; 125]].concat();
    for kind in KINDS {
        let mut events =
            events(kind, ConnectionSettings::default(), [ScriptStep::Flood { bytes: ping.repeat(500), reads: false }])
                .await?;
        // After the loss the notifier reconnects, and reports the gap.
        match next_seen(&mut events).await?.context("the stream ended")?? {
            Seen::Gap(Gap { reason, .. }) => assert_eq!(reason.kind(), ErrorKind::Connection, "{kind:?}: {reason}"),
            other => panic!("{kind:?}: {other:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn close_code_is_reported_and_decides_the_outcome() -> anyhow::Result<()> {
    let temporary = [
        0, 999, 1000, 1001, 1004, 1005, 1006, 1011, 1012, 1013, 1014, 1015, 1016, 2999, 3000, 3999, 4000, 4999, 5000,
        65_535,
    ];
    let permanent = [1002, 1003, 1007, 1008, 1009, 1010];
    for (codes, again) in [(temporary.as_slice(), true), (&permanent, false)] {
        for code in codes.iter().copied() {
            for kind in KINDS {
                let close = ScriptStep::Send(close_frame(code, "bad gateway"));
                let mut events = events(kind, ConnectionSettings::default(), [close]).await?;
                let reason = match next_seen(&mut events).await?.context("the stream ended")? {
                    Ok(Seen::Gap(Gap { reason, .. })) if again => reason,
                    Err(reason) if !again => reason,
                    other => panic!("{kind:?} {code}: {other:?}"),
                };
                assert_eq!((reason.kind(), reason.close_code()), (ErrorKind::Closed, Some(code)), "{kind:?}");
                assert!(reason.to_string().contains(&format!("(code {code}): bad gateway")), "{kind:?}: {reason}");
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn close_code_is_reported_when_its_reason_is_not_utf8() -> anyhow::Result<()> {
    let frame = [&[0x88, 4], &1014_u16.to_be_bytes()[..], &[0xff, 0xfe]].concat();
    for kind in KINDS {
        let close = ScriptStep::Flood { bytes: frame.clone(), reads: true };
        match next_seen(&mut events(kind, ConnectionSettings::default(), [close]).await?)
            .await?
            .context("it ended")??
        {
            Seen::Gap(Gap { reason, .. }) => assert_eq!(reason.close_code(), Some(1014), "{kind:?}: {reason}"),
            other => panic!("{kind:?}: {other:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn nested_batch_costs_its_neighbors_nothing() -> anyhow::Result<()> {
    let created = |room: u8| [0x0a, 5, 0x52, 3, 0x0a, 1, room];
    let nested = [0x0a, 3, 0x8a, 0x02, 0];
    let members = [created(b'a').as_slice(), &nested, &created(b'b')].concat();
    let batch = [[0x8a, 0x02, members.len() as u8].as_slice(), &members].concat();
    let mut events = events(Kind::Fishjam, ConnectionSettings::default(), [ScriptStep::Send(binary(batch))]).await?;
    for expected in ["room_created room=a", "unknown field=33 bytes=0 malformed", "room_created room=b"] {
        match next_seen(&mut events).await?.context("it ended")?? {
            Seen::Line(line) => assert_eq!(line, expected),
            other => panic!("{other:?}"),
        }
    }
    Ok(())
}

#[tokio::test]
async fn queue_drops_the_oldest_events_at_its_limit_of_bytes() -> anyhow::Result<()> {
    for kind in KINDS {
        let signal = Arc::new(Notify::new());
        let steps = (0..10).map(|_| large(300 * KIB)).chain([created("last")]);
        let url = serve(after_signal(&signal, steps)).await?;
        let notifier = kind.notifier(&url, ConnectionSettings { queue_bytes: MIB, ..ConnectionSettings::default() })?;
        let mut prompt = timeout(HANG, notifier.events()).await??;
        let mut slow = notifier.subscribe_with(1_000, Overflow::DropOldest)?;
        signal.notify_one();
        for _ in 0..11 {
            let line = next_seen(&mut prompt).await?.context("the stream ended")??;
            assert!(matches!(line, Seen::Line(_)), "{kind:?}: {line:?}");
        }
        let mut seen = Vec::new();
        for _ in 0..5 {
            seen.push(match next_seen(&mut slow).await?.context("the stream ended")?? {
                Seen::Line(line) => line.len() / (100 * KIB),
                Seen::Dropped(events) => 100 + events as usize,
                other => panic!("{kind:?}: {other:?}"),
            });
        }
        // Seven were dropped; three large ones and the last one fit.
        assert_eq!(seen, [107, 3, 3, 3, 0], "{kind:?}");
    }
    Ok(())
}

#[tokio::test]
async fn event_above_the_limit_of_bytes_arrives() -> anyhow::Result<()> {
    for kind in KINDS {
        let steps = (0..10).map(|_| large(300 * KIB)).chain([created("last")]);
        let mut events =
            events(kind, ConnectionSettings { queue_bytes: 1, ..ConnectionSettings::default() }, steps).await?;
        for number in 0..11 {
            match next_seen(&mut events).await?.context("the stream ended")?? {
                Seen::Line(line) => assert_eq!(line.len() > 300 * KIB, number < 10, "{kind:?} {number}"),
                other => panic!("{kind:?}: {other:?}"),
            }
        }
    }
    Ok(())
}
