//! The methods that forward to an asynchronous type.

/// Forwards each method to the asynchronous type. An `async fn` blocks until the future is ready.
///
/// The blocking type has the field `client`, which is the asynchronous type, and the field `background`.
macro_rules! forward {
    (
        $blocking:ident => $asynchronous:path;
        $($(#[$attribute:meta])* async fn $name:ident($($argument:ident: $type:ty),*) -> $output:ty;)+
    ) => {
        impl $blocking {$(
            $(#[$attribute])*
            ///
            #[doc = concat!("Blocks until [`", stringify!($asynchronous), "::", stringify!($name), "`] returns.")]
            /// That method documents the details.
            ///
            /// # Errors
            ///
            #[doc = concat!("Returns the errors of [`", stringify!($asynchronous), "::", stringify!($name), "`].")]
            /// Inside an asynchronous runtime, returns [`Setup`](crate::ErrorKind::Setup) and sends nothing.
            pub fn $name(&self, $($argument: $type),*) -> $output {
                self.background.wait(self.client.$name($($argument),*))
            }
        )+}
    };
    (
        $blocking:ident => $asynchronous:path;
        $($(#[$attribute:meta])* fn $name:ident($($argument:ident: $type:ty),*) -> $output:ty;)+
    ) => {
        impl $blocking {$(
            $(#[$attribute])*
            ///
            #[doc = concat!("Calls [`", stringify!($asynchronous), "::", stringify!($name), "`] without blocking.")]
            /// That method documents the details.
            pub fn $name(&self, $($argument: $type),*) -> $output {
                self.client.$name($($argument),*)
            }
        )+}
    };
}
pub(super) use forward;
