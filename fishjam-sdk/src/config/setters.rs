//! The setters that several builders share, as macros.

/// The setters of all builders. The builder needs a field `network: Network`, and is `#[must_use]`.
macro_rules! network_setters {
    () => {
        /// Sets the time limit for opening a connection, including TLS.
        ///
        /// Defaults to 10 seconds. For the calls of a client, the limit is at most three quarters of the request
        /// timeout.
        pub fn connect_timeout(mut self, limit: std::time::Duration) -> Self {
            self.network.connect_timeout = limit;
            self
        }

        /// Sends all requests through this HTTP proxy, including requests to this machine.
        ///
        /// The proxy is an `http://` or `https://` URL, with a user name and a password if the proxy requires them.
        /// Without a scheme, it is an `http://` proxy. SOCKS proxies are not supported.
        /// WebSockets use a `CONNECT` tunnel. A WebSocket to an `http://` server cannot use an `https://` proxy.
        ///
        /// Defaults to the environment variables of curl:
        ///
        /// - `HTTPS_PROXY` for `https://` servers, `HTTP_PROXY` for `http://` servers, and `ALL_PROXY` for both.
        ///   The lower-case names take precedence. A CGI program ignores the upper-case `HTTP_PROXY`.
        /// - `NO_PROXY` lists servers without a proxy, separated by commas: domains with their subdomains,
        ///   addresses, and networks such as `10.0.0.0/8`. `*` means all servers.
        /// - `localhost` and loopback addresses have no proxy.
        ///
        /// If a variable contains an unusable proxy for the server, building fails with
        /// [`Setup`](crate::ErrorKind::Setup). For an unusable `url`, it fails with
        /// [`InvalidInput`](crate::ErrorKind::InvalidInput).
        pub fn proxy(mut self, url: impl Into<String>) -> Self {
            self.network.proxy = crate::config::Proxy::Url(url.into());
            self
        }

        /// Connects without a proxy, and ignores the environment variables for proxies.
        ///
        /// Defaults to the proxy of the environment; see [`proxy`](Self::proxy).
        pub fn no_proxy(mut self) -> Self {
            self.network.proxy = crate::config::Proxy::None;
            self
        }

        /// Trusts these PEM certificates in addition to the operating system's certificates.
        ///
        /// Defaults to no additional certificate. You can call this method several times.
        ///
        /// A certificate can be the server's own self-signed certificate, for example from `openssl req -x509`. It
        /// must contain the host name: `-addext "subjectAltName=DNS:localhost"`.
        pub fn add_root_certificates(mut self, pem: impl Into<Vec<u8>>) -> Self {
            self.network.roots.push(pem.into());
            self
        }

        /// Appends a name to the `user-agent` header, such as `my-backend/1.2`. Defaults to no name.
        pub fn user_agent_suffix(mut self, suffix: impl Into<String>) -> Self {
            self.network.user_agent_suffix = Some(suffix.into());
            self
        }

        /// Adds headers to each request, such as a trace context. Defaults to no header.
        ///
        /// The SDK calls `hook` with an empty map before each attempt, in the span `fishjam_call` of the call. Then it
        /// adds the headers to the request. The hook must not block. `HeaderMap` is a type of the crate `http`. A second hook
        /// replaces the first one.
        ///
        /// The SDK prints no value of these headers. But if a server or a gateway repeats a value in its error message, the
        /// message of the [`Error`](crate::Error::message) contains it.
        ///
        /// The hook applies to:
        ///
        /// - requests of the REST API
        /// - handshakes of WebSockets with the same host and port as the server's URL. An agent's WebSocket can have
        ///   another host, which receives no header of the hook.
        ///
        /// The call returns an error, and sends no request, if the hook:
        ///
        /// - sets a header that the SDK or the HTTP library sets:
        ///   [`InvalidInput`](crate::ErrorKind::InvalidInput). These are `authorization`, `user-agent`, `accept`, `host`,
        ///   `x-fishjam-api-client`, `proxy-authorization`, and the headers of the body, the connection and the WebSocket.
        /// - panics: [`Setup`](crate::ErrorKind::Setup)
        ///
        /// ```
        /// use fishjam_sdk::FishjamClient;
        /// use http::HeaderValue;
        ///
        /// let fishjam = FishjamClient::builder("my-fishjam-id", "my-management-token")
        ///     .on_request(|headers| {
        ///         headers.insert("x-gateway-key", HeaderValue::from_static("key"));
        ///     })
        ///     .build()?;
        /// # Ok::<(), fishjam_sdk::Error>(())
        /// ```
        pub fn on_request(mut self, hook: impl Fn(&mut http::HeaderMap) + Send + Sync + 'static) -> Self {
            self.network.hook = Some($crate::config::RequestHook::new(hook));
            self
        }
    };
}
pub(crate) use network_setters;

