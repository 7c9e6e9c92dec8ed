//! What the transport needs to know of an operation: its name and whether it may be repeated.

use super::retry::Class;

/// One operation of the REST API.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// Its id in the contract.
    pub(super) id: &'static str,
    /// What repeating it would do.
    pub(super) class: Class,
    /// Whether the answer is a file that anybody may have: no token is sent for it, and it is read piece by piece.
    pub(super) file: bool,
    /// Whether a success without content must have no body but JSON: anything else is somebody else's answer.
    pub(super) strict: bool,
}

impl Operation {
    /// An operation that changes nothing.
    pub(crate) const fn read(id: &'static str) -> Self {
        Self { id, class: Class::Read, file: false, strict: false }
    }

    /// An operation that may be repeated: it leaves what it left the first time.
    pub(crate) const fn update(id: &'static str) -> Self {
        Self { id, class: Class::Update, file: false, strict: false }
    }

    /// An operation that deletes something.
    pub(crate) const fn delete(id: &'static str) -> Self {
        Self { id, class: Class::Delete, file: false, strict: false }
    }

    /// An operation that makes something new each time.
    pub(crate) const fn create(id: &'static str) -> Self {
        Self { id, class: Class::Create, file: false, strict: false }
    }

    /// The same operation, whose success says nothing but that the service itself answered.
    pub(crate) const fn strictly(self) -> Self {
        Self { strict: true, ..self }
    }

    /// An operation that gets a file that anybody may have.
    #[cfg(feature = "jellyfish")]
    pub(crate) const fn file(id: &'static str) -> Self {
        Self { id, class: Class::Read, file: true, strict: false }
    }
}
