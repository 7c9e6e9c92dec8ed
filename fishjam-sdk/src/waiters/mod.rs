//! Methods that wait until a recording, a peer or a room has a state.
//!
//! Only reads of the API decide. Events and timers cause reads, so a missed event delays the result but does not change it.

mod options;
mod triggers;

use std::future::Future;

use fishjam_api::fishjam::enums::{PeerStatus, PeerType, RecordingStatus};
use tokio::time::{Instant, sleep, timeout_at};

pub use self::options::WaitOptions;
use self::triggers::Triggers;
use crate::{
    client::FishjamClient,
    error::{Error, ErrorKind, Result},
    events::Notification,
    id::{PeerId, RecordingId, RoomId},
    peers::Peer,
    recordings::Recording,
    rooms::Room,
    transport::check_runtime,
};

/// The result of a read.
enum State<T> {
    /// The awaited state.
    Reached(T),
    /// Another state, for the message of the timeout.
    Other(String),
}

impl FishjamClient {
    /// Waits until the files of a recording are available.
    ///
    /// Pass a [`Duration`](std::time::Duration) as the time limit, or [`WaitOptions`] with a notifier. This method does
    /// not stop the recording: see [`stop_recording`](Self::stop_recording).
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the recording failed: [`Conflict`](ErrorKind::Conflict)
    /// - the recording does not exist, or is deleted meanwhile: [`NotFound`](ErrorKind::NotFound)
    /// - the time limit is reached: [`Timeout`](ErrorKind::Timeout). The message contains the last status. If the last
    ///   read failed, its error is the source.
    /// - a read fails with an error that is not [retryable](Error::is_retryable): one of the
    ///   [common errors](crate::Error#common-errors)
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # use fishjam_sdk::CompositionRecordingOptions;
    /// # let options = CompositionRecordingOptions::new("https://rtc.fishjam.io/api/composition/c", "o");
    /// # let recording = fishjam.create_composition_recording(options).await?;
    /// use std::time::Duration;
    ///
    /// fishjam.stop_recording(&recording.id).await?;
    /// let recording = fishjam.wait_for_recording(&recording.id, Duration::from_secs(600)).await?;
    /// println!("{} files", recording.files.len());
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_for_recording(
        &self,
        recording_id: impl Into<RecordingId>,
        options: impl Into<WaitOptions>,
    ) -> Result<Recording> {
        let (id, options) = (recording_id.into(), options.into());
        let id = &id;
        let read = async || match self.get_recording(id).await? {
            recording if recording.status == RecordingStatus::Available => Ok(State::Reached(recording)),
            recording if recording.status == RecordingStatus::Failed => {
                Err(Error::new(ErrorKind::Conflict).message_text("the recording failed"))
            }
            recording => Ok(State::Other(format!("the status of the recording is {}", recording.status))),
        };
        let is_relevant = |notification: &Notification| matches!(notification, Notification::RecordingStatusChanged(change) if change.recording_id == *id);
        wait("wait_for_recording", options, is_relevant, read).await
    }

