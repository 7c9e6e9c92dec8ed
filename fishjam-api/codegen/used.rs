//! What is kept of progenitor's types: those that a method sends or returns, able to do that and no more.
//!
//! Run it on a file whose methods have been cut. Whatever else a type can do there would be compiled by every dependent
//! and used by none: being read if it is only sent, being written if it is only received, being parsed from a text.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, File, FnArg, Ident, ImplItem, ImplItemFn, Item, ItemImpl, Path, Token, Type, Visibility, parse_quote,
    punctuated::Punctuated,
};

use crate::Outcome;

/// The derived traits that any type may keep.
const ALWAYS: [&str; 4] = ["Clone", "Copy", "Debug", "Default"];

/// What the generated types are made of, by their names.
type Parts = BTreeMap<String, BTreeSet<String>>;

/// Leaves of a generated file's types what its methods need, and what this crate's own types, which are all parts of
/// answers, are made of.
pub(crate) fn keep(file: &mut File, own_code: &[File]) -> Outcome<()> {
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
    let used =
        Used { constrained: constrained(items), sent: reach(sent, &parts), received: reach(received, &parts), parts };
    for item in std::mem::take(items) {
        items.extend(used.narrowed(item)?);
    }
    let mut mentioned = BTreeSet::new();
    items.iter().filter(|item| !is_error(item)).for_each(|item| names(item.to_token_stream(), &mut mentioned));
    items.retain(|item| !is_error(item) || mentioned.contains("ConversionError"));
    Ok(())
}

/// What is used of the generated types, and how.
struct Used {
    parts: Parts,
    /// Those that not every value will do for: they are made by parsing or converting one, and by nothing else.
    constrained: BTreeSet<String>,
    sent: BTreeSet<String>,
    received: BTreeSet<String>,
}

impl Used {
    /// What stays of an item.
    fn narrowed(&self, mut item: Item) -> Outcome<Option<Item>> {
        let stays = match &mut item {
            Item::Struct(item) => self.derives_less(&item.ident, &mut item.attrs)?,
            Item::Enum(item) => self.derives_less(&item.ident, &mut item.attrs)?,
            Item::Impl(item) => self.needs(item),
            _ => true,
        };
        Ok(stays.then_some(item))
    }

    /// Takes the derived traits from a type that it does not need, and says whether the type itself is needed.
    fn derives_less(&self, name: &Ident, attributes: &mut [Attribute]) -> Outcome<bool> {
        let name = name.to_string();
        let (sent, received) = (self.sent.contains(&name), self.received.contains(&name));
        for attribute in attributes.iter_mut().filter(|attribute| attribute.path().is_ident("derive")) {
            let derived = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated);
            let derived = derived.map_err(|problem| format!("what {name} derives: {problem}"))?;
            let derived = derived.into_iter().filter(|path| match last(path).as_str() {
                "Serialize" => sent,
                "Deserialize" => received,
                name => ALWAYS.contains(&name),
            });
            *attribute = parse_quote! { #[derive(#(#derived),*)] };
        }
        Ok(sent || received)
    }

    /// Whether an implementation is of a type that stays, and of a trait that it needs.
    fn needs(&self, implementation: &ItemImpl) -> bool {
        let Some((implemented, _)) = &implementation.trait_ else { return true };
        // Of what is made of a type the type itself knows nothing: `From<Id> for String`.
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

/// What a type is made of.
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

/// The types whose content nobody may just put there.
fn constrained(items: &[Item]) -> BTreeSet<String> {
    let hidden = items.iter().filter_map(|item| match item {
        Item::Struct(item) if item.fields.iter().any(|field| matches!(field.vis, Visibility::Inherited)) => Some(item),
        _ => None,
    });
    hidden.map(|item| item.ident.to_string()).collect()
}

/// Whether this is typify's error for values that a constrained type does not take.
fn is_error(item: &Item) -> bool {
    matches!(item, Item::Mod(module) if module.ident == "error")
}

/// Every name in these tokens, whatever it names.
fn names(tokens: TokenStream, found: &mut BTreeSet<String>) {
    for token in tokens {
        match token {
            TokenTree::Ident(name) => drop(found.insert(name.to_string())),
            TokenTree::Group(group) => names(group.stream(), found),
            _ => {}
        }
    }
}

/// The generated types in these tokens, which stand there as `types::Name`.
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

/// These types and those that they are made of.
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
