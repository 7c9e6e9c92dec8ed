//! The requests that the generated methods build.

use std::{error, fmt, marker::PhantomData};

use http::header::InvalidHeaderValue;

/// A request that a generated method built, with the type of its response.
///
/// The request is not sent yet. The caller sends it, retries it and decodes the response.
pub struct TypedRequest<T> {
    /// In a box, because a request is large and moves often.
    request: Box<reqwest::Request>,
    response: PhantomData<fn() -> T>,
}

impl<T> TypedRequest<T> {
    pub(crate) fn new(request: reqwest::Request) -> Self {
        Self { request: Box::new(request), response: PhantomData }
    }

    /// Adds a value to the query, if there is one.
    pub(crate) fn query(mut self, name: &str, value: Option<impl fmt::Display>) -> Self {
        if let Some(value) = value {
            self.request.url_mut().query_pairs_mut().append_pair(name, &value.to_string());
        }
        self
    }

    /// Returns the request.
    #[must_use]
    pub fn into_request(self) -> Box<reqwest::Request> {
        self.request
    }
}

/// Prints neither the query nor the body, because they can hold secrets.
impl<T> fmt::Debug for TypedRequest<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TypedRequest").finish_non_exhaustive()
    }
}

/// The result of a generated method.
pub type RequestResult<T> = Result<TypedRequest<T>, RequestError>;

/// The reason why a method could not build its request.
///
/// The error never contains the URL of the request.
#[derive(Debug)]
pub enum RequestError {
    /// An id is not valid in a path. The message names the kind of id and the problem.
    InvalidId(String),
    /// The HTTP crate rejected a part of the request.
    Build(Box<dyn error::Error + Send + Sync>),
}

impl fmt::Display for RequestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidId(message) => f.write_str(message),
            Self::Build(error) => error.fmt(f),
        }
    }
}

impl error::Error for RequestError {
    fn source(&self) -> Option<&(dyn error::Error + 'static)> {
        match self {
            Self::InvalidId(_) => None,
            Self::Build(error) => error.source(),
        }
    }
}

impl From<reqwest::Error> for RequestError {
    fn from(error: reqwest::Error) -> Self {
        Self::Build(error.without_url().into())
    }
}

impl From<InvalidHeaderValue> for RequestError {
    fn from(error: InvalidHeaderValue) -> Self {
        Self::Build(error.into())
    }
}
