//! Directories that authors have, tidy and not.

use super::*;
use std::fs;
use tempfile::TempDir;

/// A plugin's directory with these files beside `plugin.toml`.
fn plugin(files: &[(&str, &[u8])]) -> TempDir {
    let dir = TempDir::new().unwrap();
    let manifest = ("plugin.toml", crate::samples::MANIFEST.as_bytes());
    for (path, content) in [&manifest].into_iter().chain(files) {
        let path = dir.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    dir
}

fn contents(files: &[(&str, &[u8])]) -> Contents {
    read(plugin(files).path()).unwrap().1
}

fn refused(files: &[(&str, &[u8])]) -> String {
    read(plugin(files).path()).unwrap_err().to_string()
}

#[test]
fn only_the_manifest_is_needed() {
    let found = contents(&[]);
    assert_eq!(found.manifest, crate::samples::MANIFEST);
    assert_eq!((found.licence, found.changelog), (None, None));
    assert!(found.fixtures.is_empty());
    let error = read(TempDir::new().unwrap().path()).unwrap_err();
    assert!(error.to_string().contains("plugin.toml"), "{error}");
}

#[test]
fn the_licence_is_the_plugins_or_the_workspaces() {
    for name in ["LICENSE", "LICENSE.txt", "LICENSE.md"] {
        assert_eq!(contents(&[(name, b"mine")]).licence.unwrap(), "mine");
    }
    let workspace = TempDir::new().unwrap();
    let dir = workspace.path().join("plugins/one");
    fs::create_dir_all(&dir).unwrap();
    fs::write(dir.join("plugin.toml"), crate::samples::MANIFEST).unwrap();
    fs::write(workspace.path().join("LICENSE"), "ours").unwrap();
    assert_eq!(read(&dir).unwrap().1.licence, None);
    fs::write(workspace.path().join("Cargo.toml"), "[workspace]\n").unwrap();
    assert_eq!(read(&dir).unwrap().1.licence.unwrap(), "ours");
}

#[test]
fn the_changelog_is_that_of_this_version() {
    let text = "# Changelog\n\n## [Unreleased]\n- later\n\n## [0.1.0] - 2026-01-01\n\n### Added\n\
        - one\n\n- two\n\n## 0.0.9\n- before\n";
    let found = contents(&[("CHANGELOG.md", text.as_bytes())]);
    assert_eq!(found.changelog.unwrap(), "### Added\n- one\n\n- two");
    for (text, expected) in [
        ("## 0.1.0\nplain", Some("plain")),
        ("## 0.1.0", None),
        ("## 0.1.00\nother", None),
        ("0.1.0\nno heading", None),
        ("", None),
    ] {
        let found = contents(&[("CHANGELOG.md", text.as_bytes())]);
        assert_eq!(found.changelog.as_deref(), expected, "{text}");
    }
}

#[test]
fn fixtures_are_every_file_below_their_directory() {
    let found = contents(&[
        ("fixtures/b/deep/2.json", b"{}"),
        ("fixtures/a.txt", b"a"),
        ("fixtures/.hidden", b"\xff"),
        ("fixtures/.git/config", b"\xff"),
    ]);
    let found: Vec<_> = found.fixtures.into_iter().collect();
    let expected = [("a.txt", "a"), ("b/deep/2.json", "{}")];
    assert_eq!(found, expected.map(|(p, t)| (p.to_owned(), t.to_owned())));
}

#[test]
fn untidy_fixtures_are_named() {
    let error = refused(&[("fixtures/x.bin", b"ok \xff")]);
    assert!(error.contains("x.bin: not UTF-8 text at byte 3"), "{error}");
    let error = refused(&[("fixtures/a\\b", b"")]);
    assert!(error.contains("is refused"), "{error}");
    let large = vec![b'x'; limits::FIXTURES_BYTES / 2];
    let error = refused(&[("fixtures/1", &large), ("fixtures/2", &large)]);
    assert!(error.contains("bytes of fixtures, at most"), "{error}");
    let dir = plugin(&[]);
    fs::create_dir(dir.path().join("fixtures")).unwrap();
    for n in 0..=limits::FIXTURES {
        fs::write(dir.path().join(format!("fixtures/{n}")), "").unwrap();
    }
    let error = read(dir.path()).unwrap_err().to_string();
    assert!(error.contains("257 fixtures, at most 256"), "{error}");
}

#[cfg(unix)]
#[test]
fn links_lead_out_of_the_fixtures() {
    let dir = plugin(&[("fixtures/a", b"")]);
    let link = dir.path().join("fixtures/link");
    std::os::unix::fs::symlink("/etc/hostname", link).unwrap();
    let error = read(dir.path()).unwrap_err().to_string();
    assert!(error.contains("link: neither a file"), "{error}");
}
