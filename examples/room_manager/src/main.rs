//! The program of this example is not written yet.

fn main() {}
