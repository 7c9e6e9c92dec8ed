//! The generator lets the discriminator decide the variant of a decoded union.

#[path = "../codegen/tagged_unions.rs"]
mod tagged_unions;

use quote::ToTokens;
use serde_json::{Value, json};
use syn::{File, Item, parse_quote};

/// The result of the generator's steps. They import it from the root of the crate.
type Outcome<T> = Result<T, String>;

fn document() -> Value {
    json!({ "components": { "schemas": { "Shape": { "discriminator": {
        "propertyName": "kind",
        "mapping": { "circle": "#/components/schemas/Circle", "square": "#/components/schemas/Square" },
    } } } } })
}

fn decoded(document: &Value, types: &[Item]) -> Outcome<String> {
    let mut file: File = parse_quote! { pub mod types { #(#types)* } };
    tagged_unions::decode(&mut file, document)?;
    Ok(file.into_token_stream().to_string())
}

#[test]
fn decoded_union_gets_a_decoder_by_its_member() {
    let union = parse_quote! {
        #[derive(::serde::Deserialize, ::serde::Serialize, Clone)] #[serde(untagged)]
        pub enum Shape { First(Circle), Second(Square) }
    };
    let text = decoded(&document(), &[union]).unwrap();
    assert!(text.contains("# [derive (:: serde :: Serialize , Clone)]"), "{text}");
    assert!(
        text.contains("tagged_union ! { Shape , \"kind\" , \"circle\" => First , \"square\" => Second , }"),
        "{text}"
    );
}

#[test]
fn other_types_stay_the_same() {
    let sent: Item = parse_quote! { #[derive(Serialize)] pub enum Shape { First(Circle), Second(Square) } };
    let undiscriminated: Item =
        parse_quote! { #[derive(Deserialize)] pub enum Either { First(Circle), Second(Square) } };
    let of_values: Item = parse_quote! { #[derive(Deserialize)] pub enum Color { Red } };
    let structure: Item = parse_quote! { #[derive(Deserialize)] pub struct Shape { kind: String } };
    for item in [sent, undiscriminated, of_values, structure] {
        let same: File = parse_quote! { pub mod types { #item } };
        assert_eq!(decoded(&document(), &[item]).unwrap(), same.into_token_stream().to_string());
    }
}

#[test]
fn missing_variant_is_an_error_with_the_union() {
    let union = parse_quote! { #[derive(Deserialize)] pub enum Shape { First(Circle), Second(Box<Square>) } };
    let problem = decoded(&document(), &[union]).unwrap_err();
    assert!(problem.contains("Shape") && problem.contains("Square"), "{problem}");
    let odd = parse_quote! { #[derive("odd")] pub enum Shape { First(Circle), Second(Square) } };
    assert!(decoded(&document(), &[odd]).unwrap_err().contains("derived traits"));
}
