//! Handlers of notifications: plain functions and asynchronous ones.

use std::{future::Future, pin::Pin, sync::Arc};

use crate::events::Notification;

/// The work that a handler does with one notification.
pub(crate) type Handling = Pin<Box<dyn Future<Output = ()> + Send>>;

/// A handler of either sort.
pub(crate) type Handler<N> = Arc<dyn Fn(N) -> Handling + Send + Sync>;

/// What [`on_server_notification`](crate::FishjamNotifier::on_server_notification) takes: a function of a
/// [`Notification`] that returns nothing, or one that returns a future of nothing.
///
/// `Kind` only tells the two apart and is never written out; `N` is what the server reports, a Jellyfish other things
/// than a Fishjam. A closure must name its argument's type: `|n: Notification| ...`.
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
    /// Keeps others from implementing the trait, and the boxed form out of the public API.
    pub trait Sealed<Kind, N> {}
    #[allow(missing_debug_implementations, reason = "it holds a closure and nobody can name it")]
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
