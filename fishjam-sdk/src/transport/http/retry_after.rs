//! The `Retry-After` header.

use std::time::{Duration, SystemTime};

use http::{HeaderMap, HeaderName, header};

/// Maximum wait from a `Retry-After` header: one day.
///
/// A longer value is a mistake of the sender. A very long wait could also overflow an `Instant`.
const MAX_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Returns the wait in the `Retry-After` header, at most [`MAX_RETRY_AFTER`].
///
/// The header contains seconds or a date. A date is compared with the `Date` of the response, so that a wrong local clock
/// does not matter. If the response has no `Date`, `now` replaces it.
pub(crate) fn retry_after_header(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: HeaderName| headers.get(name)?.to_str().ok().map(str::trim);
    let date = |text| httpdate::parse_http_date(text).ok();
    let value = text(header::RETRY_AFTER)?;
    let wait = if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        // Parsing fails only if the number is too large.
        value.parse().map_or(MAX_RETRY_AFTER, Duration::from_secs)
    } else {
        let sent = text(header::DATE).and_then(date).unwrap_or(now);
        // A date in the past requires no wait.
        date(value)?.duration_since(sent).unwrap_or_default()
    };
    Some(wait.min(MAX_RETRY_AFTER))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_read_in_both_forms_and_capped() {
        const DAY: u64 = 24 * 60 * 60;
        for (header, wait) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("86400", Some(DAY)),
            ("86401", Some(DAY)),
            ("18446744073709551615", Some(DAY)),
            ("18446744073709551616", Some(DAY)),
            ("99999999999999999999999999", Some(DAY)),
            ("Fri, 21 Nov 2025 12:00:30 GMT", Some(30)),
            ("Fri, 21 Nov 2025 11:00:00 GMT", Some(0)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(DAY)),
            ("-1", None),
            ("+1", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(wait_of(Some(header), None), wait, "{header:?}");
            // The result does not depend on the `Date` of the response.
            assert_eq!(wait_of(Some(header), Some(NOW)), wait, "{header:?}");
        }
        assert_eq!(wait_of(None, None), None);
    }

    #[test]
    fn retry_after_date_is_compared_with_response_date() {
        for (header, date, wait) in [
            // The local clock is slow, fast, correct.
            ("Fri, 21 Nov 2025 12:02:10 GMT", Some("Fri, 21 Nov 2025 12:02:00 GMT"), 10),
            ("Fri, 21 Nov 2025 11:00:30 GMT", Some("Fri, 21 Nov 2025 11:00:00 GMT"), 30),
            ("Fri, 21 Nov 2025 12:00:05 GMT", Some(NOW), 5),
            ("Fri, 21 Nov 2025 12:00:05 GMT", Some("Fri, 21 Nov 2025 12:00:06 GMT"), 0),
            // The response has no readable date.
            ("Fri, 21 Nov 2025 12:00:05 GMT", None, 5),
            ("Fri, 21 Nov 2025 12:00:05 GMT", Some("today"), 5),
            ("7", Some("Fri, 21 Nov 2025 11:00:00 GMT"), 7),
        ] {
            assert_eq!(wait_of(Some(header), date), Some(wait), "{header}, {date:?}");
        }
    }

    const NOW: &str = "Fri, 21 Nov 2025 12:00:00 GMT";

    /// Seconds to wait after a response with these headers.
    fn wait_of(after: Option<&str>, date: Option<&str>) -> Option<u64> {
        let mut headers = HeaderMap::new();
        for (name, value) in [(header::RETRY_AFTER, after), (header::DATE, date)] {
            if let Some(value) = value {
                headers.insert(name, value.parse().unwrap());
            }
        }
        retry_after_header(&headers, httpdate::parse_http_date(NOW).unwrap()).map(|wait| wait.as_secs())
    }
}
