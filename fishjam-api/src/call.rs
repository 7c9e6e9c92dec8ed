//! What the generated methods return: requests that nobody has sent yet.

use std::{error, fmt, marker::PhantomData};

use http::header::InvalidHeaderValue;

/// A request that a generated method has built, and the type of the answer that the contract promises.
///
/// Sending it, trying again and decoding are the caller's.
pub struct Call<T> {
    /// Boxed, since it is large and passed on a lot.
    request: Box<reqwest::Request>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Call<T> {
    pub(crate) fn new(request: reqwest::Request) -> Self {
        Self { request: Box::new(request), answer: PhantomData }
    }

    /// Adds this value to the query, if there is one.
    pub(crate) fn query(mut self, name: &str, value: Option<impl fmt::Display>) -> Self {
        if let Some(value) = value {
            self.request.url_mut().query_pairs_mut().append_pair(name, &value.to_string());
        }
        self
    }

    /// The request, to be sent.
    #[must_use]
    pub fn into_request(self) -> Box<reqwest::Request> {
        self.request
    }
}

/// A request's query and body are nobody's to print.
impl<T> fmt::Debug for Call<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Call").finish_non_exhaustive()
    }
}

/// What a generated method returns.
pub type Built<T> = Result<Call<T>, Unbuilt>;

/// Why a generated method could not build its request, without the request's address.
#[derive(Debug)]
pub struct Unbuilt(Box<dyn error::Error + Send + Sync>);

impl fmt::Display for Unbuilt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl error::Error for Unbuilt {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        self.0.source()
    }
}

impl From<reqwest::Error> for Unbuilt {
    fn from(error: reqwest::Error) -> Self {
        Self(error.without_url().into())
    }
}

impl From<InvalidHeaderValue> for Unbuilt {
    fn from(error: InvalidHeaderValue) -> Self {
        Self(error.into())
    }
}
