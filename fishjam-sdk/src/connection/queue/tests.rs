use std::{
    future::poll_fn,
    sync::Arc,
    task::{Context, Poll, Waker},
};

use super::queue::*;
use crate::error::{Error, ErrorKind};

const KEPT: i64 = 1_000_000;

impl Item for i64 {
    const READ_BATCH: usize = 4;

    fn keep_on_overflow(&self) -> bool {
        *self >= KEPT
    }
}

type Numbers = Items<i64>;

fn numbers(items: impl IntoIterator<Item = i64>) -> Numbers {
    let mut numbers = Numbers::default();
    items.into_iter().for_each(|item| numbers.push(item));
    numbers
}

/// Every item of a list.
fn all(mut numbers: Numbers) -> Vec<i64> {
    std::iter::from_fn(|| numbers.pop()).collect()
}

/// Both ends of a queue.
fn queue(items: usize, overflow: Overflow) -> (Arc<Queue<Numbers>>, Reader<Numbers>) {
    limited(Limits { items, bytes: usize::MAX, overflow })
}

fn limited(limits: Limits) -> (Arc<Queue<Numbers>>, Reader<Numbers>) {
    let queue = Arc::new(Queue::new(limits));
    (Arc::clone(&queue), queue.reader())
}

fn next(reader: &mut Reader<Numbers>) -> Poll<Option<QueueItem<i64>>> {
    reader.poll_next(&mut Context::from_waker(Waker::noop()))
}

/// Returns all readable items. The number of dropped items is negative.
fn read(reader: &mut Reader<Numbers>) -> Vec<i64> {
    let mut read = Vec::new();
    loop {
        match next(reader) {
            Poll::Ready(Some(QueueItem::Item(item))) => read.push(item),
            Poll::Ready(Some(QueueItem::Dropped(dropped))) => read.push(-(dropped as i64)),
            _ => return read,
        }
    }
}

#[test]
fn losses_count_items_drops_and_the_end() {
    let (queue, mut reader) = queue(3, Overflow::DropOldest);
    queue.push_all(&mut numbers([-1, 1]));
    reader.watch_losses(|numbers, count| all(numbers.clone()).into_iter().take(count).filter(|n| *n < 0).count());
    assert_eq!((reader.losses(), reader.losses_if_drained()), (1, None), "an item that waits already");
    queue.push_all(&mut numbers([-2]));
    assert_eq!(reader.losses(), 2);
    queue.push_all(&mut numbers([2, 3]));
    assert_eq!((reader.losses(), reader.losses_if_drained()), (4, None), "two items are dropped");
    assert_eq!(read(&mut reader), [-2, -2, 2, 3]);
    assert_eq!((reader.losses(), reader.losses_if_drained()), (4, Some(4)));
    queue.end(None);
    assert_eq!((reader.losses(), reader.losses_if_drained()), (5, None));
}

#[test]
fn full_queue_waits_or_drops_the_oldest_by_its_policy() {
    let (waits, mut reader) = queue(2, Overflow::Wait);
    assert!(waits.push(1).is_ok() && waits.push(2).is_ok() && waits.push(3).is_err());
    assert_eq!(read(&mut reader), [1, 2]);

    let (drops, mut reader) = queue(2, Overflow::DropOldest);
    (1..=5).for_each(|n| drops.push(n).unwrap());
    assert_eq!(read(&mut reader), [-3, 4, 5]);
    drops.push(6).unwrap();
    assert_eq!(read(&mut reader), [6]);
}

#[test]
fn items_of_a_batch_count_until_they_are_read() {
    let (queue, mut reader) = queue(5, Overflow::Wait);
    (1..=5).for_each(|n| queue.push(n).unwrap());
    for n in 1..=5 {
        // The reader takes four of them at a time.
        assert!(matches!(next(&mut reader), Poll::Ready(Some(QueueItem::Item(item))) if item == n));
        assert!(queue.push(n + 5).is_ok() && queue.push(0).is_err(), "{n}");
    }
    assert_eq!(read(&mut reader), [6, 7, 8, 9, 10]);
}

