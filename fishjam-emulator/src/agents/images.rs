//! The images of video tracks for agents.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex},
    time::Duration,
};

use bytes::Bytes;

use crate::lock::lock;

/// A gray JPEG of 8 by 8 pixels: quantization by 1, and two Huffman tables of one code each.
///
/// The codes mean "no difference" and "end of block".
const GRAY: &[u8] = &{
    let mut jpeg = [1_u8; 141];
    let mut at = 0;
    // Start of image, and a quantization table of ones.
    at = put(&mut jpeg, at, &[0xff, 0xd8, 0xff, 0xdb, 0, 67, 0]);
    at += 64;
    // Baseline, 8 bits, 8 by 8, one component.
    at = put(&mut jpeg, at, &[0xff, 0xc0, 0, 11, 8, 0, 8, 0, 8, 1, 1, 0x11, 0]);
    // One code of one bit, first for DC, then for AC.
    at = put(&mut jpeg, at, &[0xff, 0xc4, 0, 20, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    at = put(&mut jpeg, at, &[0xff, 0xc4, 0, 20, 0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    // The scan: both codes are 0, and ones fill the byte. End of image.
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

/// An image for an agent.
#[derive(Clone)]
pub(crate) struct Image {
    pub(crate) content_type: String,
    pub(crate) data: Bytes,
}

impl Default for Image {
    fn default() -> Self {
        Image { content_type: "image/jpeg".to_owned(), data: Bytes::from_static(GRAY) }
    }
}

/// The images of video tracks that agents request, from [`Emulator::images`](crate::Emulator::images).
///
/// By default the emulator sends a small gray JPEG immediately.
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
    settings: Arc<Mutex<ImageSettings>>,
}

#[derive(Default)]
struct ImageSettings {
    images: HashMap<String, Image>,
    delay: Duration,
    /// The number of next requests that get no image.
    withheld: u64,
}

impl TrackImages {
    /// Sets the image of a track. The data can be any bytes.
    pub fn set(&self, track_id: &str, content_type: &str, data: impl Into<Vec<u8>>) {
        let image = Image { content_type: content_type.to_owned(), data: Bytes::from(data.into()) };
        lock(&self.settings).images.insert(track_id.to_owned(), image);
    }

    /// Sets the delay of images, from the next request on. Defaults to no delay.
    pub fn delay(&self, delay: Duration) {
        lock(&self.settings).delay = delay;
    }

    /// Withholds the images of this number of next requests. Ignored requests do not count.
    pub fn withhold(&self, requests: u64) {
        lock(&self.settings).withheld = requests;
    }

    /// Returns the image for a request and its delay, or `None` if it is withheld.
    pub(crate) fn take(&self, track: &str) -> Option<(Image, Duration)> {
        let mut settings = lock(&self.settings);
        if settings.withheld > 0 {
            settings.withheld -= 1;
            return None;
        }
        Some((settings.images.get(track).cloned().unwrap_or_default(), settings.delay))
    }
}

/// Shows no image.
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
    fn segments_of_the_gray_image_have_their_lengths() {
        let (mut at, mut markers) = (2, vec![]);
        assert_eq!(GRAY[..2], [0xff, 0xd8]);
        while GRAY[at + 1] != 0xda {
            assert_eq!(GRAY[at], 0xff);
            markers.push(GRAY[at + 1]);
            at += 2 + usize::from(u16::from_be_bytes([GRAY[at + 2], GRAY[at + 3]]));
        }
        assert_eq!(markers, [0xdb, 0xc0, 0xc4, 0xc4]);
        assert_eq!(GRAY[at + 10..], [0x3f, 0xff, 0xd9]);
    }
}
