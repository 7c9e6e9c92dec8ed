//! The handle through which a test controls and inspects open sockets.

use std::{fmt, sync::Arc};

use axum::extract::ws::Message;
use bytes::Bytes;
use fishjam_proto::fishjam::ServerMessage;
use prost::Message as _;

use super::{
    SocketRegistry,
    frame_log::{FrameLog, ReceivedRecord, SocketRecord},
    registry::{Frame, SocketCommand},
};

/// The open sockets of one kind, and the failures that a test causes.
///
/// [`Emulator::server_sockets`](crate::Emulator::server_sockets),
/// [`Emulator::peer_sockets`](crate::Emulator::peer_sockets),
/// [`Emulator::agent_sockets`](crate::Emulator::agent_sockets) and
/// [`Emulator::composition_sockets`](crate::Emulator::composition_sockets) return them. Connections have numbers from 1,
/// in the order in which they were opened.
///
/// - Commands affect the open sockets immediately: `close_all`, `drop_all`, `reset_all`, `cut_all_inside`, `stall_all` and
///   the methods for one socket. Queued frames are no longer written. New connections behave normally.
/// - Frames are queued after earlier frames: `send_raw`, `send_message`, `send_text`, `send_oversized`,
///   `duplicate_last` and `burst`.
///
/// To cause a failure of future connections, use a [`Fault`](crate::Fault) of the operation `server_socket`,
/// `peer_socket`, `agent_socket` or `composition_socket`.
///
/// ```
/// # async fn example() -> fishjam_emulator::Result<()> {
/// let emulator = fishjam_emulator::Emulator::start().await?;
/// // ... a client connects ...
/// emulator.server_sockets().close_all(1011, "gone");
/// emulator.faults().on("server_socket").times(2).status(503);
/// emulator.faults().on("server_socket").after(2).refuse_token();
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Sockets {
    registry: Arc<SocketRegistry>,
}

impl Sockets {
    pub(crate) fn new(registry: SocketRegistry) -> Self {
        Sockets { registry: Arc::new(registry) }
    }

    pub(crate) fn registry(&self) -> &Arc<SocketRegistry> {
        &self.registry
    }

    /// Returns the number of open sockets, including stalled ones.
    pub fn count(&self) -> usize {
        self.registry.counts().open
    }

    /// Returns the number of sockets since the start.
    pub fn connections(&self) -> u64 {
        self.registry.counts().total
    }

    /// Returns the numbers of the open sockets, oldest first.
    pub fn numbers(&self) -> Vec<u64> {
        self.registry.numbers()
    }

    /// Waits until exactly this number of sockets is open.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_for_count(&self, count: usize) {
        self.registry.wait_until(|counts| counts.open == count).await;
    }

    /// Waits until this number of sockets has been opened since the start.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_for_connections(&self, connections: u64) {
        self.registry.wait_until(|counts| counts.total >= connections).await;
    }

    /// Waits until at least this number of sockets is subscribed. They receive all later notifications.
    ///
    /// Agents are subscribed once their token is accepted. Event sockets of compositions are subscribed from the start.
    /// Peers are never subscribed.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    pub async fn wait_for_subscribers(&self, subscribers: usize) {
        self.registry.wait_until(|counts| counts.subscribed >= subscribers).await;
    }

    /// Closes all sockets with a code and a reason of at most 123 bytes. Returns the number of sockets.
    pub fn close_all(&self, code: u16, reason: &str) -> usize {
        self.registry.command(None, &SocketCommand::Close(code, reason.to_owned()))
    }

    /// Closes one socket as [`close_all`](Self::close_all) does. Returns `false` if it is not open.
    pub fn close(&self, number: u64, code: u16, reason: &str) -> bool {
        self.registry.command(Some(number), &SocketCommand::Close(code, reason.to_owned())) > 0
    }

    /// Ends the TCP connections of all sockets without a close frame. The written frames still arrive.
    ///
    /// Returns the number of sockets.
    pub fn drop_all(&self) -> usize {
        self.registry.command(None, &SocketCommand::Drop)
    }

    /// Ends one TCP connection as [`drop_all`](Self::drop_all) does. Returns `false` if it is not open.
    pub fn drop_one(&self, number: u64) -> bool {
        self.registry.command(Some(number), &SocketCommand::Drop) > 0
    }

    /// Resets the TCP connections of all sockets. Frames that the clients did not read can be lost.
    ///
    /// Returns the number of sockets.
    pub fn reset_all(&self) -> usize {
        self.registry.command(None, &SocketCommand::Reset)
    }

    /// Resets one TCP connection as [`reset_all`](Self::reset_all) does. Returns `false` if it is not open.
    pub fn reset(&self, number: u64) -> bool {
        self.registry.command(Some(number), &SocketCommand::Reset) > 0
    }

    /// Writes the beginning of a binary frame to all sockets, and ends their TCP connections.
    ///
    /// The beginning consists of the header and this number of bytes of the payload, but never the whole payload.
    /// Returns the number of sockets.
    pub fn cut_all_inside(&self, frame: &[u8], bytes: usize) -> usize {
        self.registry.command(None, &SocketCommand::CutInside(beginning(frame, bytes)))
    }

    /// Cuts one connection as [`cut_all_inside`](Self::cut_all_inside) does. Returns `false` if it is not open.
    pub fn cut_inside(&self, number: u64, frame: &[u8], bytes: usize) -> bool {
        self.registry.command(Some(number), &SocketCommand::CutInside(beginning(frame, bytes))) > 0
    }

    /// Stalls all sockets. Their TCP connections stay open, but the emulator sends and reads nothing, not even pings.
    ///
    /// Another command to such a socket, or the end of the emulator, ends the connection.
    ///
    /// Returns the number of sockets.
    pub fn stall_all(&self) -> usize {
        self.registry.command(None, &SocketCommand::Stall)
    }

    /// Stalls one socket as [`stall_all`](Self::stall_all) does. Returns `false` if it is not open.
    pub fn stall(&self, number: u64) -> bool {
        self.registry.command(Some(number), &SocketCommand::Stall) > 0
    }

    /// Sends a binary frame to all sockets, subscribed or not.
    pub fn send_raw(&self, frame: impl Into<Vec<u8>>) {
        self.registry.push(&Frame::binary(frame.into().into()));
    }

    /// Sends a message in a binary frame to all sockets, subscribed or not.
    pub fn send_message(&self, message: &impl prost::Message) {
        self.send_raw(message.encode_to_vec());
    }

    /// Sends a text frame to all sockets, subscribed or not.
    pub fn send_text(&self, text: &str) {
        self.registry.push(&Frame { message: Message::Text(text.into()), recorded: false });
    }

    /// Sends a binary frame of this size to all sockets. The minimum is 16 bytes.
    ///
    /// The frame decodes to a message without content, so only its size is invalid.
    pub fn send_oversized(&self, bytes: usize) {
        self.registry.push(&Frame { message: Message::Binary(padding(bytes).into()), recorded: false });
    }

    /// Sends to each socket its last queued frame again.
    pub fn duplicate_last(&self) {
        self.registry.repeat();
    }

    /// Publishes `count` notifications to the subscribed sockets. The closure receives numbers from 0.
    ///
    /// The emulator does not compare the notifications with its state, and sends no webhooks for them.
    pub fn burst(&self, count: u64, notification: impl Fn(u64) -> ServerMessage) {
        for number in 0..count {
            self.registry.publish(notification(number).encode_to_vec().into());
        }
    }

    /// Returns the record of the frames that were written to a connection, open or not.
    ///
    /// Returns `None` if no connection had this number.
    pub fn written(&self, number: u64) -> Option<SocketRecord> {
        self.registry.written(|written| written.record(number))
    }

    /// Returns the frames that an agent's connection sent, whether it is open or not.
    ///
    /// Returns `None` if no connection had this number. Other kinds of sockets have no recorded frames.
    pub fn received(&self, number: u64) -> Option<ReceivedRecord> {
        self.registry.received(|received| received.record(number)).map(ReceivedRecord::from)
    }

    /// Drops the recorded frames of the connection with this number. The counts of frames do not change.
    pub fn forget_written(&self, number: u64) {
        self.registry.written(|written| written.forget(number));
    }

    /// Drops all recorded frames, written and received. The counts of frames do not change.
    pub fn clear_written(&self) {
        self.registry.written(FrameLog::clear);
        self.registry.received(FrameLog::clear);
    }
}

