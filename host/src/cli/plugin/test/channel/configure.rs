//! The check `settings` of a channel: good settings configure it, the schema refuses wrong ones, and
//! should one come past the schema, `configure` refuses it with a reason instead of falling.
//!
//! Good ones are those given, or the first case's, or the defaults.

use super::bench::Bench;
use super::scene::Scene;
use crate::cli::plugin::test::report::{Check, Failure};
use crate::cli::plugin::test::settings::{
    NAME, NO_OBJECTS, misfit, needs_settings, refusals, wrong,
};
use crate::domain::digest::sha256_hex;
use crate::plugin::connector::Connector;
use crate::plugin::{Freeze, PrepareError, Settings};
use serde_json::Value;

/// With a connector that is configured, if it can be.
pub async fn check(
    bench: &Bench<'_>,
    given: Option<&Value>,
    scenes: &[Scene<'_>],
) -> (Check, Option<Connector>) {
    let loader = bench.loader;
    let schema = &loader.package.manifest.settings;
    let (refused, mut failures) = refusals(schema);
    let of_case = scenes.first().map(|scene| &scene.case.settings);
    let (which, value) = match (given, of_case) {
        (Some(given), _) => ("given", given.clone()),
        (None, Some(table)) if !table.is_empty() => (
            "first case's",
            serde_json::to_value(table).unwrap_or_default(),
        ),
        _ => ("default", Value::Null),
    };
    let settings = match loader.resolve(&value) {
        Ok(settings) => settings,
        Err(problems) if value.is_null() && needs_settings(schema) && failures.is_empty() => {
            let why = format!(
                "it has required settings ({}); give some with --settings FILE, or in a case",
                problems.join("; ")
            );
            return (Check::skipped(NAME, &why), None);
        }
        Err(problems) => {
            failures.push(misfit(&problems, !value.is_null()));
            return (Check::of(NAME, "not configured", failures), None);
        }
    };
    let connector = match bench
        .connector(settings, &[], Vec::new(), Freeze::WhenPossible)
        .await
    {
        Ok(connector) => connector,
        Err(error) => {
            failures.push(failure(
                format!("the {which} settings"),
                "`configure` takes what the schema allows",
                &error,
                "let the schema in plugin.toml and `configure` agree, and compute little in it",
            ));
            return (Check::of(NAME, "not configured", failures), None);
        }
    };
    let texts = NO_OBJECTS.iter().map(|text| (*text).to_owned());
    let past = wrong(schema)
        .into_iter()
        .map(|wrong| wrong.settings.to_string());
    let mut survived = 0;
    for text in texts.chain(past) {
        match survives(bench, &text).await {
            None => survived += 1,
            Some(failure) => failures.push(failure),
        }
    }
    let how = match connector.is_frozen() {
        true => "frozen",
        false => "at each call: it can't be frozen",
    };
    let detail = match failures.is_empty() {
        true => format!(
            "configured with the {which} settings ({how}); {refused} wrong ones refused; {survived} \
             that come past the schema survived"
        ),
        false => format!("configured ({how})"),
    };
    (Check::of(NAME, &detail, failures), Some(connector))
}

/// Whether the component survives a text that the host never gives it.
async fn survives(bench: &Bench<'_>, text: &str) -> Option<Failure> {
    let settings = Settings {
        value: Value::Null,
        text: text.to_owned(),
        digest: sha256_hex(text.as_bytes()),
    };
    let settings = bench.loader.live(settings);
    match bench
        .connector(settings, &[], Vec::new(), Freeze::Never)
        .await
    {
        Ok(_) | Err(PrepareError::Settings(_)) => None,
        Err(error) => Some(failure(
            format!("the text `{text}` for settings"),
            "`configure` refuses it with a reason, or takes it",
            &error,
            "in `configure`, return an error where settings can't be read; don't panic or throw",
        )),
    }
}

fn failure(what: String, expected: &str, error: &PrepareError, remedy: &str) -> Failure {
    Failure {
        what,
        expected: expected.to_owned(),
        found: error.to_string(),
        file: None,
        line: None,
        remedy: remedy.to_owned(),
    }
}
