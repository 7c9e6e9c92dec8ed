//! The synchronization primitives of the queue. `tests/queue_model` replaces them with the primitives of loom.

pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicUsize},
};

pub(crate) use futures_util::task::AtomicWaker;
