//! Twins: types for Fishjam and for Jellyfish that users expect to have the same methods.
//!
//! The test reads the committed list of the public API. A method of one twin that the other twin lacks is an error, unless
//! it is in a table here, with its reason.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, fs, path::Path};

/// Methods of one twin that the other twin lacks, and the reason.
type Lacking = &'static [(&'static [&'static str], &'static str)];

/// Two types with the same methods. Their paths are relative to the SDK.
struct Twins {
    first: &'static str,
    second: &'static str,
    /// Methods of the first type that the second type lacks.
    only_first: Lacking,
    /// Methods of the second type that the first type lacks.
    only_second: Lacking,
}

const TWINS: [Twins; 6] = [
    Twins { first: "FishjamClient", second: "jellyfish::JellyfishClient", only_first: FISHJAM, only_second: JELLYFISH },
    Twins {
        first: "FishjamClientBuilder",
        second: "jellyfish::JellyfishClientBuilder",
        only_first: &[
            (&["base_url"], "the address is part of `ConnectionOptions`"),
            (&["build_blocking"], NO_BLOCKING_CLIENT),
        ],
        only_second: &[],
    },
    Twins {
        first: "FishjamNotifier",
        second: "jellyfish::JellyfishNotifier",
        only_first: &[],
        only_second: &[(&["on_metrics"], "Fishjam sends no metrics")],
    },
    Twins {
        first: "FishjamNotifierBuilder",
        second: "jellyfish::JellyfishNotifierBuilder",
        only_first: &[(&["base_url"], "the address is part of `ConnectionOptions`")],
        only_second: &[(&["metrics", "notifications"], "Fishjam sends only notifications")],
    },
    Twins {
        first: "webhook::WebhookReceiver",
        second: "jellyfish::webhook::WebhookReceiver",
        only_first: &[(&["receive"], "Jellyfish signs nothing: `jellyfish::webhook::receive` needs no receiver")],
        only_second: &[],
    },
    Twins { first: "FishjamClient", second: "blocking::FishjamClient", only_first: &[], only_second: &[] },
];

const NO_BLOCKING_CLIENT: &str = "only Fishjam has a blocking client";

/// The methods of `FishjamClient` that `JellyfishClient` lacks.
const FISHJAM: Lacking = &[
    (&["create_peer"], "the official SDK of Jellyfish calls it `add_peer`"),
    (&["refresh_peer_token"], "a Jellyfish server creates a token only with its peer"),
    (&["subscribe_peer", "subscribe_tracks"], "a peer of Jellyfish receives all tracks"),
    (&["agent", "create_agent", "create_vapi_agent"], "Jellyfish has no agents"),
    (
        &[
            "create_livestream_streamer_token",
            "create_livestream_viewer_token",
            "create_stream",
            "create_streamer",
            "create_viewer",
            "delete_stream",
            "delete_streamer",
            "delete_viewer",
            "get_all_streams",
            "get_all_streams_with_unreadable",
            "get_stream",
            "livestream_whep_url",
            "livestream_whip_url",
            "public_livestream_whep_url",
        ],
        "Jellyfish streams with HLS components",
    ),
    (&["create_moq_access"], "Jellyfish has no Media over QUIC relay"),
    (&["compositions", "forward_room_tracks"], "Jellyfish has no compositions"),
    (
        &[
            "create_composition_recording",
            "create_template_recording",
            "download_recording",
            "download_recording_file",
            "get_all_recordings",
            "get_all_recordings_with_unreadable",
            "get_recording",
            "stop_recording",
            "wait_for_recording",
        ],
        "a recording of Jellyfish is an id and the files of an HLS stream; a component starts and ends it",
    ),
    (&["deprecation"], "Jellyfish servers do not announce the end of an API version"),
    (
        &["wait_for_connected_peer", "wait_for_empty_room"],
        "they follow one notifier, but in a cluster a room can be on a different server",
    ),
];

