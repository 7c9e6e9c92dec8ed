//! The generator of the bindings: with the feature `codegen` it runs progenitor on the OpenAPI documents and
//! leaves the result in `OUT_DIR/frozen`; without it there is nothing to do, the frozen output is compiled.

#[cfg(feature = "codegen")]
#[path = "codegen/mod.rs"]
mod codegen;

/// What a step of the generator says.
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
