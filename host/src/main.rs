//! The `rapport` binary; see `cli` for the subcommands.
#![deny(clippy::print_stdout, clippy::print_stderr)]

use rapport_host::cli::{self, out};
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if out::is_closed(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out::error_line(format_args!("rapport: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
