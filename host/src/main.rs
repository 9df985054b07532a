//! The `rapport` binary; see `cli` for the subcommands.

use std::process::ExitCode;

fn main() -> ExitCode {
    match rapport_host::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("rapport: {error:#}");
            ExitCode::FAILURE
        }
    }
}
