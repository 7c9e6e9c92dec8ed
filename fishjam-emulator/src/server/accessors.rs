//! The methods that the handles of Fishjam and Jellyfish share.

/// Defines the shared methods of a handle with the fields `service` and `running`.
macro_rules! server_accessors {
    () => {
        /// Returns the origin, `http://127.0.0.1:PORT`. Clients accept it as a base URL.
        pub fn origin(&self) -> &str {
            &self.service.core.origin
        }

        /// Returns the token that requests must contain.
        pub fn token(&self) -> &str {
            &self.service.core.token
        }

        /// Returns the root certificate as PEM, if the emulator uses TLS.
        pub fn certificate_pem(&self) -> Option<&str> {
            self.running.certificate_pem()
        }

        /// Returns the journal of the received requests.
        pub fn journal(&self) -> &crate::journal::Journal {
            &self.service.core.journal
        }

        /// Returns the faults, which tests add.
        pub fn faults(&self) -> &crate::faults::Faults {
            &self.service.core.faults
        }

        /// Returns the number of server sockets that are subscribed to notifications.
        pub fn subscribers(&self) -> usize {
            self.service.core.server_sockets.registry().subscribed()
        }

        /// Returns the number of open TCP connections, including those of sockets.
        pub fn connections(&self) -> usize {
            self.running.connections()
        }

        /// Returns the sockets of notifiers, `/socket/server/websocket`.
        pub fn server_sockets(&self) -> &crate::sockets::Sockets {
            &self.service.core.server_sockets
        }

        /// Returns the sockets of peers, `/socket/peer/websocket`.
        pub fn peer_sockets(&self) -> &crate::sockets::Sockets {
            &self.service.core.peer_sockets
        }

        /// Returns the webhooks and their deliveries.
        pub fn webhooks(&self) -> &crate::webhook::Webhooks {
            &self.service.core.webhooks
        }

        /// Sends a binary frame with any bytes to all subscribed server sockets.
        pub fn publish_raw(&self, frame: impl Into<Vec<u8>>) {
            self.service.core.server_sockets.registry().publish(frame.into().into());
        }

        /// Drops all connections, and refuses new ones until the outage ends.
        ///
        /// It ends after the duration, on the clock of the emulator's runtime, or when you call
        /// [`Outage::end`](crate::Outage::end). For an outage without a time limit, use [`Duration::MAX`]. Another
        /// outage replaces the active one.
        ///
        /// - Requests in flight get no response. Sockets end without a close frame, and their peers disconnect.
        /// - The rooms and their contents stay. Scripted peers stay connected, because they have no connection.
        /// - Notifications of the outage reach no socket. Webhooks are still delivered.
        ///
        /// [`Duration::MAX`]: std::time::Duration::MAX
        ///
        /// ```
        /// # async fn example() -> fishjam_emulator::Result<()> {
        /// use std::time::Duration;
        ///
        /// let emulator = fishjam_emulator::Emulator::start().await?;
        /// let outage = emulator.outage(Duration::from_secs(60));
        /// // ... calls fail, and notifiers reconnect ...
        /// outage.end();
        /// // ... everything works again ...
        /// # Ok(())
        /// # }
        /// ```
        pub fn outage(&self, duration: std::time::Duration) -> crate::outage::Outage {
            self.running.outage(duration)
        }

        /// Stops the emulator, after the requests in flight are complete.
        ///
        /// This closes the port, and closes all sockets with code 1001. After two seconds, it ends all connections that
        /// are still open. The two seconds follow the clock of the caller's runtime.
        ///
        /// # Cancel safety
        ///
        /// If you drop the future, the emulator stops immediately.
        pub async fn stop(self) {
            self.running.stop(crate::server::listening::STOP_LIMIT).await;
        }

        /// Stops the emulator like [`stop`](Self::stop), with this limit instead of two seconds.
        ///
        /// # Cancel safety
        ///
        /// If you drop the future, the emulator stops immediately.
        pub async fn stop_within(self, limit: std::time::Duration) {
            self.running.stop(limit).await;
        }
    };
}

pub(crate) use server_accessors;
