//! The seeds of the fuzz target: one for each notification of Fishjam and of Jellyfish, a batch, and what must not be taken
//! for one.

use std::{collections::BTreeSet, fs, path::Path};

use fishjam_sdk::{events::decode_server_notifications, jellyfish::webhook};

#[test]
fn seeds_cover_every_notification_and_never_panic() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/decode");
    let (mut names, mut jellyfish) = (BTreeSet::new(), BTreeSet::new());
    for seed in fs::read_dir(corpus).unwrap() {
        let bytes = fs::read(seed.unwrap().path()).unwrap();
        for notification in decode_server_notifications(&bytes).unwrap_or_default() {
            names.insert(notification.name());
        }
        if let Ok(Some(notification)) = webhook::receive(&bytes) {
            let line = notification.to_string();
            jellyfish.insert(line.split(' ').next().unwrap().to_owned());
        }
        // Nor does any beginning of it.
        for end in 0..bytes.len() {
            drop(decode_server_notifications(&bytes[..end]));
            drop(webhook::receive(&bytes[..end]));
        }
    }
    assert_eq!(names.len(), 28 + 1, "28 notifications and one unknown: {names:?}");
    assert_eq!(jellyfish.len(), 17 + 1, "17 of Jellyfish and one unknown: {jellyfish:?}");
}
