//! `fixtures/NAME.toml`: cases with what should come of them, as files, so that they are read the
//! same way whatever language the plugin is written in.
//!
//! [`FORMAT`] says how; `rapport plugin test --help` prints it.
//!
//! Deliberately absent: running a case, and the check that a record's keys exist; who runs it turns
//! the tables into records and knows.

pub mod channel;

pub use channel::{Call, ChannelCase, Exchange, Expected, Request, Response};

use crate::fixtures::Fixtures;
use crate::manifest::Kind;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Spanned, Table};

/// How fixtures are written, for their authors.
pub const FORMAT: &str = include_str!("fixture/format.txt");

/// One case, as its plugin's kind has it.
#[derive(Debug, Clone, PartialEq)]
pub enum Case {
    Classifier(ClassifierCase),
    Policy(Box<PolicyCase>),
    Channel(Box<ChannelCase>),
}

impl Case {
    pub fn name(&self) -> &str {
        match self {
            Case::Classifier(case) => &case.name,
            Case::Policy(case) => &case.name,
            Case::Channel(case) => &case.name,
        }
    }

    pub fn settings(&self) -> &Table {
        match self {
            Case::Classifier(case) => &case.settings,
            Case::Policy(case) => &case.settings,
            Case::Channel(case) => &case.settings,
        }
    }
}

/// A message and what a classifier should say of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ClassifierCase {
    pub name: String,
    #[serde(default)]
    pub settings: Table,
    /// `social.message`; needs `content`.
    pub message: Table,
    #[serde(default)]
    pub expect: Vec<ExpectedLabel>,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpectedLabel {
    pub dimension: String,
    pub label: String,
    /// Lowest score that will do. None: any.
    pub min_score: Option<f64>,
    /// Highest score that will do, for labels below zero.
    pub max_score: Option<f64>,
}

/// One question to a policy pack and which rules should speak.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PolicyCase {
    pub name: String,
    #[serde(default)]
    pub settings: Table,
    #[serde(default)]
    pub moment: Moment,
    /// The event's own time, in milliseconds since 1970; there is no other clock.
    #[serde(default)]
    pub now: i64,
    pub message: Option<Table>,
    pub draft: Option<Table>,
    pub contact: Option<Table>,
    pub conversation: Option<Table>,
    /// `annotation.classification` with `plugin` beside its keys.
    #[serde(default)]
    pub classifications: Vec<Table>,
    #[serde(default)]
    pub situation: Table,
    #[serde(default)]
    pub withheld: Vec<String>,
    /// Each must be among the effects.
    #[serde(default)]
    pub expect: Vec<ExpectedEffect>,
    /// None may be among the effects.
    #[serde(default)]
    pub forbid: Vec<ExpectedEffect>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    #[default]
    Inbound,
    Outbound,
    Campaign,
    Tick,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpectedEffect {
    pub rule: String,
    /// Case of `policy.effect-kind`, for example `hold`. None: any.
    pub effect: Option<String>,
    /// What that case holds, or those keys of it that matter: `detail = "manager"` for a hold,
    /// `detail = { priority = "high" }` for an open-case. Needs `effect`. None: any.
    pub detail: Option<toml::Value>,
}

/// Why a fixture is refused. The text says where and what to do.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("{file}:{line}: {problem}")]
pub struct FixtureError {
    pub file: String,
    pub line: usize,
    pub problem: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File<C> {
    #[serde(default = "Vec::new")]
    case: Vec<Spanned<C>>,
}

/// Reads a fixture file of a plugin of this kind. `file` is what errors call it.
pub fn parse(kind: Kind, file: &str, text: &str) -> Result<Vec<Case>, FixtureError> {
    match kind {
        Kind::Classifier => read(
            file,
            text,
            Case::Classifier,
            |case: &ClassifierCase| match case.message.get("content") {
                Some(toml::Value::String(_)) => None,
                _ => Some("`message` needs `content`, a text".to_owned()),
            },
        ),
        Kind::Policy => read(file, text, |c| Case::Policy(Box::new(c)), policy_problem),
        Kind::Channel => {
            let whole = |case| Case::Channel(Box::new(case));
            let mut cases = read(file, text, whole, ChannelCase::problem)?;
            channel::number(&mut cases, text);
            channel::link(&mut cases).map_err(|at| refused(file, at))?;
            for case in channels(&mut cases) {
                if let Some(at) = case.wrong_exchange() {
                    return Err(refused(file, at));
                }
            }
            Ok(cases)
        }
    }
}

/// As [`parse`], with the bodies that a case takes from other files beside it.
pub fn parse_with(
    kind: Kind,
    file: &str,
    text: &str,
    beside: &Fixtures,
) -> Result<Vec<Case>, FixtureError> {
    let mut cases = parse(kind, file, text)?;
    for case in channels(&mut cases) {
        case.fill_bodies(beside).map_err(|at| refused(file, at))?;
    }
    Ok(cases)
}

fn policy_problem(case: &PolicyCase) -> Option<String> {
    if case.moment == Moment::Outbound && case.draft.is_none() {
        return Some("`moment = \"outbound\"` needs a `draft`".to_owned());
    }
    let mut all = case.expect.iter().chain(&case.forbid);
    let of_what = all.find(|e| e.detail.is_some() && e.effect.is_none())?;
    Some(format!(
        "`detail` of what? Say which `effect` of `{}`",
        of_what.rule
    ))
}

fn channels(cases: &mut [Case]) -> impl Iterator<Item = &mut ChannelCase> {
    cases.iter_mut().filter_map(|case| match case {
        Case::Channel(case) => Some(case.as_mut()),
        Case::Classifier(_) | Case::Policy(_) => None,
    })
}

fn refused(file: &str, (line, problem): (usize, String)) -> FixtureError {
    FixtureError {
        file: file.to_owned(),
        line,
        problem,
    }
}

/// The line (from 1) that a byte of the text is on.
fn line_at(text: &str, offset: usize) -> usize {
    1 + text.bytes().take(offset).filter(|b| *b == b'\n').count()
}

fn read<C: DeserializeOwned>(
    file: &str,
    text: &str,
    whole: impl Fn(C) -> Case,
    problem: impl Fn(&C) -> Option<String>,
) -> Result<Vec<Case>, FixtureError> {
    let at = |offset: usize, problem: String| FixtureError {
        file: file.to_owned(),
        line: line_at(text, offset),
        problem,
    };
    let parsed: File<C> = toml::from_str(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        at(offset, crate::nearest::with_suggestion(error.message()))
    })?;
    if parsed.case.is_empty() {
        return Err(at(0, "no case; begin one with [[case]]".to_owned()));
    }
    let mut cases: Vec<Case> = Vec::new();
    for spanned in parsed.case {
        let offset = spanned.span().start;
        let case = spanned.into_inner();
        if let Some(problem) = problem(&case) {
            return Err(at(offset, problem));
        }
        let case = whole(case);
        if cases.iter().any(|earlier| earlier.name() == case.name()) {
            let problem = format!("two cases are named `{}`; rename one", case.name());
            return Err(at(offset, problem));
        }
        cases.push(case);
    }
    Ok(cases)
}

#[cfg(test)]
#[path = "fixture_tests.rs"]
mod tests;
