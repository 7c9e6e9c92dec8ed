//! Generates Rust from an OpenAPI document.
//!
//! The steps are: read the document, apply the overlay, check the result, emit the enums, run progenitor, trim the methods,
//! prune the types, decode unions by their member and keep unknown members.

mod guard;
mod open_enums;
mod overlay;
mod prune_types;
mod tagged_unions;
mod trim_methods;
mod unknown_members;

use std::{env, fs, path::Path};

use serde_json::Value;

use crate::Outcome;

/// A REST contract and the generated module.
struct Contract {
    /// The OpenAPI document, in the directory of the workspace.
    document: &'static str,
    /// The edits that the generator needs, in the directory of this file.
    overlay: &'static str,
    /// The module of this crate with the generated code.
    module: &'static str,
}

const CONTRACTS: [Contract; 3] = [
    Contract { document: "openapi.yaml", overlay: "fishjam.overlay.yaml", module: "fishjam" },
    Contract { document: "openapi-composition.yaml", overlay: "composition.overlay.yaml", module: "composition" },
    Contract { document: "openapi-jellyfish.yaml", overlay: "jellyfish.overlay.yaml", module: "jellyfish" },
];

/// Generates every contract into `OUT_DIR/frozen`.
pub(crate) fn run() -> Outcome<()> {
    let here = var("CARGO_MANIFEST_DIR")?;
    let out = Path::new(&var("OUT_DIR")?).join("frozen");
    // An old file that no step writes anymore must not be committed again.
    let _ = fs::remove_dir_all(&out);
    fs::create_dir_all(&out).map_err(|e| format!("{}: {e}", out.display()))?;
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=codegen");
    let own_code = read_sources(&Path::new(&here).join("src"))?;
    for contract in CONTRACTS {
        let document = Path::new(&here).join("..").join(contract.document);
        let overlay = Path::new(&here).join("codegen").join(contract.overlay);
        println!("cargo::rerun-if-changed={}", document.display());
        generate(&contract, &document, &overlay, &own_code, &out)
            .map_err(|problem| format!("{}: {problem}", contract.document))?;
    }
    Ok(())
}

/// Reads this crate's own code. Overlays replace some generated types with types in it.
fn read_sources(sources: &Path) -> Outcome<Vec<syn::File>> {
    println!("cargo::rerun-if-changed={}", sources.display());
    let problem = |path: &Path, e: &dyn std::fmt::Display| format!("{}: {e}", path.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(sources).map_err(|e| problem(sources, &e))? {
        let path = entry.map_err(|e| problem(sources, &e))?.path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).map_err(|e| problem(&path, &e))?;
            files.push(syn::parse_file(&text).map_err(|e| problem(&path, &e))?);
        }
    }
    Ok(files)
}

fn generate(contract: &Contract, document: &Path, overlay: &Path, own_code: &[syn::File], out: &Path) -> Outcome<()> {
    let mut document: Value = read_yaml(document)?;
    let edits: Vec<overlay::Edit> = read_yaml(overlay)?;
    let overlay::Replaced { open, by_hand } = overlay::apply(&mut document, &edits)?;
    guard::check(&document, &open)?;

    let enums = open_enums::emit(&document, &open)?;
    write(&out.join(format!("{}_enums.rs", contract.module)), &enums)?;

    let mut settings = progenitor::GenerationSettings::default();
    settings.with_interface(progenitor::InterfaceStyle::Positional);
    for name in &open {
        settings.with_replacement(name, format!("crate::{}::enums::{name}", contract.module), std::iter::empty());
    }
    for (name, path) in &by_hand {
        settings.with_replacement(name, path, std::iter::empty());
    }
    let parsed = serde_json::from_value(document.clone()).map_err(|e| format!("not an OpenAPI 3.0 document: {e}"))?;
    let tokens =
        progenitor::Generator::new(&settings).generate_tokens(&parsed).map_err(|e| format!("progenitor: {e}"))?;
    let mut file = syn::parse2(tokens).map_err(|e| format!("progenitor's output is not valid Rust: {e}"))?;
    trim_methods::trim(&mut file)?;
    prune_types::prune(&mut file, own_code)?;
    tagged_unions::decode(&mut file, &document)?;
    unknown_members::keep(&mut file)?;
    write(&out.join(format!("{}.rs", contract.module)), &prettyplease::unparse(&file))
}

fn var(name: &str) -> Outcome<String> {
    env::var(name).map_err(|e| format!("{name}: {e}"))
}

fn read_yaml<T: serde::de::DeserializeOwned>(path: &Path) -> Outcome<T> {
    let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    serde_norway::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))
}

fn write(path: &Path, text: &str) -> Outcome<()> {
    fs::write(path, text).map_err(|e| format!("{}: {e}", path.display()))
}