/// The methods of `JellyfishClient` that `FishjamClient` lacks.
const JELLYFISH: Lacking = &[
    (&["add_peer"], "the official SDKs of Fishjam call it `create_peer`"),
    (&["add_component", "delete_component", "dial", "end_call", "subscribe"], "Fishjam has no components"),
    (&["get_hls_content", "hls_url"], "Fishjam has no HLS streams"),
    (
        &["get_recording_content", "get_recordings", "get_recordings_with_unreadable"],
        "a recording of Fishjam has a state and files on another host",
    ),
    (&["health"], "Fishjam does not report the health of its servers"),
    (
        &["create_room_handle", "room_handle", "server_address", "update_address"],
        "Fishjam has one address for all rooms; in a cluster of Jellyfish servers, each room is on one server",
    ),
];

/// Returns the names of a type's own methods in a list of the public API, without the methods of its traits.
fn methods(list: &str, path: &str) -> BTreeSet<String> {
    let prefix = format!("fishjam_sdk::{path}::");
    let mut own = false;
    let mut names = BTreeSet::new();
    for line in list.lines() {
        if line.starts_with("impl") {
            own = !line.contains(" for ");
        }
        let Some((_, item)) = line.split_once("fn ").filter(|_| own) else { continue };
        let Some(item) = item.strip_prefix(&prefix) else { continue };
        names.extend(item.split(['(', '<']).next().map(str::to_owned));
    }
    names
}

/// Returns the differences between the methods that one twin really lacks and the methods in its table.
fn differences(first: &BTreeSet<String>, second: &BTreeSet<String>, table: Lacking) -> Vec<String> {
    let lacking: BTreeSet<&str> = first.difference(second).map(String::as_str).collect();
    let listed: BTreeSet<&str> = table.iter().flat_map(|(names, _)| names.iter().copied()).collect();
    let missing =
        lacking.difference(&listed).map(|name| format!("add `{name}`, or put it into the table with a reason"));
    missing.chain(listed.difference(&lacking).map(|name| format!("remove `{name}` from the table"))).collect()
}

#[test]
fn twins_have_the_same_methods() {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fishjam-sdk/public-api.txt");
    let list = fs::read_to_string(list).unwrap();
    let mut problems = Vec::new();
    for Twins { first, second, only_first, only_second } in TWINS {
        let (ours, others) = (methods(&list, first), methods(&list, second));
        assert!(ours.len() > 2 && others.len() > 2, "{first} {second}");
        let lacks = |of: &str, found: Vec<String>| found.into_iter().map(|found| format!("{of}: {found}")).collect();
        let found: [Vec<_>; 2] = [
            lacks(second, differences(&ours, &others, only_first)),
            lacks(first, differences(&others, &ours, only_second)),
        ];
        problems.extend(found.concat());
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn methods_are_the_own_methods_of_a_type() {
    let list = "pub struct fishjam_sdk::Room
impl fishjam_sdk::Room
pub async fn fishjam_sdk::Room::close(&self)
pub fn fishjam_sdk::Room::metadata<T: core::any::Any>(&self) -> T
pub fn fishjam_sdk::RoomOptions::new() -> Self
impl core::fmt::Debug for fishjam_sdk::Room
pub fn fishjam_sdk::Room::fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result";
    assert_eq!(methods(list, "Room"), BTreeSet::from(["close".to_owned(), "metadata".to_owned()]));
}

#[test]
fn differences_are_unlisted_and_outdated_names() {
    let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
    let (first, second) = (set(&["both", "listed", "lacking"]), set(&["both", "outdated"]));
    let found = differences(&first, &second, &[(&["listed", "outdated"], "a reason")]);
    let expected = ["add `lacking`, or put it into the table with a reason", "remove `outdated` from the table"];
    assert_eq!(found, expected);
    assert!(differences(&second, &second, &[]).is_empty());
}
