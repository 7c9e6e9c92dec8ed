//! The URLs that the server connects to.

/// Returns `true` for a URL of one of these schemes with a host.
///
/// The scan is smaller than a URL parser: a URL that it accepts can still fail later. A URL that it rejects cannot work.
pub(super) fn has_scheme_and_host(url: &str, schemes: &[&str]) -> bool {
    let Some((scheme, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let address = authority.rsplit_once('@').map_or(authority, |(_, address)| address);
    schemes.iter().any(|known| known.eq_ignore_ascii_case(scheme)) && is_address(address)
}

/// Returns `true` for a host with or without a port. The host can be an IPv6 address in brackets.
fn is_address(address: &str) -> bool {
    let end_of_host = address.rfind(']').map_or(0, |bracket| bracket + 1);
    let (host, port) = match address.get(end_of_host..).and_then(|rest| rest.find(':')) {
        Some(colon) => address.split_at(end_of_host + colon),
        None => (address, ""),
    };
    let is_port =
        port.is_empty() || port == ":" || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok());
    let is_host = match host.strip_prefix('[') {
        Some(host) => host.strip_suffix(']').is_some_and(|host| host.parse::<std::net::Ipv6Addr>().is_ok()),
        None => {
            !host.is_empty() && !host.contains(|c: char| c.is_whitespace() || c.is_control() || "<>[]\\^|%".contains(c))
        }
    };
    is_port && is_host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn url_needs_its_scheme_and_a_host() {
        for (url, is_accepted) in [
            ("rtmp://host", true),
            ("rtmp://host/app/key", true),
            ("RTMPS://host:443/app", true),
            ("rtmp://user:password@host:1935/app", true),
            ("rtmp://[::1]:1935/app", true),
            ("rtmp://[::1]", true),
            ("rtmp://127.0.0.1?x", true),
            ("http://host/app", false),
            ("rtmp:host", false),
            ("rtmp:/host", false),
            ("rtmp://", false),
            ("rtmp:///app", false),
            ("rtmp://:1935/app", false),
            ("rtmp://user@/app", false),
            ("rtmp://host:65536/app", false),
            ("rtmp://host:port/app", false),
            ("rtmp://[::1/app", false),
            ("rtmp://[x]/app", false),
            ("rtmp://::1]/app", false),
            ("rtmp://ho st/app", false),
            (" rtmp://host", false),
            ("host", false),
            ("", false),
            ("rtmp://é]:", false),
        ] {
            assert_eq!(has_scheme_and_host(url, &["rtmp", "rtmps"]), is_accepted, "{url}");
        }
    }
}
