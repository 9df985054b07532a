//! A policy pack's cases: which effects must and must not come of one, down to their data.
//!
//! What a case expects of an effect's data is part of it: keys that are not given do not matter.

use super::cases::{Miss, configured, listed, misread, only};
use super::loader::Loader;
use super::records::{self, kebab};
use crate::domain::annotation::EffectKind;
use crate::domain::effects::Effect;
use crate::plugin::pure::PurePlugin;
use rapport_package::fixture::{ExpectedEffect, PolicyCase};
use rapport_package::nearest;
use serde_json::{Map, Value};

/// Asks the pack, and compares.
pub async fn check(loader: &Loader<'_>, case: &PolicyCase) -> Result<(), Miss> {
    let asked = records::policy_case(case).map_err(misread)?;
    let plugin = configured(loader, &case.settings, &case.withheld).await?;
    for expected in case.expect.iter().chain(&case.forbid) {
        known(&plugin, expected).map_err(misread)?;
    }
    let said: Vec<Effect> = only(plugin.decide(&mut [asked]).await.items)?;
    let said: Vec<(Effect, Value)> = said
        .into_iter()
        .map(|effect| {
            let data = as_written(effect.body.detail());
            (effect, data)
        })
        .collect();
    let there = |e: &ExpectedEffect| said.iter().any(|(effect, data)| fits(e, effect, data));
    let missing: Vec<&ExpectedEffect> = case.expect.iter().filter(|e| !there(e)).collect();
    for expected in &missing {
        let same = said.iter().find(|(effect, _)| is_of(expected, effect));
        if let (Some(detail), Some((_, data))) = (&expected.detail, same) {
            let kind = expected.effect.as_deref().unwrap_or_default();
            let place = format!("{}: {kind}, detail", expected.rule);
            has_keys(&place, detail, data).map_err(misread)?;
        }
    }
    let unwanted = case.forbid.iter().filter(|e| there(e));
    let unwanted = unwanted.map(|e| format!("not {}", effect(e)));
    let missing = missing.into_iter().map(effect);
    let wrong: Vec<String> = missing.chain(unwanted).collect();
    if wrong.is_empty() {
        return Ok(());
    }
    let came = said.iter().map(|(effect, data)| {
        let reason = effect.reason.first().map_or("", |r| r.text.as_str());
        let data = Some(data).filter(|data| !data.is_null());
        let data = data.map_or_else(String::new, |data| format!(" {data}"));
        format!("{}: {}{data} ({reason})", effect.rule, effect.body.kind())
    });
    let remedy = "change the rule, or what the case expects; a rule sees only the fields that \
                  plugin.toml asks for";
    Err((wrong.join("\n"), listed(came), remedy.to_owned()))
}

fn is_of(expected: &ExpectedEffect, effect: &Effect) -> bool {
    let kind = effect.body.kind().as_str();
    let wanted = expected.effect.as_deref();
    effect.rule == expected.rule && wanted.is_none_or(|wanted| wanted == kind)
}

fn fits(expected: &ExpectedEffect, effect: &Effect, data: &Value) -> bool {
    let holds = |detail| holds(&wanted(detail), data);
    is_of(expected, effect) && expected.detail.as_ref().is_none_or(holds)
}

/// A text or a number is the same; of a table all that is given is.
fn holds(wanted: &Value, found: &Value) -> bool {
    match (wanted, found) {
        (Value::Object(wanted), Value::Object(found)) => {
            let same = |(key, value)| found.get(key).is_some_and(|found| holds(value, found));
            wanted.iter().all(same)
        }
        _ => wanted == found,
    }
}

/// A key that there is not would never be met.
fn has_keys(place: &str, wanted: &toml::Value, found: &Value) -> Result<(), String> {
    let (toml::Value::Table(wanted), Value::Object(found)) = (wanted, found) else {
        return Ok(());
    };
    for (key, value) in wanted {
        let place = format!("{place}.{key}");
        let Some(found_in) = found.get(key) else {
            let keys = || found.keys().map(String::as_str);
            let hint = nearest::nearest(key, keys());
            let all = || format!("; there are {}", keys().collect::<Vec<_>>().join(", "));
            return Err(format!("{place}: no such key{}", hint.unwrap_or_else(all)));
        };
        has_keys(&place, value, found_in)?;
    }
    Ok(())
}

fn wanted(detail: &toml::Value) -> Value {
    serde_json::to_value(detail).unwrap_or_default()
}

/// An effect's data as the contract writes it, in kebab-case.
fn as_written(data: Value) -> Value {
    match data {
        Value::Object(all) => {
            let all = all.into_iter();
            let all: Map<_, _> = all.map(|(k, v)| (kebab(&k), as_written(v))).collect();
            all.into()
        }
        // The only word of ours that the contract writes in another way.
        Value::String(text) if text == "casesClosed" => kebab(&text).into(),
        other => other,
    }
}

fn effect(expected: &ExpectedEffect) -> String {
    let kind = expected.effect.as_deref().unwrap_or("any effect");
    let detail = expected.detail.as_ref().map(wanted);
    let detail = detail.map_or_else(String::new, |detail| format!(" {detail}"));
    format!("{}: {kind}{detail}", expected.rule)
}

/// A name that there is not would never be met, and a forbidden one never be missed.
fn known(plugin: &PurePlugin, expected: &ExpectedEffect) -> Result<(), String> {
    let rules = || plugin.rules.iter().map(|rule| rule.id.as_str());
    if !rules().any(|id| id == expected.rule) {
        let hint = nearest::nearest(&expected.rule, rules()).unwrap_or_default();
        return Err(format!("the pack has no rule `{}`{hint}", expected.rule));
    }
    let kinds = || EffectKind::ALL.iter().map(|kind| kind.as_str());
    match &expected.effect {
        Some(effect) if !kinds().any(|kind| kind == effect) => {
            let hint = nearest::nearest(effect, kinds()).unwrap_or_default();
            Err(format!("there is no effect `{effect}`{hint}"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::Purpose;
    use crate::domain::effects::{EffectBody, SuppressionEnd, SuppressionRequest};
    use toml::toml;

    fn data() -> Value {
        as_written(
            EffectBody::Suppress(SuppressionRequest {
                purpose: Purpose::Marketing,
                channel: None,
                until: SuppressionEnd::CasesClosed,
            })
            .detail(),
        )
    }

    #[test]
    fn only_what_is_given_must_be_the_same() {
        let given = |table: toml::Table| wanted(&table.into());
        assert!(holds(&given(toml! { until = "cases-closed" }), &data()));
        assert!(!holds(&given(toml! { until = "indefinite" }), &data()));
        assert!(!holds(
            &given(toml! { until = "cases-closed"
            purpose = "service" }),
            &data()
        ));
        let hold = EffectBody::Hold("manager".into()).detail();
        assert!(holds(&wanted(&"manager".into()), &hold));
        assert!(!holds(&wanted(&"agent".into()), &hold));
    }

    #[test]
    fn a_key_that_there_is_not_is_told() {
        let given = toml::Value::from(toml! { untill = "cases-closed" });
        let told = has_keys("quiet: suppress, detail", &given, &data()).unwrap_err();
        assert!(
            told.contains("quiet: suppress, detail.untill: no such key")
                && told.contains("`until`"),
            "{told}"
        );
    }
}
