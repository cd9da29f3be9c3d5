//! The doormat: parse, run, exit code.

fn main() {}
