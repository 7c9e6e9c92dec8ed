//! The seam between the generated client and whoever sends its requests.
//!
//! A generated method builds a request and names the type of its answer. Sending, trying again and decoding are the
//! caller's: the request is left in a [`Slot`], and the method ends there.

use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use progenitor_client::{ClientHooks, ClientInfo, Error, OperationInfo};
use reqwest::Request;

/// Where a generated client leaves the request that it has built, instead of sending it.
///
/// Every generated method then ends with an error that says nothing; without a request in the slot, its error says
/// why there is none.
#[derive(Clone, Default)]
pub struct Slot(Arc<Mutex<Option<Box<Request>>>>);

impl Slot {
    /// The request that was built, if one was; boxed, since it is large and passed on a lot.
    #[must_use]
    pub fn take(&self) -> Option<Box<Request>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Keeps a request and leaves a copy without headers and body in its place.
    fn keep(&self, request: &mut Request) {
        let rest = Request::new(request.method().clone(), request.url().clone());
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Box::new(std::mem::replace(request, rest)));
    }
}

/// A request's query and body are nobody's to print.
impl fmt::Debug for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Slot").finish_non_exhaustive()
    }
}

/// A generated client, of whichever contract.
pub trait Generated {
    /// A client of the server at `base` that leaves what it builds in `slot`.
    fn building(base: &str, http: reqwest::Client, slot: Slot) -> Self;
}

macro_rules! generated_clients {
    ($($(#[$attribute:meta])* $client:path;)+) => {$(
        $(#[$attribute])*
        impl Generated for $client {
            fn building(base: &str, http: reqwest::Client, slot: Slot) -> Self {
                Self::new_with_client(base, http, slot)
            }
        }

        $(#[$attribute])*
        impl ClientHooks<Slot> for $client {
            async fn pre<E>(&self, request: &mut Request, _info: &OperationInfo) -> Result<(), Error<E>> {
                self.inner().keep(request);
                Err(Error::Custom(String::new()))
            }
        }
    )+};
}

generated_clients! {
    crate::fishjam::Client;
    #[cfg(feature = "jellyfish")]
    crate::jellyfish::Client;
}
