//! The rules that keep web pages away from the control API.

use axum::http::{HeaderMap, Method};

use super::answer::Failure;

/// The hosts under which a client on this machine reaches the emulator.
const HOSTS: [&str; 3] = ["127.0.0.1", "localhost", "[::1]"];

/// Checks that the request does not come from a web page.
///
/// The emulator listens on loopback, but a page in a browser on the same machine can send requests to it. Three rules
/// exclude pages:
///
/// - The host is a loopback host: a page whose name resolves to 127.0.0.1 has a different one.
/// - The origin, which browsers send with all requests that change something, is missing or the emulator's own.
/// - A body is JSON, which a page cannot send without asking the emulator first. The emulator never agrees.
pub(super) fn check(method: &Method, headers: &HeaderMap, origin: &str) -> Result<(), Failure> {
    let value = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or_default());
    let host = value("host").unwrap_or_default();
    let name = host.rsplit_once(':').filter(|(_, port)| !port.contains(']')).map_or(host, |(name, _)| name);
    if !HOSTS.iter().any(|allowed| name.eq_ignore_ascii_case(allowed)) {
        return Err(forbidden("the control API has a loopback host, such as 127.0.0.1"));
    }
    let is_page = value("origin").is_some_and(|sent| sent != origin)
        || value("sec-fetch-site").is_some_and(|site| !matches!(site, "none" | "same-origin"));
    if is_page {
        return Err(forbidden("the control API rejects requests from web pages"));
    }
    let media_type = value("content-type").unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if matches!(method.as_str(), "POST" | "PUT" | "PATCH") && !media_type.eq_ignore_ascii_case("application/json") {
        return Err(Failure(415, "the content type must be application/json".to_owned()));
    }
    Ok(())
}

fn forbidden(reason: &str) -> Failure {
    Failure(403, reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "http://127.0.0.1:4000";
    const JSON: (&str, &str) = ("content-type", "application/json; charset=utf-8");

    #[test]
    fn requests_of_web_pages_are_rejected() {
        let host = ("host", "127.0.0.1:4000");
        for (method, headers, status) in [
            ("GET", &[host][..], 0),
            ("GET", &[("host", "localhost")], 0),
            ("GET", &[("host", "LOCALHOST:4000")], 0),
            ("GET", &[("host", "[::1]:4000")], 0),
            ("GET", &[("host", "[::1]")], 0),
            ("GET", &[], 403),
            ("GET", &[("host", "127.0.0.1.evil.test:4000")], 403),
            ("GET", &[("host", "evil.test")], 403),
            ("GET", &[host, ("origin", OWN)], 0),
            ("GET", &[host, ("origin", "null")], 403),
            ("GET", &[host, ("origin", "http://localhost:3000")], 403),
            ("GET", &[host, ("sec-fetch-site", "cross-site")], 403),
            ("GET", &[host, ("sec-fetch-site", "same-site")], 403),
            ("GET", &[host, ("sec-fetch-site", "none")], 0),
            ("POST", &[host, JSON], 0),
            ("POST", &[host, JSON, ("origin", "http://evil.test")], 403),
            ("POST", &[host], 415),
            ("PATCH", &[host, ("content-type", "text/plain")], 415),
            ("POST", &[host, ("content-type", "application/x-www-form-urlencoded")], 415),
            ("DELETE", &[host], 0),
        ] {
            let mut map = HeaderMap::new();
            for (name, value) in headers {
                map.append(*name, value.parse().unwrap());
            }
            let checked = check(&method.parse().unwrap(), &map, OWN);
            assert_eq!(checked.err().map_or(0, |failure| failure.0), status, "{method} {headers:?}");
        }
    }
}
