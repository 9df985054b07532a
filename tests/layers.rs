//! Who may use whom: the layer table of DESIGN.md section 4, checked on the source of the host.
//!
//! A use is a path that begins with `crate`, `rapport_host` or `super` and leads into another
//! top-level module, in code of any kind, tests included; comments and texts do not count. Outside
//! libraries that belong to one module (axum, sqlx, wasmtime) are checked by name.

#[path = "layers/tokens.rs"]
mod tokens;

use std::fmt;
use std::path::{Path, PathBuf};
use tokens::{Token, tokens};

/// A use that the table does not have.
#[derive(Debug, PartialEq)]
struct Broken {
    place: String,
    edge: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.edge)
    }
}

/// The table. `None`: everything.
fn may_use(module: &str) -> Option<&'static [&'static str]> {
    Some(match module {
        "main" | "lib" | "app" | "cli" | "config" => return None,
        "http" => &["pipeline", "access", "domain", "db", "telemetry"],
        "worker" => &["pipeline", "domain", "db", "plugin", "telemetry"],
        "pipeline" => &["domain", "db", "plugin", "telemetry"],
        "db" | "plugin" => &["domain", "telemetry"],
        "domain" | "telemetry" => &[],
        "access" => &["domain", "db"],
        other => panic!("{other} is in no layer: give it a place in DESIGN.md and here"),
    })
}

/// Outside names that are at home in one module: (prefix, module, files that may use it besides).
const AT_HOME: &[(&str, &str, &[&str])] = &[
    ("axum", "http", &["cli/serve.rs"]),
    ("utoipa_axum", "http", &[]),
    ("sqlx", "db", &[]),
    ("wasmtime", "plugin", &[]),
    // Leads requests elsewhere and stops the clock: for the conformance kit alone.
    ("StandIn", "plugin", &["cli/plugin/test/channel/bench.rs"]),
    ("load_recorded", "plugin", &["cli/plugin/record.rs"]),
    (
        "load_under_test",
        "plugin",
        &["cli/plugin/test/channel/bench.rs"],
    ),
];

/// What the domain must not know of the packages beside the host.
const NOT_IN_DOMAIN: &[&str] = &["rapport_package", "rapport_bindings", "rapport_host"];

/// Files of the domain that hand on a pure function of `rapport_package`, so that it is written once.
const HANDED_ON: &[&str] = &["domain/address.rs", "domain/digest.rs"];

/// Files of the pipeline that do no I/O, and the only calls that they may await.
const NO_IO: &[(&str, &[&str])] = &[
    ("pipeline/decide.rs", &["decide", "join_all"]),
    ("pipeline/route.rs", &[]),
];

/// Names that only code that does I/O has.
const IO: &[&str] = &["Db", "Tx", "fs", "net", "process", "reqwest", "tokio"];

/// Everything that is wrong with one file; `file` is relative to `src`.
fn check(file: &str, source: &str) -> Vec<Broken> {
    let module = file.split(['/', '.']).next().unwrap_or_default();
    let tokens = tokens(source);
    let mut broken = Vec::new();
    let mut report = |line: usize, edge: String| {
        broken.push(Broken {
            place: format!("src/{file}:{line}"),
            edge,
        });
    };
    for (line, used) in uses(file, &tokens) {
        let allowed = may_use(module).is_none_or(|list| list.contains(&used.as_str()));
        if used != module && !allowed {
            report(line, format!("{module} may not use {used}"));
        }
    }
    for token in &tokens {
        for (prefix, home, besides) in AT_HOME {
            let named = token.text == *prefix || token.text.starts_with(&format!("{prefix}_"));
            if named && module != *home && !besides.contains(&file) {
                report(token.line, format!("{} is only for {home}", token.text));
            }
        }
        let forbidden = NOT_IN_DOMAIN.contains(&token.text.as_str());
        if module == "domain" && forbidden && !HANDED_ON.contains(&file) {
            report(token.line, format!("domain may not use {}", token.text));
        }
    }
    if let Some((_, awaited)) = NO_IO.iter().find(|(name, _)| *name == file) {
        for (line, what) in input_output(&tokens, awaited) {
            report(line, format!("{what} in a stage that does no I/O"));
        }
    }
    broken
}

/// Top-level modules that the paths of a file lead into, with their lines.
fn uses(file: &str, tokens: &[Token]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    // Depth of the module that the file itself is.
    let parts: Vec<&str> = file.trim_end_matches(".rs").split('/').collect();
    let own = match parts.as_slice() {
        ["main" | "lib"] => 0,
        [.., "mod"] => parts.len() - 1,
        _ => parts.len(),
    };
    let mut braces = 0_usize;
    let mut inline: Vec<usize> = Vec::new();
    let text = |i: usize| tokens.get(i).map_or("", |t: &Token| t.text.as_str());
    let mut i = 0;
    while i < tokens.len() {
        match text(i) {
            "{" => {
                braces += 1;
                if i >= 2 && text(i - 2) == "mod" {
                    inline.push(braces);
                }
            }
            "}" => {
                if inline.last() == Some(&braces) {
                    inline.pop();
                }
                braces = braces.saturating_sub(1);
            }
            "crate" | "rapport_host" if text(i + 1) == "::" => {
                found.extend(heads(tokens, i + 2));
            }
            "super" if i == 0 || text(i - 1) != "::" => {
                let mut up = 1;
                while text(i + 1) == "::" && text(i + 2) == "super" {
                    up += 1;
                    i += 2;
                }
                if text(i + 1) == "::" && up == own + inline.len() {
                    found.extend(heads(tokens, i + 2));
                }
            }
            _ => {}
        }
        i += 1;
    }
    found
}

