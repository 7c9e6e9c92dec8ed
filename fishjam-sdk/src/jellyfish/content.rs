//! The files of HLS streams and recordings, which are public.

use fishjam_api::{PathSegment, jellyfish::types};

use super::{Content, client::JellyfishClient};
use crate::{
    error::{Error, Result},
    id::{RecordingId, RoomId},
    transport::operations::jellyfish as operations,
};

/// Options for fetching a file of an HLS stream. The SDK omits unset options from the request.
///
/// ```
/// use fishjam_sdk::jellyfish::HlsRequest;
///
/// let low_latency = HlsRequest::new().part(12, 3).skip(true);
/// let start_of_file = HlsRequest::new().range("bytes=0-99");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HlsRequest {
    part: Option<(u64, u64)>,
    skip: bool,
    range: Option<String>,
}

impl HlsRequest {
    /// Creates options for the whole file.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Requests a low-latency playlist with this part (`_HLS_part`) of this segment (`_HLS_msn`).
    ///
    /// Defaults to the current playlist.
    ///
    /// The server delays the response until the playlist contains the part. It ignores either parameter without the other,
    /// so this method sets both.
    #[must_use]
    pub fn part(mut self, segment: u64, part: u64) -> Self {
        self.part = Some((segment, part));
        self
    }

    /// Sets whether a low-latency playlist omits segments that the client already knows (`_HLS_skip=YES`).
    ///
    /// Defaults to `false`.
    #[must_use]
    pub fn skip(mut self, skip: bool) -> Self {
        self.skip = skip;
        self
    }

    /// Requests a part of the file, in the format of the header `range`: `bytes=0-99`.
    ///
    /// Defaults to the whole file.
    ///
    /// Jellyfish itself ignores the range and sends the whole file; see [`Content::is_partial`].
    #[must_use]
    pub fn range(mut self, range: impl Into<String>) -> Self {
        self.range = Some(range.into());
        self
    }

    fn checked_range(&self) -> Result<Option<&str>> {
        let range = self.range.as_deref();
        if range.is_some_and(|range| range.trim().is_empty()) {
            return Err(Error::invalid_input("invalid range: it is empty; omit it to request the whole file"));
        }
        if range.is_some_and(|range| http::HeaderValue::from_str(range).is_err()) {
            return Err(Error::invalid_input("invalid range: it contains a character that a header cannot carry"));
        }
        Ok(range)
    }
}

/// Checks the name of a file, which is a segment of a request's path.
fn segment(file: &str) -> Result<PathSegment<'_>> {
    PathSegment::new(file)
        .map_err(|problem| Error::invalid_input(format!("invalid filename of {} bytes: {problem}", file.len())))
}

impl JellyfishClient {
    /// Returns the public URL of a file of a room's HLS stream. Players start at `index.m3u8`. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns [`InvalidInput`](crate::ErrorKind::InvalidInput) if the id or the name is not one path segment.
    ///
    /// ```
    /// use fishjam_sdk::jellyfish::{ConnectionOptions, JellyfishClient};
    ///
    /// let jellyfish = JellyfishClient::new(ConnectionOptions::new("localhost:5002", "development"))?;
    /// let url = jellyfish.hls_url("my-room", "index.m3u8")?;
    /// assert_eq!(url, "http://localhost:5002/hls/my-room/index.m3u8");
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn hls_url(&self, room_id: impl Into<RoomId>, filename: impl AsRef<str>) -> Result<String> {
        let room_id = room_id.into();
        let room = room_id.segment().map_err(|error| Error::invalid_input(error.to_string()))?;
        let filename = segment(filename.as_ref())?;
        Ok(format!("{}/hls/{room}/{filename}", self.transport.endpoint().rest()))
    }

    /// Fetches the playlist of a room's HLS stream, or a file of the playlist.
    ///
    /// The first playlist is `index.m3u8`. It names the other files.
    ///
    /// Returns when the file starts to arrive. The request contains no token, because the files are public.
    ///
    /// If the server delays the response (see [`HlsRequest::part`]), each attempt waits for the response for up to
    /// `request_timeout`. After a timeout, the client sends the request again, up to the limits `max_attempts` and
    /// `overall_timeout`.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or:
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the file or the room does not exist, or the stream is not playable yet
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name is not one path segment, the range is empty, or a
    ///   header cannot contain the range
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
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
    /// // Read a large file in chunks, so that it is never in memory as a whole.
    /// let mut file = jellyfish.get_hls_content(&room.id, "index.m3u8", HlsRequest::new()).await?;
    /// while let Some(chunk) = file.next().await {
    ///     println!("{} more bytes", chunk?.len());
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
        let failed = |e| operations::GET_HLS_CONTENT.failed(e);
        let filename = segment(filename.as_ref()).map_err(failed)?;
        let range = request.checked_range().map_err(failed)?;
        let (segment, part) = request.part.unzip();
        let (segment, part) = (segment.map(types::HlsMsn), part.map(types::HlsPart));
        let skip = request.skip.then(|| types::HlsSkip("YES".to_owned()));
        self.transport
            .open(operations::GET_HLS_CONTENT, |api| {
                api.get_hls_content(room_id.segment()?, filename, segment.as_ref(), part.as_ref(), skip.as_ref(), range)
            })
            .await
    }

    /// Fetches the playlist of a recording, or a file of the playlist.
    ///
    /// The first playlist is `index.m3u8`. It names the other files.
    ///
    /// Returns when the file starts to arrive. The request contains no token, because the files are public.
    ///
    /// # Errors
    ///
    /// Returns one of the [common errors](crate::Error#common-errors), or:
    ///
    /// - [`NotFound`](crate::ErrorKind::NotFound) if the recording or the file does not exist
    /// - [`InvalidInput`](crate::ErrorKind::InvalidInput) if the name is not one path segment
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe. It changes nothing on the server.
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
        let filename = segment(filename.as_ref()).map_err(|e| operations::GET_RECORDING_CONTENT.failed(e))?;
        self.transport
            .open(operations::GET_RECORDING_CONTENT, |api| api.get_recording_content(recording_id.segment()?, filename))
            .await
    }
}
