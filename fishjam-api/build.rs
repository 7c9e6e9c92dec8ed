//! Generates the bindings.
//!
//! With the feature `codegen`, it runs progenitor on the OpenAPI documents and writes the result to `OUT_DIR/frozen`.
//! Without the feature, it does nothing, and the crate compiles the committed output.

#[cfg(feature = "codegen")]
#[path = "codegen/mod.rs"]
mod codegen;

/// The result of a step of the generator.
#[cfg(feature = "codegen")]
type Outcome<T> = Result<T, String>;

#[cfg(feature = "codegen")]
fn main() {
    if let Err(problem) = codegen::run() {
        eprintln!("fishjam-api codegen: {problem}");
        std::process::exit(1);
    }
}

#[cfg(not(feature = "codegen"))]
fn main() {
    println!("cargo::rerun-if-changed=build.rs");
}
