//! Fuzzes the events that are read from JSON. No input makes the reader panic, an event that can be read keeps its JSON, and
//! its line is one line.

#![no_main]

use std::fmt::Display;

use fishjam_sdk::{
    events::{Event, Notification},
    jellyfish::events as jellyfish,
};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};

fuzz_target!(|bytes: &[u8]| {
    check::<Notification>(bytes);
    check::<jellyfish::Notification>(bytes);
});

fn check<N: Serialize + DeserializeOwned + Display>(bytes: &[u8]) {
    let Ok(event) = serde_json::from_slice::<Event<N>>(bytes) else { return };
    match &event {
        Event::Notification(notification) => assert!(!notification.to_string().contains('\n')),
        Event::Gap(gap) => assert!(!format!("{:#}", gap.reason).contains('\n')),
        _ => {}
    }
    let json = serde_json::to_string(&event).expect("an event is valid JSON");
    let again: Event<N> = serde_json::from_str(&json).expect("the JSON of an event can be read");
    assert_eq!(serde_json::to_string(&again).expect("an event is valid JSON"), json);
}
