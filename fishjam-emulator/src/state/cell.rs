//! A state behind its lock.

use std::sync::Mutex;

use super::Outcome;
use crate::lock::lock;

/// A state that requests and sockets share.
pub(crate) struct StateCell<S>(Mutex<S>);

impl<S> StateCell<S> {
    pub(crate) fn new(state: S) -> Self {
        StateCell(Mutex::new(state))
    }

    /// Reads the state.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&S) -> T) -> T {
        read(&lock(&self.0))
    }

    /// Changes the state without effects.
    pub(crate) fn write<T>(&self, write: impl FnOnce(&mut S) -> T) -> T {
        write(&mut lock(&self.0))
    }

    /// Changes the state and executes the effects.
    ///
    /// The lock is held until all effects are executed. So notifications have the order of the changes, and they
    /// precede the response to the request.
    pub(crate) fn change<T, F, E>(
        &self,
        change: impl FnOnce(&mut S) -> Result<Outcome<T, F>, E>,
        execute: impl FnOnce(&S, Vec<F>),
    ) -> Result<T, E> {
        let mut state = lock(&self.0);
        let Outcome { value, effects } = change(&mut state)?;
        execute(&state, effects);
        Ok(value)
    }
}
