//! The check `cases`: the plugin's own fixtures, each asked with its own settings and compared with
//! what it expects.
//!
//! Only files `*.toml` are fixtures; others are data that an author's own tests read. A policy pack is
//! shown what its manifest asks for, less what the case withholds: as in service.

use super::effects;
use super::loader::Loader;
use super::records;
use super::report::{Check, Failure};
use crate::domain::annotation::Classification;
use crate::plugin::CallError;
use crate::plugin::pure::{Item, PurePlugin};
use rapport_package::fixture::{self, Case, ClassifierCase, ExpectedLabel};
use rapport_package::{Package, nearest};
use serde::Deserialize;
use toml::{Spanned, Table};

/// A case and where it begins.
pub struct Found {
    pub file: String,
    pub line: usize,
    pub case: Case,
}

/// Expected, came, remedy.
pub(super) type Miss = (String, String, String);

/// Every case, and the files that can't be read.
pub fn read(package: &Package) -> (Vec<Found>, Vec<Failure>) {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    for (path, text) in package
        .fixtures
        .iter()
        .filter(|(p, _)| p.ends_with(".toml"))
    {
        let file = format!("fixtures/{path}");
        match fixture::parse_with(package.manifest.kind, &file, text, &package.fixtures) {
            Ok(cases) => {
                let lines = lines(text);
                found.extend(cases.into_iter().enumerate().map(|(index, case)| Found {
                    file: file.clone(),
                    line: lines.get(index).copied().unwrap_or(1),
                    case,
                }));
            }
            Err(error) => failures.push(Failure {
                what: "the fixture can't be read".into(),
                expected: format!("cases of a {}", package.manifest.kind.as_str()),
                found: error.problem,
                file: Some(error.file),
                line: Some(error.line),
                remedy: "put the file right; keys are in kebab-case, as in wit/".into(),
            }),
        }
    }
    (found, failures)
}

/// The lines on which cases begin.
fn lines(text: &str) -> Vec<usize> {
    #[derive(Deserialize)]
    struct File {
        case: Vec<Spanned<Table>>,
    }
    let line = |offset: usize| 1 + text.bytes().take(offset).filter(|b| *b == b'\n').count();
    let file: Result<File, _> = toml::from_str(text);
    let cases = file.map(|file| file.case).unwrap_or_default();
    cases.iter().map(|case| line(case.span().start)).collect()
}

/// Runs every case.
pub async fn check(loader: &Loader<'_>, found: &[Found], unreadable: Vec<Failure>) -> Check {
    if found.is_empty() && unreadable.is_empty() {
        let why = "no fixtures; put cases into fixtures/NAME.toml";
        return Check::skipped("cases", why);
    }
    let mut failures = unreadable;
    let mut good = 0;
    for found in found {
        let misses = match &found.case {
            Case::Classifier(case) => classifier(loader, case).await,
            Case::Policy(case) => effects::check(loader, case).await,
            Case::Channel(_) => Ok(()),
        };
        match misses {
            Ok(()) => good += 1,
            Err((expected, came, remedy)) => failures.push(Failure {
                what: found.case.name().to_owned(),
                expected,
                found: came,
                file: Some(found.file.clone()),
                line: Some(found.line),
                remedy,
            }),
        }
    }
    let detail = format!("{good} of {} as expected", found.len());
    Check::of("cases", &detail, failures)
}

pub(super) async fn configured(
    loader: &Loader<'_>,
    settings: &Table,
    withheld: &[String],
) -> Result<PurePlugin, Miss> {
    let miss = |came: String, remedy: &str| {
        let expected = "settings that configure the plugin".to_owned();
        (expected, came, remedy.to_owned())
    };
    let asked = &loader.package.manifest.permissions.fields;
    if let Some(field) = withheld
        .iter()
        .find(|w| !asked.iter().any(|a| a.field == **w))
    {
        let hint = nearest::nearest(field, asked.iter().map(|a| a.field.as_str()));
        return Err((
            "fields that plugin.toml asks for".into(),
            format!("withheld: `{field}`{}", hint.unwrap_or_default()),
            "only what is asked for can be withheld; see [[permissions.fields]]".into(),
        ));
    }
    let given = serde_json::to_value(settings).unwrap_or_default();
    let settings = loader
        .resolve(&given)
        .map_err(|problems| miss(problems.join("\n"), "put the case's `settings` right"))?;
    let loaded = loader.load_live(settings, withheld).await;
    loaded.map_err(|error| {
        miss(
            error.to_string(),
            "put the case's `settings` or `configure` right",
        )
    })
}

pub(super) fn misread(problem: String) -> Miss {
    let expected = "records as in the contract (wit/), keys in kebab-case".to_owned();
    (expected, problem, "put the case right".to_owned())
}

async fn classifier(loader: &Loader<'_>, case: &ClassifierCase) -> Result<(), Miss> {
    let message = records::message(&case.message).map_err(misread)?;
    let plugin = configured(loader, &case.settings, &[]).await?;
    let said: Vec<Classification> = only(plugin.classify(&[message]).await.items)?;
    let fits = |e: &ExpectedLabel, c: &Classification| {
        c.dimension == e.dimension
            && c.label == e.label
            && e.min_score.is_none_or(|min| c.score >= min)
            && e.max_score.is_none_or(|max| c.score <= max)
    };
    let missing = |e: &&ExpectedLabel| !said.iter().any(|c| fits(e, c));
    let missing: Vec<String> = case.expect.iter().filter(missing).map(label).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let came = said
        .iter()
        .map(|c| format!("{} = {}, score {}", c.dimension, c.label, c.score));
    let remedy = "change the classifier, or what the case expects".to_owned();
    Err((missing.join("\n"), listed(came), remedy))
}

fn label(expected: &ExpectedLabel) -> String {
    let mut text = format!("{} = {}", expected.dimension, expected.label);
    for (word, score) in [("least", expected.min_score), ("most", expected.max_score)] {
        if let Some(score) = score {
            text.push_str(&format!(", score at {word} {score}"));
        }
    }
    text
}

/// The answer to the only question.
pub(super) fn only<T>(mut items: Vec<Item<T>>) -> Result<T, Miss> {
    let miss = |came: String, remedy: &str| ("an answer".to_owned(), came, remedy.to_owned());
    match items.pop() {
        Some(Ok(answer)) => Ok(answer),
        Some(Err(error @ CallError::Plugin(_))) => {
            Err(miss(error.to_string(), "answer this input"))
        }
        Some(Err(error @ CallError::Fault(_))) => {
            Err(miss(error.to_string(), "see the check `limits`"))
        }
        None => Err(miss("nothing".into(), "answer as wit/ says")),
    }
}

pub(super) fn listed(lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    match lines.is_empty() {
        true => "nothing".into(),
        false => lines.join("\n"),
    }
}
