//! Other people's programs that a build runs: found, told apart from missing ones, run with few of
//! our environment's variables and none of its secrets.

use super::BuildError;
use std::ffi::OsString;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Variables that every tool gets when they are set.
const PASSED: &[&str] = &[
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "TZ",
    "TERM",
    "TMPDIR",
    "TEMP",
    "TMP",
    "SYSTEMROOT",
    "COMSPEC",
    "PATHEXT",
    "USERPROFILE",
    "APPDATA",
    "LOCALAPPDATA",
    "NO_COLOR",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "ALL_PROXY",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "NODE_EXTRA_CA_CERTS",
    "REQUESTS_CA_BUNDLE",
    "SOURCE_DATE_EPOCH",
    "RUSTC",
    "RUSTC_WRAPPER",
    "CC",
    "AR",
];

/// Beginnings of variables that configure a tool: where its registry and its caches are.
const FAMILIES: &[&str] = &[
    "LC_",
    "CARGO_",
    "RUSTUP_",
    "NPM_CONFIG_",
    "PIP_",
    "PYENV_",
    "NVM_",
];

/// Parts of names that are secrets, whatever they begin with. Registries that need one read it from
/// the tool's own configuration file.
const SECRET: &[&str] = &["TOKEN", "PASSWORD", "SECRET", "_AUTH", "CREDENTIAL"];

fn passes(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    let known = PASSED.contains(&name.as_str()) || FAMILIES.iter().any(|f| name.starts_with(f));
    known && !SECRET.iter().any(|part| name.contains(part))
}

/// A command in `dir` with a bounded environment and no input.
pub fn command(program: impl Into<OsString>, dir: &Path) -> Command {
    let mut command = Command::new(program.into());
    command.current_dir(dir).env_clear().stdin(Stdio::null());
    command.envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(passes)));
    command
}

/// Says what is being done, as cargo does.
pub fn step(verb: &str, what: &str) {
    // Where it can't be told, the build goes on all the same.
    let _ = writeln!(std::io::stderr(), "{verb:>12} {what}");
}

/// Whether a program is there and answers.
pub fn works(mut command: Command) -> bool {
    command.output().is_ok_and(|output| output.status.success())
}

/// Runs it to its end; what it said when it fails.
pub fn run(mut command: Command, tool: &'static str, dir: &Path) -> Result<Output, BuildError> {
    let failed = |said: String| BuildError::Tool {
        tool,
        dir: dir.display().to_string(),
        said,
    };
    let output = command.output().map_err(|e| failed(e.to_string()))?;
    if output.status.success() {
        return Ok(output);
    }
    Err(failed(readable(&output)))
}

/// The tool's own words without progress, colours and backtraces, at most 40 lines of them.
fn readable(output: &Output) -> String {
    let mut text = String::from_utf8_lossy(&output.stderr).into_owned();
    if text.trim().is_empty() {
        text = String::from_utf8_lossy(&output.stdout).into_owned();
    }
    let mut plain = String::new();
    let mut escape = false;
    for c in text.chars() {
        match c {
            '\u{1b}' => escape = true,
            c if escape => escape = !c.is_ascii_alphabetic(),
            c if c == '\n' || c == '\t' || !c.is_control() => plain.push(c),
            _ => {}
        }
    }
    let lines: Vec<&str> = plain.lines().filter(|l| !l.trim().is_empty()).collect();
    let from = lines.len().saturating_sub(40);
    lines[from..]
        .iter()
        .map(|line| format!("  {line}\n"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_do_not_pass() {
        for name in [
            "PATH",
            "http_proxy",
            "npm_config_registry",
            "CARGO_HOME",
            "LC_ALL",
        ] {
            assert!(passes(name), "{name}");
        }
        for name in [
            "BLUESKY_APP_PASSWORD",
            "CARGO_REGISTRY_TOKEN",
            "PIP_PASSWORD",
            "RAPPORT_X",
            "NODE_OPTIONS",
            "PYTHONPATH",
        ] {
            assert!(!passes(name), "{name}");
        }
    }

    #[test]
    fn what_a_tool_says_is_readable() {
        let mut command = command("sh", Path::new("."));
        command.args([
            "-c",
            r"printf '\033[31merror\033[0m: x.js:2:69\n\n' >&2; exit 1",
        ]);
        let said = run(command, "sh", Path::new(".")).unwrap_err().to_string();
        assert!(said.contains("  error: x.js:2:69\n"), "{said}");
    }
}
