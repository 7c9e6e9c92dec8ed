//! Decodes lists. An unreadable item does not affect the others.

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;

use super::response::ApiResponse;
use crate::{
    error::Result,
    listing::{Listing, UnreadableItem},
};

/// The form of every response with a list.
#[derive(Deserialize)]
struct Items<'a> {
    #[serde(borrow)]
    data: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

impl ApiResponse {
    /// Decodes a list. If this fails, decodes each item separately.
    ///
    /// `items` takes the items out of the response, and thus determines their type.
    pub(super) fn decode_list<'a, L: DeserializeOwned, T: DeserializeOwned>(
        &self,
        items: impl FnOnce(L) -> Vec<T>,
        secrets: impl Fn() -> Vec<&'a str>,
    ) -> Result<Listing<T>> {
        let error = match self.decode(false, &secrets) {
            Ok(list) => return Ok(Listing { items: items(list), unreadable: Vec::new() }),
            Err(error) => error,
        };
        let text = self.text();
        let Ok(Items { data }) = serde_json::from_str(&text) else { return Err(error) };
        let mut listing = Listing { items: Vec::with_capacity(data.len()), unreadable: Vec::new() };
        for (index, item) in data.into_iter().enumerate() {
            match self.decode_at(&format!("data[{index}]"), item.get(), &secrets) {
                Ok(item) => listing.items.push(item),
                Err(error) => {
                    let id = serde_json::from_str::<Id>(item.get()).ok().map(|item| item.id);
                    listing.unreadable.push(UnreadableItem { index, id, error });
                }
            }
        }
        Ok(listing)
    }
}
