//! The task behind a view: it applies events, and reads from the API what events do not tell.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use futures_util::FutureExt;
use tokio::time::Instant;

use super::{Shared, inbox::Next, unreadable::UnreadableRooms};
use crate::{
    FishjamClient, RoomId,
    backoff::Backoff,
    error::{Error, ErrorKind, Result},
    events::{Event, Notification},
};

/// The waits between attempts to read the API.
const RETRY: Backoff = Backoff { first: Duration::from_millis(500), longest: Duration::from_secs(15) };
/// How long everything, once read, is not read again: gaps may come thick and fast.
const RESPITE: Duration = Duration::from_millis(200);
/// The maximum number of events that the task applies between two reads of the API.
const BURST: usize = 4096;

/// The task behind a view.
pub(super) struct Follower {
    fishjam: FishjamClient,
    shared: Arc<Shared>,
    doubt: Doubt,
    unreadable: UnreadableRooms,
    /// The failed reads of the API since the last successful one.
    failure: Option<Failure>,
    /// When the API may be read next.
    not_before: Instant,
}

/// Failed reads of the API in a row.
struct Failure {
    since: Instant,
    attempts: u32,
}

/// The parts of the picture that may be wrong.
#[derive(Debug, Default)]
struct Doubt {
    everything: bool,
    rooms: BTreeSet<RoomId>,
}

impl Doubt {
    fn is_any(&self) -> bool {
        self.everything || !self.rooms.is_empty()
    }
}

impl Follower {
    pub(super) fn new(fishjam: FishjamClient, shared: Arc<Shared>, unreadable: UnreadableRooms) -> Self {
        Self { fishjam, shared, doubt: Doubt::default(), unreadable, failure: None, not_before: Instant::now() }
    }

    pub(super) async fn follow(mut self) {
        let error = loop {
            if let Err(error) = self.turn().await {
                break error;
            }
        };
        self.shared.end(Err(error));
    }

    /// Applies the waiting events, so that a room that changed often is read once. Then reads the rooms in doubt, if the
    /// wait between reads is over.
    async fn turn(&mut self) -> Result<()> {
        for _ in 0..BURST {
            let Some(next) = self.shared.inbox.next().now_or_never() else { break };
            self.take(next)?;
        }
        self.doubt.rooms.append(&mut self.unreadable.take_due(Instant::now()));
        let not_before = if self.doubt.is_any() {
            if self.not_before <= Instant::now() {
                return self.clear().await;
            }
            Some(self.not_before)
        } else {
            self.shared.inbox.settle();
            self.unreadable.next_read()
        };
        let pause = async {
            match not_before {
                Some(not_before) => tokio::time::sleep_until(not_before).await,
                None => std::future::pending().await,
            }
        };
        let next = tokio::select! {
            next = self.shared.inbox.next() => next,
            () = pause => return Ok(()),
        };
        self.take(next)
    }

    fn take(&mut self, next: Next) -> Result<()> {
        match next {
            // It may have said anything, so anything may be wrong.
            Some(Ok(Event::Notification(Notification::Unknown(unknown)))) if unknown.malformed => self.distrust(),
            Some(Ok(Event::Notification(notification))) => {
                let mut shown = self.shared.shown();
                let changed = shown.picture.apply(&notification);
                if let (Notification::RoomDeleted(_) | Notification::RoomCrashed(_), Some(id)) =
                    (&notification, notification.room_id())
                {
                    self.doubt.rooms.remove(id);
                    self.unreadable.remove(id);
                }
                let stale = shown.picture.take_stale();
                self.doubt.rooms.extend(stale.into_iter().filter(|id| !self.unreadable.postpone(id)));
                shown.announce(changed);
            }
            Some(Ok(Event::Gap(_) | Event::Dropped(_))) => self.distrust(),
            Some(Err(error)) => return Err(error),
            None => return Err(Error::new(ErrorKind::Closed).message_text("the notifier was closed")),
        }
        Ok(())
    }

    fn distrust(&mut self) {
        self.doubt.everything = true;
        self.shared.inbox.distrust();
    }

    /// Reads the rooms in doubt from the API. They stay in doubt if the read fails and can succeed later.
    async fn clear(&mut self) -> Result<()> {
        let outcome = if self.doubt.everything { self.read_all().await } else { self.read_rooms().await };
        match outcome {
            Ok(()) => {
                self.log_success();
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::Unauthorized => Err(error),
            Err(error) => {
                let failures = self.log_failure(&error);
                self.not_before = Instant::now() + RETRY.wait(failures, fastrand::f64());
                self.shared.inbox.distrust();
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

    /// Logs the recovery, if reads failed before and nothing is left to be read.
    fn log_success(&mut self) {
        if !self.doubt.is_any()
            && let Some(Failure { since, attempts }) = self.failure.take()
        {
            let (duration, attempts) = (since.elapsed(), attempts.saturating_add(1));
            tracing::info!(?duration, attempts, "read rooms after failed attempts");
        }
    }

    async fn read_all(&mut self) -> Result<()> {
        let rooms = self.fishjam.get_all_rooms_with_unreadable().await?;
        self.unreadable.record(&rooms);
        self.not_before = Instant::now() + RESPITE;
        self.doubt = Doubt::default();
        let mut shown = self.shared.shown();
        let changed = shown.picture.replace(rooms);
        shown.announce(changed);
        Ok(())
    }

    /// Reads each room in doubt. A failed read does not skip the other rooms.
    async fn read_rooms(&mut self) -> Result<()> {
        let mut outcome = Ok(());
        for id in self.doubt.rooms.clone() {
            let room = match self.fishjam.get_room(&id).await {
                Ok(room) => Some(room),
                // No request can be made of an id like that, or the service takes none: it would be refused for ever.
                Err(error)
                    if error.is_not_found()
                        || matches!(error.kind(), ErrorKind::InvalidInput | ErrorKind::BadRequest) =>
                {
                    None
                }
                // The list distinguishes a room that cannot be read from responses that are not the server's. If the last
                // list had this unreadable room, the next list would only cost the account another request.
                Err(error) if error.kind() == ErrorKind::Decode => {
                    let listed = self.unreadable.record_failure(id.clone(), Instant::now(), fastrand::f64());
                    self.doubt.everything |= !listed;
                    self.doubt.rooms.remove(&id);
                    continue;
                }
                Err(error) => {
                    outcome = Err(error);
                    continue;
                }
            };
            self.doubt.rooms.remove(&id);
            self.unreadable.remove(&id);
            let mut shown = self.shared.shown();
            if shown.picture.replace_room(&id, room) {
                shown.announce([id]);
            }
        }
        outcome
    }
}

/// The task can end without an error of its own: it panics, or its runtime shuts down.
impl Drop for Follower {
    fn drop(&mut self) {
        let reason = "the task of the rooms view ended; its runtime may have shut down";
        self.shared.end(Err(Error::new(ErrorKind::Closed).message_text(reason)));
    }
}
