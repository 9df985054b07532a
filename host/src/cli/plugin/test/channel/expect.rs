//! The check `cases` of a channel: each case's requests are those recorded, in their order, and what
//! comes back is what it expects; together they cover what the channel does.

use super::ability::Abilities;
use super::bench::Bench;
use super::compare::differences;
use super::scene::Scene;
use super::script::Script;
use crate::cli::plugin::test::report::{Check, Failure};
use rapport_package::fixture::Call;

const NAME: &str = "cases";

pub async fn check(
    bench: &Bench<'_>,
    scenes: &[Scene<'_>],
    abilities: &Abilities,
    unreadable: Vec<Failure>,
) -> Check {
    if scenes.is_empty() && unreadable.is_empty() {
        return Check::skipped(NAME, "no fixtures; put cases into fixtures/NAME.toml");
    }
    let mut failures = unreadable;
    let mut good = 0;
    for scene in scenes {
        let found = judge(bench, scene).await;
        good += usize::from(found.is_empty());
        failures.extend(found);
    }
    failures.extend(uncovered(scenes, abilities));
    let detail = format!("{good} of {} as expected", scenes.len());
    Check::of(NAME, &detail, failures)
}

async fn judge(bench: &Bench<'_>, scene: &Scene<'_>) -> Vec<Failure> {
    let name = || scene.case.name.clone();
    let script = Script::strict(bench.exchanges(scene.case));
    let run = match bench.play(scene, "", script).await {
        Ok(run) => run,
        Err(problem) => {
            let remedy = "put the case, or the one that it goes on from, right";
            return vec![scene.failure(name(), "a case that can be run", problem, remedy)];
        }
    };
    // What comes after a wrong request only follows from it.
    if let Some(miss) = run.script.misses.first() {
        let remedy = "change the connector, or what is recorded; `<name>` stands for a secret";
        let line = miss.line.unwrap_or(scene.case.line);
        let (expected, came) = (
            bench.canaries.hide(&miss.expected),
            bench.canaries.hide(&miss.came),
        );
        return vec![scene.failure_at(line, name(), &expected, came, remedy)];
    }
    let wrong = differences(&scene.case.expect, &run);
    if !wrong.is_empty() {
        let (expected, came): (Vec<String>, Vec<String>) = wrong.into_iter().unzip();
        let remedy = "change the connector, or what the case expects";
        return vec![scene.failure(name(), &expected.join("\n"), came.join("\n"), remedy)];
    }
    if let Some(unplayed) = run.script.unplayed().next() {
        let expected = format!("{} {}", unplayed.request.method, unplayed.request.url);
        let remedy = "take the exchange away, or have the connector ask";
        let came = "it was never asked for".to_owned();
        return vec![scene.failure_at(unplayed.line, name(), &expected, came, remedy)];
    }
    Vec::new()
}

/// What the channel does and no case shows.
fn uncovered(scenes: &[Scene<'_>], abilities: &Abilities) -> Vec<Failure> {
    let succeeds = |call: Call| {
        let mut cases = scenes.iter().map(|scene| scene.case);
        cases.any(|case| case.call == call && case.expect.error.is_none())
    };
    let mut lacking = Vec::new();
    let inbound = [
        (abilities.poll, Call::Poll),
        (abilities.receive, Call::Receive),
    ];
    let inbound: Vec<Call> = inbound
        .into_iter()
        .filter(|(can, _)| *can)
        .map(|(_, c)| c)
        .collect();
    if !inbound.is_empty() && !inbound.iter().any(|call| succeeds(*call)) {
        lacking.push(inbound[0]);
    }
    if abilities.send && !succeeds(Call::Send) {
        lacking.push(Call::Send);
    }
    let failure = |call: Call| Failure {
        what: format!("no case with call = \"{}\" that succeeds", call.as_str()),
        expected: "cases of what the channel takes in, and of sending where it sends".to_owned(),
        found: format!("{} cases", scenes.len()),
        file: None,
        line: None,
        remedy: "record one in fixtures/NAME.toml; wit/ and the README say how".to_owned(),
    };
    lacking.into_iter().map(failure).collect()
}
