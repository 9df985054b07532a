//! The plugin platform through the binary: an admin takes plugins in, grants, sets, enables, upgrades,
//! goes back and takes out, over the command line and the API, while a host runs and never restarts.

pub mod support;

#[path = "platform/addresses.rs"]
mod addresses;
#[path = "platform/broken.rs"]
mod broken;
#[path = "platform/candidates.rs"]
mod candidates;
#[path = "platform/good.rs"]
mod good;
#[path = "support/guests.rs"]
pub mod guests;
#[path = "platform/inboxes.rs"]
mod inboxes;
#[path = "platform/lifecycle.rs"]
mod lifecycle;
#[path = "platform/private.rs"]
mod private;
#[path = "platform/publisher.rs"]
mod publisher;
#[path = "platform/quota.rs"]
mod quota;
#[path = "support/sample.rs"]
pub mod sample;
#[path = "platform/shown.rs"]
mod shown;
#[path = "platform/trust.rs"]
mod trust;
#[path = "platform/upgrades.rs"]
mod upgrades;
#[path = "support/variant.rs"]
mod variant;

use rapport_package::manifest::FieldPermission;
use rapport_package::{Manifest, Package};
use reqwest::Method;
use sample::{TOWN, message, post};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;
use support::{Host, rapport, until};

const SOON: Duration = Duration::from_secs(60);
/// The plugin that is managed: honest unless its setting says otherwise.
const ID: &str = "fickle-classifier";

fn built() -> &'static Package {
    static BUILT: OnceLock<Package> = OnceLock::new();
    BUILT.get_or_init(|| guests::build_packages(&["tests/guests/fickle-classifier"]).remove(0))
}

/// Writes a version of it to a file.
fn version(dir: &Path, name: &str, change: impl FnOnce(&mut Manifest)) -> PathBuf {
    let file = dir.join(format!("{name}.wasm"));
    let change = |manifest: &mut Manifest| {
        name.clone_into(&mut manifest.version);
        change(manifest);
    };
    std::fs::write(&file, variant::variant(built(), change)).unwrap();
    file
}

/// Makes it ask to see who wrote a message.
fn asks_for_author(manifest: &mut Manifest) {
    manifest.permissions.fields.push(FieldPermission {
        field: "message.attributed-to".into(),
        reason: "To tell regular customers apart.".into(),
    });
}

/// What a command ended with.
struct Ended {
    success: bool,
    printed: Value,
    said: String,
}

/// `rapport … --json --config dir/rapport.toml`.
fn run(dir: &Path, arguments: &[&str]) -> Ended {
    let output = rapport(arguments)
        .args(["--json", "--config"])
        .arg(dir.join("rapport.toml"))
        .env("RAPPORT_KEY_PASSWORD", "")
        .output()
        .unwrap();
    Ended {
        success: output.status.success(),
        // Of several lines the first.
        printed: serde_json::Deserializer::from_slice(&output.stdout)
            .into_iter()
            .next()
            .and_then(Result::ok)
            .unwrap_or_default(),
        said: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// The same, and it must work.
fn done(dir: &Path, arguments: &[&str]) -> Value {
    let ended = run(dir, arguments);
    assert!(ended.success, "{arguments:?}: {}", ended.said);
    ended.printed
}

/// The same, and it must be refused with these words.
fn refused(dir: &Path, arguments: &[&str], words: &str) {
    let ended = run(dir, arguments);
    assert!(!ended.success, "{arguments:?} went through");
    assert!(
        ended.said.contains(words),
        "{arguments:?}: `{words}` not in {}",
        ended.said
    );
}

/// Takes a plugin in, grants it what it asks for and enables it.
fn take_in(dir: &Path, id: &str, file: &str) {
    done(dir, &["plugin", "install", file, "--allow-unsigned"]);
    done(dir, &["plugin", "grant", id]);
    done(dir, &["plugin", "enable", id]);
}

/// Brings another version in, unsigned, with whatever it asks for and says otherwise of itself.
fn bring_in(dir: &Path, id: &str, file: &str) {
    let outcome = done(dir, &["plugin", "upgrade", id, file, "--allow-unsigned"]);
    if outcome["asksMore"] != json!([]) {
        done(dir, &["plugin", "approve", id]);
    }
}

/// Hands a message to the town's inbox.
async fn say(host: &Host, id: &str, text: &str) {
    let (status, _) = post(host, &[message(id, "ada", text)]).await;
    assert_eq!(status, 200);
}

/// Which version of ours said something of a message, once others have; none if it said nothing.
async fn said_by(host: &Host, id: &str) -> Option<String> {
    let all = until(id, SOON, async || {
        let page = host.get("messages?limit=200").await;
        let found = page["items"].as_array()?.iter();
        let id = found.clone().find(|m| m["externalId"] == id)?["id"].as_str()?;
        let message = host.get(&format!("messages/{id}")).await;
        let all = message["classifications"].as_array()?.clone();
        (!all.is_empty()).then_some(all)
    })
    .await;
    let ours = all.iter().find(|c| c["plugin"] == ID)?;
    Some(ours["version"].as_str().unwrap_or_default().to_owned())
}

/// Waits until a host says that of the plugin.
async fn stands(host: &Host, state: &str, version: &str) -> Value {
    until(&format!("{version} {state}"), SOON, async || {
        let all = host.get("plugin-status").await;
        let mut of = all.as_array()?.iter().filter(|s| s["plugin"] == ID);
        let found = of.find(|s| s["state"] == state && s["version"] == version)?;
        Some(found.clone())
    })
    .await
}

/// A host with one inbox, in a directory.
async fn host(dir: &Path) -> Host {
    Host::start(TOWN, dir).await
}

/// What is on record about plugins and trust, oldest first.
fn recorded(dir: &Path) -> Vec<String> {
    let listed = done(dir, &["audit", "list"]);
    let items = listed.as_array().or(listed["items"].as_array()).unwrap();
    let mut actions: Vec<String> = items
        .iter()
        .filter(|event| event["actor"] != "host")
        .map(|event| event["action"].as_str().unwrap().to_owned())
        .collect();
    actions.reverse();
    actions
}
