//! The methods of `fishjam_sdk::blocking::FishjamClient`, written from those of `fishjam_sdk::FishjamClient`.
//!
//! Every public method in an `impl FishjamClient` block under `fishjam-sdk/src` gets one that forwards to it: an
//! asynchronous one is waited for, any other is called. Name, arguments, result and the attributes that concern a caller
//! are the same. An associated function without `self` is written by hand in `blocking/mod.rs`, and one that is not there
//! is an error.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use quote::quote;
use syn::parse::Parser;
use syn::visit::{self, Visit};
use syn::{
    Attribute, Expr, ExprLit, File, FnArg, Ident, ImplItem, ImplItemFn, Item, ItemFn, ItemImpl, ItemMod, Lit, Meta,
    Pat, Path as SynPath, ReceiverKind, ReturnType, Signature, Type, UseTree, Visibility, parse_quote,
};

use crate::codegen::freeze::Change;
use crate::coverage::facade::{is_test, parse, rust_files};

/// Where the facade is, in the workspace.
const FACADE: &str = "fishjam-sdk/src";

/// Where the forms that wait are, in the workspace.
pub const DIRECTORY: &str = "fishjam-sdk/src/blocking";

const NAME: &str = "generated.rs";

const CLIENT: &str = "FishjamClient";

/// What would have to change in [`DIRECTORY`].
///
/// # Errors
///
/// When the facade cannot be read, or has a method that cannot be forwarded to.
pub fn plan(root: &Path) -> Result<Vec<Change>> {
    let directory = root.join(DIRECTORY);
    let mut sources = Vec::new();
    for path in rust_files(&root.join(FACADE))? {
        if !path.starts_with(&directory) {
            sources.push((path.display().to_string(), parse(&path)?));
        }
    }
    let crate_root = parse(&root.join(FACADE).join("lib.rs"))?;
    let by_hand = parse(&directory.join("mod.rs"))?;
    let generated = generate(&sources, &crate_root, &by_hand)?;

    let path = directory.join(NAME);
    if !path.exists() {
        return Ok(vec![Change::Missing { name: NAME.to_owned(), generated }]);
    }
    let committed = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    if committed == generated {
        return Ok(Vec::new());
    }
    Ok(vec![Change::Different { name: NAME.to_owned(), committed, generated }])
}

/// The text of the generated file.
///
/// `sources` are the facade's files with their names, `crate_root` is its `lib.rs`, and `by_hand` the file whose functions
/// are not generated.
///
/// # Errors
///
/// When there is nothing to forward to, or something that cannot be forwarded to: a method that takes the client other
/// than as `&self`, an argument without a name, an asynchronous method that does not return a `Result`, an associated
/// function that is not in `by_hand`.
pub fn generate(sources: &[(String, File)], crate_root: &File, by_hand: &File) -> Result<String> {
    let by_hand: BTreeSet<String> =
        functions(by_hand).into_iter().map(|found| found.item.sig.ident.to_string()).collect();
    let exported = exports(crate_root);
    let mut names = Names::default();
    let mut methods = Vec::new();
    for (file, source) in sources {
        let imported = imports(source);
        for found in functions(source) {
            let name = &found.item.sig.ident;
            if found.item.sig.receiver().is_none() {
                ensure!(
                    by_hand.contains(&name.to_string()),
                    "{file}: `{name}` has no waiting form in {DIRECTORY}/mod.rs"
                );
                continue;
            }
            let method = forward(&found).with_context(|| format!("{file}: `{name}` cannot be forwarded to"))?;
            names.take(&method.sig, &exported, &imported);
            methods.push(method);
        }
    }
    ensure!(!methods.is_empty(), "there is no method of `{CLIENT}` to forward to");

    let Names { ours, foreign } = names;
    let ours = ours.iter().map(|name| Ident::new(name, proc_macro2::Span::call_site()));
    let foreign = foreign.iter().map(|path| syn::parse_str::<UseTree>(path)).collect::<Result<Vec<_>, _>>()?;
    let file: File = parse_quote! {
        #(use #foreign;)*
        use super::FishjamClient;
        use crate::{#(#ours),*};

        impl FishjamClient {
            #(#methods)*
        }
    };
    // The formatter leaves no line between items.
    let text = prettyplease::unparse(&file).replace("    }\n    ///", "    }\n\n    ///").replace("\nimpl", "\n\nimpl");
    Ok(format!("// Written by `cargo xtask codegen` from the methods of `crate::{CLIENT}`. Do not edit.\n\n{text}"))
}

/// A public function of the client, with the attributes of the block that it is in.
struct Found<'ast> {
    item: &'ast ImplItemFn,
    block: Vec<Attribute>,
}

