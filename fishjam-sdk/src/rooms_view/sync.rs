//! The task of a view: it applies events, and reads from the API what the events do not contain.

use std::{sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::{
    task::yield_now,
    time::{Instant, sleep_until},
};

use super::{
    failures::ReadFailures,
    open_reads::Meanwhile,
    reads::{FinishedRead, Reads},
    resync::Resync,
    sized_room::SizedRoom,
    view_shared::{OpenReadGuard, ViewShared},
};
use crate::{
    client::FishjamClient,
    error::{Error, ErrorKind, Result},
    events::Event,
    id::RoomId,
    listing::Listing,
    notifier::FishjamNotifier,
    rooms::Room,
};

/// The minimum time between two reads of all rooms, because gaps can follow each other quickly.
const READ_ALL_INTERVAL: Duration = Duration::from_millis(200);
/// The maximum number of waiting events that the task applies before it sends the changes.
const BURST: usize = 4096;

/// The result of a step. The error is `None` if the program closed the notifier.
type StepResult = Result<(), Option<Error>>;

/// The task of a view.
pub(super) struct SyncTask {
    notifier: FishjamNotifier,
    shared: Arc<ViewShared>,
    reads: Reads,
    failures: ReadFailures,
    /// The earliest time of the next read of all rooms.
    next_list: Instant,
}

impl SyncTask {
    pub(super) fn new(fishjam: FishjamClient, notifier: FishjamNotifier, shared: Arc<ViewShared>) -> Self {
        let reads = Reads::new(fishjam, Arc::clone(&shared));
        Self { notifier, shared, reads, failures: ReadFailures::default(), next_list: Instant::now() }
    }

    /// Reads all rooms for the first time. If `retry` is set, repeats a read that fails for a temporary reason.
    ///
    /// Events that wait meanwhile may be older or newer than this list. Both are harmless, as an event applied twice changes
    /// nothing.
    pub(super) async fn load(&mut self, retry: bool) -> Result<()> {
        loop {
            self.reads.start_list();
            let Some(FinishedRead::All { read, losses, outcome }) = self.reads.next().await else { continue };
            match outcome {
                Ok(rooms) => {
                    if self.replace_all(read, losses, rooms).await.is_err() {
                        return Err(self.notifier.ended().await);
                    }
                    self.failures.end(Instant::now());
                    return Ok(());
                }
                Err(error) if retry && is_temporary(&error) => {
                    sleep_until(self.failures.record(&error, Instant::now(), fastrand::f64())).await;
                }
                Err(error) => return Err(error),
            }
        }
    }

    pub(super) async fn run(mut self) {
        let end = loop {
            if let Err(end) = self.step().await {
                break end;
            }
        };
        if let Some(error) = &end {
            tracing::error!(error = format_args!("{error:#}"), "rooms view ended");
        }
        self.shared.end(end.map_or(Ok(()), Err));
    }

    /// Waits for a response or an event. Then applies all waiting events, so that an event of the past does not undo the
    /// response, and so that the changes of a room become one change.
    async fn step(&mut self) -> StepResult {
        let next_start = self.start_reads();
        let pause = async {
            match next_start {
                Some(next_start) => sleep_until(next_start).await,
                None => std::future::pending().await,
            }
        };
        let (mut event, mut response) = (None, None);
        tokio::select! {
            biased;
            // Responses come first, so that a flood of events does not delay them.
            next = self.reads.next(), if self.reads.is_any_open() => response = next,
            next = self.shared.next() => event = Some(next),
            () = pause => {}
            () = self.shared.stale() => {}
        }
        if let Some(event) = event {
            self.handle(event)?;
        }
        self.apply_waiting()?;
        match response {
            Some(FinishedRead::Room { id, read, outcome }) => self.finish_room(&id, &read, outcome)?,
            Some(FinishedRead::All { read, losses, outcome }) => self.finish_list(read, losses, outcome).await?,
            None => {}
        }
        self.shared.send_changes();
        self.update_sync();
        Ok(())
    }

    fn apply_waiting(&mut self) -> StepResult {
        for _ in 0..BURST {
            let Some(next) = self.shared.next().now_or_never() else { break };
            self.handle(next)?;
        }
        Ok(())
    }

    fn handle(&mut self, next: Option<Result<Event>>) -> StepResult {
        match next {
            Some(Ok(event)) if event.is_loss() => self.shared.state().stale.record_loss(),
            Some(Ok(Event::Notification(notification))) => self.shared.state().apply(notification),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(Some(error)),
            None => return Err(None),
        }
        Ok(())
    }

    /// Starts the reads that are due. Returns the time at which to try again, unless a response or an event comes first.
    fn start_reads(&mut self) -> Option<Instant> {
        if self.reads.is_listing() {
            // The list contains all rooms.
            return None;
        }
        let now = Instant::now();
        let mut state = self.shared.state();
        while let Some(id) = state.unreadable.take_due(now) {
            state.stale.mark(&id);
        }
        if !state.stale.is_any_waiting() {
            return state.unreadable.next_read();
        }
        if let Some(next_attempt) = self.failures.pause(now) {
            return Some(next_attempt);
        }
        let (is_needed, is_preferred) = (state.stale.needs_list(), state.stale.prefers_list(state.rooms.len()));
        if is_needed && now < self.next_list {
            return Some(self.next_list);
        }
        if (is_needed || is_preferred) && now >= self.next_list {
            drop(state);
            self.reads.start_list();
            return None;
        }
        let next_read = state.unreadable.next_read();
        drop(state);
        self.reads.start_rooms();
        if is_preferred { Some(self.next_list) } else { next_read }
    }

    /// Replaces a room that was read. The room waits for another read if this one failed and can succeed later.
    fn finish_room(&mut self, id: &RoomId, read: &OpenReadGuard, outcome: Result<Room>) -> Result<(), Error> {
        let room = match outcome {
            Ok(room) => Some(room),
            // The SDK or the server rejects an id of this form, so another attempt would fail in the same way.
            Err(error)
                if error.is_not_found() || matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::BadRequest) =>
            {
                None
            }
            Err(error) if matches!(error.kind(), ErrorKind::Decode | ErrorKind::TooLarge) => {
                self.finish_unreadable(id, read);
                return Ok(());
            }
            Err(error) if error.kind() == ErrorKind::Unauthorized => return Err(error),
            Err(error) => {
                self.shared.state().stale.fail_read(id);
                self.record_failure(&error);
                return Ok(());
            }
        };
        // Rooms are compared and dropped without the lock.
        let known = self.shared.state().rooms.get(id).cloned();
        let room = room.map(|room| SizedRoom::of_read(room, known));
        let mut state = self.shared.state();
        let meanwhile = read.finish(&mut state, id);
        state.stale.finish_read(id);
        state.unreadable.forget(id);
        let before = state.replace_room(id, room, meanwhile, false);
        drop(state);
        drop(before);
        Ok(())
    }

    /// Requests a list, because it distinguishes an unreadable room from responses that do not come from the server.
    ///
    /// If the last list had this unreadable room, the next list would only cost the account another request.
    fn finish_unreadable(&self, id: &RoomId, read: &OpenReadGuard) {
        let mut state = self.shared.state();
        let meanwhile = read.finish(&mut state, id);
        state.stale.finish_read(id);
        if !state.unreadable.record_failure(id.clone(), Instant::now(), fastrand::f64()) {
            state.stale.record_loss();
        }
        if meanwhile != Meanwhile::default() {
            state.unreadable.postpone(id);
        }
    }

    async fn finish_list(&mut self, read: OpenReadGuard, losses: u64, outcome: Result<Listing<Room>>) -> StepResult {
        match outcome {
            Ok(rooms) => self.replace_all(read, losses, rooms).await,
            // Another attempt cannot succeed: the token stays invalid, and the account stays larger than the limit.
            Err(error) if matches!(error.kind(), ErrorKind::Unauthorized | ErrorKind::TooLarge) => Err(Some(error)),
            Err(error) => {
                self.shared.state().stale.fail_list();
                self.record_failure(&error);
                Ok(())
            }
        }
    }

    /// Replaces all rooms by those of a list. Applies events and lets other tasks run in between.
    async fn replace_all(&mut self, read: OpenReadGuard, losses: u64, rooms: Listing<Room>) -> StepResult {
        self.next_list = Instant::now() + READ_ALL_INTERVAL;
        let mut resync = Resync::new(Arc::clone(&self.shared), read, rooms);
        while resync.replace_slice() {
            self.apply_waiting()?;
            self.shared.send_changes();
            yield_now().await;
        }
        self.shared.state().stale.finish_list(losses);
        Ok(())
    }

    fn record_failure(&mut self, error: &Error) {
        self.failures.record(error, Instant::now(), fastrand::f64());
        self.shared.mark_unsynced();
    }

    /// Updates whether the view is live: no event is missing, and no read has failed since the last success.
    fn update_sync(&mut self) {
        let state = self.shared.state();
        let (is_missing, is_failed) = (state.stale.needs_list(), state.stale.is_any_failed());
        drop(state);
        if self.failures.is_any() && !is_missing && !is_failed {
            self.failures.end(Instant::now());
        }
        if !is_missing && !self.failures.is_any() {
            self.shared.mark_synced();
        }
    }
}

/// Returns `true` if the first read of all rooms can succeed later.
fn is_temporary(error: &Error) -> bool {
    error.is_retryable() || error.kind() == ErrorKind::Server
}

/// The task can end without an error of its own, because of a panic or because its runtime shuts down.
impl Drop for SyncTask {
    fn drop(&mut self) {
        let reason = "the task of the rooms view ended; its runtime may have shut down";
        self.shared.end(Err(Error::new(ErrorKind::Closed).message_text(reason)));
    }
}
