//! The task of a view: it applies events, and reads from the API what the events do not contain.

use std::{
    collections::BTreeSet,
    sync::Arc,
    time::{Duration, SystemTime},
};

use futures_util::FutureExt;
use tokio::time::{Instant, sleep, sleep_until};

use super::{rooms_state::Applied, unreadable::UnreadableRooms, view_state::ViewShared};
use crate::{
    backoff::Backoff,
    client::FishjamClient,
    error::{Error, ErrorKind, Result},
    events::{Event, Notification},
    id::RoomId,
    notifier::FishjamNotifier,
};

/// The waits between attempts to read the API.
const RETRY: Backoff = Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(15) };
/// The minimum time between two reads of all rooms, because gaps can follow each other quickly.
const READ_ALL_INTERVAL: Duration = Duration::from_millis(200);
/// The maximum number of events that the task applies between two reads of the API.
const BURST: usize = 4096;

/// The result of a step. The error is `None` if the program closed the notifier.
type StepResult = Result<(), Option<Error>>;

/// The task of a view.
pub(super) struct SyncTask {
    fishjam: FishjamClient,
    notifier: FishjamNotifier,
    shared: Arc<ViewShared>,
    stale: Stale,
    unreadable: UnreadableRooms,
    /// The failed reads of the API since the last successful one.
    failure: Option<Failure>,
    /// The earliest time of the next read.
    not_before: Instant,
}

/// Failed reads of the API in a row.
struct Failure {
    since: Instant,
    attempts: u32,
}

/// The rooms that may be wrong.
#[derive(Debug, Default)]
struct Stale {
    all: bool,
    rooms: BTreeSet<RoomId>,
}

impl Stale {
    fn is_any(&self) -> bool {
        self.all || !self.rooms.is_empty()
    }
}

impl SyncTask {
    pub(super) fn new(fishjam: FishjamClient, notifier: FishjamNotifier, shared: Arc<ViewShared>) -> Self {
        let (stale, unreadable) = (Stale::default(), UnreadableRooms::default());
        Self { fishjam, notifier, shared, stale, unreadable, failure: None, not_before: Instant::now() }
    }

