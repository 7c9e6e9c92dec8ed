//! Decodes subscriptions of current and older servers.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use crate::unknown_members::{Name, UnknownMembers};

/// Manual subscriptions of a peer.
///
/// Servers before 0.23 send a list with other contents instead. A list and `null` decode as empty subscriptions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscriptions {
    /// Peers whose tracks the peer receives.
    pub peers: Vec<String>,
    /// Individual tracks that the peer receives.
    pub tracks: Vec<String>,
    /// Members that this version does not know.
    pub extra: UnknownMembers,
}

impl<'de> Deserialize<'de> for Subscriptions {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Lenient)
    }
}

struct Lenient;

impl<'de> Visitor<'de> for Lenient {
    type Value = Subscriptions;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object of subscriptions, a list or null")
    }

    fn visit_unit<E>(self) -> Result<Subscriptions, E> {
        Ok(Subscriptions::default())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Subscriptions, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Subscriptions::default())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Subscriptions, A::Error> {
        let mut subscriptions = Subscriptions::default();
        while let Some(Name(name)) = members.next_key()? {
            match name.as_ref() {
                "peers" => subscriptions.peers = members.next_value::<Option<_>>()?.unwrap_or_default(),
                "tracks" => subscriptions.tracks = members.next_value::<Option<_>>()?.unwrap_or_default(),
                _ => subscriptions.extra.insert(name.into_owned(), members.next_value()?),
            }
        }
        Ok(subscriptions)
    }
}
