//! What a test does to open sockets, and what it can ask about them.

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

/// The open sockets of one kind, from [`Emulator::server_sockets`](crate::Emulator::server_sockets),
/// [`Emulator::peer_sockets`](crate::Emulator::peer_sockets) or
/// [`Emulator::agent_sockets`](crate::Emulator::agent_sockets), and what goes wrong with them.
///
/// Connections are numbered from 1 on, in the order in which they were opened. Orders (`close_all`, `drop_all`,
/// `reset_all`, `cut_all_inside`, `stall_all` and their forms for one socket) hit the sockets that are open now, at
/// once: what is still queued for them is not written any more. New connections behave normally. Frames (`send_raw`,
/// `send_message`, `send_text`, `send_oversized`, `duplicate_last`, `burst`) are queued behind what was published or
/// relayed before them.
///
/// What is to go wrong with connections that are not open yet is a [`Fault`](crate::Fault) of the operation
/// `server_socket`, `peer_socket` or `agent_socket`.
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

    /// How many are open, stalled ones included.
    pub fn count(&self) -> usize {
        self.registry.counts().open
    }

    /// How many have been opened so far; the number of the newest one.
    pub fn connections(&self) -> u64 {
        self.registry.counts().total
    }

    /// The numbers of those that are open, oldest first.
    pub fn numbers(&self) -> Vec<u64> {
        self.registry.numbers()
    }

    /// Waits until exactly so many are open.
    pub async fn wait_for_count(&self, count: usize) {
        self.registry.wait_until(|counts| counts.open == count).await;
    }

    /// Waits until so many have been opened in all.
    pub async fn wait_for_connections(&self, connections: u64) {
        self.registry.wait_until(|counts| counts.total >= connections).await;
    }

    /// Waits until at least so many are subscribed at a time: what is published from then on reaches them. Agents are
    /// once their token is accepted, peers never.
    pub async fn wait_for_subscribers(&self, subscribers: usize) {
        self.registry.wait_until(|counts| counts.subscribed >= subscribers).await;
    }

    /// Closes all with a code and a reason (of at most 123 bytes); returns how many there were.
    pub fn close_all(&self, code: u16, reason: &str) -> usize {
        self.registry.command(None, &SocketCommand::Close(code, reason.to_owned()))
    }

    /// Closes one as [`close_all`](Self::close_all) does; false when it is not open.
    pub fn close(&self, number: u64, code: u16, reason: &str) -> bool {
        self.registry.command(Some(number), &SocketCommand::Close(code, reason.to_owned())) > 0
    }

    /// Ends the TCP connections of all without a close frame; what was written before still arrives.
    pub fn drop_all(&self) -> usize {
        self.registry.command(None, &SocketCommand::Drop)
    }

    /// Ends the TCP connection of one as [`drop_all`](Self::drop_all) does; false when it is not open.
    pub fn drop_one(&self, number: u64) -> bool {
        self.registry.command(Some(number), &SocketCommand::Drop) > 0
    }

    /// Resets the TCP connections of all; what the clients have not read yet may be lost.
    pub fn reset_all(&self) -> usize {
        self.registry.command(None, &SocketCommand::Reset)
    }

    /// Resets the TCP connection of one as [`reset_all`](Self::reset_all) does; false when it is not open.
    pub fn reset(&self, number: u64) -> bool {
        self.registry.command(Some(number), &SocketCommand::Reset) > 0
    }

    /// Writes the beginning of a binary frame to all, its header and so many bytes of its payload (never all of them),
    /// and ends their TCP connections; returns how many there were.
    pub fn cut_all_inside(&self, frame: &[u8], bytes: usize) -> usize {
        self.registry.command(None, &SocketCommand::CutInside(beginning(frame, bytes)))
    }

    /// Cuts the connection of one as [`cut_all_inside`](Self::cut_all_inside) does; false when it is not open.
    pub fn cut_inside(&self, number: u64, frame: &[u8], bytes: usize) -> bool {
        self.registry.command(Some(number), &SocketCommand::CutInside(beginning(frame, bytes))) > 0
    }

    /// Leaves all half-open: their TCP connections stay, but nothing is sent any more, not even pings, and nothing is
    /// read. Another order to such a socket, or the emulator's end, ends the connection.
    pub fn stall_all(&self) -> usize {
        self.registry.command(None, &SocketCommand::Stall)
    }

    /// Leaves one half-open as [`stall_all`](Self::stall_all) does; false when it is not open.
    pub fn stall(&self, number: u64) -> bool {
        self.registry.command(Some(number), &SocketCommand::Stall) > 0
    }

    /// Sends a binary frame to all, subscribed or not.
    pub fn send_raw(&self, frame: impl Into<Vec<u8>>) {
        self.registry.push(&Frame::binary(frame.into().into()));
    }

    /// Sends a message in a binary frame to all, subscribed or not: an audio chunk without its track, say.
    pub fn send_message(&self, message: &impl prost::Message) {
        self.send_raw(message.encode_to_vec());
    }

    /// Sends a text frame to all, subscribed or not.
    pub fn send_text(&self, text: &str) {
        self.registry.push(&Frame { message: Message::Text(text.into()), noted: false });
    }

    /// Sends a binary frame of this size (at least 16 bytes) to all. It decodes to a message without content, so that
    /// nothing but the size is wrong with it.
    pub fn send_oversized(&self, bytes: usize) {
        self.registry.push(&Frame { message: Message::Binary(padding(bytes).into()), noted: false });
    }

    /// Sends the last frame that was queued for a socket once more, to each its own.
    pub fn duplicate_last(&self) {
        self.registry.repeat();
    }

    /// Publishes many notifications to the subscribed sockets, numbered from 0 on, whatever the emulator's state is.
    /// There are no webhooks for them.
    pub fn burst(&self, count: u64, notification: impl Fn(u64) -> ServerMessage) {
        for number in 0..count {
            self.registry.publish(notification(number).encode_to_vec().into());
        }
    }

    /// What has been written to a connection, open or not; `None` when there was none of this number.
    pub fn written(&self, number: u64) -> Option<SocketRecord> {
        self.registry.written(|written| written.record(number))
    }

    /// What has been received from an agent's connection, open or not; `None` when there was none of this number. Of
    /// the other kinds of sockets no frames are recorded.
    pub fn received(&self, number: u64) -> Option<ReceivedRecord> {
        self.registry.received(|received| received.record(number)).map(ReceivedRecord::from)
    }

    /// Forgets the frames that were written to one connection; counts go on.
    pub fn forget_written(&self, number: u64) {
        self.registry.written(|written| written.forget(number));
    }

    /// Forgets the frames that were written and received; counts go on.
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

