//! The files of HLS streams and recordings, which anybody may fetch.

use fishjam_api::{PathSegment, jellyfish::types};

use super::{Content, client::JellyfishClient};
use crate::{
    RecordingId, RoomId,
    error::{Error, Result},
    transport::operations::jellyfish as operations,
};

/// What is asked of a file of an HLS stream; whatever is not set is not asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HlsRequest {
    /// The segment and the part of it that a low latency playlist must have reached.
    pub part: Option<(u64, u64)>,
    /// Whether a low latency playlist may leave out what the client already knows.
    pub skip: bool,
    /// The bytes that are wanted, as the header `range` writes them: `bytes=0-99`.
    pub range: Option<String>,
}

impl HlsRequest {
    /// Asks for the whole file as it is now.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks for a low latency playlist that has reached this part (`_HLS_part`) of this segment (`_HLS_msn`): the server
    /// holds the answer back until it has. It ignores one without the other, so they are one setting.
    #[must_use]
    pub fn part(mut self, segment: u64, part: u64) -> Self {
        self.part = Some((segment, part));
        self
    }

    /// Asks for a low latency playlist without what the client already knows (`_HLS_skip=YES`), or for all of it.
    #[must_use]
    pub fn skip(mut self, skip: bool) -> Self {
        self.skip = skip;
        self
    }

    /// Asks for some of the file's bytes, as the header `range` writes them: `bytes=0-99`.
    ///
    /// Jellyfish itself sends the whole file all the same; [`Content::is_partial`] tells.
    #[must_use]
    pub fn range(mut self, range: impl Into<String>) -> Self {
        self.range = Some(range.into());
        self
    }
}

/// Checks the name of a file, which is a segment of a request's path.
fn segment(file: &str) -> Result<PathSegment<'_>> {
    PathSegment::new(file).map_err(|problem| {
        Error::invalid_input(format!("the file name of {} bytes is not valid: {problem}", file.len()))
    })
}

impl JellyfishClient {
    /// Fetches a file of the stream that a room's HLS component makes: its playlist `index.m3u8`, or what a playlist
    /// names. Returns once the file begins to arrive.
    ///
    /// No token is sent, since none is needed. Where the server holds the answer back, see [`HlsRequest::part`], each
    /// request waits for its beginning for as long as one may take (`request_timeout`), and one that waited in vain is
    /// sent again: until the part is there, the attempts are used up (`max_attempts`) or the whole call has taken too long
    /// (`overall_timeout`).
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such file, no such room or nothing to play yet,
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name leads elsewhere, the range is empty or no header can
    /// carry it, and whatever can happen to any request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// # use fishjam_sdk::{VideoCodec, jellyfish::{Hls, RoomOptions}};
    /// # let (room, _) = jellyfish.create_room(RoomOptions::new().video_codec(VideoCodec::H264)).await?;
    /// # let hls = jellyfish.add_component(&room.id, Hls::new()).await?;
    /// # emulator.make_playable(room.id.as_str(), hls.id.as_str());
    /// use fishjam_sdk::jellyfish::HlsRequest;
    /// use futures_util::StreamExt;
    ///
    /// let playlist = jellyfish.get_hls_content(&room.id, "index.m3u8", HlsRequest::new()).await?;
    /// assert_eq!(playlist.content_type(), Some("application/vnd.apple.mpegurl"));
    /// println!("{:?}", playlist.bytes().await?);
    ///
    /// // Large files are read piece by piece, and never held whole.
    /// let mut file = jellyfish.get_hls_content(&room.id, "index.m3u8", HlsRequest::new()).await?;
    /// while let Some(piece) = file.next().await {
    ///     println!("{} more bytes", piece?.len());
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_hls_content(
        &self,
        room_id: impl Into<RoomId>,
        filename: impl AsRef<str>,
        request: HlsRequest,
    ) -> Result<Content> {
        let room_id = room_id.into();
        let filename = segment(filename.as_ref())?;
        let (segment, part) = request.part.unzip();
        let (segment, part) = (segment.map(types::HlsMsn), part.map(types::HlsPart));
        let skip = request.skip.then(|| types::HlsSkip("YES".to_owned()));
        let range = request.range.as_deref();
        if range.is_some_and(|range| range.trim().is_empty()) {
            return Err(Error::invalid_input("the range is empty; leave it out to ask for the whole file"));
        }
        if range.is_some_and(|range| http::HeaderValue::from_str(range).is_err()) {
            return Err(Error::invalid_input("the range contains a character that a header cannot carry"));
        }
        self.transport
            .open(operations::GET_HLS_CONTENT, |api| {
                api.get_hls_content(room_id.segment()?, filename, segment.as_ref(), part.as_ref(), skip.as_ref(), range)
            })
            .await
    }

    /// Fetches a file of a recording: its playlist `index.m3u8`, or what a playlist names. Returns once the file begins
    /// to arrive.
    ///
    /// No token is sent, since none is needed.
    ///
    /// # Errors
    ///
    /// [`NotFound`](crate::ErrorKind::NotFound) if there is no such recording or file,
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name leads elsewhere, and whatever can happen to any
    /// request.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> anyhow::Result<()> {
    /// # let emulator = fishjam_emulator::Emulator::jellyfish().start().await?;
    /// # let options = fishjam_sdk::jellyfish::ConnectionOptions::new(emulator.address(), emulator.token());
    /// # let jellyfish = fishjam_sdk::jellyfish::JellyfishClient::new(options)?;
    /// match jellyfish.get_recording_content("my-recording", "index.m3u8").await {
    ///     Ok(playlist) => println!("{:?}", playlist.bytes().await?),
    ///     Err(e) if e.is_not_found() => println!("no such recording"),
    ///     Err(e) => return Err(e.into()),
    /// }
    /// # Ok(())
    /// # }
    /// ```
    pub async fn get_recording_content(
        &self,
        recording_id: impl Into<RecordingId>,
        filename: impl AsRef<str>,
    ) -> Result<Content> {
        let recording_id = recording_id.into();
        let filename = segment(filename.as_ref())?;
        self.transport
            .open(operations::GET_RECORDING_CONTENT, |api| api.get_recording_content(recording_id.segment()?, filename))
            .await
    }
}
