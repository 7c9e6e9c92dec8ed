//! A running HLS stream: its playlists and segments and, with low latency, its parts.

use std::{collections::BTreeMap, fmt::Write as _};

use bytes::Bytes;

use super::resources::{Location, Resources};

/// The number of parts in a segment. A segment has 6 seconds, a part 1.1.
const PARTS: u64 = 5;
/// The number of segments whose parts are kept.
const KEPT_SEGMENTS: u64 = 4;
/// The name of the stream of audio and video in the muxer of the server.
const NAME: &str = "g2QABXZpZGVv";

/// The number of a segment, and the number of a part in this segment.
pub(crate) type Position = (i64, i64);

/// A running stream. It has no content until it is playable.
#[derive(Debug)]
pub(crate) struct Stream {
    pub(crate) folder: Location,
    low_latency: bool,
    /// The number of complete segments.
    segments: u64,
    /// The number of parts of the next segment. Always 0 without low latency.
    parts: u64,
    /// The parts of the last segments, by name.
    kept: BTreeMap<String, ((u64, u64), Bytes)>,
}

/// The availability of a playlist or a part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Content {
    Ready(Bytes),
    /// The next extension of the stream can provide it.
    Pending,
    Absent,
}

impl Stream {
    pub(crate) fn new(folder: Location, low_latency: bool) -> Self {
        Stream { folder, low_latency, segments: 0, parts: 0, kept: BTreeMap::new() }
    }

    /// Extends the stream by a segment, or by a part with low latency.
    pub(crate) fn extend(&mut self, resources: &mut Resources) {
        if self.low_latency {
            let (segment, part) = (self.segments, self.parts);
            let content = format!("part {part} of segment {segment}").into();
            self.kept.insert(format!("muxed_segment_{segment}_{NAME}_{part}_part.m4s"), ((segment, part), content));
            self.parts += 1;
            if self.parts == PARTS {
                self.complete(resources);
                self.parts = 0;
            }
            let first_kept = self.segments.saturating_sub(KEPT_SEGMENTS);
            self.kept.retain(|_, ((segment, _), _)| *segment >= first_kept);
        } else {
            self.complete(resources);
        }
        for (name, content) in [
            ("index.m3u8".to_owned(), master()),
            (format!("{NAME}.m3u8"), self.playlist(false)),
            (format!("{NAME}_delta.m3u8"), self.playlist(true)),
            (format!("muxed_header_{NAME}_part_0.mp4"), "header".to_owned()),
        ] {
            if self.low_latency || !name.contains("_delta") {
                resources.put(self.folder.join(&name), content.into());
            }
        }
    }

    fn complete(&mut self, resources: &mut Resources) {
        let segment = self.segments;
        let file = self.folder.join(&format!("muxed_segment_{segment}_{NAME}.m4s"));
        resources.put(file, format!("segment {segment}").into());
        self.segments += 1;
    }

    /// Returns the playlist, or its delta update, if the stream has this part. Requires low latency.
    pub(crate) fn playlist_with(&self, part: Position, delta: bool) -> Content {
        match self.newest() {
            None => Content::Absent,
            Some(newest) if part <= newest => Content::Ready(self.playlist(delta).into()),
            Some(_) => Content::Pending,
        }
    }

    /// Returns a part. The part that the playlist announces next is pending. Requires low latency.
    pub(crate) fn part(&self, name: &str) -> Content {
        if let Some((_, content)) = self.kept.get(name) {
            return Content::Ready(content.clone());
        }
        let numbers: Vec<i64> = name.split('_').filter_map(|one| one.parse().ok()).collect();
        match (self.newest(), numbers.as_slice()) {
            (Some((segment, part)), [requested_segment, requested_part])
                if (requested_segment - segment == 1 && *requested_part == 0)
                    || (*requested_segment == segment && requested_part - part == 1) =>
            {
                Content::Pending
            }
            _ => Content::Absent,
        }
    }

