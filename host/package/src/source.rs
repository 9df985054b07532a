//! What an author keeps in a plugin's directory, ready to go into the component: `plugin.toml`,
//! `LICENSE`, `CHANGELOG.md` and `fixtures/`.
//!
//! Only the first must be there. Links are refused among the fixtures: building a stranger's plugin
//! must not put this machine's files into it. Deliberately absent: code; that is cargo's.

use crate::embed::Contents;
use crate::fixtures::{self, FixtureError, Fixtures};
use crate::limits;
use crate::manifest::{Manifest, ManifestError};
use std::path::{Path, PathBuf};

/// Why a plugin's directory can't be read. The text says which file and what to do.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    #[error("{path}: {source}")]
    Io {
        path: String,
        source: std::io::Error,
    },
    #[error("{path}: {source}")]
    Manifest { path: String, source: ManifestError },
    #[error("{path}: not UTF-8 text at byte {offset}; save it as UTF-8, or take it away")]
    NotText { path: String, offset: usize },
    #[error("{path}: {found} bytes, at most {limit}; shorten it")]
    TooLarge {
        path: String,
        found: u64,
        limit: usize,
    },
    #[error("{path}: neither a file nor a directory; put the file itself here")]
    NotAFile { path: String },
    #[error("{path}: {source}")]
    Fixture { path: String, source: FixtureError },
}

/// Reads the plugin in `dir`.
pub fn read(dir: &Path) -> Result<(Manifest, Contents), SourceError> {
    let path = dir.join("plugin.toml");
    let text = read_text(&path, limits::MANIFEST_BYTES)?;
    let manifest = Manifest::parse(&text).map_err(|source| SourceError::Manifest {
        path: shown(&path),
        source,
    })?;
    let contents = Contents {
        licence: licence(dir)?,
        changelog: changelog(dir, &manifest.version)?,
        fixtures: fixtures(&dir.join("fixtures"))?,
        manifest: text,
    };
    Ok((manifest, contents))
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> SourceError + '_ {
    move |source| SourceError::Io {
        path: shown(path),
        source,
    }
}

fn read_text(path: &Path, limit: usize) -> Result<String, SourceError> {
    let found = std::fs::metadata(path).map_err(io(path))?.len();
    if found > limit as u64 {
        return Err(SourceError::TooLarge {
            path: shown(path),
            found,
            limit,
        });
    }
    let bytes = std::fs::read(path).map_err(io(path))?;
    String::from_utf8(bytes).map_err(|error| SourceError::NotText {
        path: shown(path),
        offset: error.utf8_error().valid_up_to(),
    })
}

/// Names in a directory in their order.
fn entries(dir: &Path) -> Result<Vec<PathBuf>, SourceError> {
    let entries = std::fs::read_dir(dir).map_err(io(dir))?;
    let mut paths = entries
        .map(|entry| entry.map(|entry| entry.path()).map_err(io(dir)))
        .collect::<Result<Vec<_>, _>>()?;
    paths.sort();
    Ok(paths)
}

/// `LICENSE`, or the first `LICENSE.*`, beside `plugin.toml` or else at the workspace's root.
fn licence(dir: &Path) -> Result<Option<String>, SourceError> {
    let dir = dir.canonicalize().map_err(io(dir))?;
    let root = dir.ancestors().find(|dir| is_workspace(dir));
    for dir in [Some(dir.as_path()), root].into_iter().flatten() {
        let is_licence = |path: &PathBuf| {
            path.is_file() && path.file_stem().is_some_and(|stem| stem == "LICENSE")
        };
        if let Some(path) = entries(dir)?.into_iter().find(is_licence) {
            return read_text(&path, limits::LICENCE_BYTES).map(Some);
        }
    }
    Ok(None)
}

fn is_workspace(dir: &Path) -> bool {
    std::fs::read_to_string(dir.join("Cargo.toml"))
        .is_ok_and(|text| text.lines().any(|line| line.trim() == "[workspace]"))
}

/// The entry for this version of `CHANGELOG.md`: what stands below `## [1.2.3]` or `## 1.2.3`, with
/// anything after it, up to the next such heading.
fn changelog(dir: &Path, version: &str) -> Result<Option<String>, SourceError> {
    let path = dir.join("CHANGELOG.md");
    if !path.is_file() {
        return Ok(None);
    }
    let text = read_text(&path, limits::MANIFEST_BYTES)?;
    let is_heading = |line: &&str| line.starts_with("## ");
    let mut lines = text.lines().skip_while(|line| {
        let named = line.strip_prefix("## ").and_then(|heading| {
            let word = heading.split_whitespace().next()?;
            Some(word.trim_start_matches('[').trim_end_matches(']'))
        });
        named != Some(version)
    });
    lines.next();
    let entry: Vec<&str> = lines.take_while(|line| !is_heading(line)).collect();
    let entry = entry.join("\n").trim().to_owned();
    Ok((!entry.is_empty()).then_some(entry))
}

/// Every file below `fixtures/`, but for those whose names begin with a dot.
fn fixtures(root: &Path) -> Result<Fixtures, SourceError> {
    let mut found = Fixtures::new();
    let mut left = if root.is_dir() {
        entries(root)?
    } else {
        Vec::new()
    };
    let refused = |path: &Path| {
        let path = shown(path);
        move |source| SourceError::Fixture { path, source }
    };
    let mut bytes = 0;
    while let Some(path) = left.pop() {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') {
            continue;
        }
        let kind = std::fs::symlink_metadata(&path).map_err(io(&path))?;
        if kind.is_dir() {
            left.extend(entries(&path)?);
            continue;
        }
        if !kind.is_file() {
            return Err(SourceError::NotAFile { path: shown(&path) });
        }
        let below = path.strip_prefix(root).unwrap_or(&path);
        let parts = below.components().map(|part| part.as_os_str().to_str());
        let relative = parts.collect::<Option<Vec<_>>>().map(|p| p.join("/"));
        let relative = relative
            .filter(|relative| fixtures::is_path(relative))
            .ok_or_else(|| refused(&path)(FixtureError::Path(shown(below))))?;
        let text = read_text(&path, limits::FIXTURES_BYTES)?;
        bytes += relative.len() + text.len();
        found.insert(relative, text);
        if bytes > limits::FIXTURES_BYTES || found.len() > limits::FIXTURES {
            break;
        }
    }
    fixtures::check(&found).map_err(refused(root))?;
    Ok(found)
}

#[cfg(test)]
#[path = "source_tests.rs"]
mod tests;