/// The setters of the builders of clients. The builder needs the fields `settings: CallSettings` and `network: Network`.
///
/// The arguments are the default time limits of a request and of a call. A doc comment about the retry classes follows, if
/// the table of `FishjamClient` does not contain all operations.
macro_rules! call_setters {
    ($request:literal, $call:literal $(, $(#[$classes:meta])*)?) => {
        /// Sets the time limit of one request, from opening its connection to the end of its response.
        ///
        /// A call can send several requests, and [`overall_timeout`](Self::overall_timeout) limits all of them together.
        ///
        /// Opening the connection can take three quarters of this time. The error for an unreachable server thus
        /// shows that no request was sent. `connect_timeout` and [`overall_timeout`](Self::overall_timeout) can reduce
        /// this time.
        ///
        #[doc = concat!("Defaults to ", $request, " (at most ten years).")]
        pub fn request_timeout(mut self, limit: std::time::Duration) -> Self {
            self.settings = self.settings.timeout(limit);
            self
        }

        /// Sets the time limit of a call, including all of its requests and waits.
        ///
        #[doc = concat!("Defaults to ", $call, " (at most ten years).")]
        pub fn overall_timeout(mut self, limit: std::time::Duration) -> Self {
            self.settings = self.settings.overall_timeout(limit);
            self
        }

        /// Sets the maximum number of attempts of a call. 1 disables retries, and 0 has the same effect.
        ///
        /// Defaults to 4 attempts, or 8 attempts if connections are refused. A value that you set here limits all
        /// attempts. The table at [`FishjamClient`](crate::FishjamClient#limits-and-retries) lists the failures with
        /// another attempt.
        ///
        /// The client waits before each attempt, at least as long as the server's `Retry-After`.
        /// [`retry_backoff`](Self::retry_backoff) sets the waits. Two more limits can end a call early:
        ///
        /// - The [`overall_timeout`](Self::overall_timeout). An attempt starts only if enough time is left after the wait.
        ///   Enough time is 1 second, or less if the request timeout or a quarter of the overall timeout is shorter.
        ///   Otherwise the call immediately returns the last error.
        /// - The [`retry_budget`](Self::retry_budget), which all calls of a client share.
        ///
        /// If the last attempt times out, the call returns the last error that the server sent, if there is one. A create
        /// returns the timeout, with the server's error as its source.
        ///
        $($(#[$classes])*)?
        pub fn max_attempts(mut self, attempts: u32) -> Self {
            self.settings = self.settings.max_attempts(attempts);
            self
        }

        /// Sets the waits between the attempts of a call.
        ///
        /// Each wait is twice as long as the previous wait, from `first` up to `longest`. A random factor shortens it
        /// by up to half. The minimum is 1 millisecond.
        ///
        /// Defaults to 250 milliseconds and 5 seconds. The three waits between 4 attempts take 0.9 to 1.75 seconds in
        /// total. The seven waits between 8 attempts take 8.9 to 17.75 seconds. Therefore a call survives a restart
        /// of the server if the server refuses connections for at most 8 seconds. If the connection breaks after the
        /// request was sent, a create is not repeated.
        pub fn retry_backoff(mut self, first: std::time::Duration, longest: std::time::Duration) -> Self {
            self.settings.retry.backoff = crate::backoff::Backoff::between(first, longest);
            self
        }

        /// Sets the capacity of the retry budget in tokens. The client and its clones share the budget.
        ///
        /// Defaults to 500. During an outage, the budget keeps retries from multiplying the requests:
        ///
        /// - A retry takes 5 tokens, or 10 tokens after a timeout or a failed connection.
        /// - A retry takes no token after a refused connection or an unreachable network, because the server had no
        ///   work.
        /// - If too few tokens are left, the call returns the error without a retry.
        /// - A successful call returns the tokens of its last retry, or 1 token if it had none.
        pub fn retry_budget(mut self, tokens: u32) -> Self {
            self.settings.retry.budget = Some(tokens);
            self
        }

        /// Disables the retry budget. Defaults to a budget of 500 tokens.
        pub fn no_retry_budget(mut self) -> Self {
            self.settings.retry.budget = None;
            self
        }

        /// Sets the time after which the client closes an idle connection. Zero disables reuse of connections.
        ///
        /// Defaults to 30 seconds. Set a shorter time than the server and the proxies, which also close idle
        /// connections.
        pub fn pool_idle_timeout(mut self, limit: std::time::Duration) -> Self {
            self.network.pool_idle_timeout = limit.min(crate::backoff::MAX_DURATION);
            self
        }

        /// Sets the maximum number of idle connections per host. 0 disables reuse of connections.
        ///
        /// Defaults to no limit. [`pool_idle_timeout`](Self::pool_idle_timeout) closes idle connections in any case.
        pub fn pool_max_idle_per_host(mut self, connections: usize) -> Self {
            self.network.pool_max_idle = connections;
            self
        }

        /// Sets the maximum size of a response in bytes.
        ///
        /// Defaults to 512 MiB, which is a list of about 200,000 rooms of 5 peers. A larger response is a
        /// [`TooLarge`](crate::ErrorKind::TooLarge) error. If the server sends the length, the call fails before it reads the
        /// body. The limit is for one response, and calls can run at the same time.
        pub fn max_response_bytes(mut self, limit: usize) -> Self {
            self.settings.limits.max_response = limit;
            self
        }
    };
}
pub(crate) use call_setters;

/// The methods of a client that change the limits of some calls. The client has a method `with_settings`.
macro_rules! call_limits {
    () => {
        /// Returns a client whose requests have this time limit.
        ///
        /// The clone is cheap. It shares the pool of connections, the retry budget and the token with this client, whose
        /// limits do not change. The builder's `request_timeout` documents the limit. It limits each request. To limit a
        /// call with all of its attempts, use [`with_overall_timeout`](Self::with_overall_timeout).
        ///
        /// The limit for opening a connection does not change. If this limit is shorter and ends first,
        /// [`may_have_taken_effect`](crate::Error::may_have_taken_effect) can return `true` although no request was sent.
        #[must_use]
        pub fn with_timeout(&self, limit: std::time::Duration) -> Self {
            self.with_settings(|settings| settings.timeout(limit))
        }

        /// Returns a client whose calls have this time limit, including retries.
        ///
        /// The clone is cheap, as for [`with_timeout`](Self::with_timeout). The builder's `overall_timeout` documents the
        /// limit.
        #[must_use]
        pub fn with_overall_timeout(&self, limit: std::time::Duration) -> Self {
            self.with_settings(|settings| settings.overall_timeout(limit))
        }

        /// Returns a client whose calls have this maximum number of attempts. 1 disables retries.
        ///
        /// The clone is cheap, as for [`with_timeout`](Self::with_timeout). The builder's `max_attempts` documents the
        /// retries.
        #[must_use]
        pub fn with_max_attempts(&self, attempts: u32) -> Self {
            self.with_settings(|settings| settings.max_attempts(attempts))
        }
    };
}
pub(crate) use call_limits;
