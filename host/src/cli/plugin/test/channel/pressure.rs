//! The checks `rate-limits` and `auth`: a network that asks for rest gets it, and credentials that
//! are refused are the admin's to renew.
//!
//! A poll that goes on without what it was refused must still see to the rest that was asked for: by
//! `next-poll-ms`, or by leaving that host alone when it is polled before.

use super::bench::{Bench, Came, Run};
use super::compare::{delay_ms, kind, shown};
use super::scene::{Scene, kinds};
use super::script::{Script, Which};
use super::twist::Twist;
use crate::cli::plugin::test::report::{Check, Failure};
use crate::plugin::connector::Connector;
use crate::plugin::{CallError, PluginError};
use chrono::DateTime;
use rapport_package::Manifest;
use rapport_package::fixture::Call;
use url::Url;

/// How far a delay may be from what was said, in milliseconds.
const SLACK_MS: u64 = 1000;

/// The statuses with what they say, and the delay that it means, in milliseconds.
fn waits(now_ms: i64) -> [(Twist, u64); 3] {
    let later_ms = 5_400_000;
    let date = DateTime::from_timestamp_millis(now_ms + later_ms).unwrap_or_default();
    let date = date.format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    [
        (Twist::Wait(429, "90".to_owned()), 90_000),
        (Twist::Wait(429, date), later_ms.unsigned_abs()),
        (Twist::Wait(503, "120".to_owned()), 120_000),
    ]
}

pub async fn rate_limits(bench: &Bench<'_>, scenes: &[Scene<'_>]) -> Check {
    let kinds = kinds(scenes);
    let mut failures = Vec::new();
    for (scene, index) in &kinds {
        for (twist, said_ms) in waits(scene.case.now) {
            let Some(exchange) = scene.case.exchanges.get(*index) else {
                continue;
            };
            let request = &exchange.request;
            let doing = format!("{} {}: {}", request.method, request.url, twist.name());
            let script = Script::loose(bench.all_exchanges(scene));
            let script = script.twisted(Which::One(*index), twist);
            let Ok((mut connector, memory)) = bench.lead_up(scene).await else {
                continue;
            };
            let run = bench.step(&mut connector, scene.case, &doing, &memory, script);
            let Ok(run) = run.await else { continue };
            let found = match &run.came {
                Ok(Came::Page(page)) => {
                    let next_ms = page.next_poll_ms.filter(|_| !page.more).unwrap_or(1000);
                    let early = next_ms + SLACK_MS < said_ms;
                    let asked = match early {
                        true => {
                            asked_early(bench, scene, &mut connector, &run, next_ms, *index).await
                        }
                        false => None,
                    };
                    asked.map(|asked| format!("polled again after {next_ms} ms, it asks {asked}"))
                }
                _ => disobeys(&run, said_ms),
            };
            if let Some(found) = found {
                let expected = format!(
                    "rate-limited or retry-after with a delay of {said_ms} ms; or a page, and no \
                     further request to that host before then"
                );
                let remedy = "read `Retry-After` on 429 and 503, in seconds or as an HTTP date, \
                              and hand it on";
                let what = scene.place(&doing);
                failures.push(scene.failure_at(exchange.line, what, &expected, found, remedy));
                break;
            }
        }
    }
    let detail = format!("{} kinds of answers, 429 and 503 for each", kinds.len());
    Check::of("rate-limits", &detail, failures)
}

/// The request, if any, that goes to the same host when it is polled after `next_ms`.
async fn asked_early(
    bench: &Bench<'_>,
    scene: &Scene<'_>,
    connector: &mut Connector,
    run: &Run,
    next_ms: u64,
    index: usize,
) -> Option<String> {
    let origin = |url: &str| Url::parse(url).ok().map(|url| url.origin());
    let host = origin(&scene.case.exchanges.get(index)?.request.url);
    let mut later = scene.case.clone();
    later.cursor = None;
    later.now += i64::try_from(next_ms).unwrap_or_default();
    let script = Script::lax(bench.all_exchanges(scene));
    let again = bench.step(connector, &later, "polled again", &run.memory, script);
    let again = again.await.ok()?;
    let asked = again.asked.iter().find(|asked| origin(&asked.url) == host);
    asked.map(|asked| asked.line())
}

/// What came instead of obedience.
fn disobeys(run: &Run, said_ms: u64) -> Option<String> {
    let near = |delay: Option<u64>| delay.is_some_and(|ms| ms.abs_diff(said_ms) <= SLACK_MS);
    match &run.came {
        Err(
            error @ CallError::Plugin(
                PluginError::RateLimited { .. } | PluginError::RetryAfter { .. },
            ),
        ) => {
            let delay = delay_ms(error);
            let words = delay.map_or("no delay".to_owned(), |ms| format!("a delay of {ms} ms"));
            (!near(delay)).then(|| format!("{} with {words}", kind(error)))
        }
        Err(error) => Some(format!("{}: {error}", kind(error))),
        // Sent, found or answered all the same: the next call will be told again.
        Ok(_) => None,
    }
}

pub async fn auth(bench: &Bench<'_>, manifest: &Manifest, scenes: &[Scene<'_>]) -> Check {
    let held = manifest
        .secrets
        .iter()
        .filter(|s| !manifest.is_webhook_secret(&s.name));
    let held: Vec<bool> = held.map(|s| !s.capture.is_empty()).collect();
    if held.is_empty() {
        return Check::needless("auth", "it goes out without credentials");
    }
    let mut ways = vec![("every answer is 401", Which::All)];
    if held.contains(&true) {
        ways.push(("every answer but the log-in's is 401", Which::AfterLogIn));
    }
    let mut failures = Vec::new();
    let mut asked: Vec<Call> = Vec::new();
    for scene in scenes {
        let fresh = !scene.case.exchanges.is_empty() && !asked.contains(&scene.case.call);
        if !fresh || scene.case.expect.error.is_some() {
            continue;
        }
        asked.push(scene.case.call);
        for (doing, which) in &ways {
            failures.extend(refused(bench, scene, doing, *which).await);
        }
    }
    let words: Vec<&str> = asked.iter().map(|call| call.as_str()).collect();
    let detail = format!("credentials refused at {}", words.join(", "));
    Check::of("auth", &detail, failures)
}

async fn refused(
    bench: &Bench<'_>,
    scene: &Scene<'_>,
    doing: &str,
    which: Which,
) -> Option<Failure> {
    let script = Script::loose(bench.all_exchanges(scene));
    let script = script.twisted(which, Twist::Unauthorized);
    let run = bench.play(scene, doing, script).await.ok()?;
    let found = match &run.came {
        Err(CallError::Plugin(PluginError::AuthExpired(_))) => return None,
        Err(error) => format!("{}: {error}", kind(error)),
        Ok(came) => shown(came),
    };
    let remedy = "return auth-expired when the network refuses the credentials, after one try to \
                  renew them where they can be renewed";
    let what = scene.place(doing);
    Some(scene.failure(what, "auth-expired", found, remedy))
}
