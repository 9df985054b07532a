//! `fixtures/NAME.toml`: cases with what should come of them, as files, so that they are read the
//! same way whatever language the plugin is written in.
//!
//! A file has any number of `[[case]]`, each with a `name`, unique in the file, and optional
//! `settings` (the manifest's defaults are filled in). Records are written as in the contract
//! (`wit/`), keys in kebab-case; every key of a record may be left out and then has its plainest
//! value, and a variant is a table with one key, its case. The rest depends on the kind of plugin:
//!
//! | kind | asked | answered |
//! |---|---|---|
//! | classifier | `message` | `expect`: labels that must be there |
//! | policy | `moment`, `now`, `message`, `draft`, `contact`, `conversation`, `classifications`, `situation` | `expect` and `forbid`: effects that must and must not be there |
//! | channel | `call`, what it takes (`cursor`, `request`, `draft`), `exchanges` | `expect`: what came back |
//!
//! ```toml
//! [[case]]
//! name = "thanks in Dutch"
//! message = { content = "Bedankt!", language = "nl" }
//! expect = [{ dimension = "thanks", label = "yes", min-score = 0.9 }]
//! ```
//!
//! Deliberately absent: running a case, and the check that a record's keys exist; who runs it turns
//! the tables into records and knows.

use crate::manifest::Kind;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use toml::{Spanned, Table};

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

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ExpectedEffect {
    pub rule: String,
    /// Case of `policy.effect-kind`, for example `hold`. None: any.
    pub effect: Option<String>,
}

/// One call of a connector, with the network's side of it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ChannelCase {
    pub name: String,
    #[serde(default)]
    pub settings: Table,
    pub call: Call,
    /// For `poll`; none is the first time.
    pub cursor: Option<String>,
    /// For `poll`: `channel.monitor`.
    #[serde(default)]
    pub monitors: Vec<Table>,
    /// For `receive`.
    pub request: Option<Request>,
    /// For `send` and `validate`: `channel.outbound-message`, and `key`, the idempotency key, which
    /// `find-sent` needs alone.
    pub draft: Option<Table>,
    /// What the connector asks of the network and gets, in this order.
    #[serde(default)]
    pub exchanges: Vec<Exchange>,
    #[serde(default)]
    pub expect: Expected,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Call {
    Check,
    Poll,
    Receive,
    Validate,
    Send,
    FindSent,
}

/// A request and its answer.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Exchange {
    /// The connector's next request must have this method and address, and these headers and this
    /// body where they are named.
    pub request: Request,
    pub response: Response,
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Request {
    #[serde(default = "get")]
    pub method: String,
    /// Absolute in an exchange; behind the inbox's address, or absent, in `receive`.
    #[serde(default)]
    pub url: String,
    /// Names in lower case. A secret's reference may stand here as `<name>`.
    #[serde(default)]
    pub headers: std::collections::BTreeMap<String, String>,
    pub body: Option<String>,
}

fn get() -> String {
    "GET".to_owned()
}

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Response {
    pub status: u16,
    #[serde(default)]
    pub headers: std::collections::BTreeMap<String, String>,
    #[serde(default)]
    pub body: String,
}

/// What came back of a call; what is not named may be anything, but an error is only what is named.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Expected {
    /// Number of activities (`poll`, `receive`).
    pub activities: Option<usize>,
    /// Ids of the activities, in their order.
    pub ids: Option<Vec<String>>,
    pub cursor: Option<String>,
    /// The network's id: of the receipt (`send`, `find-sent`), of the account's actor (`check`).
    pub id: Option<String>,
    /// `find-sent`: whether there is a receipt.
    pub found: Option<bool>,
    /// Status of the answer (`receive`).
    pub status: Option<u16>,
    /// Case of `common.plugin-error`, for example `auth-expired`.
    pub error: Option<String>,
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
        Kind::Policy => read(
            file,
            text,
            |c| Case::Policy(Box::new(c)),
            |case: &PolicyCase| {
                (case.moment == Moment::Outbound && case.draft.is_none())
                    .then(|| "`moment = \"outbound\"` needs a `draft`".to_owned())
            },
        ),
        Kind::Channel => {
            let whole = |case| Case::Channel(Box::new(case));
            read(file, text, whole, ChannelCase::missing)
        }
    }
}

impl ChannelCase {
    /// What this call can't do without.
    fn missing(&self) -> Option<String> {
        let key = self.draft.as_ref().and_then(|d| d.get("key"));
        let needs = match self.call {
            Call::Receive if self.request.is_none() => "a `request`",
            Call::Send | Call::Validate if self.draft.is_none() => "a `draft`",
            Call::Send | Call::FindSent if key.is_none_or(|k| !k.is_str()) => {
                "a `draft` with `key`, the idempotency key"
            }
            _ => return None,
        };
        Some(format!("this `call` needs {needs}"))
    }
}

fn read<C: DeserializeOwned>(
    file: &str,
    text: &str,
    whole: impl Fn(C) -> Case,
    problem: impl Fn(&C) -> Option<String>,
) -> Result<Vec<Case>, FixtureError> {
    let at = |offset: usize, problem: String| FixtureError {
        file: file.to_owned(),
        line: 1 + text.bytes().take(offset).filter(|b| *b == b'\n').count(),
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
