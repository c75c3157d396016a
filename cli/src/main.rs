//! The `dlmm` command.
fn main() {}
