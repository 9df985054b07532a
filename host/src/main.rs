//! The `rapport` binary; see `cli` for the subcommands.
#![deny(clippy::print_stdout, clippy::print_stderr)]

use rapport_host::cli::{self, out};
use rapport_host::plugin;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    if let Some(end) = plugin::compiler() {
        return end;
    }
    if let Some(program) = this_program() {
        plugin::compile_apart(program);
    }
    match cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if out::is_closed(&error) => ExitCode::SUCCESS,
        Err(error) => {
            out::error_line(format_args!("rapport: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// The file of the program that runs; on Linux also when another has taken its place since.
fn this_program() -> Option<PathBuf> {
    let image = Path::new("/proc/self/exe");
    match image.exists() {
        true => Some(image.to_owned()),
        false => std::env::current_exe().ok(),
    }
}
