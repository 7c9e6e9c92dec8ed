//! The open sockets of one kind: each has a number, a queue of frames and a line for orders.

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{Arc, Mutex},
};

use axum::extract::ws::Message;
use bytes::Bytes;
use tokio::sync::{mpsc, watch};

use super::written::Written;
use crate::{http::connection::Line, lock::lock};

/// What a socket is told to do at once, before what is queued for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    /// Close with this code and reason.
    Close(u16, String),
    /// End the TCP connection after what has been written, without a close frame.
    Drop,
    /// End at once.
    Reset,
    /// Write these bytes, the beginning of a frame, and end the TCP connection.
    CutInside(Bytes),
    /// Neither send nor read any more.
    Stall,
}

/// A frame in a queue.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    pub(super) message: Message,
    /// Whether it is noted among what was written.
    pub(super) noted: bool,
}

impl Frame {
    pub(super) fn binary(bytes: Bytes) -> Self {
        Frame { message: Message::Binary(bytes), noted: true }
    }
}

/// How many sockets there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tally {
    pub(super) open: usize,
    pub(super) subscribed: usize,
    /// Since the start.
    pub(super) total: u64,
}

/// All open sockets of one kind.
pub(crate) struct Seats {
    taken: Mutex<Taken>,
    tally: watch::Sender<Tally>,
    /// How many frames wait for one socket.
    capacity: usize,
    written: Mutex<Written>,
    received: Mutex<Written>,
}

#[derive(Default)]
struct Taken {
    seats: BTreeMap<u64, Seat>,
    total: u64,
}

/// A socket, as others see it.
struct Seat {
    orders: mpsc::UnboundedSender<Order>,
    /// `None` once it overflowed, or when the socket has stalled: nothing is sent to it any more.
    frames: Option<mpsc::Sender<Frame>>,
    last: Option<Frame>,
    subscribed: bool,
    line: Line,
}

impl Seat {
    fn push(&mut self, frame: &Frame) {
        if self.frames.as_ref().is_some_and(|frames| frames.try_send(frame.clone()).is_ok()) {
            self.last = Some(frame.clone());
        } else {
            self.mute();
        }
    }

    fn mute(&mut self) {
        self.frames = None;
        self.last = None;
        self.subscribed = false;
    }
}

impl Seats {
    pub(crate) fn new(capacity: usize, written: usize) -> Self {
        Seats {
            taken: Mutex::default(),
            tally: watch::Sender::default(),
            capacity: capacity.max(1),
            written: Mutex::new(Written::new(written)),
            received: Mutex::new(Written::new(written)),
        }
    }

    /// Takes a seat for a socket that has just been opened.
    pub(crate) fn take(self: &Arc<Self>, line: Line) -> Place {
        let (orders, received_orders) = mpsc::unbounded_channel();
        let (frames, received_frames) = mpsc::channel(self.capacity);
        let seat = Seat { orders, frames: Some(frames), last: None, subscribed: false, line };
        let number = {
            let mut taken = lock(&self.taken);
            taken.total += 1;
            let number = taken.total;
            // Before others can count it, so that who counts it finds it among the written.
            lock(&self.written).open(number);
            lock(&self.received).open(number);
            taken.seats.insert(number, seat);
            self.count(&taken);
            number
        };
        Place { seats: Arc::clone(self), number, orders: received_orders, frames: received_frames }
    }

    /// Puts a frame into the queue of every subscribed socket, while nobody else can: all queues hold all frames in
    /// the same order.
    ///
    /// A queue that is full takes no more: its socket delivers what is queued, without a hole, and then closes.
    pub(crate) fn publish(&self, frame: Bytes) {
        let frame = Frame::binary(frame);
        self.change(|seat| {
            if seat.subscribed {
                seat.push(&frame);
            }
        });
    }

    /// Puts a frame into the queue of one socket, if it is open.
    pub(crate) fn send(&self, number: u64, frame: Bytes) {
        let mut taken = lock(&self.taken);
        if let Some(seat) = taken.seats.get_mut(&number) {
            seat.push(&Frame::binary(frame));
            // Counting takes its time, and there are many of these frames.
            if !seat.subscribed {
                self.count(&taken);
            }
        }
    }

    /// Puts a frame into the queue of every open socket.
    pub(super) fn push(&self, frame: &Frame) {
        self.change(|seat| seat.push(frame));
    }

    /// Puts a frame into the queue of one socket, if it is open.
    pub(crate) fn push_one(&self, number: u64, frame: Bytes) {
        self.change_one(number, |seat| seat.push(&Frame::binary(frame)));
    }

    /// Puts the last frame of every queue into it once more.
    pub(super) fn repeat(&self) {
        self.change(|seat| {
            if let Some(last) = seat.last.clone() {
                seat.push(&last);
            }
        });
    }

