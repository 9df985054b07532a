//! Many installed plugins: one component under as many ids, so each is a file, a compiled component and
//! a configured plugin of its own. How long loading takes with nothing compiled yet and with all of it,
//! and what memory they take, idle and after one call of each.

use crate::guests::{build_packages, messages};
use crate::{read, texts};
use rapport_host::plugin::pure::PurePlugin;
use rapport_host::plugin::{Engines, Freeze, resolve_settings};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::time::Instant;

const COMPONENT: &str = "examples/classify-hello";
/// Its id, which another of the same length takes the place of.
const ID: &str = "classify-hello";

/// Resident memory in KiB: what is the process's own, and files that are mapped, as compiled plugins.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Memory {
    own_kib: u64,
    files_kib: u64,
}

/// What it took a process that had nothing to do with it before.
#[derive(Debug, Serialize, Deserialize)]
pub struct Loading {
    plugins: usize,
    /// Size of all plugin files together; a host keeps them in memory.
    file_bytes: usize,
    read_ms: f64,
    load_ms: f64,
    /// One call of each plugin with one message.
    call_ms: f64,
    /// With the engines started, the plugins read, loaded, and called once each.
    started: Memory,
    read: Memory,
    loaded: Memory,
    called: Memory,
}

#[derive(Debug, Serialize)]
pub struct Figures {
    empty_cache: Loading,
    filled_cache: Loading,
    /// Loading with an empty cache against a filled one.
    load_ratio: f64,
    compiled_bytes: u64,
}

/// The plugin files of a folder, in order.
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|e| e == "wasm"));
    files.sort();
    files
}

/// Where the compiled ones of a folder are kept.
pub fn cache(folder: &Path) -> PathBuf {
    folder.join("compiled")
}

/// Writes this many plugins.
pub fn write(folder: &Path, count: u32) {
    let package = build_packages(&[COMPONENT]).pop().expect("one");
    let sections = &package.outline.sections;
    let manifest = sections.iter().find(|s| s.name == "rapport:plugin.toml");
    let range = manifest.expect("a manifest").range.clone();
    let text = &package.component[range.clone()];
    let at = text.windows(ID.len()).position(|w| w == ID.as_bytes());
    let at = range.start + at.expect("its id");
    for n in 0..count {
        let id = format!("classify-{n:05}");
        let mut bytes = package.component.clone();
        bytes[at..at + ID.len()].copy_from_slice(id.as_bytes());
        std::fs::write(folder.join(format!("{id}.wasm")), bytes).expect("a file is written");
    }
}

fn memory() -> Memory {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux has it");
    let kib = |name: &str| -> u64 {
        let line = status.lines().find(|line| line.starts_with(name));
        let number = line.and_then(|line| line.split_whitespace().nth(1));
        number.and_then(|n| n.parse().ok()).expect("a number")
    };
    Memory {
        own_kib: kib("RssAnon:"),
        files_kib: kib("RssFile:"),
    }
}

fn ms(start: Instant) -> f64 {
    start.elapsed().as_secs_f64() * 1e3
}

/// Loads the plugins of a folder, one after the other as a host does, and calls each once.
pub async fn load(folder: &Path) -> Loading {
    let engines = Arc::new(Engines::new(&cache(folder)).expect("the engines start"));
    let started = memory();
    let start = Instant::now();
    let packages: Vec<_> = files(folder).iter().map(|path| read(path)).collect();
    let (read_ms, read) = (ms(start), memory());
    let start = Instant::now();
    let mut plugins = Vec::with_capacity(packages.len());
    for package in &packages {
        let settings = resolve_settings(&package.manifest.settings, &json!({}));
        let settings = settings.expect("settings");
        let freeze = Freeze::WhenPossible;
        let plugin = PurePlugin::load(&engines, package, settings, &[], freeze).await;
        plugins.push(plugin.expect("it loads"));
    }
    let (load_ms, loaded) = (ms(start), memory());
    let message = messages(&texts(1));
    let start = Instant::now();
    for plugin in &plugins {
        let batch = plugin.classify(&message).await;
        assert!(batch.items[0].is_ok(), "{:?}", batch.items);
    }
    Loading {
        plugins: plugins.len(),
        file_bytes: packages.iter().map(|p| p.component.len()).sum(),
        read_ms,
        load_ms,
        call_ms: ms(start),
        started,
        read,
        loaded,
        called: memory(),
    }
}

/// The same in a process of its own.
fn load_apart(folder: &Path) -> Loading {
    let program = std::env::current_exe().expect("this program");
    let output = Command::new(program).arg("--child").arg(folder).output();
    let output = output.expect("it starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    serde_json::from_slice(&output.stdout).expect("its figures")
}

pub fn measure(folder: &Path) -> Figures {
    let (empty_cache, filled_cache) = (load_apart(folder), load_apart(folder));
    let compiled = std::fs::read_dir(cache(folder)).expect("a cache");
    let compiled = compiled.filter_map(|entry| entry.ok()?.metadata().ok());
    Figures {
        load_ratio: empty_cache.load_ms / filled_cache.load_ms,
        compiled_bytes: compiled.map(|metadata| metadata.len()).sum(),
        empty_cache,
        filled_cache,
    }
}

impl Figures {
    pub fn print(&self) {
        let plugins = self.filled_cache.plugins;
        println!(
            "\n{plugins} plugins, files of {} KiB, compiled {} KiB; loading with an empty cache takes {:.0} times as long",
            self.filled_cache.file_bytes / 1024,
            self.compiled_bytes / 1024,
            self.load_ratio
        );
        println!(
            "{:14}{:>10}{:>10}{:>10}   own + mapped MiB: {:>14}{:>14}{:>14}{:>14}",
            "", "read ms", "load ms", "call ms", "started", "read", "loaded", "called"
        );
        for (name, loading) in [
            ("empty cache", &self.empty_cache),
            ("filled cache", &self.filled_cache),
        ] {
            let mib = |m: Memory| format!("{} + {}", m.own_kib / 1024, m.files_kib / 1024);
            println!(
                "{name:14}{:>10.0}{:>10.0}{:>10.0}   {:18}{:>14}{:>14}{:>14}{:>14}",
                loading.read_ms,
                loading.load_ms,
                loading.call_ms,
                "",
                mib(loading.started),
                mib(loading.read),
                mib(loading.loaded),
                mib(loading.called)
            );
        }
    }
}
