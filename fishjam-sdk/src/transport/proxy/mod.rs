//! Chooses the proxy of a request from the settings, the environment and the server's address.

use std::{fmt, net::IpAddr};

use http::HeaderValue;
use reqwest::Url;

use crate::{
    config::Proxy,
    error::{Error, Result},
};

/// The variables of curl. The lower-case name takes precedence, and an empty value is ignored.
const HTTP: [&str; 2] = ["http_proxy", "HTTP_PROXY"];
const HTTPS: [&str; 2] = ["https_proxy", "HTTPS_PROXY"];
const ALL: [&str; 2] = ["all_proxy", "ALL_PROXY"];
const EXCEPTIONS: [&str; 2] = ["no_proxy", "NO_PROXY"];
/// Set in a CGI program, where the header `Proxy` of any request becomes the variable `HTTP_PROXY`.
const CGI: &str = "REQUEST_METHOD";

/// The proxy of each server that a client sends requests to.
#[derive(Clone, Debug)]
pub(crate) enum Proxies {
    /// No server has a proxy.
    None,
    /// Every server has the proxy from the settings.
    Every(ProxyServer),
    /// The environment determines the proxy.
    Environment { http: Variable, https: Variable, exceptions: Exceptions },
}

/// The proxy in the environment for a scheme, or the reason why it is unusable.
type Variable = Result<Option<ProxyServer>>;

impl Proxies {
    /// Creates the proxies for these settings. `variable` reads the environment.
    pub(crate) fn new(setting: &Proxy, variable: impl Fn(&str) -> Option<String>) -> Result<Self> {
        Ok(match setting {
            Proxy::None => Self::None,
            Proxy::Url(url) => Self::Every(
                ProxyServer::parse(url).map_err(|why| Error::invalid_input(format!("invalid proxy: {why}")))?,
            ),
            Proxy::Environment => Self::of_environment(variable),
        })
    }

    fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let first = |names: &[&'static str]| {
            let mut values = names.iter().map(|name| (*name, variable(name).unwrap_or_default()));
            values.find(|(_, value)| !value.trim().is_empty())
        };
        let proxy = |names: &[&'static str]| {
            let Some((name, url)) = first(names).or_else(|| first(&ALL)) else { return Ok(None) };
            ProxyServer::parse(&url).map(Some).map_err(|why| {
                Error::setup(format!(
                    "invalid proxy URL in the environment variable {name}: {why}, add the server to NO_PROXY, or \
                     call `no_proxy()`"
                ))
            })
        };
        let http = if variable(CGI).is_some() { &HTTP[..1] } else { &HTTP };
        match (proxy(http), proxy(&HTTPS)) {
            (Ok(None), Ok(None)) => Self::None,
            (http, https) => {
                let exceptions = first(&EXCEPTIONS).map(|(_, list)| Exceptions::parse(&list)).unwrap_or_default();
                Self::Environment { http, https, exceptions }
            }
        }
    }

    /// Returns the proxy for this address, if any.
    ///
    /// # Errors
    ///
    /// Returns an error if the environment has an unusable proxy for the address.
    pub(crate) fn of(&self, url: &Url) -> Result<Option<&ProxyServer>> {
        let (http, https, exceptions) = match self {
            Self::None => return Ok(None),
            Self::Every(proxy) => return Ok(Some(proxy)),
            Self::Environment { http, https, exceptions } => (http, https, exceptions),
        };
        let Some(host) = url.host_str() else { return Ok(None) };
        if is_loopback(host) || exceptions.contain(host) {
            return Ok(None);
        }
        let variable = if url.scheme() == "https" { https } else { http };
        variable.as_ref().map(Option::as_ref).map_err(Clone::clone)
    }
}

/// An HTTP proxy.
#[derive(Clone)]
pub(crate) struct ProxyServer(Url);

