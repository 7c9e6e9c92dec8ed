//! The rules of the comparison: whether a change breaks a client.
//!
//! "Before" is our contract, and "after" is the upstream document. The rules assume a client like ours:
//!
//! - It ignores unknown fields of a response and keeps unknown values of an enum.
//! - It handles a status by its class.
//! - It sends only requests that the contract allows.
//! - It cannot decode an unknown variant of a union.
//!
//! If requests and responses share a schema, the worse column applies. Parameters, headers and bodies are fields of their
//! request or response.
//!
//! | change | in a request | in a response |
//! |---|---|---|
//! | operation added | additive | additive |
//! | operation removed | breaking | breaking |
//! | operation renamed | breaking | breaking |
//! | operation moved | breaking | breaking |
//! | path parameter renamed | additive | additive |
//! | security loosened | additive | additive |
//! | security changed | breaking | breaking |
//! | status added | additive | additive |
//! | success status removed | breaking | breaking |
//! | error status removed | additive | additive |
//! | content type added | additive | additive |
//! | content type removed | breaking | breaking |
//! | serialization changed | breaking | breaking |
//! | added (required) | breaking | additive |
//! | added (optional) | additive | additive |
//! | removed | breaking | breaking |
//! | became required | breaking | additive |
//! | became optional | additive | breaking |
//! | became nullable | additive | breaking |
//! | became non-nullable | breaking | additive |
//! | type changed | breaking | breaking |
//! | format changed | breaking | breaking |
//! | enum value added | additive | additive |
//! | enum value removed | breaking | additive |
//! | enum introduced | breaking | additive |
//! | enum dropped | additive | additive |
//! | constraint tightened | breaking | additive |
//! | constraint loosened | additive | additive |
//! | constraint changed | breaking | additive |
//! | additional properties forbidden | breaking | additive |
//! | additional properties allowed | additive | additive |
//! | additional properties typed | breaking | additive |
//! | additional properties untyped | additive | breaking |
//! | default added | additive | additive |
//! | default changed | breaking | additive |
//! | default removed | breaking | additive |
//! | variant added | additive | breaking |
//! | variant removed | breaking | additive |
//! | union replaced | breaking | breaking |
//! | discriminator added | additive | additive |
//! | discriminator removed | additive | additive |
//! | discriminator changed | breaking | breaking |
//! | discriminator value changed | breaking | breaking |
//! | became deprecated | additive | additive |
//! | no longer deprecated | additive | additive |
//!
//! Decisions:
//!
//! * *Removing* a request field is breaking, even if the server ignores unknown fields: the field loses its effect.
//! * Changing or removing a *default* is breaking, because it changes the effect of requests without the field.
//! * The *name* of a path parameter is not part of a request. The report includes it, because a new name often indicates
//!   a new meaning.
//! * `oneOf` instead of `anyOf` is a tightened constraint. The reverse is a loosened constraint.
//! * Adding or removing a discriminator does not change the bytes. A different property or value does.
//!
//! The comparison ignores:
//!
//! * prose: summary, description, title, example, external documentation, `x-` extensions
//! * tags, callbacks and links
//! * servers, because the configuration sets the base URL of the facade
//! * names of schemas and security schemes
//! * components that no operation uses
//! * order

use std::fmt;

/// Direction of a message with the schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// From client to server.
    Request,
    /// From server to client.
    Response,
}

impl fmt::Display for Direction {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Request => "request",
            Self::Response => "response",
        })
    }
}

/// Effect of a change on an existing client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// The client keeps working.
    Additive,
    /// The client may stop working.
    Breaking,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Additive => "additive",
            Self::Breaking => "breaking",
        })
    }
}

macro_rules! changes {
    ($($name:ident = $phrase:literal, $request:ident, $response:ident;)*) => {
        /// A kind of difference. Each variant is a row of the [table](self).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Change {
            $(#[doc = $phrase] $name,)*
        }

        impl Change {
            /// All kinds, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// Returns its name in reports and in the table.
            #[must_use]
            pub fn phrase(self) -> &'static str {
                match self {
                    $(Self::$name => $phrase,)*
                }
            }

            /// Returns its effect on a client.
            #[must_use]
            pub fn verdict(self, direction: Direction) -> Verdict {
                let (request, response) = match self {
                    $(Self::$name => (Verdict::$request, Verdict::$response),)*
                };
                match direction {
                    Direction::Request => request,
                    Direction::Response => response,
                }
            }
        }
    };
}

