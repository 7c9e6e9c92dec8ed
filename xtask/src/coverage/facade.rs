//! What the facade's code does, read from its syntax: comments, strings and tests do not count.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{
    Arm, Attribute, Expr, ExprMethodCall, File, ImplItemFn, ItemFn, ItemImpl, ItemMacro, ItemMod, Macro,
    Path as SynPath, UseRename,
    visit::{self, Visit},
};

/// What the facade calls the generated client, in the closures that it gives to the transport.
const CLIENT: &str = "api";

/// The methods that code calls on the generated client, which it names `api`; any other receiver is the facade itself.
#[derive(Debug, Default)]
pub struct Calls {
    methods: BTreeSet<String>,
}

impl Calls {
    /// Reads every `.rs` file under a directory but those of tests and those under the directories `apart`.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or is not Rust.
    pub fn read(directory: &Path, apart: &[PathBuf]) -> Result<Self> {
        let mut calls = Self::default();
        for path in rust_files(directory)? {
            if !apart.iter().any(|apart| path.starts_with(apart)) {
                calls.visit_file(&parse(&path)?);
            }
        }
        Ok(calls)
    }

    /// Whether a method is called.
    #[must_use]
    pub fn contains(&self, method: &str) -> bool {
        self.methods.contains(method)
    }

    /// Looks for `api.method(` in what a macro is given, which need not be Rust.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        for token in &tokens {
            if let TokenTree::Group(group) = token {
                self.tokens(group.stream());
            }
        }
        for (index, window) in tokens.windows(4).enumerate() {
            let [
                TokenTree::Ident(receiver),
                TokenTree::Punct(dot),
                TokenTree::Ident(method),
                TokenTree::Group(arguments),
            ] = window
            else {
                continue;
            };
            let before = index.checked_sub(1).and_then(|before| tokens.get(before));
            let part_of_a_path =
                matches!(before, Some(TokenTree::Punct(before)) if matches!(before.as_char(), '.' | ':'));
            if receiver == CLIENT
                && !part_of_a_path
                && dot.as_char() == '.'
                && arguments.delimiter() == Delimiter::Parenthesis
            {
                self.methods.insert(method.to_string());
            }
        }
    }
}

impl<'ast> Visit<'ast> for Calls {
    fn visit_expr_method_call(&mut self, call: &'ast ExprMethodCall) {
        if matches!(&*call.receiver, Expr::Path(receiver) if receiver.path.is_ident(CLIENT)) {
            self.methods.insert(call.method.to_string());
        }
        visit::visit_expr_method_call(self, call);
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        self.tokens(invocation.tokens.clone());
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }

    fn visit_item_impl(&mut self, item: &'ast ItemImpl) {
        if !is_test(&item.attrs) {
            visit::visit_item_impl(self, item);
        }
    }

    fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_impl_item_fn(self, item);
        }
    }
}

/// What the decoder does with the variants of the oneof, arm by arm.
///
/// An arm surfaces the `Content` variants of its pattern when its body names a variant of `Notification` (`use ... as`
/// is understood for both), and knows them otherwise: an exhaustive decoder also has arms for handshakes and envelopes.
/// A macro, of this file or of that of macros, whose rules make `Notification::$name` of `Content::$name` surfaces each
/// `Name` of a list `Name = 1, Other = 2` that it is given.
#[derive(Debug, Default)]
pub struct Decoder {
    content: BTreeSet<String>,
    notification: BTreeSet<String>,
    surfaced: BTreeSet<String>,
    known: BTreeSet<String>,
    /// The macros that surface what they are given.
    lists: BTreeSet<String>,
    /// The numbers in their lists.
    numbers: BTreeMap<String, String>,
}

impl Decoder {
    /// Reads the decoder, and the macros that it uses where there is such a file.
    ///
    /// # Errors
    ///
    /// When a file cannot be read or is not Rust.
    pub fn read(path: &Path, macros: &Path) -> Result<Self> {
        let file = parse(path)?;
        let names = |of: &'static str| {
            let mut aliases = Aliases { of, found: BTreeSet::from([of.to_owned()]) };
            aliases.visit_file(&file);
            aliases.found
        };
        let mut decoder = Self { content: names("Content"), notification: names("Notification"), ..Self::default() };
        if macros.is_file() {
            decoder.visit_file(&parse(macros)?);
        }
        decoder.visit_file(&file);
        Ok(decoder)
    }

    /// Whether some arm makes a notification of a variant.
    #[must_use]
    pub fn surfaces(&self, variant: &str) -> bool {
        self.surfaced.contains(variant)
    }

    /// Whether some arm matches a variant.
    #[must_use]
    pub fn knows(&self, variant: &str) -> bool {
        self.surfaces(variant) || self.known.contains(variant)
    }

    /// The field's number that the decoder states for a variant, if it states one.
    #[must_use]
    pub fn number(&self, variant: &str) -> Option<&str> {
        self.numbers.get(variant).map(String::as_str)
    }

    /// Whether rules of a macro name `Enum::$variable`, of one of these enums.
    fn varies(words: &[String], of: &BTreeSet<String>) -> bool {
        words.windows(4).any(|window| {
            matches!(window, [owner, first, second, dollar]
                if of.contains(owner) && first == ":" && second == ":" && dollar == "$")
        })
    }
}

