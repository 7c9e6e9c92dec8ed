//! The files of recordings, served like object storage does: without a token, whole or in part.

use axum::http::{HeaderMap, header};
use bytes::Bytes;

use super::{Action, ApiRequest, Handler, Route};
use crate::{http::response::HttpResponse, refusal::Refusal, service::Service};

/// The size of each file. An interrupted download then has something left to resume.
const FILE_BYTES: usize = 64 * 1024;

/// The beginning of an MP4 file: its type, and a box of free space up to its end. The file contains no media.
const FILE_TYPE: &[u8; 24] = b"\0\0\0\x18ftypisom\0\0\x02\0isommp41";

const fn route(method: &'static str, handler: Handler) -> Route {
    Route {
        operation: "recording_file",
        method,
        path: &["recordings", "files", "*", "*"],
        action: Action::Origin(handler),
    }
}

pub(super) const ROUTES: &[Route] = &[route("GET", content), route("HEAD", content)];

fn content(service: &Service, request: ApiRequest) -> Result<HttpResponse, Refusal> {
    let (recording, name) = (request.parameter(0), request.parameter(1));
    let name = format!("{recording}/{name}");
    let exists = |files: &[String]| files.contains(&name);
    if !service.state.read(|state| state.recording(recording).is_ok_and(|one| exists(&one.files))) {
        return Err(Refusal::no_route());
    }
    let etag = format!("\"{}\"", name.replace('/', "-"));
    let file = file(&name);
    let (total, part) = (file.len(), requested_part(&request.headers, &etag, file.len()));
    let (status, range, body) = match part {
        Part::Whole => (200, None, file),
        Part::Range { start, end } => (206, Some(format!("{start}-{end}")), file.slice(start..=end)),
        Part::Unsatisfiable => (416, Some("*".to_owned()), Bytes::new()),
    };
    let mut response = HttpResponse { bare: true, ..HttpResponse::bytes(status, body) };
    response.set_header("accept-ranges", "bytes");
    if let Some(range) = range {
        response.set_header("content-range", &format!("bytes {range}/{total}"));
    }
    if status != 416 {
        response.set_header("content-type", "video/mp4");
        response.set_header("etag", &etag);
    }
    Ok(response)
}

/// Returns the content of a file, which depends on its name only.
fn file(name: &str) -> Bytes {
    let free_bytes = u32::try_from(FILE_BYTES - FILE_TYPE.len()).unwrap_or_default();
    let lines = name.bytes().chain([b'\n']).collect::<Vec<_>>().into_iter().cycle();
    FILE_TYPE.iter().copied().chain(free_bytes.to_be_bytes()).chain(*b"free").chain(lines).take(FILE_BYTES).collect()
}

/// The part of a file that a request asks for. Both ends are included.
#[derive(Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Range { start: usize, end: usize },
    Unsatisfiable,
}

/// Returns the requested part. Like object storage, this ignores invalid and multiple ranges, and a range of a
/// different file.
fn requested_part(headers: &HeaderMap, etag: &str, total: usize) -> Part {
    let value = |name| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    if value(header::IF_RANGE).is_some_and(|expected| expected != etag) {
        return Part::Whole;
    }
    value(header::RANGE).and_then(|range| parse_range(range, total)).unwrap_or(Part::Whole)
}

fn parse_range(range: &str, total: usize) -> Option<Part> {
    let (start, end) = range.strip_prefix("bytes=")?.split_once('-')?;
    let last = total.checked_sub(1)?;
    let (start, end) = match (start, end) {
        ("", suffix) => match number(suffix)? {
            0 => return Some(Part::Unsatisfiable),
            bytes => (total.saturating_sub(bytes), last),
        },
        (start, "") => (number(start)?, last),
        (start, end) => match (number(start)?, number(end)?) {
            (start, end) if start > end => return None,
            (start, end) => (start, end.min(last)),
        },
    };
    Some(if start > last { Part::Unsatisfiable } else { Part::Range { start, end } })
}

/// Parses digits. A number that is too large counts as the largest.
fn number(digits: &str) -> Option<usize> {
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().unwrap_or(usize::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requested_part_follows_range_and_if_range() {
        let part = |start, end| Part::Range { start, end };
        for (range, if_range, expected) in [
            ("", "", Part::Whole),
            ("bytes=0-", "", part(0, 9)),
            ("bytes=4-", "", part(4, 9)),
            ("bytes=4-6", "", part(4, 6)),
            ("bytes=4-99", "", part(4, 9)),
            ("bytes=-3", "", part(7, 9)),
            ("bytes=-99", "", part(0, 9)),
            ("bytes=9-9", "\"a\"", part(9, 9)),
            ("bytes=10-", "", Part::Unsatisfiable),
            ("bytes=99999999999999999999-", "", Part::Unsatisfiable),
            ("bytes=-0", "", Part::Unsatisfiable),
            ("bytes=6-4", "", Part::Whole),
            ("bytes=0-1,4-5", "", Part::Whole),
            ("bytes=+1-", "", Part::Whole),
            ("bytes=-", "", Part::Whole),
            ("items=0-", "", Part::Whole),
            ("bytes=4-", "\"a\"", part(4, 9)),
            ("bytes=4-", "\"b\"", Part::Whole),
            ("bytes=4-", "W/\"a\"", Part::Whole),
            ("bytes=10-", "\"b\"", Part::Whole),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in [(header::RANGE, range), (header::IF_RANGE, if_range)] {
                if !value.is_empty() {
                    headers.insert(name, value.parse().unwrap());
                }
            }
            assert_eq!(requested_part(&headers, "\"a\"", 10), expected, "{range} {if_range}");
        }
    }

    #[test]
    fn file_consists_of_boxes_and_depends_on_its_name() {
        let one = file("r/0.mp4");
        assert_eq!((one.len(), &one[4..12]), (FILE_BYTES, &b"ftypisom"[..]));
        let free = u32::from_be_bytes(one[24..28].try_into().unwrap()) as usize;
        assert_eq!((24 + free, &one[28..32]), (FILE_BYTES, &b"free"[..]));
        assert_eq!(&one[32..40], b"r/0.mp4\n");
        assert!(one == file("r/0.mp4") && one != file("s/0.mp4"));
    }
}
