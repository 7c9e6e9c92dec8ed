//! The generator adds a field for unknown members to the objects in responses.

#[path = "../codegen/unknown_members.rs"]
mod unknown_members;

use quote::ToTokens;
use syn::{File, Item, parse_quote};

/// The result of the generator's steps. They import it from the root of the crate.
type Outcome<T> = Result<T, String>;

fn kept(types: &[Item]) -> Outcome<String> {
    let mut file: File = parse_quote! { pub mod types { #(#types)* } };
    unknown_members::keep(&mut file)?;
    Ok(file.into_token_stream().to_string())
}

#[test]
fn received_struct_gets_a_field_and_a_decoder() {
    let text =
        kept(&[parse_quote! { #[derive(::serde::Deserialize, Clone)] pub struct Room { pub id: String } }]).unwrap();
    assert!(text.contains("# [serde (remote = \"Self\")] pub struct Room"), "{text}");
    assert!(text.contains("# [serde (skip)] pub extra : crate :: UnknownMembers"), "{text}");
    assert!(text.contains("keep_unknown_members ! { Room }"), "{text}");
    let both = kept(&[parse_quote! { #[derive(Deserialize, Serialize)] pub struct Config { pub a: u8 } }]).unwrap();
    assert!(both.contains("keep_unknown_members ! { Config : Serialize }"), "{both}");
}

#[test]
fn response_without_an_envelope_gets_a_field() {
    let created = parse_quote! { #[derive(Deserialize)] pub struct CreatedResponse { pub id: String } };
    let text = kept(&[created]).unwrap();
    assert!(text.contains("keep_unknown_members ! { CreatedResponse }"), "{text}");
}

#[test]
fn other_types_stay_the_same() {
    let same: [Item; 5] = [
        parse_quote! { #[derive(::serde::Serialize)] pub struct Options { pub a: u8 } },
        parse_quote! { #[derive(::serde::Deserialize)] pub struct PeerId(pub String); },
        parse_quote! { #[derive(::serde::Deserialize)] pub struct RoomDetailsResponse { pub data: Room } },
        parse_quote! { #[derive(::serde::Deserialize)] pub struct RoomCreateDetailsResponseData { pub room: Room } },
        parse_quote! { #[derive(::serde::Deserialize)] pub enum Source { A } },
    ];
    let expected = {
        let file: File = parse_quote! { pub mod types { #(#same)* } };
        file.into_token_stream().to_string()
    };
    assert_eq!(kept(&same).unwrap(), expected);
}

#[test]
fn field_with_the_same_name_is_an_error() {
    let problem = kept(&[parse_quote! { #[derive(Deserialize)] pub struct Room { pub extra: u8 } }]).unwrap_err();
    assert!(problem.contains("Room"), "{problem}");
    let problem = kept(&[parse_quote! { #[derive("odd")] pub struct Room { pub a: u8 } }]).unwrap_err();
    assert!(problem.contains("Room"), "{problem}");
}
