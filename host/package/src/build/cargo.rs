//! Rust: cargo for wasm32-wasip2, one run for all plugins of a workspace. Its messages go straight to
//! the terminal.

use super::{BuildError, TARGET, tool};
use crate::embed::Contents;
use crate::manifest::Manifest;
use std::path::{Path, PathBuf};

const CARGO_MISSING: BuildError = BuildError::Missing {
    what: "Rust's cargo",
    command: "apt-get install rustup && rustup default stable    (or as rustup's site says)",
};

/// One run of cargo for all; the paths of the components it made.
pub(super) fn run(
    dir: &Path,
    sources: &[(Manifest, Contents)],
    target_dir: Option<&Path>,
) -> Result<Vec<PathBuf>, BuildError> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = tool::command(cargo, dir);
    command
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
    for (manifest, _) in sources {
        command.args(["--package", &manifest.id]);
    }
    // Where an author keeps sources is nobody's business, and the same sources give the same file.
    let config = format!(
        "target.{TARGET}.rustflags=[{}]",
        hidden_paths(dir)
            .iter()
            .map(|(path, name)| format!("{:?}", format!("--remap-path-prefix={path}={name}")))
            .collect::<Vec<_>>()
            .join(", ")
    );
    command.args(["--config", &config]);
    if let Some(target_dir) = target_dir {
        command.arg("--target-dir").arg(target_dir);
    }
    // A build script's flags are meant for the machine, not for the guest.
    for name in ["CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    let output = command
        .stderr(std::process::Stdio::inherit())
        .output()
        .map_err(|_| CARGO_MISSING)?;
    if !output.status.success() {
        let names: Vec<_> = sources.iter().map(|(m, _)| m.id.as_str()).collect();
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

/// Paths of this machine that a component would name in its panics, and what it names instead.
fn hidden_paths(dir: &Path) -> Vec<(String, &'static str)> {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    let home = home.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".cargo")));
    // The outermost manifest is the workspace's.
    let root = dir
        .ancestors()
        .filter(|dir| dir.join("Cargo.toml").exists());
    let root = root.last().map(Path::to_path_buf);
    [(home, "cargo"), (root, "source")]
        .into_iter()
        .filter_map(|(path, name)| Some((path?.to_str()?.to_owned(), name)))
        .collect()
}

/// Whether this directory's workspace has a `[profile.plugin]`.
fn has_plugin_profile(dir: &Path) -> bool {
    dir.ancestors()
        .filter_map(|dir| std::fs::read_to_string(dir.join("Cargo.toml")).ok())
        .any(|text| text.lines().any(|line| line.trim() == "[profile.plugin]"))
}

/// Adds the target with rustup when it is missing; where that can't be done, says the command.
pub(super) fn ensure_target(dir: &Path) -> Result<(), BuildError> {
    let present = || {
        tool::command("rustc", dir)
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
    if !tool::works({
        let mut rustc = tool::command("rustc", dir);
        rustc.arg("--version");
        rustc
    }) {
        return Err(CARGO_MISSING);
    }
    tool::step("Adding", &format!("the Rust target {TARGET}"));
    let added = tool::command("rustup", dir)
        .args(["target", "add", TARGET])
        .status()
        .is_ok_and(|status| status.success());
    if added && present() {
        Ok(())
    } else {
        Err(BuildError::TargetMissing)
    }
}
