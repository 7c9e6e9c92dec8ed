//! Rooms by name.

mod lookups;
mod store;

use std::{fmt, sync::Arc};

pub use self::store::RoomStore;
use self::{
    lookups::Lookups,
    store::{AnyStore, MemoryStore},
};
use crate::{
    client::FishjamClient,
    error::{Error, ErrorKind, Result},
    id::RoomId,
    peers::{Peer, PeerOptions},
    rooms::{Room, RoomOptions},
    secret::PeerToken,
};

/// Maximum number of rooms that a lookup finds deleted or replaced before it returns an error.
const MAX_ROUNDS: u32 = 5;

/// Finds the room of a name, and creates it for the first caller.
///
/// Fishjam gives each room an id, and knows no names. A directory maps names of your application, such as the id of a
/// lesson, to rooms. Clones share the directory.
///
/// - **Concurrent calls**: all calls of one directory for the same name share one lookup. 100 calls for a new name send
///   one request and get the same room.
/// - **Deleted rooms**: [`get_or_create`](Self::get_or_create) reads the room from the API, once for all concurrent
///   callers. [`join`](Self::join) needs no read, because adding the peer detects a deleted room. Both replace a deleted
///   room with a new one.
/// - **Dropped calls**: a lookup runs in the background. If you drop the future of a call, the lookup continues for the
///   other callers, and a new room stays in the directory.
/// - **Errors**: all callers of a failed lookup get its error. The next call starts again.
///
/// # Stores
///
/// [`new`](Self::new) keeps the rooms in memory, for a backend with one process. The names are lost at its end. A name
/// stays in memory until you call [`delete`](Self::delete). An entry takes about 200 bytes, so delete names that you
/// never use again.
///
/// Several replicas need a shared [`RoomStore`]. If two replicas create a room for the same name at the same time, the
/// store accepts one. The other replica deletes its room and uses the accepted one.
///
/// # Rooms without a name
///
/// A room can stay in Fishjam without a name if:
///
/// - creating it fails with [`may_have_taken_effect`](Error::may_have_taken_effect). The directory does not create it
///   again, but returns the error. The next call creates a room.
/// - the process ends between the creation and the store
/// - deleting a room that another replica has replaced fails. The directory logs a warning.
///
/// The API cannot find such a room by name. It has no peers. To find it, list all rooms, and skip the rooms that your
/// store contains.
///
/// # Privacy
///
/// Neither `Debug`, logs nor the directory's errors contain names. The error of your own store is the source of an
/// error, and can contain more.
///
/// # Examples
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> anyhow::Result<()> {
/// # let emulator = fishjam_emulator::Emulator::start().await?;
/// # let fishjam = fishjam_sdk::FishjamClient::new(emulator.url(), emulator.token())?;
/// use fishjam_sdk::{PeerOptions, RoomDirectory, RoomOptions};
///
/// let directory = RoomDirectory::new(&fishjam).room_options(|_name| RoomOptions::new().max_peers(10));
/// let (room_id, peer, token) = directory.join("lesson-7", PeerOptions::new()).await?;
/// println!("peer {} may join room {room_id} with {}", peer.id, token.expose());
///
/// let room = directory.get_or_create("lesson-7").await?;
/// assert_eq!((room.id, room.peers.len()), (room_id, 1));
/// directory.delete("lesson-7").await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct RoomDirectory {
    fishjam: FishjamClient,
    store: Arc<dyn AnyStore>,
    options: Arc<dyn Fn(&str) -> RoomOptions + Send + Sync>,
    lookups: Arc<Lookups>,
}

impl RoomDirectory {
    /// Creates a directory that keeps the rooms in memory.
    #[must_use]
    pub fn new(fishjam: &FishjamClient) -> Self {
        Self::with_store(fishjam, MemoryStore::default())
    }

    /// Creates a directory with a store, which several replicas can share.
    #[must_use]
    pub fn with_store(fishjam: &FishjamClient, store: impl RoomStore) -> Self {
        Self {
            fishjam: fishjam.clone(),
            store: Arc::new(store),
            options: Arc::new(|_| RoomOptions::new()),
            lookups: Arc::default(),
        }
    }

    /// Sets the function that returns the options of a new room from its name.
    ///
    /// Defaults to options without any value. An existing room keeps its options.
    ///
    /// Clones share the rooms, but not this function. To choose options for one call, call this method on a clone.
    #[must_use]
    pub fn room_options(mut self, options: impl Fn(&str) -> RoomOptions + Send + Sync + 'static) -> Self {
        self.options = Arc::new(options);
        self
    }

