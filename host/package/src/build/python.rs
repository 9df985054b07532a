//! Python: a virtual environment in the project has the pinned compiler, componentize-py makes a
//! component of the module `component` with CPython inside. WASI is stubbed in every kind: what a
//! component can reach is what it imports by the contract.

use super::{BuildError, Project, io, outward, tool};
use std::path::{Path, PathBuf};

/// The module that the host calls.
const ENTRY: &str = "component";

pub(super) fn component(source: &Project) -> Result<Vec<u8>, BuildError> {
    let dir = source.dir;
    if !dir.join(ENTRY).with_extension("py").exists() {
        return Err(BuildError::Project {
            path: dir.display().to_string(),
            problem: format!(
                "{ENTRY}.py is missing; it has the class WitWorld that the host calls"
            ),
        });
    }
    let requirements = dir.join("requirements.txt");
    let wanted = std::fs::read_to_string(&requirements).map_err(io(&requirements))?;
    let venv = dir.join(".venv");
    let bin = venv.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let stamp = venv.join("rapport-requirements.txt");
    if std::fs::read_to_string(&stamp).ok().as_ref() != Some(&wanted) {
        install(dir, &venv, &bin)?;
        std::fs::write(&stamp, &wanted).map_err(io(&stamp))?;
    }
    let compiler = bin.join("componentize-py");
    if !compiler.exists() {
        return Err(BuildError::Missing {
            what: "the compiler componentize-py",
            command: "echo 'componentize-py==0.25.1' >> requirements.txt",
        });
    }
    tool::step("Compiling", &format!("{ENTRY}.py with CPython"));
    let out = source.scratch()?;
    let mut py = tool::command(&compiler, dir);
    py.env("VIRTUAL_ENV", &venv)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // One seed, so that the same source gives the same component.
        .env("PYTHONHASHSEED", "0")
        .args(["--quiet", "--wit-path", "wit", "--world", &source.world()])
        .args([
            "componentize",
            "--stub-wasi",
            "--python-path",
            ".",
            "--output",
        ])
        .arg(&out)
        .arg(ENTRY);
    tool::run(py, "componentize-py", dir)?;
    outward::name(std::fs::read(&out).map_err(io(&out))?)
}

fn install(dir: &Path, venv: &Path, bin: &Path) -> Result<(), BuildError> {
    let python = ["python3", "python"]
        .into_iter()
        .find(|name| {
            let mut probe = tool::command(name, dir);
            probe.args(["-c", "import sys; sys.exit(sys.version_info < (3, 10))"]);
            tool::works(probe)
        })
        .ok_or(BuildError::Missing {
            what: "Python 3.10 or later",
            command: "apt-get install python3 python3-venv    (or from your system's packages)",
        })?;
    let mut probe = tool::command(python, dir);
    probe.args(["-c", "import venv, ensurepip"]);
    if !tool::works(probe) {
        return Err(BuildError::Missing {
            what: "Python's venv module",
            command: "apt-get install python3-venv",
        });
    }
    tool::step(
        "Installing",
        "requirements.txt in .venv, the first time for it",
    );
    let mut make = tool::command(python, dir);
    make.args(["-m", "venv"]).arg(venv);
    tool::run(make, "python -m venv", dir)?;
    let pip: PathBuf = bin.join("python");
    let mut command = tool::command(pip, dir);
    command.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ]);
    command.args(["--requirement", "requirements.txt"]);
    tool::run(command, "pip", dir).map(drop)
}
