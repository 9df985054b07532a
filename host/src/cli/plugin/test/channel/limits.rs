//! The check `limits` of a channel: every export answers, and what nobody writes on purpose (cursors
//! of another version, requests of strangers, texts without end) ends in an answer or a plugin error.
//!
//! The network knows nothing here: it answers 404 to everything. So no case is needed.

use super::ability::KEY;
use super::bench::{Ask, Bench, Memory};
use super::script::Script;
use crate::cli::plugin::test::report::{Check, Failure};
use crate::cli::plugin::test::{odd, records};
use crate::domain::social::Visibility;
use crate::plugin::connector::{Connector, WebhookRequest};
use crate::plugin::{CallError, HostFault};
use rapport_package::fixture::channel::NOW_MS;
use toml::Table;

const NAME: &str = "limits";
/// Longest cursor that the contract allows.
const CURSOR_BYTES: usize = 16 * 1024;

pub async fn check(bench: &Bench<'_>, connector: &mut Connector) -> Check {
    let asks = asks();
    let mut failures = Vec::new();
    for (name, cursor, ask) in &asks {
        let memory = Memory {
            cursor: cursor.clone(),
            ..Memory::default()
        };
        let nobody = Script::loose(Vec::new());
        let run = bench
            .call(connector, name, NOW_MS, ask, &memory, nobody)
            .await;
        if let Err(CallError::Fault(fault)) = &run.came {
            failures.push(Failure {
                what: name.clone(),
                expected: "an answer or a plugin error, within the limits".to_owned(),
                found: format!("host fault {fault}"),
                file: None,
                line: None,
                remedy: remedy(fault).to_owned(),
            });
        }
    }
    let detail = format!("{} odd calls, each alone", asks.len());
    Check::of(NAME, &detail, failures)
}

/// What to do about a fault.
pub fn remedy(fault: &HostFault) -> &'static str {
    match fault {
        HostFault::Timeout(_) => "do less, or raise limits.time-ms in plugin.toml",
        HostFault::Memory(_) => {
            "keep less in memory, or raise limits.memory-mb in plugin.toml; an answer may have 8 MiB"
        }
        HostFault::StackOverflow => "read nested data with a limit on its depth",
        HostFault::OutputTooLarge(_) => "answer with fewer and shorter records",
        HostFault::LogFlood(_) | HostFault::HostCalls(_) => "log less",
        HostFault::Contract(_) => "answer as wit/ says",
        HostFault::EgressDenied(_) => "ask for it in plugin.toml, or don't go there",
        _ => "return a plugin error where this happens; don't panic or throw",
    }
}

/// Each with its name and, for a poll, its cursor.
fn asks() -> Vec<(String, Option<String>, Ask)> {
    let mut asks = vec![("check".to_owned(), None, Ask::Check)];
    let poll = || Ask::Poll(Vec::new());
    asks.push(("poll, the first time".to_owned(), None, poll()));
    for (name, cursor) in [
        ("an empty cursor", String::new()),
        (
            "a cursor of another version",
            "{\"v\":99,\"x\":[1".to_owned(),
        ),
        (
            "a cursor that is a number",
            "-18446744073709551616".to_owned(),
        ),
        ("a cursor in Unicode", "ÿ\u{202e}😀\u{10ffff}".to_owned()),
        ("a cursor of 16 KiB", "9".repeat(CURSOR_BYTES)),
    ] {
        asks.push((format!("poll with {name}"), Some(cursor), poll()));
    }
    for (name, method, body) in [
        ("GET without a body", "GET", Vec::new()),
        ("POST without a body", "POST", Vec::new()),
        (
            "POST with half a JSON object",
            "POST",
            b"{\"a\":[1,".to_vec(),
        ),
        (
            "POST with another JSON value",
            "POST",
            b"[null, 7]".to_vec(),
        ),
        (
            "POST with 1 MiB that is no text",
            "POST",
            vec![0xff; 1 << 20],
        ),
        (
            "POST with 200000 levels of nesting",
            "POST",
            vec![b'['; 200_000],
        ),
    ] {
        let request = WebhookRequest {
            method: method.to_owned(),
            path: String::new(),
            query: "a=1&a&=%zz".to_owned(),
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body,
        };
        asks.push((format!("receive: {name}"), None, Ask::Receive(request)));
    }
    let Ok((plain, _)) = records::outbound(&Table::new()) else {
        return asks;
    };
    for (name, text) in odd::texts() {
        for visibility in [Visibility::Public, Visibility::Direct] {
            let mut message = plain.clone();
            message.content.clone_from(&text);
            message.visibility = visibility;
            let name = format!("validate: {name} ({})", visibility.as_str());
            asks.push((name, None, Ask::Validate(message)));
        }
        let mut message = plain.clone();
        message.content = text;
        message.in_reply_to = Some("no id of this network \u{0}/..".to_owned());
        let send = Ask::Send(message, KEY.to_owned());
        asks.push((format!("send: {name}"), None, send));
    }
    asks.push(("find-sent".to_owned(), None, Ask::FindSent(KEY.to_owned())));
    asks
}