    /// Returns the room of a name. Creates the room if there is none, or if it was deleted.
    ///
    /// The room can be deleted after this method has read it. [`join`](Self::join) detects that.
    ///
    /// For an example, see [`RoomDirectory`].
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - reading the room fails: the errors of [`get_room`](FishjamClient::get_room) except
    ///   [`NotFound`](ErrorKind::NotFound)
    /// - creating the room fails: the errors of [`create_room`](FishjamClient::create_room)
    /// - the store fails: [`Connection`](ErrorKind::Connection), with the error of the store as its source
    /// - other replicas replace the room again and again: [`Conflict`](ErrorKind::Conflict)
    /// - the [`RoomStore`] or the function of [`room_options`](Self::room_options) panics, or the runtime of the lookup ends: [`Closed`](ErrorKind::Closed)
    /// - there is no Tokio runtime: [`Setup`](ErrorKind::Setup)
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the lookup continues in the background. A new room stays in the directory.
    pub async fn get_or_create(&self, name: &str) -> Result<Room> {
        let start = |name: String| {
            let directory = self.clone();
            async move { directory.look_up(&name).await }
        };
        self.lookups.join_or_start(name, start)?.await
    }

    /// Adds a peer to the room of a name. Returns the id of the room, the peer and its token.
    ///
    /// Creates the room if there is none. If the room was deleted, this method replaces the room and tries once more.
    /// It does not read a room that exists, and adds the peer with one request.
    ///
    /// # Errors
    ///
    /// Returns the errors of [`get_or_create`](Self::get_or_create) and [`create_peer`](FishjamClient::create_peer). For
    /// example, the error is a [`Conflict`](ErrorKind::Conflict) if the room is full.
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the peer may exist already.
    pub async fn join(&self, name: &str, options: PeerOptions) -> Result<(RoomId, Peer, PeerToken)> {
        let room = match self.store.get(name).await? {
            Some(room) => room,
            None => self.get_or_create(name).await?.id,
        };
        let (room, joined) = match self.fishjam.create_peer(&room, options.clone()).await {
            Err(error) if error.is_not_found() => {
                let room = self.replacement(name, &room).await?;
                let joined = self.fishjam.create_peer(&room, options).await;
                (room, joined)
            }
            joined => (room, joined),
        };
        joined.map(|(peer, token)| (room, peer, token))
    }

    /// Returns the stored room of a name. Does not check that the room still exists.
    ///
    /// For an example, see [`RoomDirectory`].
    ///
    /// # Errors
    ///
    /// Returns [`Connection`](ErrorKind::Connection) if the store fails.
    ///
    /// # Cancel safety
    ///
    /// This method is cancel safe, as far as the store is. It only reads from the store.
    pub async fn get(&self, name: &str) -> Result<Option<RoomId>> {
        self.store.get(name).await
    }

    /// Deletes the room of a name, and the name. Does nothing if the name has no room.
    ///
    /// Concurrent calls of [`get_or_create`](Self::get_or_create) can still return the deleted room.
    ///
    /// For an example, see [`RoomDirectory`].
    ///
    /// # Errors
    ///
    /// Returns an error if:
    ///
    /// - deleting the room fails: the errors of [`delete_room`](FishjamClient::delete_room) except
    ///   [`NotFound`](ErrorKind::NotFound)
    /// - the store fails: [`Connection`](ErrorKind::Connection)
    ///
    /// # Cancel safety
    ///
    /// If you drop the future, the room may be deleted while the name remains. The next use of the name replaces the
    /// room.
    pub async fn delete(&self, name: &str) -> Result<()> {
        let Some(room) = self.store.get(name).await? else { return Ok(()) };
        match self.fishjam.delete_room(&room).await {
            Err(error) if !error.is_not_found() => Err(error),
            _ => self.store.remove(name, &room).await,
        }
    }

    /// Returns the room that replaces a deleted one.
    async fn replacement(&self, name: &str, deleted: &RoomId) -> Result<RoomId> {
        let room = self.get_or_create(name).await?;
        if room.id != *deleted {
            return Ok(room.id);
        }
        // Another caller started this lookup, and it read the room before the deletion.
        Ok(self.get_or_create(name).await?.id)
    }

    async fn look_up(&self, name: &str) -> Result<Room> {
        for _ in 0..MAX_ROUNDS {
            let stored = self.store.get(name).await?;
            if let Some(id) = &stored {
                match self.fishjam.get_room(id).await {
                    Err(error) if error.is_not_found() => {}
                    read => return read,
                }
            }
            let room = self.fishjam.create_room((self.options)(name)).await?;
            match self.store.replace(name, stored.as_ref(), &room.id).await {
                Ok(true) => return Ok(room),
                // Another replica was faster. The next round uses its room.
                Ok(false) => self.discard(&room.id).await,
                Err(error) => {
                    // The store may have accepted the room. Then the next lookup finds it deleted, and replaces it.
                    self.discard(&room.id).await;
                    return Err(error);
                }
            }
        }
        Err(Error::new(ErrorKind::Conflict).message_text("other replicas replaced the room again and again"))
    }

    /// Deletes a new room that no name refers to.
    async fn discard(&self, room: &RoomId) {
        if let Err(error) = self.fishjam.delete_room(room).await {
            tracing::warn!(%room, error = format_args!("{error:#}"), "failed to delete a room that has no name");
        }
    }
}

impl fmt::Debug for RoomDirectory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RoomDirectory")
            .field("fishjam", &self.fishjam)
            .field("lookups", &self.lookups.count())
            .finish_non_exhaustive()
    }
}
