//! Handlers of notifications: plain functions and asynchronous ones.

use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
};

use crate::{
    error::{Error, Result},
    events::Notification,
};

/// The call of a handler with one notification.
pub(crate) type HandlerFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A plain or an asynchronous handler.
pub(crate) type Handler<N> = Arc<dyn Fn(N) -> HandlerFuture + Send + Sync>;

/// The handler of one kind of events.
pub(crate) struct HandlerSlot<N> {
    /// Whether the notifier requests these events.
    requested: bool,
    handler: RwLock<Option<Handler<N>>>,
}

impl<N> HandlerSlot<N> {
    pub(crate) fn new(requested: bool) -> Self {
        Self { requested, handler: RwLock::new(None) }
    }

    pub(crate) fn set<Kind>(&self, handler: impl NotificationHandler<Kind, N>) {
        *self.handler.write().unwrap_or_else(PoisonError::into_inner) = Some(handler.into_handler().0);
    }

    /// Returns the handler, if there is one.
    ///
    /// # Errors
    ///
    /// Returns an error with this `problem` if there is a handler of events that the notifier does not request.
    pub(crate) fn get(&self, problem: &'static str) -> Result<Option<Handler<N>>> {
        let handler = self.handler.read().unwrap_or_else(PoisonError::into_inner).clone();
        if handler.is_some() && !self.requested { Err(Error::invalid_input(problem)) } else { Ok(handler) }
    }
}

/// Creates the error for a call of `connect` without a handler.
pub(crate) fn no_handler() -> Error {
    Error::invalid_input("no handler is set: call on_server_notification first, or use events")
}

/// Handler of notifications: a function that returns `()`, or a future with the output `()`.
///
/// Pass it to [`on_server_notification`](crate::FishjamNotifier::on_server_notification). A closure must name the type
/// of its argument: `|n: Notification| ...`.
///
/// `Kind` distinguishes the two kinds of functions. You never write it. `N` is the type of the server's
/// notifications: Fishjam and Jellyfish have different types.
///
/// For an example, see [`FishjamNotifier::connect`](crate::FishjamNotifier::connect).
pub trait NotificationHandler<Kind, N = Notification>: sealed::Sealed<Kind, N> {
    #[doc(hidden)]
    fn into_handler(self) -> sealed::IntoHandler<N>;
}

mod sealed {
    /// A function that returns nothing.
    #[derive(Debug)]
    pub enum Plain {}
    /// A function that returns a future.
    #[derive(Debug)]
    pub enum Awaited {}
    /// Prevents other implementations of the trait, and keeps the boxed form out of the public API.
    pub trait Sealed<Kind, N> {}
    #[allow(missing_debug_implementations, reason = "it contains a closure, and users cannot name it")]
    pub struct IntoHandler<N>(pub(crate) super::Handler<N>);
}

impl<H: Fn(N) + Send + Sync + 'static, N> sealed::Sealed<sealed::Plain, N> for H {}

impl<H: Fn(N) + Send + Sync + 'static, N> NotificationHandler<sealed::Plain, N> for H {
    fn into_handler(self) -> sealed::IntoHandler<N> {
        sealed::IntoHandler(Arc::new(move |notification| {
            self(notification);
            Box::pin(std::future::ready(()))
        }))
    }
}

impl<H, Handled, N> sealed::Sealed<sealed::Awaited, N> for H
where
    H: Fn(N) -> Handled + Send + Sync + 'static,
    Handled: Future<Output = ()> + Send + 'static,
{
}

impl<H, Handled, N> NotificationHandler<sealed::Awaited, N> for H
where
    H: Fn(N) -> Handled + Send + Sync + 'static,
    Handled: Future<Output = ()> + Send + 'static,
{
    fn into_handler(self) -> sealed::IntoHandler<N> {
        sealed::IntoHandler(Arc::new(move |notification| Box::pin(self(notification))))
    }
}
