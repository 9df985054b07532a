//! Builds Rust plugins: cargo for wasm32-wasip2, then the manifest into the component.
//!
//! A plugin's crate has the manifest's id as its package name. Deliberately absent: any cleverness
//! about what changed; cargo knows.

use crate::embed::{self, PackageError};
use crate::manifest::{Manifest, ManifestError};
use std::path::{Path, PathBuf};
use std::process::Command;

/// The compilation target of plugins.
pub const TARGET: &str = "wasm32-wasip2";

/// Why a plugin could not be built. The text says what to do.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    #[error("{path}: {source}")]
    Io {
        path: String,
        source: std::io::Error,
    },
    #[error("{path}: {source}")]
    Manifest { path: String, source: ManifestError },
    #[error("{path}: {source}")]
    Package { path: String, source: PackageError },
    #[error("the Rust target {TARGET} is missing; run: rustup target add {TARGET}")]
    TargetMissing,
    #[error("cargo could not build {0}; its messages are above")]
    Cargo(String),
}

fn io(path: &Path) -> impl FnOnce(std::io::Error) -> BuildError + '_ {
    move |source| BuildError::Io {
        path: path.display().to_string(),
        source,
    }
}

/// Builds the plugin in `dir` and returns the finished file's bytes. `target_dir` is cargo's; none
/// leaves it to cargo. The crate's `[profile.plugin]`, or else `release`, is used.
pub fn build(dir: &Path, target_dir: Option<&Path>) -> Result<(Manifest, Vec<u8>), BuildError> {
    let mut built = build_all(&[dir.to_path_buf()], target_dir)?;
    Ok(built.remove(0))
}

/// Builds several plugins of one workspace with one run of cargo.
pub fn build_all(
    dirs: &[PathBuf],
    target_dir: Option<&Path>,
) -> Result<Vec<(Manifest, Vec<u8>)>, BuildError> {
    let mut manifests = Vec::new();
    for dir in dirs {
        let path = dir.join("plugin.toml");
        let text = std::fs::read_to_string(&path).map_err(io(&path))?;
        let manifest = Manifest::parse(&text).map_err(|source| BuildError::Manifest {
            path: path.display().to_string(),
            source,
        })?;
        manifests.push((manifest, text, path));
    }
    let Some(first) = dirs.first() else {
        return Ok(Vec::new());
    };
    ensure_target(first)?;
    let artifacts = run_cargo(first, &manifests, target_dir)?;
    let mut built = Vec::new();
    for (manifest, text, path) in manifests {
        let name = manifest.id.replace('-', "_");
        let file = artifacts
            .iter()
            .find(|a| {
                a.file_stem()
                    .is_some_and(|stem| stem.to_string_lossy() == name)
            })
            .ok_or_else(|| BuildError::Cargo(format!("{} as a cdylib", manifest.id)))?;
        let component = std::fs::read(file).map_err(io(file))?;
        let whole = embed::embed(&component, &text).map_err(|source| BuildError::Package {
            path: path.display().to_string(),
            source,
        })?;
        built.push((manifest, whole));
    }
    Ok(built)
}

/// One run of cargo for all; the paths of the components it made.
fn run_cargo(
    dir: &Path,
    manifests: &[(Manifest, String, PathBuf)],
    target_dir: Option<&Path>,
) -> Result<Vec<PathBuf>, BuildError> {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command
        .current_dir(dir)
        .args(["build", "--lib", "--target", TARGET])
        .args(["--message-format", "json-render-diagnostics"])
        .args([
            "--profile",
            if has_plugin_profile(dir) {
                "plugin"
            } else {
                "release"
            },
        ]);
    for (manifest, ..) in manifests {
        command.args(["--package", &manifest.id]);
    }
    if let Some(target_dir) = target_dir {
        command.arg("--target-dir").arg(target_dir);
    }
    // A build script's or wrapper's flags are meant for the machine, not for the guest.
    for name in [
        "RUSTFLAGS",
        "CARGO_ENCODED_RUSTFLAGS",
        "RUSTC_WORKSPACE_WRAPPER",
        "CARGO_BUILD_TARGET",
    ] {
        command.env_remove(name);
    }
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(io(Path::new("cargo")))?;
    if !output.status.success() {
        let names: Vec<_> = manifests.iter().map(|(m, ..)| m.id.as_str()).collect();
        return Err(BuildError::Cargo(names.join(", ")));
    }
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok())
        .filter(|message| message["reason"] == "compiler-artifact")
        .flat_map(|message| message["filenames"].as_array().cloned().unwrap_or_default())
        .filter_map(|name| name.as_str().map(PathBuf::from))
        .filter(|path| path.extension().is_some_and(|e| e == "wasm"))
        .collect())
}

/// Whether this directory's workspace has a `[profile.plugin]`.
fn has_plugin_profile(dir: &Path) -> bool {
    dir.ancestors()
        .filter_map(|dir| std::fs::read_to_string(dir.join("Cargo.toml")).ok())
        .any(|text| text.lines().any(|line| line.trim() == "[profile.plugin]"))
}

/// Adds the target with rustup when it is missing; where that can't be done, says the command.
fn ensure_target(dir: &Path) -> Result<(), BuildError> {
    let present = || {
        Command::new("rustc")
            .current_dir(dir)
            .args(["--print", "target-libdir", "--target", TARGET])
            .output()
            .ok()
            .filter(|output| output.status.success())
            .is_some_and(|output| {
                Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir()
            })
    };
    if present() {
        return Ok(());
    }
    let added = Command::new("rustup")
        .current_dir(dir)
        .args(["target", "add", TARGET])
        .status()
        .is_ok_and(|status| status.success());
    if added && present() {
        Ok(())
    } else {
        Err(BuildError::TargetMissing)
    }
}
