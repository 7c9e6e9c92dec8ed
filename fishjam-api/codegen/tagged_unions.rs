//! Replaces the derived decoder of each union with a discriminator: the member decides, not the order of the variants.

use serde_json::Value;
use syn::{Attribute, Fields, File, Item, ItemEnum, Path, Token, Type, parse_quote, punctuated::Punctuated};

use crate::Outcome;

/// Replaces the derived `Deserialize` of the unions in a pruned file with the macro `tagged_union`.
pub(crate) fn decode(file: &mut File, document: &Value) -> Outcome<()> {
    let types = file.items.iter_mut().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
        _ => None,
    });
    for (_, items) in types {
        let mut decoders = Vec::new();
        for item in items.iter_mut() {
            if let Item::Enum(union) = item
                && let Some(decoder) = decoder(union, document)?
            {
                decoders.push(decoder);
            }
        }
        items.extend(decoders);
    }
    Ok(())
}

/// Returns the decoder of a union, and removes the derived one. Returns `None` if the type is not a decoded union.
fn decoder(union: &mut ItemEnum, document: &Value) -> Outcome<Option<Item>> {
    let discriminator = &document["components"]["schemas"][union.ident.to_string()]["discriminator"];
    let (Some(member), Some(mapping)) = (discriminator["propertyName"].as_str(), discriminator["mapping"].as_object())
    else {
        return Ok(None);
    };
    if !take_derive(&mut union.attrs, "Deserialize")? {
        return Ok(None);
    }
    let mut arms = Vec::new();
    for (value, target) in mapping {
        let schema = target.as_str().and_then(|target| target.rsplit('/').next()).unwrap_or_default();
        let variant =
            union.variants.iter().find(|variant| holds(&variant.fields, schema)).map(|variant| &variant.ident);
        let variant = variant.ok_or_else(|| format!("{}: no variant holds {schema}", union.ident))?;
        arms.push(quote::quote! { #value => #variant, });
    }
    let name = &union.ident;
    Ok(Some(parse_quote! { tagged_union! { #name, #member, #(#arms)* } }))
}

fn holds(fields: &Fields, schema: &str) -> bool {
    matches!(fields.iter().next().map(|field| &field.ty), Some(Type::Path(path)) if path.path.is_ident(schema))
}

/// Removes a derived trait. Returns `true` if it was derived.
fn take_derive(attributes: &mut [Attribute], name: &str) -> Outcome<bool> {
    let mut taken = false;
    for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
        let derived = attribute
            .parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)
            .map_err(|problem| format!("the derived traits of a union: {problem}"))?;
        let is_taken = |path: &&Path| path.segments.last().is_some_and(|last| last.ident == name);
        taken |= derived.iter().any(|path| is_taken(&path));
        let kept = derived.iter().filter(|path| !is_taken(path));
        *attribute = parse_quote! { #[derive(#(#kept),*)] };
    }
    Ok(taken)
}
