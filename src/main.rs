//! The program: the command line, and its exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    banxin::cli::run()
}
