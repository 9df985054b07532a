//! The checks `deterministic` and `limits`: every fixture's input and every odd text, with the
//! settings under test, asked again and again.
//!
//! Asked all at once (twice), one by one, and of an instance that is configured at the call instead of
//! frozen: the answers must be the same to the byte. Each is asked alone for the limits, so that a
//! fault has one input to blame. An input that ends in a fault is for `limits` alone.

use super::cases::Found;
use super::loader::Loader;
use super::report::{Check, Failure};
use super::{odd, records};
use crate::domain::annotation::Moment;
use crate::domain::policy::PolicyCase;
use crate::domain::social::SourceMessage;
use crate::plugin::pure::PurePlugin;
use crate::plugin::{CallError, HostFault};
use rapport_package::Kind;
use rapport_package::fixture::Case;
use serde::Serialize;

/// One thing to ask a plugin, of its kind.
pub enum Input {
    Message(Box<SourceMessage>),
    Case(Box<PolicyCase>),
}

struct Question {
    /// What failures call it.
    name: String,
    file: Option<String>,
    line: Option<usize>,
    input: Input,
}

/// What the plugin said, as JSON, or why it said nothing.
type Answer = Result<String, CallError>;

/// Both checks.
pub async fn check(loader: &Loader<'_>, plugin: &PurePlugin, found: &[Found]) -> [Check; 2] {
    let questions = questions(plugin.manifest.kind, found);
    let all: Vec<&Input> = questions.iter().map(|q| &q.input).collect();
    let mut runs = vec![
        ("all at once", ask(plugin, &all).await),
        ("all at once, again", ask(plugin, &all).await),
    ];
    let alone = alone(loader, plugin, &all).await;
    let limits = limits(&questions, &alone);
    runs.push(("one by one", alone));
    if let Ok(live) = loader.load_live(plugin.settings.clone(), &[]).await {
        let answers = ask(&live, &all).await;
        runs.push(("configured at the call instead of frozen", answers));
    }
    let failures = differences(&questions, &runs);
    let detail = format!(
        "{} inputs, the same to the byte {} times",
        questions.len(),
        runs.len()
    );
    let detail = if failures.is_empty() {
        detail
    } else {
        format!("{} inputs", questions.len())
    };
    [Check::of("deterministic", &detail, failures), limits]
}

fn questions(kind: Kind, found: &[Found]) -> Vec<Question> {
    let mut questions = Vec::new();
    for found in found {
        // What can't be turned into records is told by the check `cases`.
        let input = match &found.case {
            Case::Classifier(case) => records::message(&case.message)
                .ok()
                .map(|m| Input::Message(Box::new(m))),
            Case::Policy(case) => {
                let case = records::policy_case(case).ok();
                case.map(|case| Input::Case(Box::new(case)))
            }
            Case::Channel(_) => None,
        };
        questions.extend(input.map(|input| Question {
            name: found.case.name().to_owned(),
            file: Some(found.file.clone()),
            line: Some(found.line),
            input,
        }));
    }
    for (name, text) in odd::texts() {
        let mut add = |name: String, input: Input| {
            questions.push(Question {
                name,
                file: None,
                line: None,
                input,
            });
        };
        match kind {
            Kind::Policy => {
                for moment in [Moment::Inbound, Moment::Outbound] {
                    let case = Input::Case(Box::new(odd::case(moment, &text)));
                    add(format!("{name} ({})", moment.as_str()), case);
                }
            }
            Kind::Classifier | Kind::Channel => {
                let message = SourceMessage::plain("message", &text);
                add(name.to_owned(), Input::Message(Box::new(message)));
            }
        }
    }
    questions
}