#[test]
fn reader_takes_single_items_if_the_oldest_are_dropped() {
    let (queue, mut reader) = queue(5, Overflow::DropOldest);
    (1..=5).for_each(|n| queue.push(n).unwrap());
    assert!(matches!(next(&mut reader), Poll::Ready(Some(QueueItem::Item(1)))));
    (6..=9).for_each(|n| queue.push(n).unwrap());
    assert_eq!(read(&mut reader), [-3, 5, 6, 7, 8, 9]);
}

#[test]
fn items_are_read_in_order_whatever_their_number() {
    for capacity in [1, 2, 3, 4, 5, 8, 9, 1000] {
        let (queue, mut reader) = queue(capacity, Overflow::Wait);
        let (mut items, mut all) = (numbers(0..2500), Vec::new());
        while !items.is_empty() {
            let left = items.len();
            queue.push_all(&mut items);
            assert_eq!(left - items.len(), left.min(capacity), "{capacity}");
            all.extend(read(&mut reader));
        }
        assert_eq!(all, (0..2500).collect::<Vec<_>>(), "{capacity}");
    }
}

#[test]
fn list_is_pushed_as_far_as_there_is_room() {
    for (overflow, before, list, left, read_then) in [
        // Pushes a list into an empty queue, and into a queue with a waiting item.
        (Overflow::Wait, 0, 2, vec![], vec![0, 1]),
        (Overflow::Wait, 0, 3, vec![], vec![0, 1, 2]),
        (Overflow::Wait, 0, 5, vec![3, 4], vec![0, 1, 2]),
        (Overflow::Wait, 2, 2, vec![1], vec![100, 101, 0]),
        (Overflow::Wait, 3, 1, vec![0], vec![100, 101, 102]),
        (Overflow::DropOldest, 0, 3, vec![], vec![0, 1, 2]),
        (Overflow::DropOldest, 0, 4, vec![], vec![-1, 1, 2, 3]),
        (Overflow::DropOldest, 2, 2, vec![], vec![-1, 101, 0, 1]),
    ] {
        let (queue, mut reader) = queue(3, overflow);
        (100..100 + before).for_each(|item| queue.push(item).unwrap());
        let mut items = numbers(0..list);
        queue.push_all(&mut items);
        let case = format!("{overflow:?} {before} {list}");
        assert_eq!(all(items), left, "{case}");
        assert_eq!(reader.mark(), (before + list) as u64 - left.len() as u64, "{case}");
        assert_eq!(read(&mut reader), read_then, "{case}");
    }
}

#[test]
fn pushed_list_behaves_like_single_items() {
    let (drops, mut reader) = queue(3, Overflow::DropOldest);
    (1..=5).for_each(|n| drops.push(n).unwrap());
    // Only the waiting items are read. The number of dropped items is not.
    let mark = reader.mark();
    reader.discard_before(mark);
    drops.push_all(&mut numbers([6, 7]));
    assert_eq!(reader.mark(), mark + 2);
    reader.discard_before(mark + 1);
    assert_eq!(read(&mut reader), [7]);

    for ended in [true, false] {
        let (queue, mut reader) = queue(3, Overflow::Wait);
        if ended {
            queue.end(None);
        } else {
            reader.leave();
        }
        let mut items = numbers([1, 2]);
        queue.push_all(&mut items);
        assert!(items.is_empty() && read(&mut reader).is_empty());
    }
}

#[test]
fn end_follows_the_waiting_items_and_its_error_comes_once() {
    let (queue, mut reader) = queue(2, Overflow::Wait);
    queue.push(1).unwrap();
    queue.end(Some(Error::new(ErrorKind::Closed)));
    assert!(matches!(next(&mut reader), Poll::Ready(Some(QueueItem::Item(1)))));
    assert!(matches!(next(&mut reader), Poll::Ready(Some(QueueItem::Error(_)))));
    assert!(matches!(next(&mut reader), Poll::Ready(None)));
    assert!(matches!(next(&mut reader), Poll::Ready(None)));
}

