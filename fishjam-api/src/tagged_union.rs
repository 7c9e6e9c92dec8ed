//! Decodes unions whose variant a member determines.

/// Implements `Deserialize` for an enum of structs. The value of a member selects the struct, which has the member, too.
///
/// serde's `untagged` tries the variants in order: an error would not name the wrong member, and a variant without required
/// members could accept the JSON of another one.
macro_rules! tagged_union {
    ($union:ident, $member:literal, $($value:literal => $variant:ident,)+) => {
        impl<'de> ::serde::Deserialize<'de> for $union {
            fn deserialize<D: ::serde::Deserializer<'de>>(deserializer: D) -> ::std::result::Result<Self, D::Error> {
                use ::serde::de::Error;

                const VALUES: &[&str] = &[$($value),+];
                let members = <::serde_json::Map<_, _> as ::serde::Deserialize>::deserialize(deserializer)?;
                let value = match members.get($member) {
                    ::std::option::Option::Some(::serde_json::Value::String(value)) => value.as_str(),
                    ::std::option::Option::Some(_) => return Err(D::Error::custom(concat!("`", $member, "` is not a string"))),
                    ::std::option::Option::None => return Err(D::Error::missing_field($member)),
                };
                match value {
                    $($value => ::serde::Deserialize::deserialize(::serde_json::Value::Object(members))
                        .map(Self::$variant)
                        .map_err(D::Error::custom),)+
                    unknown => Err(D::Error::unknown_variant(unknown, VALUES)),
                }
            }
        }
    };
}
