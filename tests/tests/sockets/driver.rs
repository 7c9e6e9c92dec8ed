//! Decisions of the driver, for all its users: both notifiers and the agents.

use std::{
    error::Error as _,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use anyhow::{Context, bail};
use fishjam_sdk::{ConnectionState, Error, ErrorKind, agent::OutgoingAudioTrackOptions};
use fishjam_tests::{
    clock::{leap, or_stuck, settle},
    support::within,
};
use futures_util::{SinkExt, StreamExt};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::yield_now,
};
use tokio_tungstenite::tungstenite::Message;

use crate::{
    script::{close_frame, subscribed},
    servers::ConnectionSettings,
    users::{Handle, Server, Socket, User, for_users, send},
};

const PAUSE: Duration = Duration::from_secs(25);

#[tokio::test]
async fn paused_connection_sends_pongs() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        let (mut client, mut socket) = server.connect(ConnectionSettings::default()).await?;
        send(user, &mut socket, 0..3).await?;
        for _ in 0..5 {
            leap(PAUSE).await;
            let pong = within("a pong", socket.next()).await?;
            anyhow::ensure!(matches!(&pong, Some(Ok(Message::Pong(data))) if data.is_empty()), "{pong:?}");
            let other = or_stuck(socket.next()).await;
            anyhow::ensure!(other.is_none(), "{other:?}");
        }
        client.expect(0..3).await
    })
    .await
}

#[tokio::test]
async fn silent_connection_sends_pings_if_its_policy_says_so() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        let (_client, mut socket) = server.connect(ConnectionSettings::default()).await?;
        leap(PAUSE).await;
        let sent = or_stuck(socket.next()).await;
        let pinged = matches!(&sent, Some(Some(Ok(Message::Ping(data)))) if data.is_empty());
        // The servers of notifiers send pings themselves. An agent's room can be silent.
        anyhow::ensure!(pinged == (user == User::Agent) && (pinged || sent.is_none()), "{sent:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn gap_includes_the_time_without_reading() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        let (mut client, mut socket) = server.connect(ConnectionSettings::default()).await?;
        // Most messages wait in the socket. They are old when they are read, so they do not show that it works.
        send(user, &mut socket, 0..600).await?;
        for _ in 0..5 {
            leap(PAUSE).await;
        }
        client.expect(0..600).await?;
        // The connection is lost after the socket was empty, so that the last read ends with its messages.
        settle().await;
        drop(socket);
        server.admit().await?;
        let gap = client.gap().await?;
        anyhow::ensure!(gap >= 5 * PAUSE, "{gap:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn slow_receiver_with_a_short_idle_timeout_stays_connected() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        // Shorter than the time between two pongs of a paused connection.
        let idle = Duration::from_secs(5);
        let (mut client, mut socket) =
            server.connect(ConnectionSettings { idle, reconnect: false, ..ConnectionSettings::default() }).await?;
        send(user, &mut socket, 0..400).await?;
        // Each message frees room for one more, and then nothing is read for longer than the limit.
        for number in 0..5 {
            leap(3 * idle).await;
            client.expect(number..number + 1).await?;
            settle().await;
        }
        client.expect(5..400).await?;
        // One message is in the queue, and the other one waits for room. When the reads resume, the socket is empty.
        send(user, &mut socket, 400..402).await?;
        leap(3 * idle).await;
        client.expect(400..402).await?;
        settle().await;
        send(user, &mut socket, 402..403).await?;
        client.expect(402..403).await?;
        anyhow::ensure!(client.state() == ConnectionState::Ready, "{:?}", client.state());
        // The limit holds again.
        leap(2 * idle).await;
        client.end().await.map(drop)
    })
    .await
}

#[tokio::test]
async fn failed_pong_loses_no_message_that_has_arrived() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        let (mut client, mut socket) = server.connect(ConnectionSettings::default()).await?;
        send(user, &mut socket, 0..600).await?;
        drop(socket);
        // The server's kernel responds to the first pong with a reset. The others fail.
        for _ in 0..5 {
            leap(PAUSE).await;
        }
        anyhow::ensure!(client.state() == ConnectionState::Ready, "{:?}", client.state());
        client.expect(0..600).await?;
        server.admit().await?;
        client.gap().await?;
        Ok(())
    })
    .await
}

#[tokio::test]
async fn messages_before_a_loss_are_delivered_before_it() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        let (mut client, mut socket) =
            server.connect(ConnectionSettings { reconnect: false, ..ConnectionSettings::default() }).await?;
        send(user, &mut socket, 0..10).await?;
        socket.send(close_frame(1011, "internal")).await?;
        settle().await;
        anyhow::ensure!(client.state() == ConnectionState::Ready, "{:?}", client.state());
        client.expect(0..10).await?;
        let error = client.end().await?;
        anyhow::ensure!(error.close_code() == Some(1011), "{error}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn gap_is_delivered_before_the_state_ready_and_early_messages() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        let (mut client, mut socket) = server.connect(ConnectionSettings::default()).await?;
        // The queue is full, so that the gap has no room.
        send(user, &mut socket, 0..1).await?;
        drop(socket);
        let mut socket = server.accept().await?;
        send(user, &mut socket, 1..3).await?;
        server.complete(&mut socket).await?;
        settle().await;
        anyhow::ensure!(client.state() != ConnectionState::Ready, "the gap waits");
        client.expect(0..1).await?;
        client.gap().await?;
        client.expect(1..3).await?;
        anyhow::ensure!(client.state() == ConnectionState::Ready, "{:?}", client.state());
        Ok(())
    })
    .await
}

