//! The layout of a scene, computed offline.