/// The public functions of the client in a file, tests left out.
fn functions(file: &File) -> Vec<Found<'_>> {
    struct Functions<'ast>(Vec<Found<'ast>>);
    impl<'ast> Visit<'ast> for Functions<'ast> {
        fn visit_item_mod(&mut self, item: &'ast ItemMod) {
            if !is_test(&item.attrs) {
                visit::visit_item_mod(self, item);
            }
        }

        fn visit_item_fn(&mut self, _: &'ast ItemFn) {}

        fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
            if is_test(&item.attrs) || item.trait_.is_some() || !is(&item.self_ty, CLIENT) {
                return;
            }
            let block: Vec<_> =
                item.attrs.iter().filter(|attribute| attribute.path().is_ident("cfg")).cloned().collect();
            for function in &item.items {
                if let ImplItem::Fn(function) = function
                    && matches!(function.vis, Visibility::Public(_))
                    && !is_test(&function.attrs)
                {
                    self.0.push(Found { item: function, block: block.clone() });
                }
            }
        }
    }
    let mut functions = Functions(Vec::new());
    functions.visit_file(file);
    functions.0
}

/// Whether a type is a path that ends in a name.
fn is(of: &Type, name: &str) -> bool {
    matches!(of, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == name))
}

/// The method that forwards to another.
fn forward(found: &Found<'_>) -> Result<ImplItemFn> {
    let mut signature = found.item.sig.clone();
    let name = signature.ident.clone();
    let mut arguments = Vec::new();
    for input in &mut signature.inputs {
        match input {
            FnArg::Receiver(receiver) => {
                let shared = matches!(receiver.kind, ReceiverKind::Reference(_, _, None));
                ensure!(shared, "it takes `{}`, not `&self`", quote!(#receiver));
            }
            FnArg::Typed(argument) => {
                let Pat::Ident(pattern) = &mut *argument.pat else {
                    bail!("an argument has no name");
                };
                pattern.mutability = None;
                arguments.push(pattern.ident.clone());
            }
        }
    }
    // Not `self.client.method()`: `xtask coverage` looks for calls of that form, and this one says nothing about it.
    let call = quote!(crate::FishjamClient::#name(&self.client, #(#arguments),*));
    let link = format!("[`crate::{CLIENT}::{name}`]");
    let (body, more) = if signature.asyncness.take().is_some() {
        let fallible = matches!(&signature.output, ReturnType::Type(_, output) if is(output, "Result"));
        ensure!(fallible, "it is asynchronous and returns no `Result`, so that it could not refuse to wait");
        (quote!(self.wait(#call)), format!("The waiting form of {link}, which says what can fail."))
    } else {
        (call, format!("The same as {link}."))
    };
    signature.constness = None;
    let block = &found.block;
    let kept = found
        .item
        .attrs
        .iter()
        .filter(|attribute| ["cfg", "must_use", "deprecated"].iter().any(|kept| attribute.path().is_ident(kept)));
    let allowed: Option<Attribute> = found
        .item
        .attrs
        .iter()
        .any(|attribute| attribute.path().is_ident("deprecated"))
        .then(|| parse_quote!(#[allow(deprecated, reason = "it forwards to what is deprecated like itself")]));
    let mut sentences = Attribute::parse_outer.parse_str(&format!("/// {more}"))?;
    let summary = first_sentence(&documentation(&found.item.attrs));
    ensure!(!summary.is_empty(), "it has no documentation");
    let summary = Attribute::parse_outer.parse_str(&format!("/// {summary}\n///"))?;
    sentences.splice(0..0, summary);
    Ok(parse_quote! {
        #(#sentences)*
        #(#block)*
        #(#kept)*
        #allowed
        pub #signature {
            #body
        }
    })
}

/// What doc comments say, line by line.
fn documentation(attributes: &[Attribute]) -> String {
    let mut lines = Vec::new();
    for attribute in attributes {
        if let Meta::NameValue(pair) = &attribute.meta
            && pair.path.is_ident("doc")
            && let Expr::Lit(ExprLit { lit: Lit::Str(line), .. }) = &pair.value
        {
            lines.push(line.value().trim().to_owned());
        }
    }
    lines.join("\n")
}

/// The first sentence on one line, its links made plain: they may name what is not in scope elsewhere.
#[must_use]
pub fn first_sentence(documentation: &str) -> String {
    let paragraph = documentation.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    let end = paragraph
        .match_indices(". ")
        .map(|(dot, _)| dot + 1)
        // What goes on in lower case was an abbreviation.
        .find(|&end| !paragraph[end..].trim_start().starts_with(char::is_lowercase));
    unlinked(&paragraph[..end.unwrap_or(paragraph.len())])
}

/// `[text](target)`, `[text][target]` and `[text]` become `text`.
fn unlinked(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, link)) = rest.split_once('[') {
        let Some((label, after)) = link.split_once(']') else { break };
        plain.push_str(before);
        plain.push_str(label);
        let target = [('(', ')'), ('[', ']')]
            .into_iter()
            .find_map(|(open, close)| after.strip_prefix(open).and_then(|target| target.split_once(close)));
        rest = target.map_or(after, |(_, after)| after);
    }
    plain.push_str(rest);
    plain
}

/// What the signatures name and has to be imported.
#[derive(Default)]
struct Names {
    /// Names at the crate's root.
    ours: BTreeSet<String>,
    /// Full paths of other crates.
    foreign: BTreeSet<String>,
}

impl Names {
    fn take(&mut self, signature: &Signature, exported: &BTreeSet<String>, imported: &BTreeMap<String, String>) {
        struct First(BTreeSet<String>);
        impl<'ast> Visit<'ast> for First {
            fn visit_path(&mut self, path: &'ast SynPath) {
                if let (None, Some(first)) = (path.leading_colon, path.segments.first()) {
                    self.0.insert(first.ident.to_string());
                }
                visit::visit_path(self, path);
            }
        }
        let mut first = First(BTreeSet::new());
        first.visit_signature(signature);
        for name in first.0 {
            if let Some(path) = imported.get(&name) {
                self.foreign.insert(path.clone());
            } else if exported.contains(&name) {
                self.ours.insert(name);
            }
        }
    }
}

/// What a file imports from other crates: names and their paths.
fn imports(file: &File) -> BTreeMap<String, String> {
    let mut found = Vec::new();
    let mut own = vec!["crate".to_owned(), "self".to_owned(), "super".to_owned()];
    for item in &file.items {
        match item {
            Item::Use(item) => leaves(&item.tree, "", &mut found),
            Item::Mod(module) => own.push(module.ident.to_string()),
            _ => {}
        }
    }
    found.retain(|(_, path)| path.split_once("::").is_some_and(|(first, _)| own.iter().all(|own| own != first)));
    found.into_iter().collect()
}

/// The names that can be imported from the crate's root.
fn exports(crate_root: &File) -> BTreeSet<String> {
    let mut found = Vec::new();
    for item in &crate_root.items {
        match item {
            Item::Use(item) if matches!(item.vis, Visibility::Public(_)) => leaves(&item.tree, "", &mut found),
            Item::Mod(item) if matches!(item.vis, Visibility::Public(_)) => {
                found.push((item.ident.to_string(), String::new()));
            }
            _ => {}
        }
    }
    found.into_iter().map(|(name, _)| name).filter(|name| name != CLIENT).collect()
}

/// The names that a `use` brings in, each with its path; a renamed one has its new name in the path too.
fn leaves(tree: &UseTree, before: &str, found: &mut Vec<(String, String)>) {
    match tree {
        UseTree::Path(path) => leaves(&path.tree, &format!("{before}{}::", path.ident), found),
        UseTree::Name(name) if name.ident == "self" => {
            let path = before.trim_end_matches("::");
            found.push((path.rsplit("::").next().unwrap_or(path).to_owned(), path.to_owned()));
        }
        UseTree::Name(name) => found.push((name.ident.to_string(), format!("{before}{}", name.ident))),
        UseTree::Rename(rename) => {
            found.push((rename.rename.to_string(), format!("{before}{} as {}", rename.ident, rename.rename)));
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves(tree, before, found)),
        UseTree::Glob(_) => {}
    }
}
