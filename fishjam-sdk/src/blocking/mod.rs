//! The client for synchronous programs: the same methods, which wait instead of being awaited (feature `blocking`).
//!
//! It is for programs without an asynchronous runtime: a command line tool, a script, a synchronous web framework. A
//! program that has a runtime uses [`crate::FishjamClient`]; notifications and the media of agents are asynchronous only.
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
//! Options, values, errors, timeouts and retries are those of the asynchronous client: each method here runs its method
//! there, and its documentation is there.
//!
//! # Inside a runtime
//!
//! A method that waits would stop the tasks of the runtime whose thread it is called on. It does not: there it returns
//! [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput), and nothing is sent. "Inside" is every thread that Tokio
//! counts among a runtime's, also in `spawn_blocking` and while a runtime is entered by hand. Code of an asynchronous
//! program that has to be synchronous can run the asynchronous client's future in `spawn_blocking` with
//! `tokio::runtime::Handle::block_on`, or use this client in a thread from [`std::thread::spawn`].
//!
//! Making a client, what needs no request, and dropping a client work everywhere.
//!
//! # Threads
//!
//! Each client, with its clones, has one thread of its own, which looks after connections and timers. A call is carried
//! out on the thread that makes it, so that calls of many threads run side by side. The thread ends when the last clone is
//! dropped; dropping does not wait for it.

mod background;

use std::{fmt, future::Future, sync::Arc};

use self::background::Background;
use crate::{FishjamClientBuilder, ManagementToken, error::Result};

/// The methods that wait: `cargo xtask codegen` writes them from those of [`crate::FishjamClient`].
mod methods {
    // Not a module of its own file, so that its form is the generator's and not the formatter's.
    include!("generated.rs");
}

/// A client of one Fishjam whose methods wait for the answer: [`crate::FishjamClient`] for synchronous programs.
///
/// Cloning is cheap, and clones share one pool of connections and one thread. Make one client and hand it around, or
/// borrow it from many threads at once. See the [module](self) for where it can be used.
#[derive(Clone)]
pub struct FishjamClient {
    client: crate::FishjamClient,
    background: Arc<Background>,
}

impl FishjamClient {
    /// A client of the Fishjam with this id (or full URL) and management token, with default settings.
    ///
    /// Nothing is sent. See [`crate::FishjamClient::new`].
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): the id is empty or unusable, no header can carry the token, or
    /// the client's thread cannot be started.
    pub fn new(fishjam_id: impl Into<String>, management_token: impl Into<ManagementToken>) -> Result<Self> {
        Self::builder(fishjam_id, management_token).build_blocking()
    }

    /// Like [`new`](Self::new), with settings to choose; end with
    /// [`build_blocking`](FishjamClientBuilder::build_blocking).
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
        crate::FishjamClient::builder(fishjam_id, management_token)
    }

    /// A client as the environment describes it: `FISHJAM_ID` (id or URL) and `FISHJAM_MANAGEMENT_TOKEN`.
    ///
    /// # Errors
    ///
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput): a variable is missing or unusable, which the message names, or
    /// the client's thread cannot be started.
    pub fn from_env() -> Result<Self> {
        FishjamClientBuilder::from_env()?.build_blocking()
    }

    /// Like [`new`](Self::new), and asks the service whether the credentials are right, with one request.
    ///
    /// # Errors
    ///
    /// Those of [`new`](Self::new) and of [`crate::FishjamClient::check_credentials`], and
    /// [`InvalidInput`](crate::ErrorKind::InvalidInput) inside an asynchronous runtime.
    pub fn create_and_verify(
        fishjam_id: impl Into<String>,
        management_token: impl Into<ManagementToken>,
    ) -> Result<Self> {
        let client = Self::new(fishjam_id, management_token)?;
        client.check_credentials()?;
        Ok(client)
    }

    /// Carries a call out on this thread, unless that would hold up a runtime.
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
    /// Checks everything and makes the client for synchronous programs. Nothing is sent.
    ///
    /// # Errors
    ///
    /// Those of [`build`](Self::build), and [`InvalidInput`](crate::ErrorKind::InvalidInput) if the client's thread
    /// cannot be started.
    pub fn build_blocking(self) -> Result<FishjamClient> {
        Ok(FishjamClient { client: self.build()?, background: Arc::new(Background::start()?) })
    }
}