    /// Gives an order to one socket or to all; returns how many there were.
    pub(super) fn order(&self, number: Option<u64>, order: &Order) -> usize {
        let mut ordered = 0;
        for (_, seat) in lock(&self.taken).seats.iter().filter(|(one, _)| number.is_none_or(|number| number == **one)) {
            if *order == Order::Reset {
                seat.line.reset();
            }
            // A socket that is ending by itself needs no order.
            let _ = seat.orders.send(order.clone());
            ordered += 1;
        }
        ordered
    }

    pub(super) fn numbers(&self) -> Vec<u64> {
        lock(&self.taken).seats.keys().copied().collect()
    }

    pub(super) fn tally(&self) -> Tally {
        *self.tally.borrow()
    }

    pub(crate) fn subscribed(&self) -> usize {
        self.tally().subscribed
    }

    /// Waits until the counts are as wanted.
    pub(super) async fn wait_until(&self, wanted: impl FnMut(&Tally) -> bool) {
        // The sender is ours, so it does not end while this waits.
        let _ = self.tally.subscribe().wait_for(wanted).await;
    }

    pub(super) fn written<T>(&self, look: impl FnOnce(&mut Written) -> T) -> T {
        look(&mut lock(&self.written))
    }

    pub(super) fn received<T>(&self, look: impl FnOnce(&mut Written) -> T) -> T {
        look(&mut lock(&self.received))
    }

    fn change(&self, mut change: impl FnMut(&mut Seat)) {
        let mut taken = lock(&self.taken);
        taken.seats.values_mut().for_each(&mut change);
        self.count(&taken);
    }

    fn change_one(&self, number: u64, change: impl FnOnce(&mut Seat)) {
        let mut taken = lock(&self.taken);
        if let Some(seat) = taken.seats.get_mut(&number) {
            change(seat);
        }
        self.count(&taken);
    }

    fn count(&self, taken: &Taken) {
        let subscribed = taken.seats.values().filter(|seat| seat.subscribed).count();
        let counted = Tally { open: taken.seats.len(), subscribed, total: taken.total };
        self.tally.send_if_modified(|tally| {
            let changed = *tally != counted;
            *tally = counted;
            changed
        });
    }
}

/// A socket's own side of its seat; the seat is free when it is dropped.
pub(crate) struct Place {
    seats: Arc<Seats>,
    number: u64,
    orders: mpsc::UnboundedReceiver<Order>,
    frames: mpsc::Receiver<Frame>,
}

impl Place {
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// Notes a frame that has arrived.
    pub(super) fn received(&self, bytes: &Bytes) {
        self.seats.received(|received| received.wrote(self.number, bytes));
    }

    /// From now on the socket gets what is published.
    pub(super) fn subscribe(&self) {
        self.seats.change_one(self.number, |seat| seat.subscribed = seat.frames.is_some());
    }

    /// From now on the socket gets nothing.
    pub(super) fn mute(&mut self) {
        self.seats.change_one(self.number, Seat::mute);
        self.frames.close();
        while self.frames.try_recv().is_ok() {}
    }

    /// Waits for an order.
    pub(super) async fn ordered(&mut self) -> Order {
        match self.orders.recv().await {
            Some(order) => order,
            None => pending().await,
        }
    }

    /// Waits for an order, or for frames, of which it appends up to `limit`; 0 when the queue overflowed and is used up.
    pub(super) async fn next(&mut self, into: &mut Vec<Frame>, limit: usize) -> Next {
        tokio::select! {
            biased;
            order = self.orders.recv() => match order {
                Some(order) => Next::Order(order),
                None => pending().await,
            },
            count = self.frames.recv_many(into, limit) => Next::Frames(count),
        }
    }

    /// What notes the frames of this socket.
    pub(super) fn pen(&self) -> Pen {
        Pen { seats: Arc::clone(&self.seats), number: self.number }
    }
}

/// Notes what is written to one socket.
pub(super) struct Pen {
    seats: Arc<Seats>,
    number: u64,
}

impl Pen {
    /// Notes a frame that is being written.
    pub(super) fn wrote(&self, bytes: &Bytes) {
        self.seats.written(|written| written.wrote(self.number, bytes));
    }

    /// Notes that all that was written has left.
    pub(super) fn flushed(&self) {
        self.seats.written(|written| written.flushed(self.number));
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.seats.taken);
        taken.seats.remove(&self.number);
        lock(&self.seats.written).close(self.number);
        lock(&self.seats.received).close(self.number);
        self.seats.count(&taken);
    }
}

/// What a socket gets from its place.
pub(super) enum Next {
    Order(Order),
    Frames(usize),
}