/// The names that a path goes on with: one, or each of a group in braces.
fn heads(tokens: &[Token], at: usize) -> Vec<(usize, String)> {
    let Some(first) = tokens.get(at) else {
        return Vec::new();
    };
    if first.text != "{" {
        return vec![(first.line, first.text.clone())];
    }
    let mut found = Vec::new();
    let (mut depth, mut expected) = (0, false);
    for token in &tokens[at..] {
        match token.text.as_str() {
            "{" => {
                depth += 1;
                expected = depth == 1;
            }
            "}" if depth == 1 => break,
            "}" => depth -= 1,
            "," => expected = depth == 1,
            name if expected => {
                found.push((token.line, name.to_owned()));
                expected = false;
            }
            _ => {}
        }
    }
    found
}

/// Names of I/O, and awaited calls other than the given ones.
fn input_output(tokens: &[Token], awaited: &[&str]) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let ours = tokens
        .windows(2)
        .filter(|w| w[0].text == "fn")
        .map(|w| w[1].text.as_str());
    let ours: Vec<&str> = ours.collect();
    for (i, token) in tokens.iter().enumerate() {
        if IO.contains(&token.text.as_str()) {
            found.push((token.line, format!("`{}`", token.text)));
        }
        if token.text != "await" {
            continue;
        }
        let called = called_before(&tokens[..i]);
        // A stage that may await plugins may do so by way of its own functions.
        let by_own = !awaited.is_empty() && ours.contains(&called);
        if !by_own && !awaited.contains(&called) {
            found.push((token.line, format!("`{called}(…).await`")));
        }
    }
    found
}

/// The name of the call that ends just before `.await`.
fn called_before(tokens: &[Token]) -> &str {
    let mut depth = 0_usize;
    for (i, token) in tokens.iter().enumerate().rev() {
        match token.text.as_str() {
            ")" => depth += 1,
            "(" => {
                depth -= 1;
                if depth == 0 {
                    return i.checked_sub(1).map_or("", |before| &tokens[before].text);
                }
            }
            "." if depth == 0 => {}
            name if depth == 0 => return name,
            _ => {}
        }
    }
    ""
}

fn sources(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn the_source_keeps_to_the_layers() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = sources(&src);
    assert!(files.len() > 50, "only {} files in {src:?}", files.len());
    let mut broken = Vec::new();
    for path in &files {
        let file = path.strip_prefix(&src).unwrap();
        let file = file.to_string_lossy().replace('\\', "/");
        broken.extend(check(&file, &std::fs::read_to_string(path).unwrap()));
    }
    let lines: Vec<String> = broken.iter().map(ToString::to_string).collect();
    assert!(lines.is_empty(), "{}", lines.join("\n"));
    for (file, _) in NO_IO {
        assert!(
            src.join(file).exists(),
            "{file} has moved; so must its rule"
        );
    }
}

fn edges(file: &str, source: &str) -> Vec<String> {
    let broken = check(file, source);
    broken.iter().map(ToString::to_string).collect()
}

#[test]
fn a_use_across_layers_is_found_however_it_is_written() {
    let source = "//! crate::http in a comment\nuse crate::{domain::Id, http::{self, Access}};\n\
                  fn f() { let _ = \"crate::app\"; super::super::worker::run(); }\n\
                  mod tests { use super::super::super::app; use super::Db; }\n";
    let found = edges("db/query.rs", source);
    let expected = [
        "src/db/query.rs:2: db may not use http",
        "src/db/query.rs:3: db may not use worker",
        "src/db/query.rs:4: db may not use app",
    ];
    assert_eq!(found, expected);
    assert_eq!(edges("db/mod.rs", "use super::plugin;").len(), 1);
    assert_eq!(edges("plugin/call.rs", "use crate::db::Db;").len(), 1);
    assert_eq!(edges("http/mod.rs", "use crate::worker::Wake;").len(), 1);
    assert_eq!(edges("domain/case.rs", "rapport_package::Kind").len(), 1);
}

#[test]
fn what_the_table_has_is_allowed() {
    assert_eq!(edges("cli/demo.rs", "use crate::{app, http, db};"), [""; 0]);
    let worker = "use crate::plugin::CallError; use super::rest; use crate::worker::NAP;";
    assert_eq!(edges("worker/poll.rs", worker), [""; 0]);
    let text = "let s = r#\"sqlx \"crate::http\" \"#; let c = '\"'; use crate::domain; // axum";
    assert_eq!(edges("pipeline/view.rs", text), [""; 0]);
    assert_eq!(edges("cli/serve.rs", "axum::serve(l, r)"), [""; 0]);
}

#[test]
fn libraries_stay_at_home_and_stages_do_no_io() {
    assert_eq!(edges("worker/mod.rs", "axum::Json(1)").len(), 1);
    assert_eq!(edges("pipeline/apply.rs", "use sqlx::Row;").len(), 1);
    assert_eq!(edges("app.rs", "wasmtime_wasi::p2::x()").len(), 1);
    let route = "use crate::db::casework::ConversationChange; fn plan() { f().await }";
    let found = edges("pipeline/route.rs", route);
    assert_eq!(
        found,
        ["src/pipeline/route.rs:1: `f(…).await` in a stage that does no I/O"]
    );
    let decide = "async fn ask() {} fn run(db: &Db) { policy.decide(&mut c).await; ask().await; \
                  db.message_get(id).await; answer.await }";
    let found = edges("pipeline/decide.rs", decide);
    assert_eq!(found.len(), 3, "{found:?}");
}
