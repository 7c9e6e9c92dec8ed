use std::{
    future::{Future, poll_fn},
    pin::pin,
    task::Poll,
};

use tokio::{
    task::yield_now,
    time::{sleep, timeout},
};

use super::{
    listener::{Listener, ReceivedItem},
    *,
};
use crate::error::ErrorKind;

fn start(listener: &Listener, options: PacingOptions) -> PacedTrack {
    PacedTrack::start(listener.clone(), format(), options).unwrap()
}

/// Polls the future once. Returns `true` if it is ready.
async fn is_ready<F: Future>(future: &mut std::pin::Pin<&mut F>) -> bool {
    poll_fn(|context| Poll::Ready(future.as_mut().poll(context).is_ready())).await
}

#[tokio::test(start_paused = true)]
async fn fast_source_is_played_in_real_time() {
    let listener = Listener::prompt(format());
    let track = start(&listener, PacingOptions::new());
    let started = now();
    let mut utterance = track.utterance();
    for chunk in 0..50 {
        assert_eq!(utterance.send_chunk(tagged(1, chunk * 100, 100)).await.unwrap(), Delivery::Accepted);
        assert!(track.queued() <= Duration::from_secs(10));
    }
    assert_eq!((utterance.position(), track.position()), (Duration::ZERO, Duration::ZERO));
    sleep(milliseconds(1_234)).await;
    assert_eq!((utterance.position(), track.position()), (milliseconds(1_234), milliseconds(1_234)));
    track.drained().await.unwrap();
    assert!((milliseconds(5_000)..milliseconds(5_010)).contains(&(now() - started)));
    assert_eq!((track.queued(), track.lead(), track.position()), (Duration::ZERO, Duration::ZERO, milliseconds(5_000)));
    assert_eq!(listener.recording().audio(), tagged(1, 0, 5_000));
    assert!(listener.recording().longest_lead <= milliseconds(200));
}

