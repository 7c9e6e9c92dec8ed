//! The waiting forms of the client's methods: what is written, what is refused, and that none is missing.

#![allow(clippy::unwrap_used, reason = "a test may panic, and so may what it is made of")]

use std::collections::BTreeSet;
use std::fs;

use syn::visit::{self, Visit};
use syn::{File, ImplItemFn, Visibility};
use xtask::blocking::{self, first_sentence};
use xtask::workspace_root;

const BY_HAND: &str = "impl FishjamClient { pub fn new() -> Self {} }";

fn generate(source: &str) -> anyhow::Result<String> {
    let root = "pub mod events; pub use rooms::{Room, RoomOptions as Options}; pub use error::Result; mod hidden;";
    let parse = |text| syn::parse_str::<File>(text);
    blocking::generate(&[("rooms.rs".to_owned(), parse(source)?)], &parse(root)?, &parse(BY_HAND)?)
}

fn refusal(source: &str) -> String {
    format!("{:#}", generate(source).unwrap_err())
}

#[test]
fn a_method_keeps_its_name_its_arguments_its_result_and_what_concerns_a_caller() {
    let source = r#"
        use std::time::Duration;
        use crate::{Room, error::Result};
        use options::Options;
        mod options;
        #[cfg(feature = "more")]
        impl FishjamClient {
            /// Waits in a [`Room`](crate::Room), e.g. for
            /// [`a while`][Duration]. Then it goes on.
            ///
            /// # Errors
            #[deprecated(since = "0.2.0", note = "use something else")]
            #[inline]
            pub async fn stay<T: Ord>(&self, mut options: Options, time: impl Into<Duration>) -> Result<Vec<Room>>
            where
                T: Clone,
            {
                todo!()
            }
        }
        impl FishjamClient {
            pub fn new() -> Self {}
            /// An address
            #[must_use]
            pub const fn url(&self) -> String {}
            pub(crate) async fn inner(&mut self) {}
            fn private(self) {}
        }
        impl Drop for FishjamClient { fn drop(&mut self) {} }
        impl Other { pub fn other(&self) {} }
        #[cfg(test)]
        mod tests { impl FishjamClient { pub fn tested(&self) {} } }
    "#;
    let expected = r#"// Written by `cargo xtask codegen` from the methods of `crate::FishjamClient`. Do not edit.

use std::time::Duration;
use super::FishjamClient;
use crate::{Options, Result, Room};

impl FishjamClient {
    /// Waits in a `Room`, e.g. for `a while`.
    ///
    /// The waiting form of [`crate::FishjamClient::stay`], which says what can fail.
    #[cfg(feature = "more")]
    #[deprecated(since = "0.2.0", note = "use something else")]
    #[allow(deprecated, reason = "it forwards to what is deprecated like itself")]
    pub fn stay<T: Ord>(
        &self,
        options: Options,
        time: impl Into<Duration>,
    ) -> Result<Vec<Room>>
    where
        T: Clone,
    {
        self.wait(crate::FishjamClient::stay(&self.client, options, time))
    }

    /// An address
    ///
    /// The same as [`crate::FishjamClient::url`].
    #[must_use]
    pub fn url(&self) -> String {
        crate::FishjamClient::url(&self.client)
    }
}
"#;
    let generated = generate(source).unwrap();
    assert!(generated == expected, "generated:\n{generated}\nexpected:\n{expected}");
}

#[test]
fn what_cannot_be_forwarded_to_is_an_error_that_names_it() {
    for (method, words) in [
        (
            "/// A.\n pub async fn a(&self) -> Vec<u8> {}",
            "`a` cannot be forwarded to: it is asynchronous and returns no",
        ),
        ("/// A.\n pub async fn a(&self) {}", "returns no `Result`"),
        ("/// A.\n pub async fn a(self) -> Result<()> {}", "it takes `self`"),
        ("/// A.\n pub fn a(&mut self) {}", "it takes `& mut self`"),
        ("/// A.\n pub fn a(&self, (b, c): (u8, u8)) {}", "an argument has no name"),
        ("pub fn a(&self) {}", "no documentation"),
        ("pub async fn a() -> Result<Self> {}", "rooms.rs: `a` has no waiting form in"),
        ("pub fn new() -> Self {}", "no method"),
    ] {
        let said = refusal(&format!("impl FishjamClient {{ {method} }}"));
        assert!(said.contains(words), "{method}: {said}");
    }
}

#[test]
fn the_first_sentence_ends_where_a_reader_says() {
    for (documentation, sentence) in [
        ("One. Two.", "One."),
        ("One goes\non. Two.", "One goes on."),
        ("One\n\nTwo.", "One"),
        ("Version 1.2, e.g. this, i.e. that. Two.", "Version 1.2, e.g. this, i.e. that."),
        ("Makes a [`Room`] and a [peer](crate::Peer), not [that][x]. Two.", "Makes a `Room` and a peer, not that."),
        ("An open [ bracket.", "An open [ bracket."),
        ("", ""),
    ] {
        assert_eq!(first_sentence(documentation), sentence, "{documentation:?}");
    }
}

/// Read without the code under test: names of public functions in `impl FishjamClient` blocks of a file.
fn public_functions(text: &str) -> BTreeSet<String> {
    struct Names(BTreeSet<String>);
    impl<'ast> Visit<'ast> for Names {
        fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
            if item.trait_.is_none()
                && matches!(&*item.self_ty, syn::Type::Path(of) if of.path.is_ident("FishjamClient"))
            {
                visit::visit_item_impl(self, item);
            }
        }

        fn visit_impl_item_fn(&mut self, item: &'ast ImplItemFn) {
            if matches!(item.vis, Visibility::Public(_)) {
                self.0.insert(item.sig.ident.to_string());
            }
        }
    }
    let mut names = Names(BTreeSet::new());
    names.visit_file(&syn::parse_file(text).unwrap());
    names.0
}

#[test]
fn every_public_method_of_the_client_has_its_waiting_form() {
    let facade = workspace_root().join("fishjam-sdk/src");
    let (mut asynchronous, mut waiting) = (BTreeSet::new(), BTreeSet::new());
    let mut directories = vec![facade.clone()];
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let names = public_functions(&fs::read_to_string(&path).unwrap());
                if directory == facade.join("blocking") { &mut waiting } else { &mut asynchronous }.extend(names);
            }
        }
    }
    assert!(asynchronous.contains("create_room") && asynchronous.contains("new"), "{asynchronous:?}");
    let differences: Vec<_> = asynchronous.symmetric_difference(&waiting).collect();
    assert!(differences.is_empty(), "run `cargo xtask codegen`; only one of the two clients has {differences:?}");
}

#[test]
fn the_committed_file_is_what_the_methods_give() {
    let changes = blocking::plan(&workspace_root()).unwrap();
    let report: String = changes.iter().map(|change| change.report(blocking::DIRECTORY)).collect();
    assert!(changes.is_empty(), "run `cargo xtask codegen`:\n{report}");
}
