//! Makes the structs of responses keep the members that they do not know.

use syn::{Attribute, Fields, FieldsNamed, File, Item, ItemStruct, Path, Token, parse_quote, punctuated::Punctuated};

use crate::Outcome;

/// Adds a field for unknown members to each decoded struct with named fields, except the envelopes of responses.
///
/// The facade returns the content of an envelope, not the envelope. Run this on a file with pruned types.
pub(crate) fn keep(file: &mut File) -> Outcome<()> {
    let modules = file.items.iter_mut().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
        _ => None,
    });
    for (_, items) in modules {
        for item in std::mem::take(items) {
            match item {
                Item::Struct(item) => items.extend(with_field(item)?),
                other => items.push(other),
            }
        }
    }
    Ok(())
}

/// Returns a struct with the new field, and the implementation of its decoding.
fn with_field(mut item: ItemStruct) -> Outcome<Vec<Item>> {
    let name = item.ident.clone();
    let derives = derives(&item.attrs).map_err(|problem| format!("the derived traits of {name}: {problem}"))?;
    let Fields::Named(fields) = &mut item.fields else { return Ok(vec![Item::Struct(item)]) };
    if is_envelope(&name.to_string(), fields) || !derives.iter().any(|name| name == "Deserialize") {
        return Ok(vec![Item::Struct(item)]);
    }
    if fields.named.iter().any(|field| field.ident.as_ref().is_some_and(|name| name == "extra")) {
        return Err(format!("{name} already has a field `extra`"));
    }
    fields.named.push(parse_quote! {
        ///Members that this version does not know.
        #[serde(skip)]
        pub extra: crate::UnknownMembers
    });
    item.attrs.push(parse_quote! { #[serde(remote = "Self")] });
    let decoding = if derives.iter().any(|name| name == "Serialize") {
        parse_quote! { keep_unknown_members! { #name: Serialize } }
    } else {
        parse_quote! { keep_unknown_members! { #name } }
    };
    Ok(vec![Item::Struct(item), decoding])
}

/// Returns `true` for the struct of a whole response that only wraps its content, in a member `data`, or is this member.
fn is_envelope(name: &str, fields: &FieldsNamed) -> bool {
    let wraps = fields.named.iter().any(|field| field.ident.as_ref().is_some_and(|name| name == "data"));
    name.ends_with("ResponseData") || (name.ends_with("Response") && wraps)
}

fn derives(attributes: &[Attribute]) -> syn::Result<Vec<String>> {
    let mut names = Vec::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let paths = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated)?;
        names.extend(paths.iter().filter_map(|path| path.segments.last().map(|last| last.ident.to_string())));
    }
    Ok(names)
}
