//! What agents see of video tracks.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;

use crate::lock::lock;

/// A grey JPEG of 8 by 8 pixels: quantisation by 1, and two Huffman tables of one code each, for "no difference" and
/// "nothing more".
const GREY: &[u8] = &{
    let mut jpeg = [1_u8; 141];
    let mut at = 0;
    // Beginning of the image; a quantisation table, all ones.
    at = put(&mut jpeg, at, &[0xff, 0xd8, 0xff, 0xdb, 0, 67, 0]);
    at += 64;
    // Baseline, 8 bits, 8 by 8, one component.
    at = put(&mut jpeg, at, &[0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    // One code of one bit, first for DC, then for AC.
    at = put(&mut jpeg, at, &[0xff, 0xc4, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    at = put(&mut jpeg, at, &[0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    // The scan: both codes are 0, the rest of the byte is filled with ones. The end of the image.
    at = put(&mut jpeg, at, &[0xff, 0xda, 0, 8, 1, 1, 0, 0, 63, 0, 0x3f, 0xff, 0xd9]);
    assert!(at == jpeg.len());
    jpeg
};

const fn put(into: &mut [u8], at: usize, bytes: &[u8]) -> usize {
    let mut number = 0;
    while number < bytes.len() {
        into[at + number] = bytes[number];
        number += 1;
    }
    at + number
}

/// An image that an agent gets.
#[derive(Clone)]
pub(crate) struct Image {
    pub(crate) content_type: String,
    pub(crate) data: Bytes,
}

impl Default for Image {
    fn default() -> Self {
        Image { content_type: "image/jpeg".to_owned(), data: Bytes::from_static(GREY) }
    }
}

/// What agents get that ask for an image of a video track, from [`Emulator::images`](crate::Emulator::images).
///
/// Without further ado it is a small grey JPEG, at once.
///
/// ```
/// # async fn example() -> fishjam_emulator::Result<()> {
/// let emulator = fishjam_emulator::Emulator::start().await?;
/// emulator.images().set("the-track", "image/jpeg", vec![0xff; 2_000_000]);
/// emulator.images().delay(std::time::Duration::from_millis(300));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct TrackImages {
    settings: Arc<Mutex<Settings>>,
}

#[derive(Default)]
struct Settings {
    images: HashMap<String, Image>,
    delay: Duration,
    /// How many of the next requests get no image.
    withheld: u64,
}

impl TrackImages {
    /// The image of a track from now on, whatever it is.
    pub fn set(&self, track_id: &str, content_type: &str, data: impl Into<Vec<u8>>) {
        let image = Image { content_type: content_type.to_owned(), data: Bytes::from(data.into()) };
        lock(&self.settings).images.insert(track_id.to_owned(), image);
    }

    /// How long an image takes, from the next request on. The default is no time at all.
    pub fn delay(&self, delay: Duration) {
        lock(&self.settings).delay = delay;
    }

    /// Never answers so many of the next requests that would have been answered.
    pub fn withhold(&self, requests: u64) {
        lock(&self.settings).withheld = requests;
    }

    /// The image for a request, and how long it takes; `None` when it is withheld.
    pub(crate) fn take(&self, track: &str) -> Option<(Image, Duration)> {
        let mut settings = lock(&self.settings);
        if settings.withheld > 0 {
            settings.withheld -= 1;
            return None;
        }
        Some((settings.images.get(track).cloned().unwrap_or_default(), settings.delay))
    }
}

/// Prints no image.
impl fmt::Debug for TrackImages {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let settings = lock(&self.settings);
        f.debug_struct("TrackImages")
            .field("set", &settings.images.len())
            .field("delay", &settings.delay)
            .field("withheld", &settings.withheld)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_segments_of_the_grey_image_have_their_lengths() {
        let (mut at, mut markers) = (2, vec![]);
        assert_eq!(GREY[..2], [0xff, 0xd8]);
        while GREY[at + 1] != 0xda {
            assert_eq!(GREY[at], 0xff);
            markers.push(GREY[at + 1]);
            at += 2 + usize::from(u16::from_be_bytes([GREY[at + 2], GREY[at + 3]]));
        }
        assert_eq!(markers, [0xdb, 0xc0, 0xc4, 0xc4]);
        assert_eq!(GREY[at + 10..], [0x3f, 0xff, 0xd9]);
    }
}
