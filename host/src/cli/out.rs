//! The one way to the standard output and error: `outln!` and `errln!`, in the place of the macros that
//! panic when nothing can be written (clippy denies those, see lib.rs).
//!
//! Invariants: what can't be written is an error of the command, so that a full disk shows in its exit
//! status; but a reader that has gone (`rapport … | head`) had what it wanted, and the command ends
//! without a word ([`is_closed`]). What can't be told on the standard error is let go: there is nowhere
//! to tell it. Whatever is in a line, it steers no terminal ([`lines`]); what others wrote goes in by
//! [`shown`](crate::telemetry::shown::shown) besides, so that it stays on its line.

use crate::telemetry::shown::lines;
use std::fmt::Arguments;
use std::io::{self, ErrorKind, IsTerminal, Write};

/// A line on the standard output. Errors as [`Output`] does.
macro_rules! outln {
    ($($words:tt)*) => { $crate::cli::out::line(format_args!($($words)*)) };
}

/// A line on the standard error.
macro_rules! errln {
    ($($words:tt)*) => { $crate::cli::out::error_line(format_args!($($words)*)) };
}

/// Nobody reads the standard output any more.
#[derive(Debug, thiserror::Error)]
#[error("nobody reads the standard output any more")]
struct Closed;

/// The standard output, byte by byte but for a terminal, which nothing steers. Errors say that it is what
/// could not be written.
pub struct Output;

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut out = io::stdout();
        if !out.is_terminal() {
            return out.write(bytes).map_err(named);
        }
        let text = lines(&String::from_utf8_lossy(bytes));
        out.write_all(text.as_bytes()).map_err(named)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stdout().flush().map_err(named)
    }
}

fn named(error: io::Error) -> io::Error {
    match error.kind() {
        ErrorKind::BrokenPipe => io::Error::new(ErrorKind::BrokenPipe, Closed),
        // The caller tries again.
        ErrorKind::Interrupted => error,
        kind => io::Error::new(kind, format!("writing to the standard output: {error}")),
    }
}

/// For `outln!`.
pub fn line(words: Arguments<'_>) -> io::Result<()> {
    // In one piece, so that nothing of another thread comes in between.
    Output.write_all(whole(words).as_bytes())?;
    Output.flush()
}

fn whole(words: Arguments<'_>) -> String {
    let mut text = lines(&words.to_string());
    text.push('\n');
    text
}

/// For `errln!`.
pub fn error_line(words: Arguments<'_>) {
    let _ = io::stderr().write_all(whole(words).as_bytes());
}

/// The command ended because nobody reads its output any more.
pub fn is_closed(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| {
        // The writer of CSV does not name the error that it passes on as its source.
        let passed_on = cause.downcast_ref::<csv::Error>().map(csv::Error::kind);
        let failed = match passed_on {
            Some(csv::ErrorKind::Io(error)) => Some(error),
            _ => cause.downcast_ref::<io::Error>(),
        };
        let inner = failed.and_then(io::Error::get_ref);
        inner.is_some_and(|inner| inner.is::<Closed>())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn a_reader_that_has_gone_is_told_from_other_failures() {
        let failed = |kind: ErrorKind| {
            let result = Err::<(), _>(named(kind.into()));
            result.context("listing").unwrap_err()
        };
        assert!(is_closed(&failed(ErrorKind::BrokenPipe)));
        let full = failed(ErrorKind::StorageFull);
        assert!(!is_closed(&full));
        assert!(format!("{full:#}").contains("writing to the standard output: "));
        // A pipe of another kind, to a network for example.
        let other = Err::<(), _>(io::Error::from(ErrorKind::BrokenPipe));
        assert!(!is_closed(&other.context("sending").unwrap_err()));
    }
}
