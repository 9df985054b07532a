//! Builds plugins: the language's own toolchain makes a component, then what travels with the plugin
//! goes into it.
//!
//! The language is told by the file that its toolchain knows a project by. What is there already
//! (installed packages, compiled crates) is used again; the tools know what changed, save that npm
//! and pip are only asked when their lists are newer than what they installed. Tools get few of our
//! environment's variables and none of its secrets. Deliberately absent: caching of our own, and whether
//! the plugin is what its manifest says (see [`Package::inspect`](crate::Package::inspect)).

mod cargo;
mod js;
mod outward;
mod python;
mod tool;

use crate::embed::{self, Contents, PackageError};
use crate::manifest::{Kind, Manifest};
use crate::source::{self, SourceError};
use std::path::{Path, PathBuf};

/// The compilation target of Rust plugins.
pub const TARGET: &str = "wasm32-wasip2";

/// Why a plugin could not be built. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("{path}: {source}")]
    Io {
        path: String,
        source: std::io::Error,
    },
    #[error(transparent)]
    Source(#[from] SourceError),
    #[error("{path}: {source}")]
    Package { path: String, source: PackageError },
    #[error("the Rust target {TARGET} is missing; run: rustup target add {TARGET}")]
    TargetMissing,
    #[error("cargo could not build {0}; its messages are above")]
    Cargo(String),
    #[error("{what} is missing; run: {command}")]
    Missing {
        what: &'static str,
        command: &'static str,
    },
    #[error("{tool} failed in {dir}:\n{said}")]
    Tool {
        tool: &'static str,
        dir: String,
        said: String,
    },
    #[error("{path}: {problem}")]
    Project { path: String, problem: String },
    #[error(
        "{0}: no Cargo.toml, package.json, pyproject.toml or requirements.txt, so the language is unknown; `rapport plugin new` makes a project"
    )]
    Language(String),
    #[error("the toolchain made no component: {0}")]
    Component(String),
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError + '_ {
    move |source| BuildError::Io {
        path: path.display().to_string(),
        source,
    }
}

/// What a toolchain is told.
struct Project<'a> {
    dir: &'a Path,
    kind: Kind,
}

impl Project<'_> {
    /// The world of the contract that the component implements.
    fn world(&self) -> String {
        match self.kind {
            Kind::Channel if self.dir.join("wit/connector-http.wit").exists() => {
                "channel-connector-http"
            }
            Kind::Channel => "channel-connector",
            Kind::Classifier => "classifier",
            Kind::Policy => "policy-pack",
        }
        .to_owned()
    }

    /// Where the toolchain leaves the component.
    fn scratch(&self) -> Result<PathBuf, BuildError> {
        let build = self.dir.join("build");
        std::fs::create_dir_all(&build).map_err(io(&build))?;
        Ok(build.join("component.wasm"))
    }
}

type Compile = fn(&Project) -> Result<Vec<u8>, BuildError>;

/// How a project that is not Rust's is compiled; none for Rust.
fn language(dir: &Path) -> Result<Option<Compile>, BuildError> {
    let has = |name: &str| dir.join(name).exists();
    if has("Cargo.toml") {
        Ok(None)
    } else if has("package.json") {
        Ok(Some(js::component))
    } else if has("requirements.txt") || has("pyproject.toml") {
        Ok(Some(python::component))
    } else {
        Err(BuildError::Language(dir.display().to_string()))
    }
}

/// Builds the plugin in `dir` and returns the finished file's bytes. `target_dir` is cargo's; none
/// leaves it to cargo. A crate's `[profile.plugin]`, or else `release`, is used.
pub fn build(dir: &Path, target_dir: Option<&Path>) -> Result<(Manifest, Vec<u8>), BuildError> {
    let Some(compile) = language(dir)? else {
        let mut built = build_all(&[dir.to_path_buf()], target_dir)?;
        return Ok(built.remove(0));
    };
    let dir = dir.canonicalize().map_err(io(dir))?;
    let (manifest, contents) = source::read(&dir)?;
    let project = Project {
        dir: &dir,
        kind: manifest.kind,
    };
    let component = compile(&project)?;
    Ok((manifest, finished(&component, &contents, &dir)?))
}

/// Builds several Rust plugins of one workspace with one run of cargo.
pub fn build_all(
    dirs: &[PathBuf],
    target_dir: Option<&Path>,
) -> Result<Vec<(Manifest, Vec<u8>)>, BuildError> {
    let sources = dirs.iter().map(|dir| source::read(dir));
    let sources = sources.collect::<Result<Vec<_>, _>>()?;
    let Some(first) = dirs.first() else {
        return Ok(Vec::new());
    };
    cargo::ensure_target(first)?;
    let artifacts = cargo::run(first, &sources, target_dir)?;
    let mut built = Vec::new();
    for (manifest, contents) in sources {
        let name = manifest.id.replace('-', "_");
        let file = artifacts
            .iter()
            .find(|a| {
                a.file_stem()
                    .is_some_and(|stem| stem.to_string_lossy() == name)
            })
            .ok_or_else(|| BuildError::Cargo(format!("{} as a cdylib", manifest.id)))?;
        let component = std::fs::read(file).map_err(io(file))?;
        let whole = finished(&component, &contents, file)?;
        built.push((manifest, whole));
    }
    Ok(built)
}

/// With what travels inside it. `path` is for the error.
fn finished(component: &[u8], contents: &Contents, path: &Path) -> Result<Vec<u8>, BuildError> {
    embed::embed(component, contents).map_err(|source| BuildError::Package {
        path: path.display().to_string(),
        source,
    })
}
