//! Decodes lists. An unreadable item does not affect the others.

use serde::{
    Deserialize,
    de::{DeserializeOwned, IgnoredAny},
};
use serde_json::value::RawValue;
use tokio::task::yield_now;

use super::{item_reader::ItemReader, response::ApiResponse};
use crate::{
    error::{Error, Result},
    listing::{Listing, UnreadableItem},
};

/// The work after which decoding yields, in bytes of JSON. It takes less than a millisecond.
const WORK_PER_TURN: usize = 64 * 1024;
/// The work of an item in addition to its bytes. Thus decoding many tiny items yields, too.
const WORK_PER_ITEM: usize = 256;
/// Maximum number of unreadable items. Their errors need more memory than tiny items, which a wrong server can send.
const MAX_UNREADABLE: usize = 65_536;

/// The form of every response with a list. Decoding it finds the place of an error, and keeps nothing.
#[derive(Deserialize)]
struct AnyList {
    #[allow(dead_code, reason = "only decoded")]
    data: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Id {
    id: String,
}

impl ApiResponse {
    /// Decodes a list item by item, and converts each item before it decodes the next one.
    ///
    /// Thus a list needs no memory beside the body and the converted items. The future yields regularly, because a long
    /// list takes seconds.
    pub(super) async fn decode_list<'a, W: DeserializeOwned, T>(
        &self,
        convert: impl Fn(W) -> T,
        secrets: impl Fn() -> Vec<&'a str>,
    ) -> Result<Listing<T>> {
        let text = self.text();
        let not_a_list = || self.list_error(&text, &secrets);
        let mut listing = Listing { items: Vec::new(), unreadable: Vec::new() };
        let mut reader = ItemReader::open(&text).ok_or_else(not_a_list)?;
        let (mut index, mut work, mut remaining) = (0, 0, reader.remaining());
        while reader.advance().ok_or_else(not_a_list)? {
            match reader.read() {
                Some(item) => listing.items.push(convert(item)),
                None => {
                    let item: &RawValue = reader.read().ok_or_else(not_a_list)?;
                    match self.decode_at(&format!("data[{index}]"), item.get(), &secrets) {
                        Ok(item) => listing.items.push(convert(item)),
                        Err(error) if listing.unreadable.len() == MAX_UNREADABLE => return Err(error),
                        Err(error) => {
                            let id = serde_json::from_str::<Id>(item.get()).ok().map(|item| item.id);
                            listing.unreadable.push(UnreadableItem { index, id, error });
                        }
                    }
                }
            }
            index += 1;
            work += remaining - reader.remaining() + WORK_PER_ITEM;
            remaining = reader.remaining();
            if work >= WORK_PER_TURN {
                work = 0;
                yield_now().await;
            }
        }
        listing.items.shrink_to_fit();
        Ok(listing)
    }

    /// Returns the error of a response that is not a list.
    fn list_error<'a>(&self, text: &str, secrets: &impl Fn() -> Vec<&'a str>) -> Error {
        match self.decode_at::<AnyList>("", text, secrets) {
            Err(error) => error,
            Ok(_) => self.decode_error("the response", secrets),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        future::{Future, poll_fn},
        pin::pin,
    };

    use bytes::Bytes;
    use http::{HeaderMap, StatusCode};

    use super::*;
    use crate::error::ErrorKind;

    fn response(body: String) -> ApiResponse {
        ApiResponse { status: StatusCode::OK, headers: HeaderMap::new(), body: Bytes::from(body), file: None }
    }

    /// Decodes a list of numbers. Returns the number of polls, too.
    async fn decode(body: String) -> (Result<Listing<u64>>, usize) {
        let response = response(body);
        let mut decoding = pin!(response.decode_list(|item: u32| u64::from(item), Vec::new));
        let mut polls = 0;
        let decoded = poll_fn(|cx| {
            polls += 1;
            decoding.as_mut().poll(cx)
        })
        .await;
        (decoded, polls)
    }

    fn list(item: &str, count: usize) -> String {
        format!(r#"{{"data":[{}]}}"#, vec![item; count].join(","))
    }

    #[tokio::test]
    async fn decoding_yields_after_each_slice_of_a_list() {
        let spaces = " ".repeat(WORK_PER_TURN);
        for (item, count, polls) in
            [("7", 0, 1), ("7", 100, 1), ("7", 1_000, 4), (format!("{spaces}7").as_str(), 10, 11), ("[]", 1_000, 4)]
        {
            let (decoded, polled) = decode(list(item, count)).await;
            let Listing { items, unreadable } = decoded.unwrap();
            assert_eq!((items.len() + unreadable.len(), polled), (count, polls), "{} bytes", item.len());
            assert_eq!(items.capacity(), items.len());
        }
    }

    #[tokio::test]
    async fn list_with_too_many_unreadable_items_is_an_error() {
        let (decoded, _) = decode(list("[]", MAX_UNREADABLE)).await;
        assert_eq!(decoded.unwrap().unreadable.len(), MAX_UNREADABLE);
        let (decoded, _) = decode(list("[]", MAX_UNREADABLE + 1)).await;
        let error = decoded.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode);
        assert_eq!(error.message(), Some("data[65536] is not what the API documents"));
    }

    #[tokio::test]
    async fn byte_order_mark_and_whitespace_are_skipped() {
        let (decoded, _) = decode("\u{feff}\r\n { \"data\" : [ 1 , 2 ] } \n".to_owned()).await;
        assert_eq!(decoded.unwrap().items, [1, 2]);
    }

    #[tokio::test]
    async fn deeply_nested_values_do_not_overflow_the_stack() {
        let nested = format!("{}{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        let (decoded, _) = decode(format!(r#"{{"a":{nested},"data":[{nested},1],"b":{nested}}}"#)).await;
        let Listing { items, unreadable } = decoded.unwrap();
        assert_eq!((items, unreadable.len()), (vec![1], 1));
        let (decoded, _) = decode(format!(r#"{{"data":[{nested}"#)).await;
        assert_eq!(decoded.unwrap_err().kind(), ErrorKind::Decode);
        let (decoded, _) = decode(format!(r#"{{"data":{}"#, "[".repeat(1_000_000))).await;
        assert_eq!(decoded.unwrap_err().kind(), ErrorKind::Decode);
    }

    #[tokio::test]
    async fn error_of_a_broken_list_names_the_place() {
        for (body, place) in [
            ("", "the response"),
            ("null", "the response"),
            ("<html>503</html>", "the response"),
            (r#"[[1]]"#, "the response"),
            ("{}", "the response"),
            (r#"{"data":{}}"#, "data"),
            (r#"{"data":[1,2"#, "data"),
            (r#"{"data":[1,2,{"a"#, "data[2]"),
            (r#"{"data":[1,]}"#, "data"),
            (r#"{"data":[1]} more"#, "the data after the response"),
            (r#"{"data":[1],"data":[1]}"#, "the response"),
        ] {
            let error = decode(body.to_owned()).await.0.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Decode);
            let expected = format!("{place} is not what the API documents");
            assert_eq!(error.message(), Some(expected.as_str()), "{body}");
        }
    }
}
