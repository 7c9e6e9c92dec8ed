//! URLs that mean the emulator itself.

/// An address of the emulator.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OwnAddress<'a> {
    Composition(&'a str),
    /// The WHIP endpoint of an input of a composition.
    CompositionInput,
    /// The WHIP endpoint of all livestreams.
    LivestreamWhip,
    Other,
}

impl<'a> OwnAddress<'a> {
    /// Returns the meaning of a URL with the emulator's authority, `127.0.0.1:PORT`.
    ///
    /// `localhost` with the same port means the emulator, too. Returns `None` for the address of another server.
    pub(super) fn of(url: &'a str, authority: &str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) {
            return None;
        }
        let (given, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if given != authority && !is_localhost(given, authority) {
            return None;
        }
        let path = path.split(['?', '#']).next().unwrap_or_default();
        // Like the router, this ignores empty segments. Ids contain no percent-encoded characters.
        let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
        Some(match segments.as_slice() {
            ["api", "composition", id] => OwnAddress::Composition(id),
            ["api", "composition", _, "whip", _] => OwnAddress::CompositionInput,
            ["api", "v1", "live", "api", "whip"] => OwnAddress::LivestreamWhip,
            _ => OwnAddress::Other,
        })
    }
}

fn is_localhost(given: &str, authority: &str) -> bool {
    match (given.rsplit_once(':'), authority.rsplit_once(':')) {
        (Some((host, given)), Some((_, own))) => host.eq_ignore_ascii_case("localhost") && given == own,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_address_has_the_emulators_authority() {
        for (url, expected) in [
            ("http://127.0.0.1:4000/api/composition/c", Some(OwnAddress::Composition("c"))),
            ("HTTPS://127.0.0.1:4000/api/composition/c/", Some(OwnAddress::Composition("c"))),
            ("http://LocalHost:4000//api/composition/c?a=/b#/c", Some(OwnAddress::Composition("c"))),
            ("http://127.0.0.1:4000/api/composition/c/whip/a", Some(OwnAddress::CompositionInput)),
            ("http://127.0.0.1:4000/api/v1/live/api/whip", Some(OwnAddress::LivestreamWhip)),
            ("http://127.0.0.1:4000/api/composition/", Some(OwnAddress::Other)),
            ("http://127.0.0.1:4000/api/compositions/c", Some(OwnAddress::Other)),
            ("http://127.0.0.1:4000", Some(OwnAddress::Other)),
            ("http://127.0.0.1:4000?/api/composition/c", Some(OwnAddress::Other)),
            ("http://127.0.0.1:4001/api/composition/c", None),
            ("http://127.0.0.1/api/composition/c", None),
            ("http://localhost/api/composition/c", None),
            ("http://user@127.0.0.1:4000/api/composition/c", None),
            ("https://rtc.fishjam.io/api/composition/c", None),
            ("rtmp://127.0.0.1:4000/api/composition/c", None),
            ("127.0.0.1:4000/api/composition/c", None),
            ("", None),
        ] {
            assert_eq!(OwnAddress::of(url, "127.0.0.1:4000"), expected, "{url}");
        }
    }
}
