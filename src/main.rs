//! The `onset` program.

use std::process::ExitCode;

fn main() -> ExitCode {
    onset::cli::run()
}
