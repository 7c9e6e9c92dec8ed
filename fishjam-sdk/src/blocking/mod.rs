//! A client for synchronous programs: the same methods, which block instead of returning futures (feature `blocking`).
//!
//! Use it in programs without an asynchronous runtime: a command line tool, a script, a synchronous web framework. A
//! program with a runtime uses [`crate::FishjamClient`]. Notifications, the
//! events of compositions and the media of agents are asynchronous only.
//!
//! ```
//! # use std::{env, error::Error};
//! # fn main() -> Result<(), Box<dyn Error>> {
//! # let runtime = tokio::runtime::Runtime::new()?;
//! # let emulator = runtime.block_on(fishjam_emulator::Emulator::start())?;
//! # let (id, token) = (emulator.url(), emulator.token());
//! use fishjam_sdk::{PeerOptions, RoomOptions, blocking::FishjamClient};
//!
//! let fishjam = FishjamClient::new(id, token)?;
//! let room = fishjam.create_room(RoomOptions::new().max_peers(2))?;
//! let (peer, token) = fishjam.create_peer(&room.id, PeerOptions::new())?;
//! println!("{} joins with a token of {} characters", peer.id, token.expose().len());
//! # Ok(())
//! # }
//! ```
//!
//! Options, values, errors, timeouts and retries are the same as in the asynchronous client. Each method here runs the
//! asynchronous method of the same name, which documents the details.
//!
//! # Inside a runtime
//!
//! A method that blocks would stop the tasks of the runtime whose thread calls it. There, the method returns
//! [`ErrorKind::Setup`](crate::ErrorKind::Setup) instead, and sends nothing. Tokio decides which threads
//! belong to a runtime: they include the threads of `spawn_blocking`, and a thread that entered a runtime with
//! `Handle::enter`.
//!
//! Synchronous code in an asynchronous program has two options:
//!
//! - Run the future of the asynchronous client in `spawn_blocking` with `tokio::runtime::Handle::block_on`.
//! - Use this client in a thread from [`std::thread::spawn`].
//!
//! You can create a client, call methods that send no request, and drop a client on any thread.
//!
//! # Threads
//!
//! A client and its clones share one background thread, which drives connections and timers. A call runs on the thread
//! that makes it, so calls of several threads run at the same time. The background thread ends when the last clone is
//! dropped. Dropping a client does not wait for the thread.

mod background;
#[cfg(feature = "composition")]
mod compositions;
mod forward;
mod methods;
mod recordings;

use std::{fmt, future::Future, sync::Arc};

use self::background::Background;
#[cfg(feature = "composition")]
pub use self::compositions::{Composition, CompositionClient, CompositionInput, CompositionOutput};
use crate::{
    client::FishjamClientBuilder,
    config::call_limits,
    error::Result,
    secret::ManagementToken,
    transport::{CallSettings, operations},
};

/// A client for the Fishjam API whose methods block.
///
/// It is the counterpart of [`crate::FishjamClient`] for synchronous programs. See the [module](self) for the threads that
/// can use it.
///
/// Cloning is cheap: clones share one connection pool and one background thread. Create one client and share it between
/// threads, by clone or by reference.
///
/// ```
/// # use std::error::Error;
/// # fn main() -> Result<(), Box<dyn Error>> {
/// # let emulator = fishjam_emulator::Emulator::start_blocking()?;
/// use fishjam_sdk::{RoomOptions, blocking::FishjamClient};
///
/// let fishjam = FishjamClient::new(emulator.url(), emulator.token())?;
/// let room = fishjam.create_room(RoomOptions::new())?;
/// assert_eq!(fishjam.get_all_rooms()?[0].id, room.id);
/// fishjam.delete_room(&room.id)?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FishjamClient {
    client: crate::client::FishjamClient,
    background: Arc<Background>,
}

impl FishjamClient {
    /// Creates a client with the default settings.
    ///
    /// `fishjam_id` is an id or a full URL. This function sends no request. See [`crate::FishjamClient::new`].
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - the id is empty or invalid, or the token is not a valid header value:
    ///   [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the background thread cannot be started, or the environment has an unusable proxy:
    ///   [`Setup`](crate::ErrorKind::Setup)
    pub fn new(fishjam_id: impl Into<String>, management_token: impl Into<ManagementToken>) -> Result<Self> {
        Self::builder(fishjam_id, management_token).build_blocking()
    }

    /// Creates a builder for a client with custom settings.
    ///
    /// Finish with [`build_blocking`](FishjamClientBuilder::build_blocking).
    ///
    /// ```
    /// use std::time::Duration;
    /// use fishjam_sdk::blocking::FishjamClient;
    ///
    /// let fishjam = FishjamClient::builder("my-fishjam-id", "my-management-token")
    ///     .request_timeout(Duration::from_secs(5))
    ///     .build_blocking()?;
    /// # Ok::<(), fishjam_sdk::Error>(())
    /// ```
    pub fn builder(
        fishjam_id: impl Into<String>,
        management_token: impl Into<ManagementToken>,
    ) -> FishjamClientBuilder {
        crate::client::FishjamClient::builder(fishjam_id, management_token)
    }

    /// Creates a client from the environment variables `FISHJAM_ID` (id or URL) and `FISHJAM_MANAGEMENT_TOKEN`.
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - a variable is missing or invalid; the message names the variable:
    ///   [`InvalidInput`](crate::ErrorKind::InvalidInput)
    /// - the background thread cannot be started, or the environment has an unusable proxy:
    ///   [`Setup`](crate::ErrorKind::Setup)
    pub fn from_env() -> Result<Self> {
        FishjamClientBuilder::from_env()?.build_blocking()
    }

    /// Creates a client and checks the credentials with one request.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`new`](Self::new) and of [`crate::FishjamClient::check_credentials`]. Returns
    /// [`Setup`](crate::ErrorKind::Setup) inside an asynchronous runtime.
    pub fn create_and_verify(
        fishjam_id: impl Into<String>,
        management_token: impl Into<ManagementToken>,
    ) -> Result<Self> {
        let client = Self::new(fishjam_id, management_token)?;
        client.wait(client.client.check(operations::CREATE_AND_VERIFY))?;
        Ok(client)
    }

    call_limits!();

    fn with_settings(&self, change: impl FnOnce(CallSettings) -> CallSettings) -> Self {
        Self { client: self.client.with_settings(change), background: Arc::clone(&self.background) }
    }

    /// Runs a call on this thread. Returns an error if that would block a runtime.
    fn wait<T>(&self, call: impl Future<Output = Result<T>>) -> Result<T> {
        self.background.wait(call)
    }
}

impl fmt::Debug for FishjamClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("blocking::FishjamClient").field(&self.client).finish()
    }
}

impl FishjamClientBuilder {
    /// Builds a client for synchronous programs. Sends no request.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`build`](Self::build), and [`Setup`](crate::ErrorKind::Setup) if the background thread cannot
    /// be started.
    pub fn build_blocking(self) -> Result<FishjamClient> {
        Ok(FishjamClient { client: self.build()?, background: Arc::new(Background::start()?) })
    }
}
