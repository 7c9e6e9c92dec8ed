//! Events of a composition, and waiting for them.
