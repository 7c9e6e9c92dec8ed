//! WebSockets that are kept connected, without any knowledge of the contents of messages.

pub(crate) mod driver;
pub(crate) mod lifecycle;
pub(crate) mod log;
pub(crate) mod policy;
pub(crate) mod protocol;
pub(crate) mod queue;
// The tests are not inside the queue, because the model in `tests/queue_model` compiles the queue without them.
#[cfg(test)]
#[path = "queue/tests.rs"]
mod queue_tests;
pub(crate) mod socket;
mod tunnel;
