//! `plugin new`: a project of each kind in each language, complete with the contract and the SDK, so
//! that `rapport` and the language's toolchain are all that it takes.
//!
//! The files are those under `templates/`, `wit/` and `plugins/sdk/` when this program was compiled.
//! A project is written whole or not at all, and never over something that is there.
//! Deliberately absent: anything that runs a toolchain; that is `build`.

mod files;

use crate::manifest::{Kind, is_id};
use std::path::{Path, PathBuf};

/// The language of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Lang {
    Rust,
    Js,
    Python,
}

impl Lang {
    pub const ALL: [Lang; 3] = [Lang::Rust, Lang::Js, Lang::Python];

    pub fn as_str(self) -> &'static str {
        match self {
            Lang::Rust => "rust",
            Lang::Js => "js",
            Lang::Python => "python",
        }
    }
}

impl std::str::FromStr for Lang {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|lang| lang.as_str() == text)
            .ok_or_else(|| format!("no language `{text}`; use rust, js or python"))
    }
}

/// Why there is no new project. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum NewError {
    #[error(
        "`{0}` can't be a plugin's name: use lower-case words with hyphens, a letter first, at most 64 bytes, for example `channel-example`"
    )]
    Name(String),
    #[error(
        "`{0}` is taken by the language's own libraries; use another name, for example `classify-{0}`"
    )]
    Taken(String),
    #[error(
        "{0} is there already and not empty; choose another folder or name, nothing was written"
    )]
    Exists(PathBuf),
    #[error("{path}: {source}; nothing was written")]
    Io {
        path: PathBuf,
        source: std::io::Error,
    },
}

/// Names that a crate or package can't have beside what it depends on.
const TAKEN: &[&str] = &[
    "alloc",
    "core",
    "crate",
    "proc-macro",
    "rapport-sdk",
    "self",
    "serde",
    "serde-json",
    "std",
    "super",
    "test",
    "wasip2",
    "wit-bindgen",
    "node-modules",
    "componentize-qjs",
];

/// Writes a project into `dir`, which is made if need be. Returns the files, relative to `dir`.
pub fn create(kind: Kind, lang: Lang, name: &str, dir: &Path) -> Result<Vec<PathBuf>, NewError> {
    if !is_id(name) || name.contains("--") {
        return Err(NewError::Name(name.to_owned()));
    }
    if TAKEN.contains(&name) {
        return Err(NewError::Taken(name.to_owned()));
    }
    let there = std::fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some());
    if there || (dir.exists() && !dir.is_dir()) {
        return Err(NewError::Exists(dir.to_owned()));
    }
    let at = |path: &Path| {
        let path = path.to_owned();
        move |source| NewError::Io { path, source }
    };
    // Whole or not at all: written beside its place, then put there.
    let parent = match dir.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    std::fs::create_dir_all(&parent).map_err(at(&parent))?;
    let draft = parent.join(format!(".{name}-{}.new", std::process::id()));
    let placed = write(&draft, kind, lang, name).and_then(|files| {
        if dir.is_dir() {
            std::fs::remove_dir(dir).map_err(at(dir))?;
        }
        std::fs::rename(&draft, dir).map_err(at(dir))?;
        Ok(files)
    });
    if placed.is_err() {
        let _ = std::fs::remove_dir_all(&draft);
    }
    placed
}

fn write(draft: &Path, kind: Kind, lang: Lang, name: &str) -> Result<Vec<PathBuf>, NewError> {
    let mut written = Vec::new();
    for (path, text) in files::of(kind, lang) {
        let target = draft.join(path);
        let result = std::fs::create_dir_all(target.parent().unwrap_or(draft))
            .and_then(|()| std::fs::write(&target, fill(text, kind, lang, name)));
        result.map_err(|source| NewError::Io {
            path: path.into(),
            source,
        })?;
        written.push(PathBuf::from(path));
    }
    Ok(written)
}

/// Puts the project's own words in the places marked `{{…}}`.
fn fill(text: &str, kind: Kind, lang: Lang, name: &str) -> String {
    let network = name.strip_prefix("channel-").unwrap_or(name);
    let mut title = name.replace('-', " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let (test, vendor, toolchain) = match lang {
        Lang::Rust => (
            "cargo test",
            "vendor/rapport-sdk",
            "Rust with `rustup target add wasm32-wasip2`",
        ),
        Lang::Js => (
            "npm test",
            "vendor/rapport-sdk",
            "Node.js 20 or later with npm; the compiler comes by package.json",
        ),
        Lang::Python => (
            "python3 -m unittest",
            "rapport_sdk",
            "Python 3.10 or later with venv; the compiler comes by requirements.txt",
        ),
    };
    let attempt = match kind {
        Kind::Classifier => {
            format!("rapport plugin eval {name}.wasm --data messages.csv    # columns text,label")
        }
        Kind::Channel | Kind::Policy => {
            format!("rapport plugin test {name}.wasm    # fixtures/, in its sandbox")
        }
    };
    // An interpreter needs room and time that compiled code does not.
    let (memory, time) = match (lang, kind) {
        (Lang::Rust, Kind::Channel) => ("32", "10000"),
        (Lang::Rust, _) => ("8", "500"),
        (Lang::Js, Kind::Channel) => ("64", "20000"),
        (Lang::Js, _) => ("32", "2000"),
        (Lang::Python, Kind::Channel) => ("128", "20000"),
        (Lang::Python, _) => ("96", "2000"),
    };
    [
        ("{{name}}", name),
        ("{{title}}", &title),
        ("{{network}}", network),
        ("{{version}}", env!("CARGO_PKG_VERSION")),
        ("{{test}}", test),
        ("{{vendor}}", vendor),
        ("{{toolchain}}", toolchain),
        ("{{try}}", &attempt),
        ("{{memory}}", memory),
        ("{{time}}", time),
    ]
    .iter()
    .fold(text.to_owned(), |text, (mark, word)| {
        text.replace(mark, word)
    })
}

#[cfg(test)]
#[path = "new_tests.rs"]
mod tests;