    /// Waits until a peer is connected. Returns the peer.
    ///
    /// Pass a [`Duration`](std::time::Duration) as the time limit, or [`WaitOptions`] with a notifier. Returns
    /// immediately if the peer is connected already. A short connection between two reads can stay unnoticed.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room or the peer does not exist, or is deleted meanwhile: [`NotFound`](ErrorKind::NotFound)
    /// - the time limit is reached: [`Timeout`](ErrorKind::Timeout)
    /// - a read fails with an error that is not [retryable](Error::is_retryable): one of the
    ///   [common errors](crate::Error#common-errors)
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    ///
    /// ```no_run
    /// # async fn example(fishjam: fishjam_sdk::FishjamClient, room: fishjam_sdk::Room) -> fishjam_sdk::Result<()> {
    /// use std::time::Duration;
    /// use fishjam_sdk::PeerOptions;
    ///
    /// let (peer, token) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    /// // Send the token to the peer's client.
    /// let peer = fishjam.wait_for_connected_peer(&room.id, &peer.id, Duration::from_secs(30)).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_for_connected_peer(
        &self,
        room_id: impl Into<RoomId>,
        peer_id: impl Into<PeerId>,
        options: impl Into<WaitOptions>,
    ) -> Result<Peer> {
        let (room_id, peer_id, options) = (room_id.into(), peer_id.into(), options.into());
        let (room_id, peer_id) = (&room_id, &peer_id);
        let read = async || {
            let room = self.get_room(room_id).await?;
            match room.peers.into_iter().find(|peer| peer.id == *peer_id) {
                Some(peer) if peer.status == PeerStatus::Connected => Ok(State::Reached(peer)),
                Some(peer) => Ok(State::Other(format!("the status of the peer is {}", peer.status))),
                None => Err(Error::new(ErrorKind::NotFound).message_text("the room does not have the peer")),
            }
        };
        let is_relevant = |notification: &Notification| match notification {
            Notification::PeerConnected(_) | Notification::PeerDeleted(_) => notification.peer_id() == Some(peer_id),
            other => ends_room(other, room_id),
        };
        wait("wait_for_connected_peer", options, is_relevant, read).await
    }

    /// Waits until no participant is connected to a room. Returns the room.
    ///
    /// Agents and VAPI calls do not count, because your backend controls them. Peers that are not connected do not count
    /// either, even if they can connect later. A new room is thus empty, and the method returns immediately.
    ///
    /// Pass a [`Duration`](std::time::Duration) as the time limit, or [`WaitOptions`] with a notifier.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist, or is deleted meanwhile: [`NotFound`](ErrorKind::NotFound)
    /// - the time limit is reached: [`Timeout`](ErrorKind::Timeout)
    /// - a read fails with an error that is not [retryable](Error::is_retryable): one of the
    ///   [common errors](crate::Error#common-errors)
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
    /// # let room = fishjam.create_room(Default::default()).await?;
    /// use std::time::Duration;
    ///
    /// let room = fishjam.wait_for_empty_room(&room.id, Duration::from_secs(3600)).await?;
    /// fishjam.delete_room(&room.id).await?;
    /// # Ok(())
    /// # }
    /// ```
    pub async fn wait_for_empty_room(
        &self,
        room_id: impl Into<RoomId>,
        options: impl Into<WaitOptions>,
    ) -> Result<Room> {
        let (room_id, options) = (room_id.into(), options.into());
        let room_id = &room_id;
        let read = async || {
            let room = self.get_room(room_id).await?;
            Ok(match room.peers.iter().filter(|peer| is_participant(peer)).count() {
                0 => State::Reached(room),
                peers => State::Other(format!("the number of connected peers is {peers}")),
            })
        };
        let is_relevant = |notification: &Notification| match notification {
            Notification::PeerDisconnected(_) | Notification::PeerCrashed(_) | Notification::PeerDeleted(_) => {
                notification.room_id() == Some(room_id)
            }
            other => ends_room(other, room_id),
        };
        wait("wait_for_empty_room", options, is_relevant, read).await
    }
}

/// Returns `true` if a peer is connected and is not part of the backend.
fn is_participant(peer: &Peer) -> bool {
    peer.status == PeerStatus::Connected && !matches!(peer.peer_type, PeerType::Agent | PeerType::Vapi)
}

/// Returns `true` if the notification reports the end of the room.
fn ends_room(notification: &Notification, room: &RoomId) -> bool {
    matches!(notification, Notification::RoomDeleted(_) | Notification::RoomCrashed(_))
        && notification.room_id() == Some(room)
}

/// Reads the state until it is the awaited one, within the time limit.
async fn wait<T, F>(
    method: &'static str,
    options: WaitOptions,
    is_relevant: impl Fn(&Notification) -> bool,
    read: impl Fn() -> F,
) -> Result<T>
where
    F: Future<Output = Result<State<T>>>,
{
    check_runtime().map_err(|error| error.on_method(method))?;
    let deadline = Instant::now() + options.timeout;
    let mut last = None;
    let reading = async {
        // The first read comes after the subscription, so that no event between them is lost.
        let mut triggers = Triggers::new(options.notifier)?;
        loop {
            match read().await {
                Ok(State::Reached(value)) => return Ok(value),
                Ok(State::Other(state)) => last = Some(Ok(state)),
                Err(error) if error.is_retryable() => last = Some(Err(error)),
                Err(error) => return Err(error),
            }
            let pause = triggers.pause();
            tokio::select! {
                () = triggers.next(&is_relevant) => triggers.reset_pause(),
                () = sleep(pause) => {}
            }
        }
    };
    let outcome = match timeout_at(deadline, reading).await {
        Ok(outcome) => outcome,
        Err(_) => Err(timed_out(options.timeout, last)),
    };
    outcome.map_err(|error| error.on_method(method))
}

/// Creates the error for the end of the time limit.
fn timed_out(limit: std::time::Duration, last: Option<Result<String>>) -> Error {
    let error = Error::new(ErrorKind::Timeout);
    match last {
        Some(Ok(state)) => error.message_text(format!("after {limit:?}, {state}")),
        Some(Err(cause)) => error.message_text(format!("after {limit:?}, the last read failed")).caused_by(cause),
        None => error.message_text(format!("no response within {limit:?}")),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn timeout_names_the_last_state() {
        let limit = Duration::from_secs(60);
        let broken = Error::new(ErrorKind::Connection);
        for (last, line) in [
            (None, "timed out: no response within 60s"),
            (Some(Ok("the status is active".to_owned())), "timed out: after 60s, the status is active"),
            (Some(Err(broken)), "timed out: after 60s, the last read failed: connection failed"),
        ] {
            assert_eq!(format!("{:#}", timed_out(limit, last)), line);
        }
    }
}
