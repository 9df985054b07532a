//! JavaScript: npm brings the pinned compiler, componentize-qjs makes a component of `main` in
//! package.json with the QuickJS engine inside. WASI is stubbed in every kind: what a component
//! can reach is what it imports by the contract.

use super::{BuildError, Project, io, outward, tool};
use std::path::Path;
use std::process::Command;

pub(super) fn component(source: &Project) -> Result<Vec<u8>, BuildError> {
    let dir = source.dir;
    let path = dir.join("package.json");
    let text = std::fs::read_to_string(&path).map_err(io(&path))?;
    let package: serde_json::Value =
        serde_json::from_str(&text).map_err(|e| BuildError::Project {
            path: path.display().to_string(),
            problem: format!("line {}: {e}", e.line()),
        })?;
    let main = package["main"].as_str().ok_or_else(|| BuildError::Project {
        path: path.display().to_string(),
        problem: "`main` names no file; it is the module that the host calls, for example component.js".into(),
    })?;
    if !tool::works(version("node", dir)) {
        return Err(BuildError::Missing {
            what: "Node.js 20 or later",
            command: "apt-get install nodejs npm    (or from your system's packages)",
        });
    }
    let compiler = dir.join("node_modules/componentize-qjs/cli.mjs");
    if !installed(dir) {
        if !tool::works(version("npm", dir)) {
            return Err(BuildError::Missing {
                what: "npm",
                command: "apt-get install npm",
            });
        }
        let verb = if dir.join("package-lock.json").exists() {
            "ci"
        } else {
            "install"
        };
        tool::step(
            "Installing",
            &format!("npm {verb}, the first time for this package.json"),
        );
        let mut npm = tool::command("npm", dir);
        npm.args([
            verb,
            "--ignore-scripts",
            "--no-audit",
            "--no-fund",
            "--loglevel",
            "error",
        ]);
        tool::run(npm, "npm", dir)?;
    }
    if !compiler.exists() {
        return Err(BuildError::Missing {
            what: "the compiler componentize-qjs",
            command: "npm install --save-dev --save-exact componentize-qjs@0.4.5",
        });
    }
    if package["scripts"]["bundle"].is_string() {
        tool::step("Bundling", "npm run bundle");
        let mut npm = tool::command("npm", dir);
        npm.args(["run", "--silent", "bundle"]);
        tool::run(npm, "npm run bundle", dir)?;
    }
    tool::step("Compiling", &format!("{main} with QuickJS"));
    let out = source.scratch()?;
    let mut qjs = tool::command("node", dir);
    qjs.arg(&compiler)
        .args(["--wit", "wit", "--js", main, "--module-root", "."])
        .args([
            "--world",
            &source.world(),
            "--sync",
            "--opt-size",
            "--stub-wasi",
        ])
        .arg("--output")
        .arg(&out);
    tool::run(qjs, "componentize-qjs", dir)?;
    outward::name(std::fs::read(&out).map_err(io(&out))?)
}

fn version(program: &str, dir: &Path) -> Command {
    let mut command = tool::command(program, dir);
    command.arg("--version");
    command
}

/// What npm installed is newer than what asks for it.
fn installed(dir: &Path) -> bool {
    let time = |name: &str| {
        std::fs::metadata(dir.join(name))
            .and_then(|m| m.modified())
            .ok()
    };
    let Some(done) = time("node_modules/.package-lock.json") else {
        return false;
    };
    ["package.json", "package-lock.json"]
        .into_iter()
        .all(|name| time(name).is_none_or(|changed| changed <= done))
}
