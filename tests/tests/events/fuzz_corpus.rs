//! The seeds of the fuzz target: one for each notification, a batch, and what must not be taken for one.

use std::{collections::BTreeSet, fs, path::Path};

use fishjam_sdk::events::decode_server_notifications;

#[test]
fn the_seeds_cover_every_notification_and_no_seed_makes_the_decoder_panic() {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/decode");
    let mut names = BTreeSet::new();
    for seed in fs::read_dir(corpus).unwrap() {
        let bytes = fs::read(seed.unwrap().path()).unwrap();
        for notification in decode_server_notifications(&bytes).unwrap_or_default() {
            names.insert(notification.name());
        }
        // Nor does any beginning of it.
        (0..bytes.len()).for_each(|end| drop(decode_server_notifications(&bytes[..end])));
    }
    assert_eq!(names.len(), 28 + 1, "28 notifications and one unknown: {names:?}");
}
