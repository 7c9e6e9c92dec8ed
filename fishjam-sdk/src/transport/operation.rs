//! What the transport needs to know of an operation: its name and whether it may be repeated.

use super::retry::Class;

/// One operation of the REST API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// Its id in the contract.
    pub(super) id: &'static str,
    /// What repeating it would do.
    pub(super) class: Class,
}

impl Operation {
    /// An operation that changes nothing.
    pub(crate) const fn read(id: &'static str) -> Self {
        Self { id, class: Class::Read }
    }

    /// An operation that may be repeated: it leaves what it left the first time.
    pub(crate) const fn update(id: &'static str) -> Self {
        Self { id, class: Class::Update }
    }

    /// An operation that deletes something.
    pub(crate) const fn delete(id: &'static str) -> Self {
        Self { id, class: Class::Delete }
    }

    /// An operation that makes something new each time.
    pub(crate) const fn create(id: &'static str) -> Self {
        Self { id, class: Class::Create }
    }
}
