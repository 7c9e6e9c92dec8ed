//! Removes the types that no method sends or receives, and the traits that the other types do not need.
//!
//! Run it on a file with trimmed methods. Every dependent would compile the rest, and no dependent would use it. Examples
//! are `Deserialize` for a type that is only sent, and `FromStr`.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, File, FnArg, Ident, ImplItem, ImplItemFn, Item, ItemImpl, Path, Token, Type, Visibility, parse_quote,
    punctuated::Punctuated,
};

use crate::Outcome;

/// The derived traits that every type keeps.
const ALWAYS: [&str; 4] = ["Clone", "Copy", "Debug", "Default"];

/// The names in each generated type, by the name of the type.
type Parts = BTreeMap<String, BTreeSet<String>>;

/// Keeps the types that the methods of a generated file need, and the types in this crate's own types.
///
/// This crate's own types are all parts of responses. The types that a request contains are sent, too.
pub(crate) fn prune(file: &mut File, own_code: &[File]) -> Outcome<()> {
    let (mut sent, mut received) = (BTreeSet::new(), BTreeSet::new());
    for method in methods(file) {
        for input in &method.sig.inputs {
            if let FnArg::Typed(argument) = input {
                names(argument.ty.to_token_stream(), &mut sent);
            }
        }
        names(method.sig.output.to_token_stream(), &mut received);
    }
    own_code.iter().for_each(|file| names_of_types(file.to_token_stream(), &mut received));
    let items = types(file)?;
    let parts: Parts = items.iter().filter_map(parts).collect();
    // A generated type in a request can contain a handwritten type, which contains generated types.
    let mut with_own: Parts = own_code.iter().flat_map(|file| &file.items).filter_map(self::parts).collect();
    with_own.extend(parts.clone());
    let used = Used {
        constrained: constrained(items),
        sent: reach(sent, &with_own),
        received: reach(received, &parts),
        parts,
    };
    for item in std::mem::take(items) {
        items.extend(used.narrowed(item)?);
    }
    let mut mentioned = BTreeSet::new();
    items.iter().filter(|item| !is_error(item)).for_each(|item| names(item.to_token_stream(), &mut mentioned));
    items.retain(|item| !is_error(item) || mentioned.contains("ConversionError"));
    Ok(())
}

/// The generated types that are used, and their uses.
struct Used {
    parts: Parts,
    /// Types that reject some values. Only a conversion creates them.
    constrained: BTreeSet<String>,
    sent: BTreeSet<String>,
    received: BTreeSet<String>,
}

impl Used {
    /// Returns the part of an item that stays.
    fn narrowed(&self, mut item: Item) -> Outcome<Option<Item>> {
        let stays = match &mut item {
            Item::Struct(item) => self.derives_less(&item.ident, &mut item.attrs)?,
            Item::Enum(item) => self.derives_less(&item.ident, &mut item.attrs)?,
            Item::Impl(item) => self.needs(item),
            _ => true,
        };
        Ok(stays.then_some(item))
    }

    /// Removes the derived traits that a type does not need. Returns `true` if the type itself is needed.
    fn derives_less(&self, name: &Ident, attributes: &mut [Attribute]) -> Outcome<bool> {
        let name = name.to_string();
        let (sent, received) = (self.sent.contains(&name), self.received.contains(&name));
        for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
            let derived = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
            let derived = derived.map_err(|problem| format!("the derived traits of {name}: {problem}"))?;
            let derived = derived.into_iter().filter(|path| match last(path).as_str() {
                "Serialize" => sent,
                "Deserialize" => received,
                name => ALWAYS.contains(&name),
            });
            *attribute = parse_quote! { #[derive(#(#derived),*)] };
        }
        Ok(sent || received)
    }

    /// Returns `true` if the type of an implementation stays and needs the trait.
    fn needs(&self, implementation: &ItemImpl) -> bool {
        let Some((implemented, _)) = &implementation.trait_ else { return true };
        // A type does not need conversions to other types, such as `From<Id> for String`.
        let Type::Path(of) = &*implementation.self_ty else { return false };
        let Some(of) = of.path.get_ident().map(Ident::to_string).filter(|of| self.parts.contains_key(of)) else {
            return false;
        };
        let (sent, received) = (self.sent.contains(&of), self.received.contains(&of));
        match last(implemented).as_str() {
            "Deserialize" => received,
            "FromStr" | "TryFrom" => (sent || received) && self.constrained.contains(&of),
            "Default" | "Display" | "From" => sent,
            _ => false,
        }
    }
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

fn types(file: &mut File) -> Outcome<&mut Vec<Item>> {
    let modules = file.items.iter_mut().filter_map(|item| match item {
        Item::Mod(module) if module.ident == "types" => module.content.as_mut(),
        _ => None,
    });
    modules.map(|(_, items)| items).last().ok_or_else(|| "there is no module of types".to_owned())
}

/// Returns the name of a type, and the names in it.
fn parts(item: &Item) -> Option<(String, BTreeSet<String>)> {
    let (name, content) = match item {
        Item::Struct(item) => (&item.ident, item.fields.to_token_stream()),
        Item::Enum(item) => (&item.ident, item.variants.to_token_stream()),
        _ => return None,
    };
    let mut parts = BTreeSet::new();
    names(content, &mut parts);
    Some((name.to_string(), parts))
}

/// Returns the types with private fields.
fn constrained(items: &[Item]) -> BTreeSet<String> {
    let hidden = items.iter().filter_map(|item| match item {
        Item::Struct(item) if item.fields.iter().any(|field| matches!(field.vis, Visibility::Inherited)) => Some(item),
        _ => None,
    });
    hidden.map(|item| item.ident.to_string()).collect()
}

/// Returns `true` for the error module that typify generates for constrained types.
fn is_error(item: &Item) -> bool {
    matches!(item, Item::Mod(module) if module.ident == "error")
}

/// Collects every name in these tokens.
fn names(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => drop(found.insert(name.to_string())),
            TokenTree::Group(group) => names(group.stream(), found),
            _ => {}
        }
    }
}

/// Collects the generated types in these tokens, which have the form `types::Name`.
fn names_of_types(tokens: TokenStream, found: &mut BTreeSet<String>) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for window in tokens.windows(4) {
        if let [TokenTree::Ident(module), TokenTree::Punct(_), TokenTree::Punct(_), TokenTree::Ident(name)] = window
            && module == "types"
        {
            found.insert(name.to_string());
        }
    }
    for token in tokens {
        if let TokenTree::Group(group) = token {
            names_of_types(group.stream(), found);
        }
    }
}

/// Returns these types and all types in them.
fn reach(from: BTreeSet<String>, parts: &Parts) -> BTreeSet<String> {
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

fn last(path: &Path) -> String {
    path.segments.last().map(|segment| segment.ident.to_string()).unwrap_or_default()
}
