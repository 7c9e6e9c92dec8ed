//! Handlers of notifications: plain functions and asynchronous ones.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::events::Notification;

/// The work that a handler does with one notification.
type Handling = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A handler of either sort.
pub(super) type Handler = Arc<dyn Fn(Notification) -> Handling + Send + Sync>;

/// What [`on_server_notification`](crate::FishjamNotifier::on_server_notification) takes: a function of a
/// [`Notification`] that returns nothing, or one that returns a future of nothing.
///
/// `Kind` only tells the two apart and is never written out. A closure must name its argument's type:
/// `|n: Notification| ...`.
pub trait NotificationHandler<Kind>: sealed::Sealed<Kind> {
    #[doc(hidden)]
    fn into_handler(self) -> sealed::IntoHandler;
}

mod sealed {
    /// A function that returns nothing.
    #[derive(Debug)]
    pub enum Plain {}
    /// A function that returns a future.
    #[derive(Debug)]
    pub enum Awaited {}
    /// Keeps others from implementing the trait, and the boxed form out of the public API.
    pub trait Sealed<Kind> {}
    #[allow(missing_debug_implementations, reason = "it holds a closure and nobody can name it")]
    pub struct IntoHandler(pub(in super::super) super::Handler);
}

impl<H: Fn(Notification) + Send + Sync + 'static> sealed::Sealed<sealed::Plain> for H {}

impl<H: Fn(Notification) + Send + Sync + 'static> NotificationHandler<sealed::Plain> for H {
    fn into_handler(self) -> sealed::IntoHandler {
        sealed::IntoHandler(Arc::new(move |notification| {
            self(notification);
            Box::pin(std::future::ready(()))
        }))
    }
}

impl<H, Handled> sealed::Sealed<sealed::Awaited> for H
where
    H: Fn(Notification) -> Handled + Send + Sync + 'static,
    Handled: Future<Output = ()> + Send + 'static,
{
}

impl<H, Handled> NotificationHandler<sealed::Awaited> for H
where
    H: Fn(Notification) -> Handled + Send + Sync + 'static,
    Handled: Future<Output = ()> + Send + 'static,
{
    fn into_handler(self) -> sealed::IntoHandler {
        sealed::IntoHandler(Arc::new(move |notification| Box::pin(self(notification))))
    }
}
