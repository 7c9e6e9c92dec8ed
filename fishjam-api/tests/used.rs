//! The generator keeps of progenitor's types what the methods need.

#[path = "../codegen/used.rs"]
mod used;

use quote::ToTokens;
use syn::{File, Item, parse_quote};

/// What the generator's steps say; they find it where they are compiled.
type Outcome<T> = Result<T, String>;

/// What is left of these types for a client that sends `Order` and receives `Answer`.
fn kept(types: Vec<Item>, by_hand: &[File]) -> Outcome<String> {
    let mut file: File = parse_quote! {
        pub mod types { #(#types)* }
        impl Client {
            pub fn order(&self, name: &str, body: &types::Order) -> crate::Built<types::Answer> { todo }
        }
    };
    used::keep(&mut file, by_hand)?;
    Ok(file.into_token_stream().to_string())
}

#[test]
fn a_type_is_only_sent_or_only_received_as_the_methods_use_it() {
    let sent = kept(
        vec![parse_quote! { #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Hash)] struct Order { a: u8 } }],
        &[],
    )
    .unwrap();
    assert!(sent.contains("derive (:: serde :: Serialize , Clone)] struct Order"), "{sent}");
    let received =
        kept(vec![parse_quote! { #[derive(::serde::Deserialize, ::serde::Serialize, Debug)] enum Answer { A } }], &[])
            .unwrap();
    assert!(received.contains("derive (:: serde :: Deserialize , Debug)] enum Answer"), "{received}");
    let neither =
        kept(vec![parse_quote! { #[derive(::serde::Deserialize, ::serde::Serialize)] struct Error { a: u8 } }], &[])
            .unwrap();
    assert!(!neither.contains("Error"), "{neither}");
}

#[test]
fn what_a_type_is_made_of_goes_its_way() {
    let types = vec![
        parse_quote! { #[derive(Serialize, Deserialize)] struct Order { parts: ::std::vec::Vec<Part>, both: Option<Both> } },
        parse_quote! { #[derive(Serialize, Deserialize)] struct Part(Grain); },
        parse_quote! { #[derive(Serialize, Deserialize)] struct Grain; },
        parse_quote! { #[derive(Serialize, Deserialize)] enum Answer { Of(Both), Again(Box<Answer>) } },
        parse_quote! { #[derive(Serialize, Deserialize)] struct Both; },
    ];
    let text = kept(types, &[]).unwrap();
    for expected in [
        "[derive (Serialize)] struct Part",
        "[derive (Serialize)] struct Grain",
        "[derive (Deserialize)] enum Answer",
        "[derive (Serialize , Deserialize)] struct Both",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
}

#[test]
fn types_by_hand_are_received_with_all_that_they_are_made_of() {
    let types = || {
        vec![
            parse_quote! { #[derive(Serialize, Deserialize)] struct Inside { leaf: Leaf } },
            parse_quote! { #[derive(Serialize, Deserialize)] struct Leaf; },
        ]
    };
    let by_hand = parse_quote! { pub struct ByHand { inside: types::Inside } };
    let text = kept(types(), &[by_hand]).unwrap();
    assert!(text.contains("[derive (Deserialize)] struct Leaf"), "{text}");
    assert!(!kept(types(), &[]).unwrap().contains("Leaf"));
    // The name alone is anybody's.
    let by_hand = parse_quote! { fn read<D: Inside>() -> D::Leaf { Leaf::Inside } };
    assert!(!kept(types(), &[by_hand]).unwrap().contains("Leaf"));
}

#[test]
fn of_the_implementations_stay_those_that_make_and_send_a_type() {
    let order = || parse_quote! { struct Order(pub String); };
    for stays in [
        parse_quote! { impl ::std::default::Default for Order {} },
        parse_quote! { impl ::std::fmt::Display for Order {} },
        parse_quote! { impl ::std::convert::From<::std::string::String> for Order {} },
        parse_quote! { impl Order {} },
    ] {
        let stays: Item = stays;
        let expected = stays.to_token_stream().to_string();
        assert!(kept(vec![order(), stays], &[]).unwrap().contains(&expected), "{expected}");
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
        assert!(!kept(vec![order(), goes], &[]).unwrap().contains(&unexpected), "{unexpected}");
    }
}

#[test]
fn a_type_that_is_only_received_is_made_by_decoding_and_by_nothing_else() {
    let answer = || parse_quote! { struct Answer(pub String); };
    let decoded: Item = parse_quote! { impl<'de> ::serde::Deserialize<'de> for Answer {} };
    assert!(kept(vec![answer(), decoded], &[]).unwrap().contains("Deserialize < 'de > for Answer"));
    let made: Item = parse_quote! { impl ::std::convert::From<::std::string::String> for Answer {} };
    assert!(!kept(vec![answer(), made], &[]).unwrap().contains("From"));
}

#[test]
fn a_type_that_takes_not_every_value_can_still_be_made() {
    let types = vec![
        parse_quote! { struct Order(i64); },
        parse_quote! { impl ::std::convert::TryFrom<i64> for Order { type Error = self::error::ConversionError; } },
        parse_quote! { impl ::std::str::FromStr for Order {} },
        parse_quote! { pub mod error { pub struct ConversionError; } },
    ];
    let text = kept(types, &[]).unwrap();
    assert!(text.contains("TryFrom") && text.contains("FromStr") && text.contains("mod error"), "{text}");
}

#[test]
fn what_cannot_be_read_is_named() {
    let problem = kept(vec![parse_quote! { #[derive("odd")] struct Order; }], &[]).unwrap_err();
    assert!(problem.contains("Order"), "{problem}");
}

#[test]
fn a_file_without_types_is_refused() {
    let problem = used::keep(&mut parse_quote! { impl Client {} }, &[]).unwrap_err();
    assert!(problem.contains("no module of types"), "{problem}");
}