#[tokio::test(start_paused = true)]
async fn each_utterance_has_its_own_position() {
    let listener = Listener::prompt(format());
    let track = start(&listener, PacingOptions::new());
    let (mut first, mut second) = (track.utterance(), track.utterance());
    assert_eq!(first.send_chunk(tagged(1, 0, 300)).await.unwrap(), Delivery::Accepted);
    assert_eq!(second.send_chunk(tagged(1, 0, 300)).await.unwrap(), Delivery::Accepted);
    yield_now().await;
    sleep(milliseconds(400)).await;
    assert_eq!((first.position(), second.position()), (milliseconds(300), milliseconds(100)));
    let interruption = track.interrupt().await.unwrap();
    assert_eq!(interruption, Interruption { played: milliseconds(400), discarded: milliseconds(200) });
    // The position at the interrupt stays.
    sleep(milliseconds(400)).await;
    assert_eq!((first.position(), second.position()), (milliseconds(300), milliseconds(100)));
    assert!(first.is_interrupted() && second.is_interrupted() && !track.utterance().is_interrupted());
    assert_eq!(track.position(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn interrupt_wakes_senders_that_wait_for_room() {
    let listener = Listener::prompt(format());
    let track = start(&listener, PacingOptions::new().queue(milliseconds(100)));
    let mut utterances: Vec<_> = (0..3).map(|_| track.utterance()).collect();
    assert_eq!(utterances[0].send_chunk(tagged(1, 0, 1_000)).await.unwrap(), Delivery::Accepted);
    let waiting: Vec<_> = utterances
        .into_iter()
        .map(|mut utterance| tokio::spawn(async move { (utterance.send_chunk(tagged(1, 0, 50)).await, utterance) }))
        .collect();
    sleep(milliseconds(10)).await;
    assert!(waiting.iter().all(|task| !task.is_finished()));
    track.interrupt().await.unwrap();
    for task in waiting {
        let (delivery, mut utterance) = timeout(milliseconds(1), task).await.unwrap().unwrap();
        assert_eq!(delivery.unwrap(), Delivery::Interrupted);
        assert_eq!(utterance.send_chunk(tagged(1, 0, 50)).await.unwrap(), Delivery::Interrupted);
        timeout(milliseconds(1), utterance.interrupted()).await.unwrap();
    }
    assert_eq!(track.send_chunk(tagged(2, 0, 50)).await.unwrap(), Delivery::Accepted);
    track.drained().await.unwrap();
    let recording = listener.recording();
    assert_eq!(recording.arrivals.iter().filter(|&arrival| *arrival == ReceivedItem::Interrupt).count(), 1);
    assert!(recording.audio().ends_with(&tagged(2, 0, 50)));
}

#[tokio::test(start_paused = true)]
async fn canceled_send_adds_nothing_but_interrupt_takes_effect() {
    let listener = Listener::prompt(format());
    let track = start(&listener, PacingOptions::new().queue(milliseconds(100)));
    let mut utterance = track.utterance();
    assert_eq!(utterance.send_chunk(tagged(1, 0, 500)).await.unwrap(), Delivery::Accepted);
    assert!(timeout(milliseconds(50), utterance.send_chunk(tagged(1, 900, 50))).await.is_err());
    assert_eq!(utterance.send_chunk(tagged(1, 500, 50)).await.unwrap(), Delivery::Accepted);
    track.drained().await.unwrap();
    assert_eq!(listener.recording().audio(), tagged(1, 0, 550));
    assert_eq!(utterance.position(), milliseconds(550));
    {
        let mut interrupt = pin!(track.interrupt());
        assert!(!is_ready(&mut interrupt).await);
    }
    assert_eq!(track.send_chunk(tagged(2, 0, 10)).await.unwrap(), Delivery::Accepted);
    track.drained().await.unwrap();
    let arrivals = listener.recording().arrivals.split_off(0);
    assert_eq!(arrivals[arrivals.len() - 2..], [ReceivedItem::Interrupt, ReceivedItem::Audio(tagged(2, 0, 10))]);
}

#[tokio::test(start_paused = true)]
async fn dropped_track_ends_its_task() {
    let listener = Listener::prompt(format());
    let track = start(&listener, PacingOptions::new());
    let mut utterance = track.utterance();
    assert_eq!(utterance.send_chunk(tagged(1, 0, 5_000)).await.unwrap(), Delivery::Accepted);
    sleep(milliseconds(100)).await;
    assert_eq!(listener.holders(), 2);
    drop(track);
    yield_now().await;
    assert_eq!(listener.holders(), 1);
    let arrived = listener.recording().arrivals.len();
    sleep(milliseconds(1_000)).await;
    assert_eq!(listener.recording().arrivals.len(), arrived);
    let error = utterance.send_chunk(tagged(1, 0, 10)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
}

#[tokio::test(start_paused = true)]
async fn all_handles_receive_the_error_that_ended_the_track() {
    let listener = Listener::prompt(format());
    let track = start(&listener, PacingOptions::new().queue(milliseconds(100)));
    let mut utterance = track.utterance();
    assert_eq!(utterance.send_chunk(tagged(1, 0, 500)).await.unwrap(), Delivery::Accepted);
    listener.recording().closed = true;
    let errors = [
        utterance.send_chunk(tagged(1, 0, 50)).await.map(|_| ()).unwrap_err(),
        track.drained().await.unwrap_err(),
        track.interrupt().await.map(|_| ()).unwrap_err(),
    ];
    for error in errors {
        assert_eq!((error.kind(), error.message()), (ErrorKind::Closed, Some("disconnected")));
    }
    assert_eq!(listener.holders(), 1);
}

#[test]
fn end_of_the_runtime_ends_the_track() {
    let first = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let listener = Listener::prompt(format());
    let track = first.block_on(async { start(&listener, PacingOptions::new()) });
    drop(first);
    let second = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let error = second.block_on(track.send_chunk(tagged(1, 0, 10))).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Closed);
    assert!(error.to_string().contains("runtime"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn interrupted_returns_when_the_track_ends() {
    let listener = Listener::prompt(format());
    let track = start(&listener, PacingOptions::new());
    let utterance = track.utterance();
    {
        let mut waiting = pin!(utterance.interrupted());
        assert!(!is_ready(&mut waiting).await);
        drop(track);
        timeout(Duration::from_secs(60), waiting).await.unwrap();
    }
    assert!(!utterance.is_interrupted());
    timeout(Duration::from_secs(60), utterance.interrupted()).await.unwrap();
}

#[test]
fn start_without_a_runtime_returns_an_error() {
    let error = PacedTrack::start(Listener::prompt(format()), format(), PacingOptions::new()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Setup);
}

#[tokio::test(start_paused = true)]
async fn debug_output_contains_no_audio() {
    let listener = Listener::prompt(format());
    let track = start(&listener, PacingOptions::new());
    let utterance = track.utterance();
    assert_eq!(track.send_chunk("sentinel").await.unwrap(), Delivery::Accepted);
    let printed = format!("{track:?} {utterance:?} {:?}", PacerStep::Send("sentinel".into()));
    assert!(!printed.contains("sentinel"), "{printed}");
}
