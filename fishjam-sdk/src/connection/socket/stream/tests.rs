use futures_util::{FutureExt, SinkExt, StreamExt};
use tokio::io::{AsyncWriteExt, duplex};
use tokio_tungstenite::{
    WebSocketStream,
    tungstenite::{Error, Message, protocol::Role},
};

use super::*;

/// A frame with this payload, as a server sends it.
fn frame(opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0x80 | opcode];
    match payload.len() {
        length @ ..126 => frame.push(length as u8),
        length @ ..65_536 => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(payload);
    frame
}

fn close(code: u16, reason: &str) -> Vec<u8> {
    frame(CLOSE, &[&code.to_be_bytes(), reason.as_bytes()].concat())
}

/// The close frame that a scan of these parts finds.
fn scan<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Option<(u16, String)> {
    let mut stream = ObservedStream::new(());
    parts.into_iter().for_each(|part| stream.frames.scan(part).unwrap());
    stream.close_frame().map(|(code, reason)| (code, String::from_utf8_lossy(reason).into_owned()))
}

#[test]
fn close_frame_is_found_however_the_bytes_arrive() {
    // Payloads that look like close frames, of every form of a length.
    let decoys = [0, 1, 125, 126, 300, 65_535, 65_536].map(|length| frame(2, &vec![0x88; length])).concat();
    let reason = "x".repeat(123);
    for (after, expected) in [
        (close(1014, "bad gateway"), Some((1014, "bad gateway"))),
        (close(0, ""), Some((0, ""))),
        (close(65_535, &reason), Some((65_535, reason.as_str()))),
        ([close(1014, "first"), close(1000, "second")].concat(), Some((1014, "first"))),
        (frame(CLOSE, &[]), None),
        (frame(CLOSE, &[3]), None),
        (frame(9, b"ping"), None),
    ] {
        let expected = expected.map(|(code, reason)| (code, reason.to_owned()));
        let bytes = [decoys.as_slice(), &after].concat();
        for size in [1, 2, 3, 7, 126, 4096, 65_537, bytes.len()] {
            assert_eq!(scan(bytes.chunks(size)), expected, "parts of {size}");
        }
        for at in decoys.len()..bytes.len() {
            let (start, end) = bytes.split_at(at);
            assert_eq!(scan([start, end]), expected, "split at {at}");
        }
    }
}

#[test]
fn close_frame_is_found_after_a_response() {
    let head = b"HTTP/1.1 101 Switching Protocols\r\nx-decoy: \x88\x02\r\r\nupgrade: websocket\r\n\r\n";
    let bytes = [head.as_slice(), &frame(2, b"early"), &close(1014, "bad gateway")].concat();
    for size in [1, 2, 3, 7, bytes.len()] {
        let mut stream = ObservedStream::before_response(());
        bytes.chunks(size).for_each(|part| stream.frames.scan(part).unwrap());
        assert_eq!(stream.close_frame(), Some((1014, b"bad gateway".as_slice())), "parts of {size}");
    }
}

#[test]
fn message_with_too_many_fragments_is_an_error() {
    // A frame that is not the last one of its message.
    let fragment = |opcode, payload: &[u8]| {
        let mut frame = frame(opcode, payload);
        frame[0] &= 0x7F;
        frame
    };
    let most = [fragment(2, b"start"), fragment(0, b"").repeat(MAX_FRAGMENTS - 1)].concat();
    let ping = frame(9, b"ping");
    let last = frame(0, b"end");
    for (name, bytes, fails) in [
        ("two messages", [most.as_slice(), &last, &most, &last].concat(), false),
        ("a ping in the message", [most.as_slice(), &ping, &last].concat(), false),
        ("one fragment more", [most.as_slice(), &fragment(0, b"")].concat(), true),
        ("one fragment more, after a ping", [most.as_slice(), &ping, &fragment(0, b"x"), &last].concat(), true),
    ] {
        for size in [1, 3, 4096, bytes.len()] {
            let mut stream = ObservedStream::new(());
            let outcome = bytes.chunks(size).try_for_each(|part| stream.frames.scan(part));
            assert_eq!(outcome.is_err(), fails, "{name} in parts of {size}: {outcome:?}");
        }
    }
}

/// A client, and the end of its connection on which the test sends the server's messages.
async fn client(buffer: usize) -> (WebSocketStream<ObservedStream<tokio::io::DuplexStream>>, tokio::io::DuplexStream) {
    let (here, there) = duplex(buffer);
    (WebSocketStream::from_raw_socket(ObservedStream::new(here), Role::Client, None).await, there)
}

#[tokio::test]
async fn unread_pongs_fail_the_connection_at_the_limit() {
    let (mut client, mut server) = client(4096).await;
    let ping = frame(9, &[7; 125]);
    let mut pings = 0;
    let error = loop {
        server.write_all(&ping).await.unwrap();
        pings += 1;
        match client.next().await.unwrap() {
            Ok(message) => assert!(message.is_ping(), "{message:?}"),
            Err(error) => break error,
        }
        assert!(pings < 10_000, "{pings} pings were answered, and no pong was read");
    };
    assert!(matches!(&error, Error::Io(error) if error.kind() == io::ErrorKind::TimedOut), "{error:?}");
    // A pong is six bytes longer than its ping here: the mask and two bytes of length.
    assert!(pings * 131 > MAX_UNSENT, "{pings}");
}

#[tokio::test]
async fn large_message_may_wait_to_be_written() {
    let (mut client, mut server) = client(4096).await;
    let message = vec![1; 8 * MAX_UNSENT];
    client.get_mut().expect_message(message.len());
    assert!(client.send(Message::binary(message)).now_or_never().is_none(), "nobody reads it");
    server.write_all(&frame(9, b"ping")).await.unwrap();
    assert!(client.next().await.unwrap().unwrap().is_ping());
}
