//! What commands do when their output can't be written: a reader that has gone, a full disk, no log.

use crate::support::rapport;
use std::fs::File;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Commands that print: much and little, help and JSON, words for people.
const PRINTING: &[&[&str]] = &[
    &["openapi"],
    &["--help"],
    &["--version"],
    &["plugin", "--help"],
    &["config", "show"],
    &["config", "check", "--json"],
    &["audit", "list"],
    &["audit", "export"],
    &["audit", "verify"],
    &["outbox", "list"],
    &["inbox", "list"],
    &["plugin", "list"],
    &["retention", "show"],
    &["user", "list", "--json"],
];

fn command(dir: &Path, arguments: &[&str]) -> Command {
    let mut command = rapport(arguments);
    command
        .current_dir(dir)
        .env("RAPPORT_LOG", "error")
        .stderr(Stdio::piped());
    command
}

fn run(command: &mut Command) -> Output {
    command.spawn().unwrap().wait_with_output().unwrap()
}

#[test]
fn a_reader_that_has_gone_ends_a_command_without_a_word() {
    let dir = tempfile::tempdir().unwrap();
    for arguments in PRINTING {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = run(command(dir.path(), arguments).stdout(writer));
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(said, "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for arguments in PRINTING {
        let output = run(command(dir.path(), arguments).stdout(full()));
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            said.contains("writing to the standard output: No space left"),
            "{arguments:?}: {said}"
        );
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
    }
    // Nor does it fall over its own complaints.
    for arguments in [
        &["openapi"][..],
        &["inbox", "show", "nobody"],
        &["nonsense"],
    ] {
        let output = run(command(dir.path(), arguments).stdout(full()).stderr(full()));
        let code = output.status.code();
        assert!(matches!(code, Some(1 | 2)), "{arguments:?}: {code:?}");
    }
}
