//! The check `idempotent`: a message that is sent twice with one key arrives once.
//!
//! Sent again a minute later from what the inbox remembers, the connector finds the first, or the
//! second request carries an identifier that the first carried and that another key's does not: then
//! the network can tell them for one. A channel that can do neither says `unsupported` to `find-sent`,
//! so that the host leaves it to a person; one that does not send says so too. Deliberately absent:
//! whether the network heeds the identifier.

use super::bench::{Ask, Bench, Came, Memory, Run};
use super::compare::{kind, shown};
use super::network::Asked;
use super::scene::Scene;
use super::script::Script;
use crate::cli::plugin::test::report::{Check, Failure};
use crate::plugin::connector::Connector;
use crate::plugin::{CallError, PluginError};
use rapport_package::fixture::Call;
use rapport_package::fixture::channel::NOW_MS;
use serde_json::Value;
use std::collections::BTreeSet;

const NAME: &str = "idempotent";
/// Between the first try and the second: a time is no identifier.
const LATER_MS: i64 = 61_000;
const OTHER_KEY: &str = "0197f0c0-7e1a-7000-8000-00000decaf02";

pub async fn check(
    bench: &Bench<'_>,
    connector: &mut Connector,
    scenes: &[Scene<'_>],
    sends: bool,
) -> Check {
    if !sends {
        let failures = silent(bench, connector).await;
        let detail = "it does not send, and says so when asked what was sent";
        return Check::of(NAME, detail, failures.into_iter().collect());
    }
    let sending =
        |scene: &&Scene<'_>| scene.case.call == Call::Send && scene.case.expect.error.is_none();
    let scenes: Vec<&Scene<'_>> = scenes.iter().filter(sending).collect();
    if scenes.is_empty() {
        return Check::skipped(
            NAME,
            "not run: no case sends; record one with call = \"send\"",
        );
    }
    let mut failures = Vec::new();
    let mut ways: BTreeSet<&str> = BTreeSet::new();
    for scene in &scenes {
        match way(bench, scene).await {
            Ok(way) => {
                ways.insert(way);
            }
            Err(found) => failures.push(scene.failure(
                scene.case.name.clone(),
                "one message for one key: the second send finds the first, or carries the same \
                 identifier; or find-sent says `unsupported`",
                found,
                "make the network's id of the message from the key, or send the key along, or keep \
                 what was sent in the state",
            )),
        }
    }
    let ways: Vec<&str> = ways.into_iter().collect();
    let detail = format!(
        "{} messages, each sent twice: {}",
        scenes.len(),
        ways.join("; ")
    );
    Check::of(NAME, &detail, failures)
}

/// A channel that does not send has nothing to find.
async fn silent(bench: &Bench<'_>, connector: &mut Connector) -> Option<Failure> {
    let ask = Ask::FindSent(OTHER_KEY.to_owned());
    let nobody = Script::loose(Vec::new());
    let memory = Memory::default();
    let run = bench
        .call(connector, "find-sent", NOW_MS, &ask, &memory, nobody)
        .await;
    let found = match &run.came {
        Err(CallError::Plugin(PluginError::Unsupported(_))) => return None,
        Err(error) => format!("{}: {error}", kind(error)),
        Ok(came) => shown(came),
    };
    Some(Failure {
        what: "find-sent of a channel that does not send".to_owned(),
        expected: "unsupported".to_owned(),
        found,
        file: None,
        line: None,
        remedy: "return `unsupported`: `none` would mean that it surely did not arrive".to_owned(),
    })
}

/// How the second send is kept from doubling the first; what came where it is not.
async fn way(bench: &Bench<'_>, scene: &Scene<'_>) -> Result<&'static str, String> {
    let (mut connector, memory) = bench.lead_up(scene).await?;
    let Ask::Send(message, key) = Ask::of(scene.case)? else {
        return Err("no send".to_owned());
    };
    let send = |key: &str| Ask::Send(message.clone(), key.to_owned());
    let script = || Script::loose(bench.all_exchanges(scene));
    let lax = Script::lax(bench.all_exchanges(scene));
    let now = scene.case.now;
    let place = scene.place("sent twice");
    let first = bench
        .call(&mut connector, &place, now, &send(&key), &memory, script())
        .await;
    let sent = receipt(&first)?;
    let later = now + LATER_MS;
    let again = send(&key);
    let second = bench
        .call(
            &mut connector,
            &place,
            later,
            &again,
            &first.memory,
            script(),
        )
        .await;
    let carried = writes(&second);
    if carried.is_empty() {
        return match receipt(&second)? == sent {
            true => Ok("the second finds the first"),
            false => Err("the second receipt is of another message".to_owned()),
        };
    }
    // With another key, from where the first began: what is the same is no identifier.
    let mut fresh = bench.lead_up(scene).await?.0;
    let other = send(OTHER_KEY);
    let other = bench
        .call(&mut fresh, &place, later, &other, &memory, lax)
        .await;
    if writes(&other).len() < writes(&first).len() {
        let why = other.came.err().map(|error| error.to_string());
        let why = why.unwrap_or_else(|| "it makes fewer requests".to_owned());
        return Err(format!("with another key it does not come to send: {why}"));
    }
    let (one, two, three) = (marks(&first), marks(&second), marks(&other));
    if one.intersection(&two).any(|mark| !three.contains(mark)) {
        return Ok("the second carries the identifier of the first");
    }
    let ask = Ask::FindSent(key);
    let found = bench
        .call(&mut connector, &place, later, &ask, &first.memory, script())
        .await;
    match &found.came {
        Err(CallError::Plugin(PluginError::Unsupported(_))) => Ok("it can't tell, and says so"),
        Ok(Came::Found(Some(receipt))) if receipt.external_id == sent => {
            Ok("find-sent finds the first")
        }
        Ok(came) => Err(format!(
            "the second request has nothing of the key, and find-sent says: {}",
            shown(came)
        )),
        Err(error) => Err(format!(
            "the second request has nothing of the key, and find-sent fails: {error}"
        )),
    }
}

fn receipt(run: &Run) -> Result<String, String> {
    match &run.came {
        Ok(Came::Receipt(receipt)) => Ok(receipt.external_id.clone()),
        Ok(_) => Err("no receipt".to_owned()),
        Err(error) => Err(format!("sending failed: {error}")),
    }
}

/// Requests that change something at the network.
fn writes(run: &Run) -> Vec<&Asked> {
    let writes = run
        .asked
        .iter()
        .filter(|a| a.method != "GET" && a.method != "HEAD");
    writes.collect()
}

/// Everything in a call's requests that could be an identifier: addresses, headers, values of JSON.
fn marks(run: &Run) -> BTreeSet<String> {
    fn leaves(place: &str, value: &Value, marks: &mut BTreeSet<String>) {
        match value {
            Value::Object(fields) => {
                for (name, value) in fields {
                    leaves(&format!("{place}/{name}"), value, marks);
                }
            }
            Value::Array(items) => {
                for (index, value) in items.iter().enumerate() {
                    leaves(&format!("{place}/{index}"), value, marks);
                }
            }
            value => {
                marks.insert(format!("{place} {value}"));
            }
        }
    }
    let mut marks = BTreeSet::new();
    for asked in writes(run) {
        marks.insert(asked.line());
        for (name, value) in &asked.headers {
            marks.insert(format!("{name}: {value}"));
        }
        match serde_json::from_slice(&asked.body) {
            Ok(value) => leaves("", &value, &mut marks),
            Err(_) => {
                marks.insert(String::from_utf8_lossy(&asked.body).into_owned());
            }
        }
    }
    marks
}
