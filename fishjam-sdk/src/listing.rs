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
///
/// The time and the memory of a list grow with the size of its response, which `max_response_bytes` limits. A list with
/// more than 65,536 unreadable items is an error of the kind [`Decode`](crate::ErrorKind::Decode).
///
/// Methods such as [`get_all_rooms_with_unreadable`](crate::FishjamClient::get_all_rooms_with_unreadable) return it.
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
///
/// [`Listing`] contains it.
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

/// Converts the items of a list in a response. The result has no spare capacity.
///
/// A decoder grows a vector in steps, and `collect` would reuse its allocation. A long list has many small vectors.
pub(crate) fn convert_all<W, T>(items: Vec<W>, convert: impl FnMut(W) -> T) -> Vec<T> {
    let mut converted = Vec::with_capacity(items.len());
    converted.extend(items.into_iter().map(convert));
    converted
}

impl<T> Listing<T> {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn converted_items_have_no_spare_capacity() {
        let mut items = Vec::with_capacity(8);
        items.extend([1_u32, 2, 3]);
        let converted = convert_all(items, |item| item + 1);
        assert_eq!((converted.capacity(), converted), (3, vec![2, 3, 4]));
        assert_eq!(convert_all(Vec::<u8>::with_capacity(4), |item| item).capacity(), 0);
    }
}
