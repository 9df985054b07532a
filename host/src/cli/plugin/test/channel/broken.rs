//! The check `malformed`: every answer of the network comes broken in every way, once for each kind
//! of exchange.
//!
//! A call then ends in a plugin error, or goes on without what was not vital. What must not be: a
//! host fault; a page whose cursor has moved past what was not read; something that never happened;
//! a message called sent that never left, or called surely not sent because an answer could not be
//! read. After a page, the network mends and is polled on: everything that it has must come.

use super::bench::{Bench, Came, Run};
use super::compare::shown;
use super::limits::remedy;
use super::network::Asked;
use super::scene::{Scene, kinds};
use super::script::{Script, Which};
use super::twist::Twist;
use crate::cli::plugin::test::report::{Check, Failure};
use crate::plugin::CallError;
use crate::plugin::connector::Connector;
use std::collections::BTreeSet;

const NAME: &str = "malformed";
/// Polls after the network has mended.
const POLLS_AFTER: i64 = 8;
/// Time between them, so that what waits is due again.
const PAUSE_MS: i64 = 25 * 3600 * 1000;

/// Expected, came, remedy.
type Miss = (&'static str, String, &'static str);

pub async fn check(bench: &Bench<'_>, scenes: &[Scene<'_>]) -> Check {
    let kinds = kinds(scenes);
    let mut failures = Vec::new();
    let mut calls = 0;
    for (scene, index) in &kinds {
        // A case that is not as recorded is told by the check `cases`.
        let script = Script::strict(bench.exchanges(scene.case));
        let Ok(good) = bench.play(scene, "", script).await else {
            continue;
        };
        if good.came.is_err() {
            continue;
        }
        for twist in Twist::BROKEN {
            calls += 1;
            if let Some(failure) = one(bench, scene, *index, &good, &twist).await {
                failures.push(failure);
                // One of a kind is enough to begin with.
                break;
            }
        }
    }
    let detail = format!("{} kinds of answers, {calls} calls", kinds.len());
    Check::of(NAME, &detail, failures)
}

async fn one(
    bench: &Bench<'_>,
    scene: &Scene<'_>,
    index: usize,
    good: &Run,
    twist: &Twist,
) -> Option<Failure> {
    let exchange = scene.case.exchanges.get(index)?;
    let doing = format!(
        "{} {}: {}",
        exchange.request.method,
        exchange.request.url,
        twist.name()
    );
    let broken = |(expected, found, remedy): Miss| {
        let what = scene.place(&doing);
        scene.failure_at(exchange.line, what, expected, found, remedy)
    };
    let (mut connector, memory) = bench.lead_up(scene).await.ok()?;
    let script =
        Script::loose(bench.all_exchanges(scene)).twisted(Which::One(index), twist.clone());
    let run = bench.step(&mut connector, scene.case, &doing, &memory, script);
    let run = run.await.ok()?;
    let miss = match &run.came {
        Err(CallError::Plugin(_)) => None,
        Err(CallError::Fault(fault)) => Some((
            "a plugin error",
            format!("host fault {fault}"),
            remedy(fault),
        )),
        Ok(Came::Page(_)) => {
            let mended = polled_on(bench, scene, &mut connector, &run).await;
            page(good, &run, &mended, twist)
        }
        Ok(came) => other(exchange.response.status, good, &run, came, twist),
    };
    miss.map(broken)
}

/// The ids that come once the network answers as recorded again.
async fn polled_on(
    bench: &Bench<'_>,
    scene: &Scene<'_>,
    connector: &mut Connector,
    broken: &Run,
) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut memory = broken.memory.clone();
    for round in 1..=POLLS_AFTER {
        // What is asked depends on what was missed: it may be more than was recorded.
        let script = Script::wider(bench.all_exchanges(scene));
        let mut later = scene.case.clone();
        later.cursor = None;
        later.now += round * PAUSE_MS;
        let run = bench
            .step(connector, &later, "mended", &memory, script)
            .await;
        let Ok(run) = run else { break };
        found.extend(ids(&run));
        memory = run.memory;
    }
    found
}

fn ids(run: &Run) -> BTreeSet<String> {
    let page = run.page().into_iter().flat_map(|page| &page.activities);
    page.map(|activity| activity.id.clone()).collect()
}

fn page(good: &Run, broken: &Run, mended: &BTreeSet<String>, twist: &Twist) -> Option<Miss> {
    let (wanted, came) = (ids(good), ids(broken));
    let lost: Vec<&String> = wanted
        .iter()
        .filter(|i| !came.contains(*i) && !mended.contains(*i))
        .collect();
    if !lost.is_empty() {
        return Some((
            "a plugin error, or a page whose next polls bring everything",
            format!("never came, then or later: {lost:?}"),
            "return an error, or leave the cursor where it was, when an answer can't be read",
        ));
    }
    let invented: Vec<&String> = came
        .iter()
        .filter(|i| !wanted.contains(*i) && !mended.contains(*i))
        .collect();
    // Of other values, other things may follow.
    let other_values = matches!(twist, Twist::OtherTypes | Twist::OtherLeaves);
    if !invented.is_empty() && !other_values {
        return Some((
            "nothing that the network did not tell",
            format!("{invented:?}"),
            "conclude nothing from an answer that can't be read",
        ));
    }
    None
}

/// Requests that change something, the log-in's aside: those that a good run makes again and again.
fn writes(run: &Run) -> Vec<&Asked> {
    run.asked
        .iter()
        .filter(|asked| asked.method != "GET" && asked.method != "HEAD")
        .collect()
}

/// `status` is that of the recorded answer.
fn other(status: u16, good: &Run, run: &Run, came: &Came, twist: &Twist) -> Option<Miss> {
    let said = || shown(came);
    match (came, &good.came) {
        (Came::Account(one), Ok(Came::Account(other))) => {
            let same = one.actor.external_id == other.actor.external_id;
            (!same).then(|| {
                (
                    "a plugin error, or the account that it is",
                    said(),
                    "return an error when an answer does not say who we are",
                )
            })
        }
        (Came::Receipt(one), Ok(Came::Receipt(other))) => {
            let sent = writes(good).last().map(|asked| (&asked.method, &asked.url));
            let left = sent.is_none_or(|(method, url)| {
                run.asked
                    .iter()
                    .any(|asked| asked.method == *method && asked.url == *url)
            });
            if !left {
                return Some((
                    "a plugin error, or the request that sends it",
                    format!("{}, but the message never left", said()),
                    "call it sent before only when the network shows it",
                ));
            }
            (one.external_id != other.external_id).then(|| {
                (
                    "a plugin error, or the receipt of the message",
                    said(),
                    "return an error when the answer does not name the message",
                )
            })
        }
        (Came::Found(one), Ok(Came::Found(other))) => {
            let same =
                one.as_ref().map(|r| &r.external_id) == other.as_ref().map(|r| &r.external_id);
            let readable = matches!(twist, Twist::OtherLeaves | Twist::OtherTypes | Twist::Large);
            let absent = match twist {
                Twist::NotFound => true,
                Twist::ServerError | Twist::Redirect => false,
                _ => matches!(status, 404 | 410),
            };
            let fine = (same && readable) || (one.is_none() && absent);
            (!fine).then(|| {
                (
                    "a plugin error: nobody knows",
                    said(),
                    "say `none` only when the network says that it is not there, and `some` only \
                     when it shows it",
                )
            })
        }
        _ => None,
    }
}
