//! Frames of a fixed duration, cut from a stream of bytes.

use std::{
    collections::VecDeque,
    fmt,
    pin::Pin,
    task::{Context, Poll, ready},
    time::Duration,
};

use bytes::{Bytes, BytesMut};
use futures_core::{FusedStream, Stream};

use super::PcmFormat;
use crate::error::{Error, Result};

/// Cuts a stream of bytes into frames of a fixed duration.
///
/// The portions of the stream can end anywhere. A frame within one portion is a slice of it, without a copy. The
/// chunker copies the bytes of other frames once. It holds less than one frame. A slice keeps the memory of its portion
/// alive.
///
/// ```
/// use std::time::Duration;
/// use fishjam_sdk::agent::{Chunker, PcmFormat, SampleRate};
///
/// let mut chunker = Chunker::new(PcmFormat::mono(SampleRate::Hz16000), Duration::from_millis(20))?;
/// let frames = chunker.push(vec![1; 1_500]);                     // 20 milliseconds are 640 bytes
/// assert_eq!(frames.iter().map(|frame| frame.len()).collect::<Vec<_>>(), [640, 640]);
/// assert_eq!(chunker.push(vec![2; 420]).len(), 1);
/// assert_eq!(chunker.flush(), None);
/// # Ok::<(), fishjam_sdk::Error>(())
/// ```
#[derive(Clone)]
pub struct Chunker {
    /// The size of a frame, in bytes.
    frame: usize,
    /// The start of the next frame; always shorter than a frame.
    rest: BytesMut,
}

impl Chunker {
    /// Creates a chunker for frames of this duration.
    ///
    /// A frame contains whole sample frames: a fraction at its end is left out.
    ///
    /// # Errors
    ///
    /// Returns an [`InvalidInput`](crate::ErrorKind::InvalidInput) error if the duration is shorter than one sample
    /// frame or longer than one minute.
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{Chunker, PcmFormat, SampleRate};
    ///
    /// let format = PcmFormat::mono(SampleRate::Hz16000);
    /// assert_eq!(Chunker::new(format, Duration::from_millis(10))?.frame_size(), 320);
    /// assert!(Chunker::new(format, Duration::ZERO).is_err());
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn new(format: PcmFormat, frame: Duration) -> Result<Self> {
        Ok(Self { frame: frame_size(format, frame)?, rest: BytesMut::new() })
    }

    /// Returns the size of a frame, in bytes.
    #[must_use]
    pub fn frame_size(&self) -> usize {
        self.frame
    }