changes! {
    OperationAdded = "operation added", Additive, Additive;
    OperationRemoved = "operation removed", Breaking, Breaking;
    OperationRenamed = "operation renamed", Breaking, Breaking;
    OperationMoved = "operation moved", Breaking, Breaking;
    PathParameterRenamed = "path parameter renamed", Additive, Additive;
    SecurityLoosened = "security loosened", Additive, Additive;
    SecurityChanged = "security changed", Breaking, Breaking;
    StatusAdded = "status added", Additive, Additive;
    SuccessStatusRemoved = "success status removed", Breaking, Breaking;
    ErrorStatusRemoved = "error status removed", Additive, Additive;
    ContentTypeAdded = "content type added", Additive, Additive;
    ContentTypeRemoved = "content type removed", Breaking, Breaking;
    SerializationChanged = "serialization changed", Breaking, Breaking;
    AddedRequired = "added (required)", Breaking, Additive;
    AddedOptional = "added (optional)", Additive, Additive;
    Removed = "removed", Breaking, Breaking;
    BecameRequired = "became required", Breaking, Additive;
    BecameOptional = "became optional", Additive, Breaking;
    BecameNullable = "became nullable", Additive, Breaking;
    BecameNonNullable = "became non-nullable", Breaking, Additive;
    TypeChanged = "type changed", Breaking, Breaking;
    FormatChanged = "format changed", Breaking, Breaking;
    EnumValueAdded = "enum value added", Additive, Additive;
    EnumValueRemoved = "enum value removed", Breaking, Additive;
    EnumIntroduced = "enum introduced", Breaking, Additive;
    EnumDropped = "enum dropped", Additive, Additive;
    ConstraintTightened = "constraint tightened", Breaking, Additive;
    ConstraintLoosened = "constraint loosened", Additive, Additive;
    ConstraintChanged = "constraint changed", Breaking, Additive;
    AdditionalForbidden = "additional properties forbidden", Breaking, Additive;
    AdditionalAllowed = "additional properties allowed", Additive, Additive;
    AdditionalTyped = "additional properties typed", Breaking, Additive;
    AdditionalUntyped = "additional properties untyped", Additive, Breaking;
    DefaultAdded = "default added", Additive, Additive;
    DefaultChanged = "default changed", Breaking, Additive;
    DefaultRemoved = "default removed", Breaking, Additive;
    VariantAdded = "variant added", Additive, Breaking;
    VariantRemoved = "variant removed", Breaking, Additive;
    UnionReplaced = "union replaced", Breaking, Breaking;
    DiscriminatorAdded = "discriminator added", Additive, Additive;
    DiscriminatorRemoved = "discriminator removed", Additive, Additive;
    DiscriminatorChanged = "discriminator changed", Breaking, Breaking;
    DiscriminatorValueChanged = "discriminator value changed", Breaking, Breaking;
    Deprecated = "became deprecated", Additive, Additive;
    Undeprecated = "no longer deprecated", Additive, Additive;
}

#[cfg(test)]
mod tests {
    use super::{Change, Direction};

    /// Returns the rows of the table in the documentation.
    fn documented() -> Vec<[String; 3]> {
        include_str!("rules.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | "))
            .map(|row| row.trim_end_matches(" |").split(" | ").map(str::to_owned).collect::<Vec<_>>())
            .filter(|row| row[0] != "change")
            .map(|row| <[String; 3]>::try_from(row).unwrap())
            .collect()
    }

    #[test]
    fn documented_table_matches_the_rules() {
        let ruled: Vec<[String; 3]> = Change::ALL
            .iter()
            .map(|change| {
                [
                    change.phrase().to_owned(),
                    change.verdict(Direction::Request).to_string(),
                    change.verdict(Direction::Response).to_string(),
                ]
            })
            .collect();
        assert_eq!(documented(), ruled);
    }
}
