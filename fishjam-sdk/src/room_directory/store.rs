//! The stores of a directory.

use std::{
    collections::{HashMap, hash_map::Entry},
    convert::Infallible,
    error::Error as StdError,
    future::Future,
    pin::Pin,
    sync::{Mutex, PoisonError},
};

use crate::{
    error::{Error, ErrorKind, Result},
    id::RoomId,
};

/// Stores the room of each name, for example in a database that several replicas share.
///
/// A directory never overwrites a room blindly: each change names the room that it replaces. Implement
/// [`replace`](Self::replace) and [`remove`](Self::remove) with one atomic statement, or with a transaction.
///
/// A directory sets no time limit for a store. All callers of a name wait for a call that does not return, so let your
/// store return an error after a while.
///
/// # Examples
///
/// The statements for a table `rooms (name TEXT PRIMARY KEY, room TEXT NOT NULL)`:
///
/// | call | statement | result |
/// |---|---|---|
/// | `get(name)` | `SELECT room FROM rooms WHERE name = $1` | the row, if there is one |
/// | `replace(name, None, new)` | `INSERT INTO rooms VALUES ($1, $2) ON CONFLICT DO NOTHING` | whether a row was inserted |
/// | `replace(name, Some(old), new)` | `UPDATE rooms SET room = $3 WHERE name = $1 AND room = $2` | whether a row was updated |
/// | `remove(name, old)` | `DELETE FROM rooms WHERE name = $1 AND room = $2` | nothing |
///
/// With Redis, `replace(name, None, new)` is `SET name new NX`. The others are short scripts that compare first.
///
/// You can implement the methods as `async fn`. This store keeps the rooms in memory:
///
/// ```
/// use std::{collections::HashMap, io};
/// use fishjam_sdk::{FishjamClient, RoomDirectory, RoomId, RoomStore};
/// use tokio::sync::Mutex;
///
/// #[derive(Default)]
/// struct MyStore(Mutex<HashMap<String, RoomId>>);
///
/// impl RoomStore for MyStore {
///     type Error = io::Error;
///
///     async fn get(&self, name: &str) -> io::Result<Option<RoomId>> {
///         Ok(self.0.lock().await.get(name).cloned())
///     }
///
///     async fn replace(&self, name: &str, old: Option<&RoomId>, new: &RoomId) -> io::Result<bool> {
///         let mut rooms = self.0.lock().await;
///         let is_current = rooms.get(name) == old;
///         if is_current {
///             rooms.insert(name.to_owned(), new.clone());
///         }
///         Ok(is_current)
///     }
///
///     async fn remove(&self, name: &str, old: &RoomId) -> io::Result<()> {
///         let mut rooms = self.0.lock().await;
///         if rooms.get(name) == Some(old) {
///             rooms.remove(name);
///         }
///         Ok(())
///     }
/// }
///
/// # fn example(fishjam: FishjamClient) {
/// let directory = RoomDirectory::with_store(&fishjam, MyStore::default());
/// # }
/// ```
pub trait RoomStore: Send + Sync + 'static {
    /// The error of the store. It becomes the source of the directory's error.
    type Error: Into<Box<dyn StdError + Send + Sync>>;

    /// Returns the room of a name, if there is one.
    ///
    /// For an example, see [`RoomStore`].
    ///
    /// # Errors
    ///
    /// Returns the error of the store.
    fn get(&self, name: &str) -> impl Future<Output = Result<Option<RoomId>, Self::Error>> + Send;

    /// Sets the room of a name to `new`, if its current room is `old`. Returns `true` if it set the room.
    ///
    /// With `old` as `None`, the name must have no room.
    ///
    /// For an example, see [`RoomStore`].
    ///
    /// # Errors
    ///
    /// Returns the error of the store. The directory then deletes the new room.
    fn replace(
        &self,
        name: &str,
        old: Option<&RoomId>,
        new: &RoomId,
    ) -> impl Future<Output = Result<bool, Self::Error>> + Send;

    /// Removes a name, if its current room is `old`. Otherwise does nothing.
    ///
    /// For an example, see [`RoomStore`].
    ///
    /// # Errors
    ///
    /// Returns the error of the store.
    fn remove(&self, name: &str, old: &RoomId) -> impl Future<Output = Result<(), Self::Error>> + Send;
}

/// The future of a store.
pub(super) type Stored<'a, T> = Pin<Box<dyn Future<Output = Result<T>> + Send + 'a>>;

/// A store without its type, so that a directory has no type parameter.
pub(super) trait AnyStore: Send + Sync {
    fn get<'a>(&'a self, name: &'a str) -> Stored<'a, Option<RoomId>>;
    fn replace<'a>(&'a self, name: &'a str, old: Option<&'a RoomId>, new: &'a RoomId) -> Stored<'a, bool>;
    fn remove<'a>(&'a self, name: &'a str, old: &'a RoomId) -> Stored<'a, ()>;
}

impl<S: RoomStore> AnyStore for S {
    fn get<'a>(&'a self, name: &'a str) -> Stored<'a, Option<RoomId>> {
        Box::pin(async move { RoomStore::get(self, name).await.map_err(failed) })
    }

    fn replace<'a>(&'a self, name: &'a str, old: Option<&'a RoomId>, new: &'a RoomId) -> Stored<'a, bool> {
        Box::pin(async move { RoomStore::replace(self, name, old, new).await.map_err(failed) })
    }

    fn remove<'a>(&'a self, name: &'a str, old: &'a RoomId) -> Stored<'a, ()> {
        Box::pin(async move { RoomStore::remove(self, name, old).await.map_err(failed) })
    }
}

fn failed(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Error {
    Error::new(ErrorKind::Connection).message_text("the store of the room directory failed").caused_by(error)
}

/// The built-in store of one process.
#[derive(Default)]
pub(super) struct MemoryStore(Mutex<HashMap<String, RoomId>>);

impl MemoryStore {
    fn rooms(&self) -> std::sync::MutexGuard<'_, HashMap<String, RoomId>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RoomStore for MemoryStore {
    type Error = Infallible;

    async fn get(&self, name: &str) -> Result<Option<RoomId>, Infallible> {
        Ok(self.rooms().get(name).cloned())
    }

    async fn replace(&self, name: &str, old: Option<&RoomId>, new: &RoomId) -> Result<bool, Infallible> {
        let mut rooms = self.rooms();
        let is_current = rooms.get(name) == old;
        if is_current {
            rooms.insert(name.to_owned(), new.clone());
        }
        Ok(is_current)
    }

    async fn remove(&self, name: &str, old: &RoomId) -> Result<(), Infallible> {
        if let Entry::Occupied(entry) = self.rooms().entry(name.to_owned())
            && entry.get() == old
        {
            entry.remove();
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn change_needs_the_current_room() {
        let store = MemoryStore::default();
        let (a, b) = (RoomId::from("a"), RoomId::from("b"));
        let current = async || AnyStore::get(&store, "n").await.unwrap();
        for (old, new, set) in
            [(Some(&a), &b, false), (None, &a, true), (None, &b, false), (Some(&b), &b, false), (Some(&a), &b, true)]
        {
            assert_eq!(AnyStore::replace(&store, "n", old, new).await.unwrap(), set, "{old:?} {new:?}");
        }
        assert_eq!(current().await, Some(b.clone()));
        AnyStore::remove(&store, "n", &a).await.unwrap();
        assert_eq!(current().await, Some(b.clone()));
        AnyStore::remove(&store, "n", &b).await.unwrap();
        assert_eq!(current().await, None);
    }
}