impl<'ast> Visit<'ast> for Decoder {
    fn visit_item_macro(&mut self, item: &'ast ItemMacro) {
        if is_test(&item.attrs) {
            return;
        }
        let mut words = Vec::new();
        flatten(item.mac.tokens.clone(), &mut words);
        match &item.ident {
            Some(name) if Self::varies(&words, &self.content) && Self::varies(&words, &self.notification) => {
                self.lists.insert(name.to_string());
            }
            Some(_) => {}
            None if item.mac.path.get_ident().is_some_and(|name| self.lists.contains(&name.to_string())) => {
                for entry in words.split(|word| word == ",") {
                    if let [name, equals, number] = entry
                        && equals == "="
                    {
                        self.surfaced.insert(name.clone());
                        self.numbers.insert(name.clone(), number.clone());
                    }
                }
            }
            None => {}
        }
    }

    fn visit_arm(&mut self, arm: &'ast Arm) {
        let mut matched = Variants { of: &self.content, found: BTreeSet::new() };
        matched.visit_pat(&arm.pat);
        let matched = matched.found;
        let mut made = Variants { of: &self.notification, found: BTreeSet::new() };
        made.visit_expr(&arm.body);
        // `Unknown` is what a decoder makes of what it does not know.
        let surfaces = made.found.iter().any(|variant| variant != "Unknown");
        if surfaces { &mut self.surfaced } else { &mut self.known }.extend(matched);
        visit::visit_arm(self, arm);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if !is_test(&item.attrs) {
            visit::visit_item_mod(self, item);
        }
    }

    fn visit_item_fn(&mut self, item: &'ast ItemFn) {
        if !is_test(&item.attrs) {
            visit::visit_item_fn(self, item);
        }
    }
}

/// Collects the variants of an enum that code names as `Enum::Variant`.
struct Variants<'a> {
    of: &'a BTreeSet<String>,
    found: BTreeSet<String>,
}

impl Variants<'_> {
    fn segments(&mut self, segments: &[String]) {
        for pair in segments.windows(2) {
            if let [owner, variant] = pair
                && self.of.contains(owner)
            {
                self.found.insert(variant.clone());
            }
        }
    }
}

impl<'ast> Visit<'ast> for Variants<'_> {
    fn visit_path(&mut self, path: &'ast SynPath) {
        self.segments(&path.segments.iter().map(|segment| segment.ident.to_string()).collect::<Vec<_>>());
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, invocation: &'ast Macro) {
        let mut words = Vec::new();
        flatten(invocation.tokens.clone(), &mut words);
        for window in words.windows(4) {
            if let [owner, first, second, variant] = window
                && first == ":"
                && second == ":"
            {
                self.segments(&[owner.clone(), variant.clone()]);
            }
        }
    }
}

/// What `use ... as` makes of a name.
struct Aliases {
    of: &'static str,
    found: BTreeSet<String>,
}

impl<'ast> Visit<'ast> for Aliases {
    fn visit_use_rename(&mut self, rename: &'ast UseRename) {
        if rename.ident == self.of {
            self.found.insert(rename.rename.to_string());
        }
    }
}

/// Whether something is compiled for tests only.
pub(crate) fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let last = attribute.path().segments.last().map(|segment| segment.ident.to_string());
        match last.as_deref() {
            Some("test") => true,
            Some("cfg") => attribute.meta.require_list().is_ok_and(|list| {
                let mut words = Vec::new();
                flatten(list.tokens.clone(), &mut words);
                let has = |wanted: &str| words.iter().any(|word| word == wanted);
                has("test") && !has("not") && !has("any")
            }),
            _ => false,
        }
    })
}

/// The tokens one by one, brackets left out; literals are kept apart from words by their quotes.
fn flatten(tokens: TokenStream, words: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => flatten(group.stream(), words),
            other => words.push(other.to_string()),
        }
    }
}

/// Reads a file of Rust.
pub(crate) fn parse(path: &Path) -> Result<File> {
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    syn::parse_file(&text).with_context(|| format!("{} is not Rust", path.display()))
}

/// Every `.rs` file under a directory but those called `tests.rs` and those of directories called `tests`, sorted.
pub(crate) fn rust_files(directory: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let entries = fs::read_dir(directory).with_context(|| format!("cannot read {}", directory.display()))?;
    for entry in entries {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            if !path.ends_with("tests") {
                files.extend(rust_files(&path)?);
            }
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
