//! The decoder of frames and webhook bodies: no input makes it panic, hang or give away more than it was given.

#![no_main]

use fishjam_sdk::events::decode_server_notifications;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(notifications) = decode_server_notifications(bytes) {
        // The smallest member of a batch takes two bytes.
        assert!(notifications.len() <= bytes.len() / 2 + 1);
        for notification in notifications {
            assert!(!notification.to_string().contains('\n'));
        }
    }
});
