//! Scenes: the layout of a composition, and their rules.