impl ProxyServer {
    /// Parses a URL, or a host and a port. The error never contains the text, because it can hold a password.
    fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let url = match text.contains("://") {
            true => Url::parse(text),
            false => Url::parse(&format!("http://{text}")),
        };
        let malformed = || "it is malformed; use http://HOST:PORT".to_owned();
        let url = url.map_err(|_| malformed())?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("the scheme is {:?}; use http:// or https://", url.scheme()));
        }
        // If the HTTP crate cannot parse the URL, reqwest connects directly.
        url.as_str().parse::<http::Uri>().map_err(|_| malformed())?;
        Ok(Self(url))
    }

    /// Returns the host and the port, for messages.
    pub(crate) fn address(&self) -> String {
        let (host, port) = self.host_and_port();
        format!("{host}:{port}")
    }

    /// Returns the host and the port. An IPv6 address is in brackets.
    pub(crate) fn host_and_port(&self) -> (&str, u16) {
        (self.0.host_str().unwrap_or_default(), self.0.port_or_known_default().unwrap_or_default())
    }

    /// Returns `true` if the connection to the proxy is encrypted.
    pub(crate) fn is_tls(&self) -> bool {
        self.0.scheme() == "https"
    }

    /// Returns the URL with the credentials.
    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Returns the value of the `proxy-authorization` header, if the URL has credentials.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let (user, password) = (self.0.username(), self.0.password());
        if user.is_empty() && password.is_none() {
            return None;
        }
        let mut credentials = percent_decoded(user);
        credentials.push(b':');
        credentials.extend(percent_decoded(password.unwrap_or_default()));
        let encoded = data_encoding::BASE64.encode(&credentials);
        let mut value = HeaderValue::from_str(&format!("Basic {encoded}")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

impl Error {
    /// Adds the address of the connection's proxy, if there is a proxy.
    pub(crate) fn through(self, proxy: Option<&ProxyServer>) -> Self {
        match proxy {
            Some(proxy) => self.with_proxy(proxy.address()),
            None => self,
        }
    }
}

/// Prints no credentials.
impl fmt::Debug for ProxyServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ProxyServer({:?})", self.address())
    }
}

/// Decodes percent-encoded bytes.
fn percent_decoded(text: &str) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let byte = after.get(..2).filter(|_| *first == b'%');
        let byte = byte.and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        decoded.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    decoded
}

/// The servers without a proxy. `NO_PROXY` has the same format as for curl.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exceptions {
    all: bool,
    /// Each entry is a domain, which includes its subdomains, an address, or a network such as `10.0.0.0/8`.
    entries: Vec<String>,
}

impl Exceptions {
    fn parse(list: &str) -> Self {
        let entries = list.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
        Self { all: list.trim() == "*", entries: entries.map(str::to_ascii_lowercase).collect() }
    }

    fn contain(&self, host: &str) -> bool {
        self.all
            || match address(host) {
                Some(address) => self.entries.iter().any(|entry| holds_address(entry, address)),
                None => self.entries.iter().any(|entry| holds_name(entry, host)),
            }
    }
}

/// Returns `true` if a domain is this name or a parent of it. Leading and trailing dots do not matter.
fn holds_name(domain: &str, name: &str) -> bool {
    let domain = domain.strip_suffix('.').unwrap_or(domain);
    let domain = domain.strip_prefix('.').unwrap_or(domain);
    let name = name.strip_suffix('.').unwrap_or(name);
    // An empty domain would be the parent of every name.
    !domain.is_empty() && name.strip_suffix(domain).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// Returns `true` if an entry is this address or a network that contains it.
///
/// As in curl, the prefix length 0 means the whole address.
fn holds_address(entry: &str, host: IpAddr) -> bool {
    let (network, bits) = entry.split_once('/').unwrap_or((entry, "0"));
    let (Some(network), Ok(bits)) = (address(network), bits.parse::<u32>()) else { return false };
    let (network, host, width) = match (network, host) {
        (IpAddr::V4(network), IpAddr::V4(host)) => (network.to_bits().into(), host.to_bits().into(), 32),
        (IpAddr::V6(network), IpAddr::V6(host)) => (network.to_bits(), host.to_bits(), 128),
        _ => return false,
    };
    let different: u128 = network ^ host;
    match bits {
        0 => different == 0,
        bits if bits > width => false,
        bits => different >> (width - bits) == 0,
    }
}

/// Parses a host as an address. An IPv6 address can be in brackets.
fn address(host: &str) -> Option<IpAddr> {
    host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host).parse().ok()
}

/// Returns `true` if a host is this machine. A proxy on another machine cannot reach it.
fn is_loopback(host: &str) -> bool {
    match address(host) {
        Some(address) => address.to_canonical().is_loopback(),
        None => holds_name("localhost", host),
    }
}

#[cfg(test)]
mod tests;