    /// Returns the number of bytes that wait for the rest of their frame.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.rest.len()
    }

    /// Adds the next portion. Returns the frames that it completes.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use fishjam_sdk::agent::{Chunker, PcmFormat, SampleRate};
    /// # let mut chunker = Chunker::new(PcmFormat::mono(SampleRate::Hz16000), Duration::from_millis(20))?;
    /// assert!(chunker.push("not yet a frame").is_empty());
    /// assert_eq!(chunker.waiting(), 15);
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    #[must_use = "these frames come only once"]
    pub fn push(&mut self, portion: impl Into<Bytes>) -> Vec<Bytes> {
        let mut portion = portion.into();
        let mut frames = Vec::with_capacity((self.rest.len() + portion.len()) / self.frame);
        if !self.rest.is_empty() {
            let missing = self.frame - self.rest.len();
            self.rest.extend_from_slice(&portion.split_to(missing.min(portion.len())));
            if self.rest.len() < self.frame {
                return frames;
            }
            frames.push(std::mem::take(&mut self.rest).freeze());
        }
        while portion.len() >= self.frame {
            frames.push(portion.split_to(self.frame));
        }
        if !portion.is_empty() {
            self.rest = BytesMut::with_capacity(self.frame);
            self.rest.extend_from_slice(&portion);
        }
        frames
    }

    /// Returns the incomplete frame without padding, or `None` if no bytes wait.
    ///
    /// If the stream ended within a sample, the returned bytes end within a sample, too.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use fishjam_sdk::agent::{Chunker, PcmFormat, SampleRate};
    /// # let mut chunker = Chunker::new(PcmFormat::mono(SampleRate::Hz16000), Duration::from_millis(20))?;
    /// assert!(chunker.push(vec![7; 100]).is_empty());
    /// assert_eq!(chunker.flush().map(|rest| rest.len()), Some(100));
    /// assert_eq!(chunker.flush(), None);
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn flush(&mut self) -> Option<Bytes> {
        if self.rest.is_empty() { None } else { Some(std::mem::take(&mut self.rest).freeze()) }
    }

    /// Returns the incomplete frame, padded with silence. Returns `None` if no bytes wait.
    ///
    /// Use this method for a consumer that requires whole frames, such as an encoder.
    ///
    /// ```
    /// # use std::time::Duration;
    /// # use fishjam_sdk::agent::{Chunker, PcmFormat, SampleRate};
    /// # let mut chunker = Chunker::new(PcmFormat::mono(SampleRate::Hz16000), Duration::from_millis(20))?;
    /// assert!(chunker.push(vec![7; 100]).is_empty());
    /// let last = chunker.flush_padded().expect("100 bytes wait");
    /// assert_eq!((last.len(), last[99], last[100]), (640, 7, 0));
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn flush_padded(&mut self) -> Option<Bytes> {
        if self.rest.is_empty() {
            return None;
        }
        self.rest.resize(self.frame, 0);
        self.flush()
    }

    /// Drops the incomplete frame.
    pub fn clear(&mut self) {
        self.rest = BytesMut::new();
    }

    /// Returns a stream of the frames of `portions`. The last frame can be shorter.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{Chunker, PcmFormat, SampleRate};
    /// use futures_util::{StreamExt, stream};
    ///
    /// let portions = stream::iter(["Hello, ", "world", "!"]);
    /// // 8 bytes are 4 samples: a quarter of a millisecond.
    /// let chunker = Chunker::new(PcmFormat::mono(SampleRate::Hz16000), Duration::from_micros(250))?;
    /// let frames: Vec<_> = chunker.stream(portions).collect().await;
    /// assert_eq!(frames, ["Hello, w", "orld!"]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn stream<S>(self, portions: S) -> Frames<S>
    where
        S: Stream<Item: Into<Bytes>>,
    {
        Frames { chunker: self, portions: Some(Box::pin(portions)), whole: VecDeque::new() }
    }

    /// Converts a stream of bytes that can fail into a stream of frames; see [`stream`](Self::stream).
    ///
    /// The body of an HTTP response is such a stream. The frames are [`Ok`], and the errors of the stream are [`Err`].
    ///
    /// The frames and errors keep their order. If the stream continues after an error, the next frame starts with the
    /// bytes that waited.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// use std::time::Duration;
    /// use fishjam_sdk::agent::{Chunker, PcmFormat, SampleRate};
    /// use futures_util::{TryStreamExt, stream};
    ///
    /// let portions = stream::iter([Ok("Hello, "), Ok("world"), Err("the connection was lost")]);
    /// let chunker = Chunker::new(PcmFormat::mono(SampleRate::Hz16000), Duration::from_micros(250))?;
    /// let mut frames = chunker.try_stream(portions);
    /// assert_eq!(frames.try_next().await, Ok(Some("Hello, w".into())));
    /// assert_eq!(frames.try_next().await, Err("the connection was lost"));
    /// assert_eq!(frames.try_next().await, Ok(Some("orld".into())));
    /// # Ok(())
    /// # }
    /// ```
    pub fn try_stream<S, P, E>(self, portions: S) -> TryFrames<S>
    where
        S: Stream<Item = std::result::Result<P, E>>,
        P: Into<Bytes>,
    {
        TryFrames { chunker: self, portions: Some(Box::pin(portions)), whole: VecDeque::new() }
    }
}

