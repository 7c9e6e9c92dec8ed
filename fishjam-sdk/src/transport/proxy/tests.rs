//! Tests the choice of a proxy without the process environment.

use super::*;
use crate::error::ErrorKind;

type Variables<'a> = &'a [(&'a str, &'a str)];

fn of_environment(variables: Variables<'_>) -> Proxies {
    let read = |name: &str| variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Proxies::new(&Proxy::Environment, read).unwrap()
}

/// Returns the address of the proxy for `url`.
fn proxy(proxies: &Proxies, url: &str) -> Option<String> {
    proxies.of(&Url::parse(url).unwrap()).unwrap().map(ProxyServer::address)
}

#[test]
fn variable_of_the_scheme_takes_precedence() {
    let table: [(Variables<'_>, Option<&str>, Option<&str>); 12] = [
        (&[], None, None),
        (&[("HTTP_PROXY", "http://p:1")], Some("p:1"), None),
        (&[("HTTPS_PROXY", "http://p:1")], None, Some("p:1")),
        (&[("ALL_PROXY", "http://p:1")], Some("p:1"), Some("p:1")),
        (&[("ALL_PROXY", "http://p:1"), ("HTTPS_PROXY", "https://q")], Some("p:1"), Some("q:443")),
        (&[("HTTP_PROXY", "http://p:1"), ("http_proxy", "http://q:2")], Some("q:2"), None),
        (&[("HTTP_PROXY", "http://p:1"), ("http_proxy", "")], Some("p:1"), None),
        (&[("HTTP_PROXY", " "), ("all_proxy", "p:1")], Some("p:1"), Some("p:1")),
        (&[("HTTP_PROXY", "p")], Some("p:80"), None),
        (&[("HTTP_PROXY", "http://user:pass@[::1]:3128/")], Some("[::1]:3128"), None),
        // In a CGI program, any client can set the upper-case variable.
        (&[("REQUEST_METHOD", "GET"), ("HTTP_PROXY", "p:1"), ("HTTPS_PROXY", "p:2")], None, Some("p:2")),
        (&[("REQUEST_METHOD", ""), ("HTTP_PROXY", "p:1"), ("http_proxy", "q:1")], Some("q:1"), None),
    ];
    for (variables, http, https) in table {
        let proxies = of_environment(variables);
        let found = (proxy(&proxies, "http://h.example"), proxy(&proxies, "https://h.example"));
        assert_eq!((found.0.as_deref(), found.1.as_deref()), (http, https), "{variables:?}");
    }
}

#[test]
fn loopback_has_no_proxy_from_the_environment() {
    let hosts = ["localhost:1", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1", "127.9.9.9", "[::1]:1"];
    for host in hosts.into_iter().chain(["[::ffff:127.0.0.1]", "0x7f.1"]) {
        let proxies = of_environment(&[("ALL_PROXY", "http://p:1")]);
        let chosen = Proxies::new(&Proxy::Url("http://p:1".to_owned()), |_| None).unwrap();
        for scheme in ["http", "https"] {
            assert_eq!(proxy(&proxies, &format!("{scheme}://{host}")), None, "{host}");
            assert_eq!(proxy(&chosen, &format!("{scheme}://{host}")).as_deref(), Some("p:1"), "{host}");
        }
        // The variable can even be unusable.
        assert_eq!(proxy(&of_environment(&[("ALL_PROXY", "socks5://p")]), &format!("http://{host}")), None);
    }
    let proxies = of_environment(&[("ALL_PROXY", "http://p:1")]);
    for host in ["notlocalhost", "localhost.example", "128.0.0.1", "[::2]", "0.0.0.0"] {
        assert_eq!(proxy(&proxies, &format!("http://{host}")).as_deref(), Some("p:1"), "{host}");
    }
}

#[test]
fn no_proxy_has_the_format_of_curl() {
    for (list, host, direct) in [
        ("*", "h.example", true),
        ("*", "192.0.2.1", true),
        ("*", "[2001:db8::1]", true),
        (" * ", "h.example", true),
        ("a,*", "h.example", false),
        ("*.example", "h.example", false),
        ("h.example", "h.example", true),
        ("H.Example", "h.example", true),
        ("h.example", "H.EXAMPLE", true),
        ("h.example", "a.h.example", true),
        (".h.example", "h.example", true),
        (".h.example", "a.h.example", true),
        ("h.example.", "h.example", true),
        ("h.example", "h.example.", true),
        ("h.example", "noth.example", false),
        ("a.h.example", "h.example", false),
        ("h.example:80", "h.example", false),
        ("a,h.example", "h.example", true),
        ("a, h.example", "h.example", true),
        ("a h.example", "h.example", true),
        (",, h.example,", "h.example", true),
        (".", "h.example", false),
        ("", "h.example", false),
        ("192.0.2.1", "192.0.2.1", true),
        ("192.0.2.1", "192.0.2.10", false),
        ("2.1", "192.0.2.1", false),
        ("192.0.2.0/24", "192.0.2.1", true),
        ("192.0.2.0/24", "192.0.3.1", false),
        ("192.0.2.1/32", "192.0.2.1", true),
        ("192.0.2.1/32", "192.0.2.2", false),
        ("128.0.0.0/1", "192.0.2.1", true),
        ("0.0.0.0/0", "192.0.2.1", false),
        ("192.0.2.0/33", "192.0.2.0", false),
        ("192.0.2.0/x", "192.0.2.0", false),
        ("192.0.2.0/24", "h.example", false),
        ("2001:db8::1", "[2001:db8::1]", true),
        ("[2001:db8::1]", "[2001:db8::1]", true),
        ("2001:DB8:0::1", "[2001:db8::1]", true),
        ("2001:db8::/32", "[2001:db8:1::1]", true),
        ("2001:db8::/32", "[2001:db9::1]", false),
        ("2001:db8::/129", "[2001:db8::]", false),
        ("192.0.2.0/24", "[2001:db8::1]", false),
    ] {
        let proxies = of_environment(&[("ALL_PROXY", "http://p:1"), ("NO_PROXY", list)]);
        for url in [format!("https://{host}"), format!("http://{host}:81/a")] {
            assert_eq!(proxy(&proxies, &url).is_none(), direct, "{list:?} {url}");
        }
    }
    let both = of_environment(&[("ALL_PROXY", "p"), ("NO_PROXY", "h.example"), ("no_proxy", "other")]);
    assert!(proxy(&both, "http://h.example").is_some());
}

#[test]
fn unusable_proxy_is_an_error_with_its_source() {
    let unusable = ["ftp://h", "socks://h", "socks5://h:1080", "socks5h://u:sentinel@h", "tcp://h", "file:///sentinel"];
    let malformed = ["not a url sentinel", "http://", "http://u:sentinel@h:99999", "://sentinel"];
    // Only the HTTP crate rejects these hosts.
    let hosts = ["http://{host}:3128", "http://${PROXY}:3128", "http://pro`xy", "\"proxy\"", "http://u:sentinel@{h}"];
    for url in unusable.into_iter().chain(malformed).chain(hosts) {
        let setting = Proxies::new(&Proxy::Url(url.to_owned()), |_| None).unwrap_err();
        assert!(setting.to_string().contains("invalid proxy: "), "{setting}");
        for (name, scheme) in [("ALL_PROXY", "https"), ("all_proxy", "http"), ("HTTPS_PROXY", "https")] {
            let proxies = of_environment(&[(name, url), ("NO_PROXY", "direct.example")]);
            let of = |url: String| proxies.of(&Url::parse(&url).unwrap());
            let error = of(format!("{scheme}://h.example")).unwrap_err();
            assert!(error.to_string().contains(&format!("the environment variable {name}:")), "{error}");
            for (error, kind) in [(&error, ErrorKind::Setup), (&setting, ErrorKind::InvalidInput)] {
                assert_eq!(error.kind(), kind);
                assert!(!format!("{error:#} {error:?}").contains("sentinel"), "{error:?}");
            }
            assert!(of(format!("{scheme}://direct.example")).unwrap().is_none());
        }
        let other = of_environment(&[("HTTPS_PROXY", url)]);
        assert_eq!(proxy(&other, "http://h.example"), None);
    }
}

#[test]
fn credentials_are_decoded_and_never_printed() {
    for (url, header) in [
        ("http://h", None),
        ("http://user:sentinel@h", Some("user:sentinel")),
        ("http://user@h", Some("user:")),
        ("http://:sentinel@h", Some(":sentinel")),
        ("http://us%65r:p%40%3a+%@h", Some("user:p@:+%")),
        ("http://user:%c4%99@h", Some("user:ę")),
    ] {
        let server = ProxyServer::parse(url).unwrap();
        let expected = header.map(|text| format!("Basic {}", data_encoding::BASE64.encode(text.as_bytes())));
        let value = server.authorization();
        assert!(value.as_ref().is_none_or(HeaderValue::is_sensitive));
        assert_eq!(value.as_ref().map(|value| value.to_str().unwrap()), expected.as_deref(), "{url}");
        assert_eq!(format!("{server:?}"), r#"ProxyServer("h:80")"#);
    }
}
