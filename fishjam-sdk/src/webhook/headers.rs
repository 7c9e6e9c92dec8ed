//! The headers of a delivery, for any server framework.

use std::collections::{BTreeMap, HashMap};

use http::HeaderMap;

/// The headers of a request.
///
/// The trait is implemented for [`http::HeaderMap`], which most frameworks use. It is also implemented for slices, arrays,
/// `Vec`s and maps of names and values, which can be strings or bytes. You can implement it for the header type of another
/// framework.
///
/// ```
/// use fishjam_sdk::webhook::WebhookHeaders;
///
/// struct Lines(String);
///
/// impl WebhookHeaders for Lines {
///     fn values_of(&self, name: &str) -> Vec<&[u8]> {
///         let lines = self.0.lines().filter_map(|line| line.split_once(": "));
///         lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_bytes()).collect()
///     }
/// }
///
/// assert_eq!(Lines("Host: me\r\nAccept: */*".to_owned()).values_of("accept"), [b"*/*"]);
/// ```
pub trait WebhookHeaders {
    /// Returns the values of all headers with this name, ignoring case. The list is empty without such a header.
    fn values_of(&self, name: &str) -> Vec<&[u8]>;
}

impl WebhookHeaders for HeaderMap {
    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        self.get_all(name).iter().map(AsRef::as_ref).collect()
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> WebhookHeaders for [(N, V)] {
    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        find(name, self.iter().map(|(n, value)| (n, value)))
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, const LEN: usize> WebhookHeaders for [(N, V); LEN] {
    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        self.as_slice().values_of(name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> WebhookHeaders for Vec<(N, V)> {
    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        self.as_slice().values_of(name)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>, S> WebhookHeaders for HashMap<N, V, S> {
    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        find(name, self)
    }
}

impl<N: AsRef<str>, V: AsRef<[u8]>> WebhookHeaders for BTreeMap<N, V> {
    fn values_of(&self, name: &str) -> Vec<&[u8]> {
        find(name, self)
    }
}

fn find<'a, N, V>(name: &str, headers: impl IntoIterator<Item = (&'a N, &'a V)>) -> Vec<&'a [u8]>
where
    N: AsRef<str> + 'a,
    V: AsRef<[u8]> + 'a,
{
    let named = headers.into_iter().filter(|(n, _)| n.as_ref().eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.as_ref()).collect()
}