#[test]
fn discard_removes_only_the_items_before_a_mark() {
    let (queue, mut reader) = queue(3, Overflow::DropOldest);
    (1..=2).for_each(|n| queue.push(n).unwrap());
    let mark = reader.mark();
    queue.push(3).unwrap();
    reader.discard_before(mark);
    assert_eq!(read(&mut reader), [3]);

    // Dropped items before the mark are discarded, and later ones are still counted.
    (1..=5).for_each(|n| queue.push(n).unwrap());
    reader.discard_before(reader.mark());
    assert!(read(&mut reader).is_empty());
    let mark = reader.mark();
    (1..=5).for_each(|n| queue.push(n).unwrap());
    reader.discard_before(mark);
    assert_eq!(read(&mut reader), [-2, 3, 4, 5]);

    // Only items that were dropped since the mark are counted.
    (1..=3).for_each(|n| queue.push(n).unwrap());
    let mark = reader.mark();
    (4..=8).for_each(|n| queue.push(n).unwrap());
    reader.discard_before(mark);
    assert_eq!(read(&mut reader), [-2, 6, 7, 8]);
}

#[test]
fn discard_removes_the_items_of_a_batch() {
    let (queue, mut reader) = queue(3, Overflow::Wait);
    (1..=3).for_each(|n| queue.push(n).unwrap());
    assert!(matches!(next(&mut reader), Poll::Ready(Some(QueueItem::Item(1)))));
    let mark = reader.mark();
    queue.push(4).unwrap();
    reader.discard_before(mark);
    (5..=6).for_each(|n| queue.push(n).unwrap());
    assert!(queue.push(7).is_err());
    assert_eq!(read(&mut reader), [4, 5, 6]);
}

#[test]
fn items_after_the_end_are_discarded() {
    let (queue, mut reader) = queue(1, Overflow::Wait);
    queue.push(1).unwrap();
    queue.end(None);
    assert!(queue.push(2).is_ok());
    assert_eq!(read(&mut reader), [1]);
    assert!(matches!(next(&mut reader), Poll::Ready(None)));
}

#[tokio::test]
async fn writer_wakes_when_items_are_read_or_discarded() {
    let (queue, mut reader) = queue(3, Overflow::Wait);
    poll_fn(|cx| queue.poll_room(8, cx)).await;
    let makes_room: [fn(&mut Reader<Numbers>); 4] = [
        |reader| drop(next(reader)),
        |reader| assert!(!read(reader).is_empty()),
        |reader| reader.discard_before(reader.mark()),
        Reader::leave,
    ];
    for make_room in makes_room {
        while queue.push(1).is_ok() {}
        let waiting = tokio::spawn({
            let queue = Arc::clone(&queue);
            async move { poll_fn(|cx| queue.poll_room(8, cx)).await }
        });
        tokio::task::yield_now().await;
        assert!(!waiting.is_finished());
        make_room(&mut reader);
        waiting.await.unwrap();
    }
    assert!(queue.push(2).is_ok() && read(&mut reader).is_empty());
}

