//! The doormat: hand the world in, give the exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    newsdigest::cli::main(std::env::args_os())
}
