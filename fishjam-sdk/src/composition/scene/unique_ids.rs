//! The ids of components, which must be unique in a scene.

use std::{collections::HashSet, slice};

use fishjam_api::composition::types;

use super::path::Path;
use crate::error::Result;

/// Checks that no two components have the same id.
///
/// Most scenes have no equal ids. For them, sorted hashes take a fraction of the time of a `HashSet`. If two hashes are equal,
/// an exact search decides. Thus ids that somebody chose for their equal hashes only cost this search.
pub(super) fn check(root: &types::Component) -> Result<()> {
    let mut hashes = Vec::new();
    collect_hashes(root, &mut hashes);
    hashes.sort_unstable();
    if hashes.is_sorted_by(|one, other| one < other) {
        return Ok(());
    }
    find_equal(root, &Path::ROOT, &mut HashSet::new())
}

fn collect_hashes(component: &types::Component, hashes: &mut Vec<u64>) {
    let (id, children) = parts(component);
    hashes.extend(id.map(hash));
    children.iter().for_each(|child| collect_hashes(child, hashes));
}

/// Returns the hash of an id, 8 bytes at a time.
fn hash(id: &str) -> u64 {
    // An odd number with many mixed bits: the fraction of the golden ratio.
    const FACTOR: u64 = 0x9E37_79B9_7F4A_7C15;
    id.as_bytes().chunks(8).fold(id.len() as u64, |hash, chunk| {
        let mut word = [0; 8];
        word.iter_mut().zip(chunk).for_each(|(target, byte)| *target = *byte);
        (hash.rotate_left(23) ^ u64::from_le_bytes(word)).wrapping_mul(FACTOR)
    })
}

fn find_equal<'a>(component: &'a types::Component, path: &Path<'_>, seen: &mut HashSet<&'a str>) -> Result<()> {
    let (id, children) = parts(component);
    if id.is_some_and(|id| !seen.insert(id)) {
        return Err(path.member("id").error("another component of the scene has the same id"));
    }
    if matches!(component, types::Component::Rescaler(_)) {
        let path = path.member("child");
        return children.iter().try_for_each(|child| find_equal(child, &path, seen));
    }
    let path = path.member("children");
    children.iter().enumerate().try_for_each(|(index, child)| find_equal(child, &path.item(index), seen))
}

/// Returns the id and the children of a component.
fn parts(component: &types::Component) -> (Option<&str>, &[types::Component]) {
    let (id, children): (_, &[types::Component]) = match component {
        types::Component::InputStream(input) => (&input.id, &[]),
        types::Component::Image(image) => (&image.id, &[]),
        types::Component::Text(text) => (&text.id, &[]),
        types::Component::View(view) => (&view.id, view.children.as_deref().unwrap_or_default()),
        types::Component::Tiles(tiles) => (&tiles.id, tiles.children.as_deref().unwrap_or_default()),
        types::Component::Rescaler(rescaler) => (&rescaler.id, slice::from_ref(&*rescaler.child)),
    };
    (id.as_deref(), children)
}

#[cfg(test)]
mod tests {
    use super::hash;

    #[test]
    fn hash_depends_on_each_byte_and_on_the_length() {
        let ids =
            ["", "\0", "\0\0", "a", "b", "ab", "ba", "12345678", "123456780", "12345678\0", "123456781", "112345678"];
        for (index, one) in ids.iter().enumerate() {
            for other in &ids[..index] {
                assert_ne!(hash(one), hash(other), "{one:?} {other:?}");
            }
        }
        let hashes: std::collections::BTreeSet<_> = (0..100_000).map(|id: u32| hash(&format!("tile-{id}"))).collect();
        assert_eq!(hashes.len(), 100_000);
    }
}
