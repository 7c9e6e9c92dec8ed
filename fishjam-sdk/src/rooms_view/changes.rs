//! The changes of a picture as a stream.

use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
};

use crate::{
    Room, RoomId,
    error::Result,
    notifier::queue::{Item, Items, Next, Reader},
};

/// A difference between what a [`RoomsView`](crate::RoomsView) showed and what it shows now.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum RoomChange {
    /// This room is new, or something about it or its peers is; here it is as a whole.
    Room(Room),
    /// There is no such room any more.
    Gone(RoomId),
    /// The consumer was too slow and this many changes were dropped: list the rooms anew.
    Dropped(u64),
}

/// The changes of a [`RoomsView`](crate::RoomsView), each after the view shows it.
///
/// At most 1,024 changes wait; when more come, the oldest are dropped and counted.
///
/// An error is the last item. It is the reason of the end: the notifier failed, or the task of the view ended. The task
/// ends with its runtime. The stream ends without an error when the program drops the last handle of the view.
///
/// Cancel safe: a change that was not returned waits for the next poll.
pub struct RoomChanges(pub(super) Reader<Items<RoomChange>>);

impl Item for RoomChange {}

impl futures_core::Stream for RoomChanges {
    type Item = Result<RoomChange>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.0.poll_next(cx).map(|next| {
            next.map(|next| match next {
                Next::Item(change) => Ok(change),
                Next::Dropped(changes) => Ok(RoomChange::Dropped(changes)),
                Next::Error(error) => Err(error),
            })
        })
    }
}

impl fmt::Debug for RoomChanges {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomChanges").finish_non_exhaustive()
    }
}
