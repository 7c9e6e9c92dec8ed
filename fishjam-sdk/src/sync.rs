//! The primitives that the queue synchronizes with. `tests/queue_model` compiles the queue with loom's instead.

pub(crate) use std::sync::{
    Mutex, MutexGuard,
    atomic::{AtomicBool, AtomicUsize},
};

pub(crate) use futures_util::task::AtomicWaker;
