//! Writes one seed of the fuzz target `decode` for each notification of the table. A workflow runs it before it fuzzes.

use std::{fs, path::Path};

use fishjam_tests::notifications::{SHORT, message, one_of_each};
use prost::Message as _;

fn main() -> anyhow::Result<()> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/corpus/decode");
    for sample in one_of_each(&SHORT) {
        fs::write(corpus.join(sample.name()), message(sample.content.clone()).encode_to_vec())?;
    }
    Ok(())
}