impl fmt::Debug for Chunker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Chunker").field("frame_size", &self.frame).field("waiting", &self.rest.len()).finish()
    }
}

/// Returns the size of a frame of this duration, in bytes. Fails if the duration is out of range.
pub(super) fn frame_size(format: PcmFormat, frame: Duration) -> Result<usize> {
    const MAX_FRAME: Duration = Duration::from_secs(60);
    let size = format.bytes_in(frame);
    if size == 0 || frame > MAX_FRAME {
        return Err(Error::invalid_input(format!(
            "invalid frame: {frame:?} of {format}; must be one sample frame to 60 s"
        )));
    }
    Ok(size)
}

/// Stream of frames of a fixed duration, returned by [`Chunker::stream`].
///
/// It holds at most the frames of one portion. It polls the portions only when it needs more bytes. If you drop this
/// stream, it drops the stream of portions.
///
/// For an example, see [`Chunker::stream`].
pub struct Frames<S> {
    chunker: Chunker,
    /// `None` after the end of the stream.
    portions: Option<Pin<Box<S>>>,
    whole: VecDeque<Bytes>,
}

impl<S> Stream for Frames<S>
where
    S: Stream<Item: Into<Bytes>>,
{
    type Item = Bytes;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Bytes>> {
        let this = &mut *self;
        loop {
            if let Some(frame) = this.whole.pop_front() {
                return Poll::Ready(Some(frame));
            }
            let Some(portions) = &mut this.portions else { return Poll::Ready(None) };
            match ready!(portions.as_mut().poll_next(context)) {
                Some(portion) => this.whole = this.chunker.push(portion).into(),
                None => {
                    this.portions = None;
                    return Poll::Ready(this.chunker.flush());
                }
            }
        }
    }
}

impl<S> FusedStream for Frames<S>
where
    S: Stream<Item: Into<Bytes>>,
{
    fn is_terminated(&self) -> bool {
        self.portions.is_none() && self.whole.is_empty()
    }
}

/// Stream of frames of a fixed duration, returned by [`Chunker::try_stream`].
///
/// It holds at most the frames of one portion. It polls the portions only when it needs more bytes. If you drop this
/// stream, it drops the stream of portions.
///
/// For an example, see [`Chunker::try_stream`].
pub struct TryFrames<S> {
    chunker: Chunker,
    /// `None` after the end of the stream.
    portions: Option<Pin<Box<S>>>,
    whole: VecDeque<Bytes>,
}

impl<S, P, E> Stream for TryFrames<S>
where
    S: Stream<Item = std::result::Result<P, E>>,
    P: Into<Bytes>,
{
    type Item = std::result::Result<Bytes, E>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some(frame) = this.whole.pop_front() {
                return Poll::Ready(Some(Ok(frame)));
            }
            let Some(portions) = &mut this.portions else { return Poll::Ready(None) };
            match ready!(portions.as_mut().poll_next(context)) {
                Some(Ok(portion)) => this.whole = this.chunker.push(portion).into(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => {
                    this.portions = None;
                    return Poll::Ready(this.chunker.flush().map(Ok));
                }
            }
        }
    }
}

impl<S> fmt::Debug for TryFrames<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TryFrames").field("whole", &self.whole.len()).finish_non_exhaustive()
    }
}