#[tokio::test]
async fn refused_reconnect_names_the_loss_as_its_source() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        let (mut client, socket) = server.connect(ConnectionSettings::default()).await?;
        drop(socket);
        let mut socket = server.accept().await?;
        socket.send(close_frame(1000, "invalid token")).await?;
        let error = client.end().await?;
        anyhow::ensure!(error.kind() == ErrorKind::Unauthorized, "{error}");
        let source = error.source().and_then(|source| source.downcast_ref::<Error>()).context("no source")?;
        anyhow::ensure!(source.kind() == ErrorKind::Connection, "{source}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn close_frame_arrives_although_messages_are_unread() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        let (client, mut socket) = server.connect(ConnectionSettings::default()).await?;
        send(user, &mut socket, 0..600).await?;
        drop(client);
        let frame = within("a close frame", socket.next()).await?;
        anyhow::ensure!(matches!(frame, Some(Ok(Message::Close(None)))), "{frame:?}");
        // A client that ends the connection with unread messages resets it.
        let end = within("the end", socket.next()).await?;
        anyhow::ensure!(end.is_none(), "{end:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn connection_ends_although_the_server_ignores_its_close_frame() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        let (client, mut socket) = server.connect(ConnectionSettings::default()).await?;
        drop(client);
        settle().await;
        // Below the WebSocket, nothing responds to the close frame.
        let stream = socket.get_mut();
        let mut bytes = Vec::new();
        anyhow::ensure!(or_stuck(stream.read_to_end(&mut bytes)).await.is_none(), "it does not wait for a response");
        leap(Duration::from_millis(500)).await;
        within("the end", stream.read_to_end(&mut bytes)).await??;
        anyhow::ensure!(bytes.first() == Some(&0x88), "{bytes:?}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn failed_write_reports_the_close_frame_that_arrived() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        // The reset lets the next write of the client fail: the subscription, or a track.
        let close = async |mut socket: Socket, before: Vec<Message>| {
            for message in before.into_iter().chain([close_frame(1011, "internal")]) {
                socket.feed(message).await?;
            }
            socket.flush().await?;
            if user == User::Agent {
                // The session reads the close frame together with the messages, and handles it after them.
                settle().await;
            }
            anyhow::Ok(socket.get_mut().set_zero_linger()?)
        };
        let settings = ConnectionSettings { reconnect: false, ..ConnectionSettings::default() };
        let error = match user {
            User::Notifier(_) => {
                let refusing = async { close(server.accept().await?, vec![user.authenticated()]).await };
                let (client, refused) = tokio::join!(server.client(settings), refusing);
                refused?;
                client.err().context("it is connected")?.downcast::<Error>()?
            }
            User::Agent => {
                let (mut client, socket) = server.connect(settings).await?;
                // The second message has no room, so that the session does not read.
                close(socket, vec![user.message(0), user.message(1)]).await?;
                let Handle::Agent(sender) = &client.handle else { bail!("no agent") };
                let _ = sender.add_track(OutgoingAudioTrackOptions::opus()).await;
                settle().await;
                client.expect(0..1).await?;
                client.end().await?
            }
        };
        anyhow::ensure!(error.close_code() == Some(1011), "{error}");
        Ok(())
    })
    .await
}

#[tokio::test]
async fn repeated_handshake_responses_let_other_tasks_run() -> anyhow::Result<()> {
    for_users(|user| async move {
        let server = Server::start(user).await?;
        let (mut client, mut socket) = server.connect(ConnectionSettings::default()).await?;
        let repeated = [user.authenticated(), subscribed()];
        let repeated = if user == User::Agent { &repeated[..1] } else { &repeated };
        let all = repeated.iter().cycle().take(20_000).cloned();
        let all = [user.message(0)].into_iter().chain(all).chain([user.message(1)]);
        let bytes = all.flat_map(|message| {
            let payload = message.into_data();
            [&[0x82, payload.len() as u8][..], &payload].concat()
        });
        // The server sends all messages at the same time, so the client finds them in its socket.
        socket.get_mut().write_all(&bytes.collect::<Vec<u8>>()).await?;
        let turns = Arc::new(AtomicU32::new(0));
        let other = tokio::spawn({
            let turns = Arc::clone(&turns);
            async move {
                loop {
                    turns.fetch_add(1, Ordering::Relaxed);
                    yield_now().await;
                }
            }
        });
        client.expect(0..1).await?;
        let before = turns.load(Ordering::Relaxed);
        client.expect(1..2).await?;
        other.abort();
        let turns = turns.load(Ordering::Relaxed) - before;
        anyhow::ensure!(turns > 50, "{turns} turns of another task");
        Ok(())
    })
    .await
}