/// Asks in one batch (more where there are too many for one).
pub async fn ask(plugin: &PurePlugin, inputs: &[&Input]) -> Vec<Answer> {
    fn json<T: Serialize>(items: Vec<Result<T, CallError>>) -> Vec<Answer> {
        let json = |item| serde_json::to_string(&item).unwrap_or_default();
        items.into_iter().map(|item| item.map(json)).collect()
    }
    match plugin.manifest.kind {
        Kind::Policy => {
            let cases = inputs.iter().filter_map(|input| match input {
                Input::Case(case) => Some((**case).clone()),
                Input::Message(_) => None,
            });
            json(plugin.decide(&mut cases.collect::<Vec<_>>()).await.items)
        }
        Kind::Classifier | Kind::Channel => {
            let messages = inputs.iter().filter_map(|input| match input {
                Input::Message(message) => Some(message.as_ref().clone()),
                Input::Case(_) => None,
            });
            json(plugin.classify(&messages.collect::<Vec<_>>()).await.items)
        }
    }
}

/// Asks one by one, each with a closed breaker.
async fn alone(loader: &Loader<'_>, plugin: &PurePlugin, inputs: &[&Input]) -> Vec<Answer> {
    let mut fresh = None;
    let mut answers = Vec::new();
    for input in inputs {
        let current = fresh.as_ref().unwrap_or(plugin);
        if current.breaker.health().open {
            // The compiled code is there; this only forgets the faults.
            fresh = loader.load(plugin.settings.clone()).await.ok();
        }
        answers.extend(ask(fresh.as_ref().unwrap_or(plugin), &[*input]).await);
    }
    answers
}

fn limits(questions: &[Question], alone: &[Answer]) -> Check {
    let failed = questions
        .iter()
        .zip(alone)
        .filter_map(|(question, answer)| {
            let Err(CallError::Fault(fault)) = answer else {
                return None;
            };
            Some(question.failure(
                "an answer or an item error, within the limits",
                format!("host fault {fault}"),
                remedy(fault),
            ))
        });
    let detail = format!("{} inputs, each alone", questions.len());
    Check::of("limits", &detail, failed.collect())
}

fn remedy(fault: &HostFault) -> &'static str {
    match fault {
        HostFault::OutOfFuel(_) | HostFault::Timeout(_) => {
            "do less for such a text, or raise limits.time-ms in plugin.toml (2000 at most)"
        }
        HostFault::Memory(_) => {
            "keep less of such a text in memory, or raise limits.memory-mb in plugin.toml"
        }
        HostFault::OutputTooLarge(_) => "answer with fewer and shorter records",
        HostFault::LogFlood(_) | HostFault::HostCalls(_) => "log less",
        HostFault::Contract(_) => "answer as wit/ says",
        _ => "handle such a text, or answer it with an item error; don't panic or throw",
    }
}

/// Every answer that is not the same in each run, once an input.
fn differences(questions: &[Question], runs: &[(&str, Vec<Answer>)]) -> Vec<Failure> {
    let mut failures = Vec::new();
    let Some(((first_run, first), others)) = runs.split_first() else {
        return failures;
    };
    for (index, question) in questions.iter().enumerate() {
        let said = |answers: &[Answer]| match answers.get(index) {
            Some(Ok(json)) => Some(json.clone()),
            Some(Err(CallError::Plugin(error))) => Some(format!("item error: {error}")),
            Some(Err(CallError::Fault(_))) | None => None,
        };
        let Some(expected) = said(first) else {
            continue;
        };
        let other = others.iter().find_map(|(run, answers)| {
            let answer = said(answers)?;
            (answer != expected).then_some((run, answer))
        });
        if let Some((run, answer)) = other {
            failures.push(question.failure(
                &format!("{first_run}: {}", short(&expected)),
                format!("{run}: {}", short(&answer)),
                "keep nothing from one call to the next, and use nothing but the input: no random \
                 order of a map, no address, no counter",
            ));
        }
    }
    failures
}

impl Question {
    fn failure(&self, expected: &str, found: String, remedy: &str) -> Failure {
        Failure {
            what: self.name.clone(),
            expected: expected.to_owned(),
            found,
            file: self.file.clone(),
            line: self.line,
            remedy: remedy.to_owned(),
        }
    }
}

/// The beginning of a long answer.
fn short(text: &str) -> String {
    match text.char_indices().nth(300) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_owned(),
    }
}
