//! What is kept of progenitor's types: those that a method sends or returns, able to do that and no more.
//!
//! Run it on a file whose methods have been cut. Whatever else a type can do there would be compiled by every dependent
//! and used by none: being read if it is only sent, being written if it is only received, being parsed from a text.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{Attribute, File, FnArg, Ident, ImplItem, ImplItemFn, Item, ItemImpl, ItemMod, Meta, Path, Token, Type};
use syn::{parse_quote, punctuated::Punctuated};

use crate::Outcome;

/// The derived traits that any type may keep.
const ALWAYS: [&str; 4] = ["Clone", "Copy", "Debug", "Default"];
/// The traits besides that a type needs for its construction and its way into a request.
const IMPLEMENTED: [&str; 5] = ["Default", "Deserialize", "Display", "From", "TryFrom"];

/// Leaves of a generated file's types what its methods need, and what this crate's types by hand, which are all parts of
/// answers, are made of.
pub(crate) fn keep(file: &mut File, by_hand: &[File]) -> Outcome<()> {
    let (mut sent, mut received) = (BTreeSet::new(), BTreeSet::new());
    for method in methods(file) {
        for input in &method.sig.inputs {
            if let FnArg::Typed(argument) = input {
                names(argument.ty.to_token_stream(), &mut sent);
            }
        }
        names(method.sig.output.to_token_stream(), &mut received);
    }
    by_hand.iter().for_each(|file| names(file.to_token_stream(), &mut received));
    let module = types(file)?;
    let Some((_, items)) = &mut module.content else { return Err("the types' module is empty".to_owned()) };
    let parts: BTreeMap<String, BTreeSet<String>> = items
        .iter()
        .filter_map(|item| {
            let (name, content) = match item {
                Item::Struct(item) => (&item.ident, item.fields.to_token_stream()),
                Item::Enum(item) => (&item.ident, item.variants.to_token_stream()),
                _ => return None,
            };
            let mut parts = BTreeSet::new();
            names(content, &mut parts);
            Some((name.to_string(), parts))
        })
        .collect();
    let (sent, received) = (reach(sent, &parts), reach(received, &parts));
    let directions = |name: &Ident| {
        let name = name.to_string();
        (sent.contains(&name), received.contains(&name))
    };
    items.retain_mut(|item| match item {
        Item::Struct(item) => narrow(&mut item.attrs, directions(&item.ident)),
        Item::Enum(item) => narrow(&mut item.attrs, directions(&item.ident)),
        Item::Impl(item) => is_needed(item, &parts, directions),
        _ => true,
    });
    Ok(())
}

fn methods(file: &File) -> impl Iterator<Item = &ImplItemFn> {
    let implementations = file.items.iter().filter_map(|item| match item {
        Item::Impl(implementation) => Some(&implementation.items),
        _ => None,
    });
    implementations.flatten().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    })
}

fn types(file: &mut File) -> Outcome<&mut ItemMod> {
    let modules = file.items.iter_mut().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => Some(module),
        _ => None,
    });
    modules.last().ok_or_else(|| "there is no module of types".to_owned())
}

/// Every name in these tokens; most are no types of ours, which does no harm.
fn names(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => drop(found.insert(name.to_string())),
            TokenTree::Group(group) => names(group.stream(), found),
            _ => {}
        }
    }
}

/// These types and those that they are made of.
fn reach(from: BTreeSet<String>, parts: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let mut reached = BTreeSet::new();
    let mut left: Vec<String> = from.into_iter().collect();
    while let Some(name) = left.pop() {
        if let Some(parts) = parts.get(&name)
            && reached.insert(name)
        {
            left.extend(parts.iter().cloned());
        }
    }
    reached
}

/// Takes the traits from a type that it does not need, and says whether the type itself is needed.
fn narrow(attributes: &mut [Attribute], (sent, received): (bool, bool)) -> bool {
    for attribute in attributes {
        let Meta::List(list) = &attribute.meta else { continue };
        if !list.path.is_ident("derive") {
            continue;
        }
        let derived = list.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated).unwrap_or_default();
        let derived = derived.into_iter().filter(|path| match last(path).as_str() {
            "Serialize" => sent,
            "Deserialize" => received,
            name => ALWAYS.contains(&name),
        });
        *attribute = parse_quote! { #[derive(#(#derived),*)] };
    }
    sent || received
}

/// Whether an implementation is of a type that stays, and of a trait that it needs.
fn is_needed(
    implementation: &ItemImpl,
    types: &BTreeMap<String, BTreeSet<String>>,
    directions: impl Fn(&Ident) -> (bool, bool),
) -> bool {
    let Some((implemented, _)) = &implementation.trait_ else { return true };
    // Of what is made of a type the type itself knows nothing: `From<Id> for String`.
    let Type::Path(of) = &*implementation.self_ty else { return true };
    let Some(of) = of.path.get_ident() else { return false };
    if !types.contains_key(&of.to_string()) {
        return false;
    }
    let (sent, received) = directions(of);
    match last(implemented).as_str() {
        "Deserialize" => received,
        // Parsing a text is for programs that have nothing better.
        "TryFrom" if mentions(implemented, "str") || mentions(implemented, "String") => false,
        name => (sent || received) && IMPLEMENTED.contains(&name),
    }
}

fn mentions(path: &Path, name: &str) -> bool {
    let mut found = BTreeSet::new();
    names(path.to_token_stream(), &mut found);
    found.contains(name)
}

fn last(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}
