//! A model of the queue between a connection's task and its readers.
//!
//! loom runs each test with every order in which its threads can take their steps, up to a number of preemptions. It
//! reports a lost wake-up as a deadlock. The queue is the SDK's own source; only its primitives are loom's.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::{
    future::poll_fn,
    sync::{Arc, atomic::Ordering::AcqRel},
    task::{Context, Poll, Waker},
};

use loom::{future::block_on, model::Builder, thread};

use self::{
    error::Error,
    queue::{Item, Items, Limits, Overflow, Queue, QueueItem, QueueStorage, Reader},
    sync::{AtomicBool, AtomicWaker, Mutex},
};

#[path = "../../src/connection/queue/mod.rs"]
#[allow(dead_code, unreachable_pub, unused_imports, reason = "it is a part of the SDK, which uses all of it")]
mod queue;
mod sync;

/// The part of the SDK's module `error` that the queue uses.
mod error {
    #[derive(Clone, Debug)]
    pub(crate) struct Error;
}

type Numbers = Items<u32>;

impl Item for u32 {
    const READ_BATCH: usize = 2;

    fn size(&self) -> usize {
        SIZE
    }
}

/// The size of an item, in bytes.
const SIZE: usize = 10;

const ITEMS: u32 = 3;

/// Explores every order with up to this number of preemptions.
fn explore(preemptions: usize, test: impl Fn() + Send + Sync + 'static) {
    let mut builder = Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.check(test);
}

fn queue(items: usize, overflow: Overflow) -> (Arc<Queue<Numbers>>, Reader<Numbers>) {
    limited(Limits { items, bytes: usize::MAX, overflow })
}

fn limited(limits: Limits) -> (Arc<Queue<Numbers>>, Reader<Numbers>) {
    let queue = Arc::new(Queue::new(limits));
    (Arc::clone(&queue), queue.reader())
}

/// Adds all items, and waits for room like the task of a connection.
async fn produce(queue: &Queue<Numbers>, items: impl IntoIterator<Item = u32>) {
    let mut waiting = Numbers::default();
    items.into_iter().for_each(|item| waiting.push(item));
    loop {
        queue.push_all(&mut waiting);
        if waiting.is_empty() {
            return;
        }
        poll_fn(|cx| queue.poll_room(waiting.first_size(), cx)).await;
    }
}

async fn next(reader: &mut Reader<Numbers>) -> Option<QueueItem<u32>> {
    poll_fn(|cx| reader.poll_next(cx)).await
}

/// Returns all items until the end, and the number of dropped items.
async fn read_all(reader: &mut Reader<Numbers>) -> (Vec<u32>, u64) {
    let (mut read, mut dropped) = (Vec::new(), 0);
    while let Some(next) = next(reader).await {
        match next {
            QueueItem::Item(item) => read.push(item),
            QueueItem::Dropped(items) => dropped += items,
            QueueItem::Error(Error) => panic!("nothing failed"),
        }
    }
    (read, dropped)
}

#[test]
fn queue_delivers_every_item_in_order() {
    let of_items = |items| Limits { items, bytes: usize::MAX, overflow: Overflow::Wait };
    let of_bytes = |bytes| Limits { items: 100, bytes, overflow: Overflow::Wait };
    // The limits are below the size of one item and below the size of three items.
    for limits in [of_items(1), of_items(2), of_bytes(SIZE - 1), of_bytes(3 * SIZE - 1)] {
        explore(2, move || {
            let (queue, mut reader) = limited(limits);
            let producer = thread::spawn(move || {
                block_on(produce(&queue, 0..ITEMS));
                queue.end(None);
            });
            assert_eq!(block_on(read_all(&mut reader)), ((0..ITEMS).collect(), 0));
            producer.join().unwrap();
        });
    }
}

#[test]
fn queue_counts_each_dropped_item_once() {
    explore(2, || {
        let (queue, mut reader) = queue(1, Overflow::DropOldest);
        let producer = thread::spawn(move || {
            block_on(produce(&queue, 0..ITEMS));
            queue.end(None);
        });
        let (read, dropped) = block_on(read_all(&mut reader));
        assert_eq!(read.len() as u64 + dropped, u64::from(ITEMS));
        assert!(read.is_sorted() && read.ends_with(&[ITEMS - 1]), "{read:?}");
        producer.join().unwrap();
    });
}

#[test]
fn producer_continues_when_the_reader_leaves() {
    explore(2, || {
        let (queue, mut reader) = queue(1, Overflow::Wait);
        let producer = thread::spawn(move || block_on(produce(&queue, 0..ITEMS)));
        block_on(next(&mut reader));
        drop(reader);
        producer.join().unwrap();
    });
}

#[test]
fn producer_and_reader_continue_when_the_queue_ends() {
    explore(1, || {
        let (queue, mut reader) = queue(1, Overflow::Wait);
        let producer = thread::spawn({
            let queue = Arc::clone(&queue);
            move || block_on(produce(&queue, 0..ITEMS))
        });
        let closer = thread::spawn(move || queue.end(Some(Error)));
        // Items from before the end are read first.
        let mut expected = 0;
        loop {
            match block_on(next(&mut reader)) {
                Some(QueueItem::Item(item)) => {
                    assert_eq!(item, expected);
                    expected += 1;
                }
                Some(QueueItem::Error(Error)) => break,
                other => panic!("{other:?}"),
            }
        }
        assert!(block_on(next(&mut reader)).is_none());
        producer.join().unwrap();
        closer.join().unwrap();
    });
}

#[test]
fn discarding_loses_no_later_item() {
    explore(2, || {
        let (queue, mut reader) = queue(2, Overflow::Wait);
        block_on(produce(&queue, 0..2));
        let producer = thread::spawn(move || {
            block_on(produce(&queue, 2..5));
            queue.end(None);
        });
        let mark = reader.mark();
        reader.discard_before(mark);
        let (read, _) = block_on(read_all(&mut reader));
        assert_eq!(read, (mark as u32..5).collect::<Vec<_>>());
        producer.join().unwrap();
    });
}

#[test]
fn task_notices_when_its_last_reader_leaves() {
    explore(3, || {
        let (queue, mut reader) = queue(1, Overflow::Wait);
        // As in the notifier's hub: the task takes the lock of the listeners only if the flag is set.
        let left = Arc::new((AtomicBool::new(false), AtomicWaker::new()));
        let listeners = Arc::new(Mutex::new(vec![queue]));
        let task = thread::spawn({
            let left = Arc::clone(&left);
            let listeners = Arc::clone(&listeners);
            move || {
                block_on(poll_fn(|cx| {
                    left.1.register(cx.waker());
                    let is_unused = left.0.swap(false, AcqRel) && listeners.lock().unwrap().is_empty();
                    if is_unused { Poll::Ready(()) } else { Poll::Pending }
                }));
            }
        });
        assert!(matches!(reader.poll_next(&mut Context::from_waker(Waker::noop())), Poll::Pending));
        listeners.lock().unwrap().retain(|queue| !reader.reads(queue));
        left.0.swap(true, AcqRel);
        left.1.wake();
        task.join().unwrap();
    });
}