impl fmt::Debug for Sockets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.registry.counts();
        f.debug_struct("Sockets")
            .field("open", &counts.open)
            .field("subscribed", &counts.subscribed)
            .field("connections", &counts.total)
            .finish_non_exhaustive()
    }
}

/// Returns the header of a binary frame with this payload, and the first bytes of the payload.
fn beginning(payload: &[u8], bytes: usize) -> Bytes {
    let mut frame = vec![0x82];
    match payload.len() {
        length @ 0..=125 => frame.push(length as u8),
        length @ 126..=0xffff => {
            frame.push(126);
            frame.extend((length as u16).to_be_bytes());
        }
        length => {
            frame.push(127);
            frame.extend((length as u64).to_be_bytes());
        }
    }
    frame.extend(payload.iter().take(bytes.min(payload.len().saturating_sub(1))));
    frame.into()
}

/// Returns a protobuf field with a number that no message uses.
fn padding(bytes: usize) -> Vec<u8> {
    // Field 1000 of the type "length-delimited".
    let mut frame = vec![0xc2, 0x3e];
    let mut filling = bytes.saturating_sub(frame.len());
    while filling > 0 && filling + prost::length_delimiter_len(filling) + 2 > bytes {
        filling -= 1;
    }
    // A length may use one byte more than necessary. With this spare byte, every size is possible.
    let spare = bytes.saturating_sub(2 + prost::length_delimiter_len(filling) + filling);
    prost::encode_length_delimiter(filling, &mut frame).unwrap_or_default();
    if spare > 0
        && let Some(last) = frame.last_mut()
    {
        *last |= 0x80;
        frame.push(0);
    }
    frame.resize(frame.len() + filling, 0);
    frame
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frame_header_contains_the_length() {
        let header = |length: usize| beginning(&vec![7; length], 0).to_vec();
        assert_eq!(header(5), [0x82, 5]);
        assert_eq!(header(126), [0x82, 126, 0, 126]);
        assert_eq!(header(65_536), [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(beginning(&[7; 5], 3).to_vec(), [0x82, 5, 7, 7, 7]);
        assert_eq!(beginning(&[7; 5], 5).len(), 6);
    }

    #[test]
    fn padding_has_the_size_and_decodes() {
        for bytes in (16..300).chain(16_380..16_400).chain([65_536, 2_097_155, 2_097_156, 2_097_157]) {
            let frame = padding(bytes);
            assert_eq!(frame.len(), bytes);
            assert_eq!(ServerMessage::decode(&frame[..]).unwrap(), ServerMessage::default());
        }
    }
}
