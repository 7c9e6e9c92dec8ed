//! The seam between the generated client and whoever carries its requests.
//!
//! Generated methods build a request and decode an answer. What happens in between (credentials, attempts,
//! limits) is a [`Carrier`]'s: the generated client only knows that it has one.

use std::{fmt::Debug, future::Future, pin::Pin, sync::Arc};

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};

/// A request on its way: resolves to the server's successful answer.
pub type Carrying<'a> = Pin<Box<dyn Future<Output = Result<reqwest::Response, NotCarried>> + Send + 'a>>;

/// Takes a request to the server and brings back an answer that is worth decoding.
pub trait Carrier: Debug + Send + Sync {
    /// Carries one request of the operation with this id.
    ///
    /// An answer that is no success, or none at all, is the carrier's to remember: the generated method then
    /// ends with an error that says nothing.
    fn carry<'a>(&'a self, operation_id: &'static str, request: reqwest::Request) -> Carrying<'a>;
}

/// There is no answer to decode; the carrier knows why.
#[derive(Clone, Copy, Debug)]
pub struct NotCarried;

/// What the generated client holds: its carrier.
#[derive(Clone, Debug)]
pub struct Inner(Arc<dyn Carrier>);

impl Inner {
    /// A generated client with this inner value sends everything through `carrier`.
    pub fn new(carrier: Arc<dyn Carrier>) -> Self {
        Self(carrier)
    }
}

/// A generated client, of whichever contract.
pub trait Generated {
    /// A client of the server at `base` whose requests are made with `http` and sent through a carrier.
    fn carried(base: &str, http: reqwest::Client, inner: Inner) -> Self;
}

macro_rules! carried {
    ($($(#[$attribute:meta])* $client:path;)+) => {$(
        $(#[$attribute])*
        impl Generated for $client {
            fn carried(base: &str, http: reqwest::Client, inner: Inner) -> Self {
                Self::new_with_client(base, http, inner)
            }
        }

        $(#[$attribute])*
        impl ClientHooks<Inner> for $client {
            async fn exec(
                &self,
                request: reqwest::Request,
                info: &OperationInfo,
            ) -> reqwest::Result<reqwest::Response> {
                Ok(match self.inner().0.carry(info.operation_id, request).await {
                    Ok(response) => response,
                    Err(not_carried) => placeholder(not_carried),
                })
            }

            async fn post<E>(
                &self,
                result: &reqwest::Result<reqwest::Response>,
                _info: &OperationInfo,
            ) -> Result<(), Error<E>> {
                match result {
                    Ok(response) if response.extensions().get::<NotCarried>().is_some() => {
                        Err(Error::Custom("not carried".to_owned()))
                    }
                    _ => Ok(()),
                }
            }
        }
    )+};
}

carried! {
    crate::fishjam::Client;
    #[cfg(feature = "jellyfish")]
    crate::jellyfish::Client;
}

/// The generated code wants a `reqwest::Result`, whose error nobody else can make; `post` recognises this.
fn placeholder(not_carried: NotCarried) -> reqwest::Response {
    let mut response = http::Response::new(reqwest::Body::default());
    response.extensions_mut().insert(not_carried);
    response.into()
}
