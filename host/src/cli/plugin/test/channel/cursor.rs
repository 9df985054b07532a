//! The check `cursor`: page by page through the recorded polls, then again from each page on, as after
//! a restart; the same question twice gives the same answer; nothing comes twice, nothing is lost.
//!
//! A chain is a case of `poll` with those that go on from it (`after`). Deliberately absent: what
//! happens at the network between two polls; a recording has no time of its own.

use super::bench::{Bench, Memory, Run};
use super::compare;
use super::scene::Scene;
use super::script::Script;
use crate::cli::plugin::test::report::{Check, Failure};
use crate::plugin::connector::Page;
use rapport_package::fixture::{Call, ChannelCase, Exchange};
use std::collections::BTreeMap;

const NAME: &str = "cursor";

pub async fn check(bench: &Bench<'_>, scenes: &[Scene<'_>], polls: bool) -> Check {
    if !polls {
        return Check::needless(NAME, "it is not polled");
    }
    let chains: Vec<&Scene<'_>> = scenes.iter().filter(|s| is_chain(s, scenes)).collect();
    let pages = |scene: &&Scene<'_>| scene.steps().count();
    let longest = chains.iter().map(pages).max().unwrap_or(0);
    if longest < 2 {
        let why = "not run: no case of `poll` goes on from another; record two pages, the second \
                   with `after = \"NAME OF THE FIRST\"`";
        return Check::skipped(NAME, why);
    }
    let mut failures = Vec::new();
    let mut calls = 0;
    for scene in &chains {
        match walk(bench, scene, &mut calls).await {
            Ok(found) => failures.extend(found),
            Err(problem) => failures.push(scene.failure(
                scene.case.name.clone(),
                "pages that can be polled",
                problem,
                "put the case right; see the check `cases`",
            )),
        }
    }
    let detail = format!(
        "{} chains of at most {longest} pages, {calls} calls",
        chains.len()
    );
    Check::of(NAME, &detail, failures)
}

/// Polls alone, all successful, and nothing goes on from it.
fn is_chain(scene: &Scene<'_>, scenes: &[Scene<'_>]) -> bool {
    let polls = |case: &ChannelCase| case.call == Call::Poll && case.expect.error.is_none();
    let name = &scene.case.name;
    let goes_on = |other: &Scene<'_>| {
        other.file == scene.file && other.case.after.as_ref() == Some(name) && polls(other.case)
    };
    scene.steps().all(polls) && !scenes.iter().any(goes_on)
}

/// One page, and what was there before it was asked for.
struct Step<'a> {
    case: &'a ChannelCase,
    before: Memory,
    page: Page,
    after: Memory,
}

async fn walk(
    bench: &Bench<'_>,
    scene: &Scene<'_>,
    calls: &mut usize,
) -> Result<Vec<Failure>, String> {
    let mut steps: Vec<Step<'_>> = Vec::new();
    let mut connector = bench.seat(scene.case).await?;
    for case in scene.steps() {
        let before = steps.last().map(|s| s.after.clone()).unwrap_or_default();
        let script = Script::strict(bench.exchanges(case));
        let run = bench
            .step(&mut connector, case, "page by page", &before, script)
            .await?;
        *calls += 1;
        let page = of(&run)?;
        steps.push(Step {
            case,
            before,
            page,
            after: run.memory,
        });
    }
    let mut failures = twice(scene, &steps);
    // Each from what was stored then, with a connector that has just been loaded.
    for first in 0..steps.len() {
        let doing = match first {
            0 => "again from the start".to_owned(),
            page => format!("again from the cursor after page {page}"),
        };
        let mut restarted = bench.seat(scene.case).await?;
        let mut memory = steps[first].before.clone();
        for step in &steps[first..] {
            let script = Script::loose(recorded(bench, step, &steps));
            let run = bench
                .step(&mut restarted, step.case, &doing, &memory, script)
                .await?;
            *calls += 1;
            if let Some((expected, found)) = unlike(&step.page, &run) {
                let remedy = "keep in the cursor and the state all that the next poll needs, and \
                              nothing anywhere else";
                let what = format!("{} ({doing})", step.case.name);
                failures.push(scene.failure_at(step.case.line, what, &expected, found, remedy));
                break;
            }
            memory = run.memory;
        }
    }
    for step in &steps {
        // The same connector, the same cursor and memory.
        for time in ["once more", "and once more"] {
            let script = Script::loose(bench.exchanges(step.case));
            let run = bench
                .step(&mut connector, step.case, time, &step.before, script)
                .await?;
            *calls += 1;
            if let Some((expected, found)) = unlike(&step.page, &run) {
                let remedy = "let the answer to a cursor depend on nothing that a call changes \
                              behind the host's back";
                let what = format!("{} (the same cursor {time})", step.case.name);
                failures.push(scene.failure_at(step.case.line, what, &expected, found, remedy));
                break;
            }
        }
    }
    Ok(failures)
}

/// A page's own exchanges, then those of all others: a session may have to be opened again.
fn recorded(bench: &Bench<'_>, step: &Step<'_>, steps: &[Step<'_>]) -> Vec<Exchange> {
    let mut recorded = bench.exchanges(step.case);
    for other in steps
        .iter()
        .filter(|other| other.case.name != step.case.name)
    {
        recorded.extend(bench.exchanges(other.case));
    }
    recorded
}

fn of(run: &Run) -> Result<Page, String> {
    match (run.page(), &run.came) {
        (Some(page), _) => Ok(page.clone()),
        (None, Err(error)) => Err(error.to_string()),
        (None, Ok(_)) => Err("no page".to_owned()),
    }
}

/// Activities that came in more than one page, or twice in one.
fn twice(scene: &Scene<'_>, steps: &[Step<'_>]) -> Vec<Failure> {
    let mut pages: BTreeMap<&str, usize> = BTreeMap::new();
    let mut failures = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        for activity in &step.page.activities {
            let Some(first) = pages.insert(&activity.id, index) else {
                continue;
            };
            let found = format!(
                "{} on page {} and on page {}",
                activity.id,
                first + 1,
                index + 1
            );
            let remedy = "let a page begin where the one before it ended, or remember what was \
                          handed over";
            let expected = "each activity once in a chain";
            let what = step.case.name.clone();
            failures.push(scene.failure_at(step.case.line, what, expected, found, remedy));
        }
    }
    failures
}

/// What is not the same, in words.
fn unlike(page: &Page, run: &Run) -> Option<(String, String)> {
    let other = match of(run) {
        Ok(other) => other,
        Err(problem) => return Some(("the same page".to_owned(), problem)),
    };
    let ids =
        |page: &Page| -> Vec<String> { page.activities.iter().map(|a| a.id.clone()).collect() };
    if ids(page) != ids(&other) {
        let words = |page: &Page| format!("activities {:?}", ids(page));
        return Some((words(page), words(&other)));
    }
    if page.activities != other.activities {
        let mut pairs = page.activities.iter().zip(&other.activities);
        let differs = pairs.find_map(|(one, two)| compare::unlike(one, two));
        let other = || ("the same activities".to_owned(), "others".to_owned());
        return Some(differs.unwrap_or_else(other));
    }
    let rest = |page: &Page| format!("cursor {}, more = {}", page.cursor, page.more);
    (rest(page) != rest(&other)).then(|| (rest(page), rest(&other)))
}
