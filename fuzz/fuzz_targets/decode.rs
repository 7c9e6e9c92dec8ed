//! Fuzzes the decoders of frames and webhook bodies. No input makes a decoder panic, hang or return more than it
//! received.

#![no_main]

use fishjam_sdk::{
    events::decode_server_notifications,
    jellyfish::{events::Notification, webhook},
};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(notifications) = decode_server_notifications(bytes) {
        // The smallest member of a batch takes two bytes.
        assert!(notifications.len() <= bytes.len() / 2 + 1);
        for notification in notifications {
            assert!(!notification.to_string().contains('\n'));
        }
    }
    if let Ok(Some(notification)) = webhook::receive(bytes) {
        assert!(!notification.to_string().contains('\n'));
        if let Notification::MetricsReport(report) = notification {
            let _ = report.metrics();
        }
    }
});
