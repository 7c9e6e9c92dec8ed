//! The stream of events of one consumer.

use std::{
    fmt,
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use futures_core::Stream;

use super::{codec::NotificationCodec, encoded_events::EncodedEvents, hub::Hub, open_parts::OpenPart};
use crate::{
    connection::queue::{QueueItem, Reader},
    error::Result,
    events::{Event, Notification},
};

/// Stream of events, in the order in which the server reports them.
///
/// Call [`receive`](Self::receive) in a loop. The type also implements `futures_core::Stream`, for the combinators of other
/// crates.
///
/// An [`Event::Gap`] reports an interruption, before the next notification. An error is always the last item: it is the
/// reason why no more events follow. After [`FishjamNotifier::close`](crate::FishjamNotifier::close) the stream yields the
/// events that have arrived, and then ends without an error. If you drop the last stream of a notifier, its connection
/// closes.
///
/// `N` is the type of the server's notifications: Fishjam, compositions and Jellyfish have different types.
///
/// # Cancel safety
///
/// The stream is cancel safe. If you drop the future of a poll, no event is lost.
///
/// For an example, see [`EventStream::receive`].
pub struct EventStream<N = Notification> {
    hub: Arc<Hub<N>>,
    reader: Reader<EncodedEvents<N>>,
    /// `None` after the stream has yielded its end.
    open: Option<OpenPart>,
}

#[allow(private_bounds, reason = "only this crate adds kinds of servers")]
impl<N: NotificationCodec> EventStream<N> {
    pub(super) fn new(hub: Arc<Hub<N>>, reader: Reader<EncodedEvents<N>>) -> Self {
        let open = Some(hub.open_part());
        Self { hub, reader, open }
    }

    /// Waits for the next event.
    ///
    /// Returns `None` at the end. An error is the last item before the end.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::start().await?;
    /// use fishjam_sdk::{FishjamNotifier, events::Event};
    ///
    /// let notifier = FishjamNotifier::new(emulator.url(), emulator.token())?;
    /// let mut events = notifier.events().await?;
    /// # notifier.close();
    /// while let Some(event) = events.receive().await {
    ///     match event? {
    ///         Event::Notification(notification) => println!("{notification}"),
    ///         Event::Gap(gap) => println!("may have missed events for {:?}", gap.duration()),
    ///         _ => {}
    ///     }
    /// }
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the reason why the connection ended permanently, or why it could not be made.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. If you drop the future, no event is lost.
    pub async fn receive(&mut self) -> Option<Result<Event<N>>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// Returns the number of events that have arrived so far.
    pub(crate) fn mark(&self) -> u64 {
        self.reader.mark()
    }

    /// Returns the number of losses so far, including those in waiting events.
    pub(crate) fn losses(&self) -> usize {
        self.reader.losses()
    }

    /// Returns the number of losses so far, or `None` if events wait.
    pub(crate) fn losses_if_drained(&self) -> Option<usize> {
        self.reader.losses_if_drained()
    }

    /// Discards the events before the mark. The caller has read no event since it took the mark.
    pub(crate) fn discard_before(&mut self, mark: u64) {
        self.reader.discard_before(mark);
    }
}

impl EventStream {
    /// Starts to count the events that show a loss; see [`Reader::watch_losses`].
    pub(crate) fn watch_losses(&self) {
        self.reader.watch_losses(EncodedEvents::losses);
    }
}

#[allow(private_bounds, reason = "only this crate adds kinds of servers")]
impl<N: NotificationCodec> Stream for EventStream<N> {
    type Item = Result<Event<N>>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let next = ready!(self.reader.poll_next(cx));
        if matches!(next, None | Some(QueueItem::Error(_))) {
            self.open = None;
        }
        Poll::Ready(next.map(|next| match next {
            QueueItem::Item(event) => Ok(event),
            QueueItem::Dropped(events) => Ok(Event::Dropped(events)),
            QueueItem::Error(error) => Err(error),
        }))
    }
}

impl<N> Drop for EventStream<N> {
    fn drop(&mut self) {
        self.hub.remove(&self.reader);
    }
}

impl<N> fmt::Debug for EventStream<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventStream").field("state", &self.hub.state()).finish_non_exhaustive()
    }
}