    /// Returns the position of the newest part.
    fn newest(&self) -> Option<Position> {
        let (segment, part) = match (self.segments, self.parts) {
            (0, 0) => return None,
            (segments, 0) => (segments - 1, PARTS - 1),
            (segments, parts) => (segments, parts - 1),
        };
        if self.low_latency { Some((i64::try_from(segment).ok()?, i64::try_from(part).ok()?)) } else { None }
    }

    fn playlist(&self, delta: bool) -> String {
        let mut playlist = "#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-TARGETDURATION:6\n#EXT-X-MEDIA-SEQUENCE:0\n".to_owned();
        if self.low_latency {
            playlist.push_str("#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=2.2,CAN-SKIP-UNTIL=36\n");
            playlist.push_str("#EXT-X-PART-INF:PART-TARGET=1.1\n");
        }
        // Writing to a `String` does not fail.
        let _ = writeln!(playlist, "#EXT-X-MAP:URI=\"muxed_header_{NAME}_part_0.mp4\"");
        let skipped = if delta { self.segments.saturating_sub(1) } else { 0 };
        if skipped > 0 {
            let _ = writeln!(playlist, "#EXT-X-SKIP:SKIPPED-SEGMENTS={skipped}");
        }
        for segment in skipped..=self.segments {
            for (name, ((part_of, _), _)) in &self.kept {
                if *part_of == segment {
                    let _ = writeln!(playlist, "#EXT-X-PART:DURATION=1.1,URI=\"{name}\"");
                }
            }
            if segment < self.segments {
                let _ = writeln!(playlist, "#EXTINF:6.0,\nmuxed_segment_{segment}_{NAME}.m4s");
            }
        }
        playlist
    }
}

fn master() -> String {
    format!("#EXTM3U\n#EXT-X-VERSION:7\n#EXT-X-STREAM-INF:BANDWIDTH=2560000,CODECS=\"avc1.42e00a\"\n{NAME}.m3u8\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_without_low_latency_have_no_parts() {
        let mut resources = Resources::default();
        let folder = Resources::stream("r", false);
        let mut stream = Stream::new(folder.clone(), false);
        stream.extend(&mut resources);
        stream.extend(&mut resources);
        let playlist = resources.read(&folder.join(&format!("{NAME}.m3u8"))).unwrap();
        let playlist = String::from_utf8(playlist.to_vec()).unwrap();
        assert!(playlist.contains("muxed_segment_1_") && !playlist.contains("EXT-X-PART"), "{playlist}");
        assert_eq!(resources.names(&folder).len(), 5);
        assert_eq!(stream.playlist_with((0, 0), false), Content::Absent);
        assert_eq!(stream.part("muxed_segment_0_x_0_part.m4s"), Content::Absent);
    }

    #[test]
    fn the_announced_part_is_pending() {
        let mut resources = Resources::default();
        let mut stream = Stream::new(Resources::stream("r", false), true);
        assert_eq!(stream.playlist_with((0, 0), false), Content::Absent);
        for _ in 0..6 {
            stream.extend(&mut resources);
        }
        // The stream has one segment of five parts, and one part of the next segment.
        let name = |segment, part| format!("muxed_segment_{segment}_{NAME}_{part}_part.m4s");
        assert!(matches!(stream.playlist_with((1, 0), false), Content::Ready(_)));
        assert_eq!(stream.playlist_with((1, 1), true), Content::Pending);
        assert!(matches!(stream.part(&name(0, 4)), Content::Ready(_)));
        assert_eq!(stream.part(&name(1, 1)), Content::Pending);
        assert_eq!(stream.part(&name(2, 0)), Content::Pending);
        assert_eq!(stream.part(&name(1, 2)), Content::Absent);
        assert_eq!(stream.part("x_part.m4s"), Content::Absent);
        let Content::Ready(delta) = stream.playlist_with((0, 0), true) else { panic!() };
        assert!(!String::from_utf8_lossy(&delta).contains("SKIPPED"));
        for _ in 0..20 {
            stream.extend(&mut resources);
        }
        let Content::Ready(delta) = stream.playlist_with((0, 0), true) else { panic!() };
        assert!(String::from_utf8_lossy(&delta).contains("SKIPPED-SEGMENTS=4"));
        assert_eq!(stream.part(&name(0, 4)), Content::Absent);
    }
}
