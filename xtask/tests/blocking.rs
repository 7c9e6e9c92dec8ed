//! The blocking client has every public method of the asynchronous client.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::{collections::BTreeSet, fs, path::Path};

use xtask::workspace_root;

/// The names of the public functions in the `impl FishjamClient` blocks of a file.
fn public_functions(file: &Path) -> BTreeSet<String> {
    let client = |of: &syn::Type| matches!(of, syn::Type::Path(of) if of.path.is_ident("FishjamClient"));
    let items = syn::parse_file(&fs::read_to_string(file).unwrap()).unwrap().items;
    let blocks = items.into_iter().filter_map(|item| match item {
        syn::Item::Impl(block) if block.trait_.is_none() && client(&block.self_ty) => Some(block.items),
        _ => None,
    });
    blocks
        .flatten()
        .filter_map(|item| match item {
            syn::ImplItem::Fn(function) if matches!(function.vis, syn::Visibility::Public(_)) => {
                Some(function.sig.ident.to_string())
            }
            _ => None,
        })
        .collect()
}

/// The names of the methods in the lists of `forward!`.
fn forwarded(methods: &str) -> BTreeSet<String> {
    let signatures = methods.lines().map(str::trim_start);
    let signatures = signatures.filter_map(|line| line.strip_prefix("async ").unwrap_or(line).strip_prefix("fn "));
    signatures.filter_map(|signature| signature.split_once('(')).map(|(name, _)| name.to_owned()).collect()
}

fn methods_under(directory: &Path, except: &Path) -> BTreeSet<String> {
    let mut methods = BTreeSet::new();
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path != except {
            methods.extend(methods_under(&path, except));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            methods.extend(public_functions(&path));
        }
    }
    methods
}

#[test]
fn every_public_method_of_the_client_has_a_blocking_form() {
    let facade = workspace_root().join("fishjam-sdk/src");
    let blocking = facade.join("blocking");
    let asynchronous = methods_under(&facade, &blocking);
    assert!(asynchronous.contains("create_room") && asynchronous.contains("new"), "{asynchronous:?}");
    let mut forms = public_functions(&blocking.join("mod.rs"));
    forms.extend(forwarded(&fs::read_to_string(blocking.join("methods.rs")).unwrap()));
    let differences: Vec<_> = asynchronous.symmetric_difference(&forms).collect();
    assert!(differences.is_empty(), "change fishjam-sdk/src/blocking/methods.rs; only one client has {differences:?}");
}
