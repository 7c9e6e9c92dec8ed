//! URLs in request bodies that mean the emulator itself.

use super::target::Target;

/// Returns the segments of the path if a URL has the emulator's authority, `127.0.0.1:PORT`.
///
/// `localhost` with the same port means the emulator, too. Returns no segment for a path that is not UTF-8.
pub(crate) fn segments(url: &str, authority: &str) -> Option<Vec<String>> {
    let (scheme, rest) = url.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
        return None;
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (given, path) = rest.split_at(end);
    if given != authority && !is_localhost(given, authority) {
        return None;
    }
    let path = path.split(['?', '#']).next().unwrap_or_default();
    Some(Target::without_prefix(path, None).segments.unwrap_or_default())
}

/// Returns the id of a composition if a URL is its address.
///
/// The error is an address of the emulator that is not the address of a composition. `None` is another server's address.
pub(crate) fn composition(url: &str, authority: &str) -> Option<Result<String, ()>> {
    match segments(url, authority)?.as_slice() {
        [api, composition, id] if api == "api" && composition == "composition" => Some(Ok(id.clone())),
        _ => Some(Err(())),
    }
}

fn is_localhost(given: &str, authority: &str) -> bool {
    let port = |authority: &str| authority.rsplit_once(':').map(|(_, port)| port.to_owned());
    let host = given.rsplit_once(':').map_or(given, |(host, _)| host);
    host.eq_ignore_ascii_case("localhost") && port(given).is_some() && port(given) == port(authority)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: &str = "127.0.0.1:4000";

    #[test]
    fn own_address_has_the_emulators_authority() {
        for (url, path) in [
            ("http://127.0.0.1:4000/api/composition/c", Some("api/composition/c")),
            ("HTTPS://127.0.0.1:4000/a", Some("a")),
            ("http://LocalHost:4000/a/?b=/c#/d", Some("a")),
            ("http://127.0.0.1:4000", Some("")),
            ("http://127.0.0.1:4000?a", Some("")),
            ("http://127.0.0.1:4000/a%2Fb/%C5%BC", Some("a/b/ż")),
            ("http://127.0.0.1:4000/%ff", Some("")),
            ("http://127.0.0.1:4001/a", None),
            ("http://127.0.0.1/a", None),
            ("http://localhost/a", None),
            ("http://user@127.0.0.1:4000/a", None),
            ("https://rtc.fishjam.io/api/composition/c", None),
            ("rtmp://127.0.0.1:4000/a", None),
            ("127.0.0.1:4000/a", None),
            ("", None),
        ] {
            assert_eq!(segments(url, OWN).map(|segments| segments.join("/")).as_deref(), path, "{url}");
        }
    }

    #[test]
    fn composition_is_found_by_its_address() {
        for (url, id) in [
            ("http://127.0.0.1:4000/api/composition/c%20d", Some(Ok("c d"))),
            ("http://localhost:4000/api/composition/c/", Some(Ok("c"))),
            ("http://127.0.0.1:4000/api/composition/", Some(Err(()))),
            ("http://127.0.0.1:4000/api/composition/c/whip/a", Some(Err(()))),
            ("http://127.0.0.1:4000/api/compositions/c", Some(Err(()))),
            ("https://rtc.fishjam.io/api/composition/c", None),
        ] {
            let expected = id.map(|found| found.map(str::to_owned));
            assert_eq!(composition(url, OWN), expected, "{url}");
        }
    }
}
