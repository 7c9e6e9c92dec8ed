//! Lists with unreadable items.

use serde::{Deserialize, Deserializer, Serialize};

use crate::{
    error::{Error, serde_form},
    json_error::read_unquoted,
};

/// The items of a list, and the items that the SDK could not read.
///
/// One unreadable item does not affect the others. For example, a newer server can send a room in a form that the SDK
/// does not know. Methods like [`get_all_rooms`](crate::FishjamClient::get_all_rooms) return only the readable items
/// and log a warning. Use a method that returns this type if a missing item matters. For example, use it before you
/// treat missing rooms as deleted.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Listing<T> {
    /// Readable items, in the order of the response.
    pub items: Vec<T>,
    /// Unreadable items, in the order of the response. Usually empty.
    pub unreadable: Vec<UnreadableItem>,
}

/// An item of a list that the SDK could not read.
///
/// It serializes as `{"index":3,"id":"r","error":{"kind":"decode",…}}`. The error has the form of the reason of a
/// [`Gap`](crate::events::Gap::reason).
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct UnreadableItem {
    /// Position of the item in the response, starting at 0.
    pub index: usize,
    /// Id of the item, if the id is readable.
    pub id: Option<String>,
    /// Error of the kind [`Decode`](crate::ErrorKind::Decode). It names the place and does not quote the response.
    #[serde(serialize_with = "serde_form::serialize")]
    pub error: Error,
}

impl<'de> Deserialize<'de> for UnreadableItem {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Members {
            index: usize,
            id: Option<String>,
            #[serde(deserialize_with = "serde_form::deserialize")]
            error: Error,
        }
        let Members { index, id, error } = read_unquoted(deserializer)?;
        Ok(Self { index, id, error })
    }
}

impl<T> Listing<T> {
    /// Converts the items.
    pub(crate) fn map<U>(self, convert: impl FnMut(T) -> U) -> Listing<U> {
        Listing { items: self.items.into_iter().map(convert).collect(), unreadable: self.unreadable }
    }

    /// Returns the readable items. Logs one warning if there are unreadable items.
    pub(crate) fn readable(self) -> Vec<T> {
        self.log();
        self.items
    }

    /// Logs one warning if there are unreadable items.
    pub(crate) fn log(&self) {
        if let Some(UnreadableItem { index, id, error }) = self.unreadable.first() {
            let skipped = self.unreadable.len();
            let error = format_args!("{error:#}");
            tracing::warn!(skipped, first_index = index, first_id = id, error, "skipped unreadable items of a list");
        }
    }
}