    /// Reads all rooms for the first time. If `retry` is set, repeats a read that fails for a temporary reason.
    ///
    /// Events that wait meanwhile may be older or newer than this list. Both are harmless, as an event applied twice changes
    /// nothing.
    pub(super) async fn load(&mut self, retry: bool) -> Result<()> {
        loop {
            match self.read_all().await {
                Ok(()) => {
                    self.log_success();
                    return Ok(());
                }
                Err(error) if retry && is_temporary(&error) => {
                    let failures = self.log_failure(&error);
                    sleep(RETRY.wait(failures, fastrand::f64())).await;
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
        self.shared.end(end.map_or(Ok(()), Err));
    }

    /// Applies the waiting events, so that a room that changed often is read once. Then reads the stale rooms, if the wait
    /// between reads is over.
    async fn step(&mut self) -> StepResult {
        for _ in 0..BURST {
            let Some(next) = self.shared.next().now_or_never() else { break };
            self.handle(next)?;
        }
        self.stale.rooms.append(&mut self.unreadable.take_due(Instant::now()));
        self.stale.rooms.append(&mut self.shared.state().rooms.take_stale());
        let not_before = if self.stale.is_any() {
            if self.not_before <= Instant::now() {
                return self.resync().await.map_err(Some);
            }
            Some(self.not_before)
        } else {
            self.shared.mark_synced();
            self.unreadable.next_read()
        };
        let pause = async {
            match not_before {
                Some(not_before) => sleep_until(not_before).await,
                None => std::future::pending().await,
            }
        };
        let next = tokio::select! {
            next = self.shared.next() => next,
            () = pause => return Ok(()),
            () = self.shared.stale() => return Ok(()),
        };
        self.handle(next)
    }

    fn handle(&mut self, next: Option<Result<Event>>) -> StepResult {
        match next {
            Some(Ok(event)) if event.is_loss() => self.stale.all = true,
            Some(Ok(Event::Notification(notification))) => self.apply(&notification),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(Some(error)),
            None => return Err(None),
        }
        Ok(())
    }

    fn apply(&mut self, notification: &Notification) {
        let mut state = self.shared.state();
        let Applied { changed, ended } = state.rooms.apply(notification);
        // A response to an earlier request could contain the room before its change or its end.
        changed.iter().chain(&ended).for_each(|id| state.reads.record_change(id));
        if let Some(id) = ended {
            self.stale.rooms.remove(&id);
            self.unreadable.remove(&id);
        }
        let stale = state.rooms.take_stale();
        self.stale.rooms.extend(stale.into_iter().filter(|id| !self.unreadable.postpone(id)));
        state.send_changes(changed);
    }

    /// Reads the stale rooms from the API. They stay stale if the read fails and can succeed later.
    ///
    /// The end of the notifier ends the read: a shutdown does not wait for it. The end of the events then ends the task.
    async fn resync(&mut self) -> Result<()> {
        let notifier = self.notifier.clone();
        let read = async { if self.stale.all { self.read_all().await } else { self.read_rooms().await } };
        let outcome = tokio::select! {
            biased;
            _ = notifier.ended() => return Ok(()),
            outcome = read => outcome,
        };
        match outcome {
            Ok(()) => {
                self.log_success();
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Unauthorized => Err(error),
            Err(error) => {
                let failures = self.log_failure(&error);
                self.not_before = Instant::now() + RETRY.wait(failures, fastrand::f64());
                self.shared.mark_stale();
                Ok(())
            }
        }
    }

    /// Logs a failed read: the first one as a warning. Returns the number of failed reads in a row.
    fn log_failure(&mut self, error: &Error) -> u32 {
        let error = format_args!("{error:#}");
        let failure = self.failure.get_or_insert_with(|| Failure { since: Instant::now(), attempts: 0 });
        failure.attempts = failure.attempts.saturating_add(1);
        if failure.attempts == 1 {
            tracing::warn!(error, "failed to read rooms; retrying");
        } else {
            tracing::debug!(error, attempts = failure.attempts, "failed to read rooms again");
        }
        failure.attempts
    }

    /// Logs the recovery, if reads failed before and no stale rooms are left.
    fn log_success(&mut self) {
        if !self.stale.is_any()
            && let Some(Failure { since, attempts }) = self.failure.take()
        {
            let (duration, attempts) = (since.elapsed(), attempts.saturating_add(1));
            tracing::info!(?duration, attempts, "read rooms after failed attempts");
        }
    }

    async fn read_all(&mut self) -> Result<()> {
        let read = self.shared.start_read(None);
        let rooms = self.fishjam.get_all_rooms_with_unreadable().await?;
        self.unreadable.record(&rooms);
        self.not_before = Instant::now() + READ_ALL_INTERVAL;
        let mut state = self.shared.state();
        let newer = read.finish(&mut state);
        let changed = state.rooms.replace(rooms, &newer, SystemTime::now());
        state.reads.record_all_changed();
        state.send_changes(changed);
        self.stale = Stale { all: false, rooms: newer };
        Ok(())
    }

    /// Reads each stale room. A failed read does not skip the other rooms.
    async fn read_rooms(&mut self) -> Result<()> {
        let mut outcome = Ok(());
        for id in self.stale.rooms.clone() {
            let read = self.shared.start_read(Some(id.clone()));
            let room = match self.fishjam.get_room(&id).await {
                Ok(room) => Some(room),
                // The SDK or the server rejects an id of this form, so another attempt would fail in the same way.
                Err(error)
                    if error.is_not_found()
                        || matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::BadRequest) =>
                {
                    None
                }
                // A list distinguishes an unreadable room from responses that do not come from the server. If the last
                // list had this unreadable room, the next list would only cost the account another request.
                Err(error) if matches!(error.kind(), ErrorKind::Decode | ErrorKind::TooLarge) => {
                    let listed = self.unreadable.record_failure(id.clone(), Instant::now(), fastrand::f64());
                    self.stale.all |= !listed;
                    self.stale.rooms.remove(&id);
                    continue;
                }
                Err(error) => {
                    outcome = Err(error);
                    continue;
                }
            };
            self.unreadable.remove(&id);
            let mut state = self.shared.state();
            if read.finish(&mut state).is_empty() {
                self.stale.rooms.remove(&id);
                state.replace_room(id, room);
            }
        }
        outcome
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
