//! Which change breaks a client: the rules of the comparison, and nothing else.
//!
//! "Before" is our contract, "after" is upstream. The client is one like ours: it ignores unknown fields of a
//! response, keeps unknown values of an enum, treats any status by its class, and sends what the contract allows.
//! It cannot decode a union's variant that it does not know. A schema that travels both ways is judged by the worse
//! of its two columns. Parameters, headers and bodies are fields of the request or response they belong to.
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
//! | serialisation changed | breaking | breaking |
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
//! Choices that could have gone the other way:
//!
//! * A request field that is *removed* breaks even where unknown fields are tolerated: what the caller asks for
//!   stops happening.
//! * A *default* is what happens to a caller who leaves the field out, so another one, or none, breaks him.
//! * A path parameter's *name* never travels; it is reported because it often tells of a new meaning.
//! * `oneOf` in place of `anyOf` is a tightened constraint, the reverse a loosened one.
//! * A discriminator that comes or goes leaves the bytes as they are; another property or value does not.
//!
//! Not compared: prose (summary, description, title, example, external documentation, `x-` extensions), tags, servers
//! (the facade takes its base URL from its configuration), callbacks and links, names of schemas and of security
//! schemes, components that no operation reaches, and any order.

use std::fmt;

/// The way a schema travels.
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

/// What a change means for an existing client.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// It keeps working.
    Additive,
    /// It may stop working.
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
        /// A kind of difference; the variants are the rows of the [table](self).
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Change {
            $(#[doc = $phrase] $name,)*
        }

        impl Change {
            /// Every kind, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$name),*];

            /// How a report and the table call it.
            #[must_use]
            pub fn phrase(self) -> &'static str {
                match self {
                    $(Self::$name => $phrase,)*
                }
            }

            /// What it means for a client.
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
    SerialisationChanged = "serialisation changed", Breaking, Breaking;
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

    /// The table in the documentation, row by row.
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
    fn the_documented_table_is_the_rule() {
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
