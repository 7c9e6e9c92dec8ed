//! The requests of a view that are in progress: reads of single rooms, or one read of all rooms.

use std::{future::Future, pin::Pin, sync::Arc};

use futures_util::{StreamExt, stream::FuturesUnordered};

use super::{
    open_reads::ReadTarget,
    view_shared::{OpenReadGuard, ViewShared},
};
use crate::{client::FishjamClient, error::Result, id::RoomId, listing::Listing, rooms::Room};

/// The maximum number of single reads in flight. Fishjam documents no rate limit. A view with more stale rooms reads a list,
/// so more requests at the same time would only load the server.
const READS: usize = 32;

/// A response to a read, or its error.
pub(super) enum FinishedRead {
    Room { id: RoomId, read: OpenReadGuard, outcome: Result<Room> },
    All { read: OpenReadGuard, losses: u64, outcome: Result<Listing<Room>> },
}

/// The requests. They are futures of the view's task, so they end with it.
pub(super) struct Reads {
    fishjam: FishjamClient,
    shared: Arc<ViewShared>,
    open: FuturesUnordered<Pin<Box<dyn Future<Output = FinishedRead> + Send>>>,
    is_listing: bool,
}

impl Reads {
    pub(super) fn new(fishjam: FishjamClient, shared: Arc<ViewShared>) -> Self {
        Self { fishjam, shared, open: FuturesUnordered::new(), is_listing: false }
    }

    pub(super) fn is_any_open(&self) -> bool {
        !self.open.is_empty()
    }

    /// Returns `true` if all rooms are read.
    pub(super) fn is_listing(&self) -> bool {
        self.is_listing
    }

    /// Waits for the next response. Cancel safe. Returns `None` if no read is open.
    pub(super) async fn next(&mut self) -> Option<FinishedRead> {
        let next = self.open.next().await;
        if matches!(next, Some(FinishedRead::All { .. })) {
            self.is_listing = false;
        }
        next
    }

    /// Starts reads of waiting rooms, up to the limit.
    pub(super) fn start_rooms(&self) {
        while self.open.len() < READS {
            let Some(id) = self.shared.state().stale.start_read() else { break };
            let read = self.shared.start_read(ReadTarget::Room(id.clone()));
            let fishjam = self.fishjam.clone();
            self.open.push(Box::pin(async move {
                let outcome = fishjam.get_room(&id).await;
                FinishedRead::Room { id, read, outcome }
            }));
        }
    }

    /// Starts a read of all rooms. It is newer than the single reads and replaces them.
    pub(super) fn start_list(&mut self) {
        self.open.clear();
        let losses = self.shared.state().stale.start_list();
        let read = self.shared.start_read(ReadTarget::All);
        let fishjam = self.fishjam.clone();
        self.open.push(Box::pin(async move {
            let outcome = fishjam.get_all_rooms_with_unreadable().await;
            FinishedRead::All { read, losses, outcome }
        }));
        self.is_listing = true;
    }
}
