//! The generator's last step: of progenitor's types stays what the methods need.

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

fn one(item: Item) -> String {
    kept(vec![item], &[]).unwrap()
}

#[test]
fn a_type_is_only_sent_or_only_received_as_the_methods_use_it() {
    let sent =
        one(parse_quote! { #[derive(::serde::Deserialize, ::serde::Serialize, Clone, Hash)] struct Order { a: u8 } });
    assert!(sent.contains("derive (:: serde :: Serialize , Clone)] struct Order"), "{sent}");
    let received = one(parse_quote! { #[derive(::serde::Deserialize, ::serde::Serialize, Debug)] enum Answer { A } });
    assert!(received.contains("derive (:: serde :: Deserialize , Debug)] enum Answer"), "{received}");
    let neither = one(parse_quote! { #[derive(::serde::Deserialize, ::serde::Serialize)] struct Error { a: u8 } });
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
}

#[test]
fn of_the_implementations_stay_those_that_make_and_send_a_type() {
    let order = || parse_quote! { struct Order(String); };
    for stays in [
        parse_quote! { impl ::std::default::Default for Order {} },
        parse_quote! { impl ::std::fmt::Display for Order {} },
        parse_quote! { impl ::std::convert::From<::std::string::String> for Order {} },
        parse_quote! { impl ::std::convert::TryFrom<i64> for Order {} },
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
    ] {
        let goes: Item = goes;
        let unexpected = goes.to_token_stream().to_string();
        assert!(!kept(vec![order(), goes], &[]).unwrap().contains(&unexpected), "{unexpected}");
    }
}

#[test]
fn a_file_without_types_is_refused() {
    let problem = used::keep(&mut parse_quote! { impl Client {} }, &[]).unwrap_err();
    assert!(problem.contains("no module of types"), "{problem}");
}
