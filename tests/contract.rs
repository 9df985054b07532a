//! The contract stays compatible within 1.x: what was built against 1.0.0 keeps running, and `wit/` still
//! says all that it said then.
//!
//! `tests/contract/1.0.0` is never changed: the contract's text at that version, and one plugin of each
//! kind that was built against it. A change of `wit/` that breaks a plugin (a field more in a record, a
//! case less in an enumeration, another parameter) fails here; new functions and interfaces pass.

#[path = "support/guests.rs"]
#[expect(dead_code, reason = "shared with tests that build plugins")]
mod guests;

use rapport_host::domain::outbound::OutboundMessage;
use rapport_host::plugin::connector::{Connector, ConnectorOptions};
use rapport_host::plugin::{Freeze, resolve_settings};
use rapport_package::Package;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn stored() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/contract/1.0.0")
}

fn package(name: &str) -> Package {
    let bytes = std::fs::read(stored().join(name)).unwrap();
    let package = Package::read(bytes).unwrap();
    package.inspect().unwrap();
    package
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classifier_of_1_0_0_classifies() {
    let (package, settings) = (package("classifier.wasm"), json!({}));
    let plugin = guests::load_pure(&package, &settings, Freeze::WhenPossible).await;
    let plugin = plugin.unwrap();
    let said = plugin.classify(&[guests::message("Hallo allemaal")]).await;
    let found = said.items[0].as_ref().unwrap();
    assert_eq!(
        (found[0].dimension.as_str(), found[0].label.as_str()),
        ("greeting", "yes")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_of_1_0_0_tells_its_rules() {
    let (package, settings) = (package("policy.wasm"), json!({}));
    let plugin = guests::load_pure(&package, &settings, Freeze::WhenPossible).await;
    assert!(!plugin.unwrap().rules.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_channel_of_1_0_0_validates() {
    let package = package("channel.wasm");
    let given = json!({ "address": "http://127.0.0.1:9", "feed": "f" });
    let options = ConnectorOptions {
        inbox_id: "inbox".into(),
        settings: resolve_settings(&package.manifest.settings, &given).unwrap(),
        secrets: BTreeMap::new(),
        local_hosts: Vec::new(),
        webhook_url: None,
    };
    let connector = Connector::load(guests::engines(), &package, options).await;
    let message = json!({
        "content": "Hallo", "language": "nl", "visibility": "public", "inReplyTo": null,
        "conversationExternalId": null, "recipient": null,
    });
    let message: OutboundMessage = serde_json::from_value(message).unwrap();
    connector.unwrap().validate(&message).await.unwrap();
}

/// Everything that a contract says: interface or world and item, to its text without comments.
fn items(dir: &Path) -> BTreeMap<String, String> {
    let mut files = vec![dir.to_owned()];
    let mut found = BTreeMap::new();
    while let Some(path) = files.pop() {
        if path.is_dir() {
            files.extend(std::fs::read_dir(&path).unwrap().map(|e| e.unwrap().path()));
        } else {
            collect(&std::fs::read_to_string(&path).unwrap(), &mut found);
        }
    }
    found
}

fn collect(text: &str, found: &mut BTreeMap<String, String>) {
    let lines = text
        .lines()
        .map(|l| l.split("//").next().unwrap_or_default());
    let text = lines.collect::<Vec<_>>().join(" ");
    // Statements end with a semicolon, blocks with a brace; both may stand in a block.
    let mut scope: Vec<String> = Vec::new();
    let mut item = String::new();
    let mut depth = 0;
    for c in text.chars() {
        let opens_scope = c == '{' && depth == 0 && is_scope(&item);
        match c {
            '{' if opens_scope => {
                scope.push(words(&item));
                item.clear();
            }
            '}' if depth == 0 => {
                let _ = scope.pop();
                item.clear();
            }
            ';' if depth == 0 => put(&scope, &mut item, found),
            _ => {
                item.push(c);
                depth += i32::from(c == '{') - i32::from(c == '}');
                let closed = c == '}' && depth == 0;
                if closed && !words(&item).starts_with("use ") && !item.contains("include") {
                    put(&scope, &mut item, found);
                }
            }
        }
    }
}

fn is_scope(item: &str) -> bool {
    let item = words(item);
    item.starts_with("interface ") || item.starts_with("world ")
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn put(scope: &[String], item: &mut String, found: &mut BTreeMap<String, String>) {
    let text = words(&std::mem::take(item));
    // Its kind and name; a function's name stands before the colon.
    let name: String = text.chars().take_while(|c| !"{:(".contains(*c)).collect();
    found.insert(format!("{} / {}", scope.join(" / "), words(&name)), text);
}

#[test]
fn the_contract_still_says_all_that_1_0_0_said() {
    let then = items(&stored().join("wit"));
    let now = items(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit"));
    assert!(then.len() > 40, "{then:#?}");
    let broken: BTreeSet<String> = then
        .iter()
        .filter(|(name, text)| now.get(*name) != Some(*text))
        .map(|(name, text)| format!("{name}\n  then: {text}\n  now:  {:?}", now.get(name)))
        .collect();
    assert!(
        broken.is_empty(),
        "a plugin of 1.0.0 would break; grow by new functions and interfaces, or by a new major \
         version beside this one:\n{broken:#?}"
    );
}

#[test]
fn what_breaks_plugins_is_seen() {
    let read = |text: &str| {
        let mut found = BTreeMap::new();
        collect(text, &mut found);
        found
    };
    let before = read("interface a { record r { x: u32, // words\n } f: func(r: r) -> u32; }");
    assert_eq!(before.len(), 2, "{before:?}");
    for broken in [
        "interface a { record r { x: u32, y: u32, } f: func(r: r) -> u32; }",
        "interface a { record r { x: u64, } f: func(r: r) -> u32; }",
        "interface a { record r { x: u32, } f: func(r: r) -> u64; }",
        "interface a { record r { x: u32, } }",
        "interface b { record r { x: u32, } f: func(r: r) -> u32; }",
    ] {
        let now = read(broken);
        assert!(
            before.iter().any(|(k, v)| now.get(k) != Some(v)),
            "{broken}"
        );
    }
    let grown = read("interface a { record r { x: u32, } f: func(r: r) -> u32; g: func(); }");
    assert!(before.iter().all(|(k, v)| grown.get(k) == Some(v)));
}