#[test]
fn kept_items_are_dropped_last() {
    let (queue, mut reader) = queue(3, Overflow::DropOldest);
    let kept = |n| KEPT + n;
    for item in [kept(0), 1, 2, 3, kept(1), 4, 5] {
        queue.push(item).unwrap();
    }
    assert_eq!(read(&mut reader), [-4, kept(0), kept(1), 5]);
    queue.push_all(&mut numbers([kept(0), kept(1), kept(2), kept(3), 1]));
    assert_eq!(read(&mut reader), [-2, kept(2), kept(3), 1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_threads_lose_no_item_and_no_wakeup() {
    const ITEMS: i64 = 50_000;
    for (capacity, overflow) in [1, 2, 5, 64].into_iter().flat_map(|n| [(n, Overflow::Wait), (n, Overflow::DropOldest)])
    {
        let (queue, mut reader) = queue(capacity, overflow);
        let producer = tokio::spawn(async move {
            let (mut items, mut from) = (Numbers::default(), 0);
            while from < ITEMS {
                let to = ITEMS.min(from + 1 + from % 7);
                (from..to).for_each(|item| items.push(item));
                from = to;
                loop {
                    queue.push_all(&mut items);
                    if items.is_empty() {
                        break;
                    }
                    poll_fn(|cx| queue.poll_room(8, cx)).await;
                }
            }
            queue.end(None);
        });
        let (mut expected, mut dropped) = (0, 0);
        let reading = async {
            while let Some(next) = poll_fn(|cx| reader.poll_next(cx)).await {
                match next {
                    QueueItem::Item(item) => {
                        assert_eq!(item, expected, "{capacity} {overflow:?}");
                        expected += 1;
                    }
                    QueueItem::Dropped(items) => {
                        dropped += items;
                        expected += items as i64;
                    }
                    QueueItem::Error(error) => panic!("{error}"),
                }
            }
        };
        tokio::time::timeout(std::time::Duration::from_secs(60), reading).await.unwrap();
        producer.await.unwrap();
        assert_eq!(expected, ITEMS, "{capacity} {overflow:?}");
        assert!(overflow == Overflow::DropOldest || dropped == 0);
    }
}

/// The size of an item, in bytes.
const SIZE: usize = size_of::<i64>();

#[test]
fn queue_is_full_at_its_limit_of_bytes() {
    let limits = |overflow| Limits { items: 100, bytes: 3 * SIZE + 1, overflow };
    let (waits, mut reader) = limited(limits(Overflow::Wait));
    let mut more = numbers(0..5);
    waits.push_all(&mut more);
    assert_eq!(all(more), [3, 4]);
    assert!(waits.push(9).is_err());
    for expected in 0..3 {
        // The reader takes four of them at a time; they count until they are read.
        assert!(matches!(next(&mut reader), Poll::Ready(Some(QueueItem::Item(item))) if item == expected));
        assert!(waits.push(expected + 3).is_ok() && waits.push(9).is_err());
    }
    reader.discard_before(reader.mark());
    (0..3).for_each(|n| waits.push(n).unwrap());
    assert!(waits.push(9).is_err());
    assert_eq!(read(&mut reader), [0, 1, 2]);

    let (drops, mut reader) = limited(limits(Overflow::DropOldest));
    drops.push_all(&mut numbers(0..5));
    drops.push(5).unwrap();
    assert_eq!(read(&mut reader), [-3, 3, 4, 5]);
}

#[test]
fn empty_queue_accepts_an_item_above_its_limit() {
    for (overflow, read_then) in [(Overflow::Wait, vec![1]), (Overflow::DropOldest, vec![-1, 2])] {
        let (queue, mut reader) = limited(Limits { items: 100, bytes: 1, overflow });
        assert!(queue.push(1).is_ok());
        assert_eq!(queue.push(2).is_ok(), overflow == Overflow::DropOldest);
        assert_eq!(read(&mut reader), read_then);
        let mut more = numbers([3, 4]);
        queue.push_all(&mut more);
        assert_eq!(more.len(), usize::from(overflow == Overflow::Wait));
    }
}

#[tokio::test]
async fn writer_waits_for_bytes_and_wakes_when_they_are_read() {
    let (queue, mut reader) = limited(Limits { items: 100, bytes: 2 * SIZE, overflow: Overflow::Wait });
    queue.push_all(&mut numbers([1, 2]));
    let waiting = tokio::spawn({
        let queue = Arc::clone(&queue);
        async move { poll_fn(|cx| queue.poll_room(SIZE, cx)).await }
    });
    tokio::task::yield_now().await;
    assert!(!waiting.is_finished());
    assert!(matches!(next(&mut reader), Poll::Ready(Some(QueueItem::Item(1)))));
    waiting.await.unwrap();
    assert!(queue.push(3).is_ok());
}