/// The header of a binary frame with this payload, and the first bytes of the payload.
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

/// One protobuf field of a number that no message has.
fn padding(bytes: usize) -> Vec<u8> {
    // Field 1000 of the type "length-delimited".
    let mut frame = vec![0xc2, 0x3e];
    let mut filling = bytes.saturating_sub(frame.len());
    while filling > 0 && filling + prost::length_delimiter_len(filling) + 2 > bytes {
        filling -= 1;
    }
    // The length may be written in one byte more than it needs, and then fits every size.
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
    fn frames_begin_with_their_length() {
        let header = |length: usize| beginning(&vec![7; length], 0).to_vec();
        assert_eq!(header(5), [0x82, 5]);
        assert_eq!(header(126), [0x82, 126, 0, 126]);
        assert_eq!(header(65_536), [0x82, 127, 0, 0, 0, 0, 0, 1, 0, 0]);
        assert_eq!(beginning(&[7; 5], 3).to_vec(), [0x82, 5, 7, 7, 7]);
        assert_eq!(beginning(&[7; 5], 5).len(), 6);
    }

    #[test]
    fn padding_is_of_the_size_and_decodes() {
        for bytes in (16..300).chain(16_380..16_400).chain([65_536, 2_097_155, 2_097_156, 2_097_157]) {
            let frame = padding(bytes);
            assert_eq!(frame.len(), bytes);
            assert_eq!(ServerMessage::decode(&frame[..]).unwrap(), ServerMessage::default());
        }
    }
}
