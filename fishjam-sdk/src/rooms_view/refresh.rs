//! Reading one room again on request.

use std::sync::Arc;

use super::{
    RoomsView,
    open_reads::{Meanwhile, ReadTarget},
    sized_room::SizedRoom,
};
use crate::{error::Result, id::RoomId, rooms::Room};

/// The maximum number of reads in one call. If the room changed during each of them, the task of the view reads it.
const ATTEMPTS: u32 = 3;

impl RoomsView {
    /// Reads a room from the server now, updates the view and returns the room.
    ///
    /// Use it after a change that the server does not report, such as
    /// [`subscribe_peer`](crate::FishjamClient::subscribe_peer). You can also use it for a room that you have just created,
    /// so that your program does not wait for the notification. If the room changed, the view reports it in its
    /// [changes](Self::changes).
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// # let (id, token) = (emulator.url(), emulator.token());
    /// use fishjam_sdk::{FishjamClient, FishjamNotifier, PeerOptions, RoomOptions, RoomsView, SubscribeMode};
    ///
    /// let fishjam = FishjamClient::new(id, token)?;
    /// let room = fishjam.create_room(RoomOptions::new()).await?;
    /// let (ada, _) = fishjam.create_peer(&room.id, PeerOptions::new()).await?;
    /// let (bob, _) = fishjam
    ///     .create_peer(&room.id, PeerOptions::new().subscribe_mode(SubscribeMode::Manual))
    ///     .await?;
    /// let view = RoomsView::start(&fishjam, &FishjamNotifier::new(id, token)?).await?;
    ///
    /// fishjam.subscribe_peer(&room.id, &bob.id, &ada.id).await?;
    /// let room = view.refresh(&room.id).await?;
    /// let bob = room.peers.iter().find(|peer| peer.id == bob.id).expect("Bob is in the room");
    /// assert_eq!(bob.subscriptions.peers, [ada.id]);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the room does not exist: [`NotFound`](crate::ErrorKind::NotFound). The view then removes the room.
    /// - the view has ended: the reason, or [`Closed`](crate::ErrorKind::Closed)
    /// - one of the [common errors](crate::Error#common-errors) occurs. The view then keeps the room as it was.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, the view stays as it was.
    pub async fn refresh(&self, id: impl Into<RoomId>) -> Result<Arc<Room>> {
        let (id, shared) = (id.into(), &self.0.shared);
        let mut attempt = 1;
        loop {
            if let Some(end) = shared.state().end_error() {
                return Err(end);
            }
            let read = shared.start_read(ReadTarget::Refresh(id.clone()));
            let outcome = self.0.fishjam.get_room(&id).await;
            let known = shared.state().rooms.get(&id).cloned();
            let read_room = outcome.map(|room| SizedRoom::of_read(room, known));
            let mut state = shared.state();
            let meanwhile = read.finish(&mut state, &id);
            let is_newest = meanwhile != Meanwhile::Outdated;
            match read_room {
                Ok(room) if is_newest => {
                    let before = state.replace_room(&id, Some(room.clone()), meanwhile, false);
                    drop(state);
                    drop(before);
                    shared.send_changes();
                    return Ok(room.room);
                }
                // The view may be older or newer than this response.
                Ok(_) if attempt < ATTEMPTS => attempt += 1,
                Ok(room) => {
                    state.mark_stale(&id);
                    shared.wake_for_stale();
                    return Ok(room.room);
                }
                Err(error) => {
                    if error.is_not_found() && is_newest {
                        let before = state.replace_room(&id, None, meanwhile, false);
                        drop(state);
                        drop(before);
                        shared.send_changes();
                    }
                    return Err(error);
                }
            }
        }
    }
}
