//! The generator keeps the types and traits that the methods need.

#[path = "../codegen/prune_types.rs"]
mod prune_types;

use quote::ToTokens;
use syn::{File, Item, parse_quote};

/// The result of the generator's steps. They import it from the root of the crate.
type Outcome<T> = Result<T, String>;

/// Prunes these types for a client that sends `Order` and receives `Reply`.
fn pruned(types: Vec<Item>, by_hand: &[File]) -> Outcome<String> {
    let mut file: File = parse_quote! {
        pub mod types { #(#types)* }
        impl Client {
            pub fn order(&self, name: &str, body: &types::Order) -> crate::RequestResult<types::Reply> { todo }
        }
    };
    prune_types::prune(&mut file, by_hand)?;
    Ok(file.into_token_stream().to_string())
}

#[test]
fn type_keeps_the_derives_that_methods_need() {
    let sent = pruned(
        vec![parse_quote! { #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Hash)] struct Order { a: u8 } }],
        &[],
    )
    .unwrap();
    assert!(sent.contains("derive (:: serde :: Serialize , Clone)] struct Order"), "{sent}");
    let received =
        pruned(vec![parse_quote! { #[derive(::serde::Deserialize, ::serde::Serialize, Debug)] enum Reply { A } }], &[])
            .unwrap();
    assert!(received.contains("derive (:: serde :: Deserialize , Debug)] enum Reply"), "{received}");
    let neither =
        pruned(vec![parse_quote! { #[derive(::serde::Deserialize, ::serde::Serialize)] struct Error { a: u8 } }], &[])
            .unwrap();
    assert!(!neither.contains("Error"), "{neither}");
}

#[test]
fn part_of_a_type_keeps_the_derives_of_the_type() {
    let types = vec![
        parse_quote! { #[derive(Serialize, Deserialize)] struct Order { parts: ::std::vec::Vec<Part>, both: Option<Both> } },
        parse_quote! { #[derive(Serialize, Deserialize)] struct Part(Grain); },
        parse_quote! { #[derive(Serialize, Deserialize)] struct Grain; },
        parse_quote! { #[derive(Serialize, Deserialize)] enum Reply { Of(Both), Again(Box<Reply>) } },
        parse_quote! { #[derive(Serialize, Deserialize)] struct Both; },
    ];
    let text = pruned(types, &[]).unwrap();
    for expected in [
        "[derive (Serialize)] struct Part",
        "[derive (Serialize)] struct Grain",
        "[derive (Deserialize)] enum Reply",
        "[derive (Serialize , Deserialize)] struct Both",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn types_in_handwritten_code_are_received() {
    let types = || {
        vec![
            parse_quote! { #[derive(Serialize, Deserialize)] struct Inside { leaf: Leaf } },
            parse_quote! { #[derive(Serialize, Deserialize)] struct Leaf; },
        ]
    };
    let by_hand = parse_quote! { pub struct ByHand { inside: types::Inside } };
    let text = pruned(types(), &[by_hand]).unwrap();
    assert!(text.contains("[derive (Deserialize)] struct Leaf"), "{text}");
    assert!(!pruned(types(), &[]).unwrap().contains("Leaf"));
    // A name without `types::` does not count.
    let by_hand = parse_quote! { fn read<D: Inside>() -> D::Leaf { Leaf::Inside } };
    assert!(!pruned(types(), &[by_hand]).unwrap().contains("Leaf"));
}

#[test]
fn types_in_handwritten_parts_of_a_request_are_sent() {
    let types = vec![
        parse_quote! { #[derive(Serialize, Deserialize)] struct Order { part: crate::ByHand } },
        parse_quote! { #[derive(Serialize, Deserialize)] struct Inside; },
    ];
    let by_hand = parse_quote! { pub struct ByHand { inside: types::Inside } };
    let text = pruned(types, &[by_hand]).unwrap();
    assert!(text.contains("[derive (Serialize)] struct Order"), "{text}");
    assert!(text.contains("[derive (Serialize , Deserialize)] struct Inside"), "{text}");
}

#[test]
fn sent_type_keeps_the_traits_that_create_and_send_it() {
    let order = || parse_quote! { struct Order(pub String); };
    for stays in [
        parse_quote! { impl ::std::default::Default for Order {} },
        parse_quote! { impl ::std::fmt::Display for Order {} },
        parse_quote! { impl ::std::convert::From<::std::string::String> for Order {} },
        parse_quote! { impl Order {} },
    ] {
        let stays: Item = stays;
        let expected = stays.to_token_stream().to_string();
        assert!(pruned(vec![order(), stays], &[]).unwrap().contains(&expected), "{expected}");
    }
    for goes in [
        parse_quote! { impl ::std::str::FromStr for Order {} },
        parse_quote! { impl ::std::ops::Deref for Order {} },
        parse_quote! { impl ::std::convert::TryFrom<&str> for Order {} },
        parse_quote! { impl ::std::convert::TryFrom<::std::string::String> for Order {} },
        parse_quote! { impl ::std::convert::From<Order> for ::std::string::String {} },
        parse_quote! { impl<'de> ::serde::Deserialize<'de> for Order {} },
        parse_quote! { impl ::std::default::Default for Error {} },
        parse_quote! { impl ::std::convert::TryFrom<i64> for Order {} },
        parse_quote! { pub mod error { pub struct ConversionError; } },
    ] {
        let goes: Item = goes;
        let unexpected = goes.to_token_stream().to_string();
        assert!(!pruned(vec![order(), goes], &[]).unwrap().contains(&unexpected), "{unexpected}");
    }
}

#[test]
fn received_type_keeps_only_decoding() {
    let reply = || parse_quote! { struct Reply(pub String); };
    let decoded: Item = parse_quote! { impl<'de> ::serde::Deserialize<'de> for Reply {} };
    assert!(pruned(vec![reply(), decoded], &[]).unwrap().contains("Deserialize < 'de > for Reply"));
    let made: Item = parse_quote! { impl ::std::convert::From<::std::string::String> for Reply {} };
    assert!(!pruned(vec![reply(), made], &[]).unwrap().contains("From"));
}

#[test]
fn constrained_type_keeps_its_conversions() {
    let types = vec![
        parse_quote! { struct Order(i64); },
        parse_quote! { impl ::std::convert::TryFrom<i64> for Order { type Error = self::error::ConversionError; } },
        parse_quote! { impl ::std::str::FromStr for Order {} },
        parse_quote! { pub mod error { pub struct ConversionError; } },
    ];
    let text = pruned(types, &[]).unwrap();
    assert!(text.contains("TryFrom") && text.contains("FromStr") && text.contains("mod error"), "{text}");
}

#[test]
fn unreadable_derive_is_an_error_with_its_type() {
    let problem = pruned(vec![parse_quote! { #[derive("odd")] struct Order; }], &[]).unwrap_err();
    assert!(problem.contains("Order"), "{problem}");
}

#[test]
fn file_without_types_is_an_error() {
    let problem = prune_types::prune(&mut parse_quote! { impl Client {} }, &[]).unwrap_err();
    assert!(problem.contains("no module of types"), "{problem}");
}
