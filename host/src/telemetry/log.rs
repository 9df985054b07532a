//! The log: standard error, one event a line, in text or as JSON with stable names (`timestamp`,
//! `level`, `target`, `message`, then the event's own fields).
//!
//! Whatever an event holds, it stays on its line and sends nothing to a terminal: control characters
//! are written as [`shown`] has it. What customers wrote, their names, secrets and tokens are not logged; that
//! is up to the places that log, and tests/operations.rs looks.

use super::shown::shown;
use std::io::{self, Write};
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// Starts the log. RAPPORT_LOG filters it (`info`, `debug,sqlx=warn`, …), else `default` does;
/// RAPPORT_LOG_FORMAT=json makes each line a JSON object.
pub fn start(default: &str) {
    let filter = EnvFilter::try_from_env("RAPPORT_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        // What can't be written can't be told there either; to try would panic.
        .log_internal_errors(false)
        .with_writer(Lines);
    if std::env::var("RAPPORT_LOG_FORMAT").is_ok_and(|format| format == "json") {
        builder
            .json()
            .flatten_event(true)
            .with_current_span(false)
            .with_span_list(false)
            .init();
    } else {
        builder.init();
    }
}

/// Standard error, event by event.
struct Lines;

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Line<io::Stderr>;

    fn make_writer(&'a self) -> Self::Writer {
        Line(io::stderr())
    }
}

/// Writes what it gets in one piece as one line. The formatter hands over an event at a time.
struct Line<W: Write>(W);

impl<W: Write> Write for Line<W> {
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        self.0.write_all(&neutral(event))?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// The event as one line that steers no terminal.
fn neutral(event: &[u8]) -> Vec<u8> {
    let text = String::from_utf8_lossy(event);
    let mut line = shown(text.strip_suffix('\n').unwrap_or(&text));
    line.push('\n');
    line.into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_line_and_steers_no_terminal() {
        let forged = "WARN a\r\n2026-01-01 INFO forged\u{1b}[31m\u{9b}2J\u{202e}\n";
        let line = String::from_utf8(neutral(forged.as_bytes())).unwrap();
        assert_eq!(line.matches('\n').count(), 1);
        assert!(line.ends_with('\n'));
        assert!(!line.contains(['\r', '\u{1b}', '\u{9b}', '\u{202e}']));
        assert!(line.contains("\\r\\n2026-01-01"), "{line}");
    }
}
