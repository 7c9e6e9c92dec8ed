//! The seeds of the fuzz target `decode`.
//!
//! The seeds of Fishjam's notifications come from the table. Other seeds are notifications of Jellyfish, batches, and
//! messages that are not notifications.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use fishjam_sdk::{events::decode_server_notifications, jellyfish::webhook};
use fishjam_tests::notifications::{SHORT, Sample, message, one_of_each};
use prost::Message as _;

fn corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/decode")
}

#[test]
fn seeds_cover_every_notification_and_never_panic() -> anyhow::Result<()> {
    let samples = one_of_each(&SHORT);
    let expected: BTreeSet<_> = samples.iter().map(Sample::name).chain(["unknown"]).collect();
    let mut seeds: Vec<_> = samples.iter().map(|sample| message(sample.content.clone()).encode_to_vec()).collect();
    for seed in fs::read_dir(corpus())? {
        seeds.push(fs::read(seed?.path())?);
    }
    let (mut names, mut jellyfish) = (BTreeSet::new(), BTreeSet::new());
    for bytes in seeds {
        for notification in decode_server_notifications(&bytes).unwrap_or_default() {
            names.insert(notification.name());
        }
        if let Ok(Some(notification)) = webhook::receive(&bytes) {
            jellyfish.insert(notification.to_string().split(' ').next().map(str::to_owned));
        }
        // No prefix of a seed panics, either.
        for end in 0..bytes.len() {
            drop(decode_server_notifications(&bytes[..end]));
            drop(webhook::receive(&bytes[..end]));
        }
    }
    assert_eq!(names, expected);
    assert_eq!(jellyfish.len(), 17 + 1, "17 of Jellyfish and one unknown: {jellyfish:?}");
    Ok(())
}