impl<S> fmt::Debug for Frames<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Frames").field("whole", &self.whole.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use futures_util::{FutureExt, StreamExt, stream};
    use proptest::{collection::vec, prelude::*};

    use super::{super::SampleRate, *};

    /// Cuts frames of this number of samples.
    fn chunker(samples: u32) -> Chunker {
        let format = PcmFormat::mono(SampleRate::Hz16000);
        Chunker::new(format, format.time_of(samples.into())).unwrap()
    }

    #[test]
    fn frame_within_one_portion_is_a_slice() {
        let mut chunker = chunker(2);
        let portion = Bytes::from_static(b"aaaabbbbcc");
        let frames = chunker.push(portion.clone());
        assert_eq!(frames, ["aaaa", "bbbb"]);
        assert_eq!(frames[0].as_ptr(), portion.as_ptr());
        assert_eq!(frames[1].as_ptr(), portion[4..].as_ptr());
        // The first frame consists of two portions. The second one lies within the new portion.
        let portion = Bytes::from_static(b"CCdddd");
        let frames = chunker.push(portion.clone());
        assert_eq!(frames, ["ccCC", "dddd"]);
        assert_eq!(frames[1].as_ptr(), portion[2..].as_ptr());
        assert_eq!(chunker.waiting(), 0);
    }

    #[test]
    fn incomplete_frame_is_short_padded_or_dropped() {
        let mut chunker = chunker(2);
        for _ in 0..3 {
            assert!(chunker.push("abc").is_empty());
            assert_eq!(chunker.flush().as_deref(), Some(b"abc".as_slice()));
            assert!(chunker.push("abc").is_empty());
            assert_eq!(chunker.flush_padded().as_deref(), Some(b"abc\0".as_slice()));
            assert!(chunker.push("abc").is_empty());
            chunker.clear();
            assert_eq!((chunker.flush(), chunker.flush_padded()), (None, None));
        }
    }

    #[test]
    fn new_rejects_frames_without_samples_or_above_one_minute() {
        let format = PcmFormat::mono(SampleRate::Hz16000);
        for (frame, size) in [
            (Duration::from_nanos(62_499), None),
            (Duration::from_nanos(62_500), Some(2)),
            (Duration::from_secs(60), Some(1_920_000)),
            (Duration::from_secs(61), None),
            (Duration::MAX, None),
        ] {
            assert_eq!(Chunker::new(format, frame).ok().map(|chunker| chunker.frame_size()), size, "{frame:?}");
        }
    }

    #[test]
    fn stream_ends_after_the_incomplete_frame() {
        let mut frames = chunker(1).stream(stream::iter(["abcde"]));
        assert_eq!(format!("{frames:?}"), "Frames { whole: 0, .. }");
        let all: Vec<_> = frames.by_ref().collect::<Vec<_>>().now_or_never().unwrap();
        assert_eq!(all, ["ab", "cd", "e"]);
        assert!(frames.is_terminated());
        assert_eq!(frames.next().now_or_never(), Some(None));
    }

    #[test]
    fn error_keeps_its_position_and_loses_no_bytes() {
        let portions = stream::iter([Ok("abc"), Err(7), Ok("de")]);
        let mut frames = chunker(1).try_stream(portions);
        let all: Vec<_> = frames.by_ref().collect::<Vec<_>>().now_or_never().unwrap();
        assert_eq!(all, [Ok("ab".into()), Err(7), Ok("cd".into()), Ok("e".into())]);
        assert_eq!(frames.next().now_or_never(), Some(None));
    }

    proptest! {
        #[test]
        fn frames_contain_all_bytes_in_order(samples in 1..50u32, portions in vec(vec(any::<u8>(), 0..300), 0..40)) {
            let size = samples as usize * 2;
            let mut pushed = chunker(samples);
            let mut frames: Vec<Bytes> = Vec::new();
            for portion in portions.clone() {
                frames.extend(pushed.push(portion));
                prop_assert!(pushed.waiting() < size);
            }
            prop_assert!(frames.iter().all(|frame| frame.len() == size));
            frames.extend(pushed.flush());
            prop_assert_eq!(frames.concat(), portions.concat());
            let streamed: Vec<_> = chunker(samples).stream(stream::iter(portions)).collect().now_or_never().unwrap();
            prop_assert_eq!(streamed, frames);
        }
    }
}
