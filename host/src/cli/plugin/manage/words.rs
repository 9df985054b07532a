//! Plugins and their candidates, for people.

use crate::domain::agreement::{Agreement, Tally};
use crate::domain::plugin::BUNDLED;
use crate::pipeline::plugins::detail::{PluginDetail, VersionView};
use crate::telemetry::shown::shown;
use rapport_package::grant::Grant;
use std::fmt::Write;

fn version(view: &VersionView) -> String {
    format!("{} ({}; {})", view.version, view.source, view.trust)
}

/// A plugin for people.
pub fn words(plugin: &PluginDetail) -> String {
    let mut text = String::new();
    let mut line = |key: &str, value: &str| {
        let _ = writeln!(text, "{key:<12} {}", shown(value));
    };
    line("plugin", &format!("{} ({})", plugin.id, plugin.kind));
    line("version", &version(&plugin.version));
    line("digest", &plugin.version.digest);
    let word = match plugin.managed_by.as_str() {
        BUNDLED => "",
        _ => " (its own word)",
    };
    line("publisher", &format!("{}{word}", plugin.publisher));
    if let Some(key) = &plugin.publisher_key {
        line(
            "",
            &format!("key {key}: no other key signs a version of it"),
        );
    }
    if plugin.allow_unsigned {
        line("", "unsigned, as was allowed for this one file");
    }
    line("managed by", &plugin.managed_by);
    line("enabled", if plugin.enabled { "yes" } else { "no" });
    for ask in &plugin.asks {
        line(
            "asks for",
            &format!("{} {}: {}", ask.kind, ask.what, ask.reason),
        );
    }
    for field in &plugin.not_provided {
        line(
            "asks for",
            &format!("field {field}, which this version of Rapport does not provide yet"),
        );
    }
    match &plugin.granted {
        None => line(
            "granted",
            &format!("nothing yet: rapport plugin grant {}", plugin.id),
        ),
        Some(_) if plugin.withheld.is_empty() => line("granted", "yes"),
        Some(_) => line(
            "granted",
            &format!("without {}", plugin.withheld.join(", ")),
        ),
    }
    let granted = plugin.granted.clone();
    if let Some(Ok(granted)) = granted.map(serde_json::from_value::<Grant>)
        && plugin.kind == "channel"
    {
        let (minute, once) = (granted.requests_per_minute, granted.requests_at_once);
        line("requests", &format!("{minute} a minute, {once} at once"));
    }
    line("settings", &plugin.settings.to_string());
    if let Some(previous) = &plugin.previous {
        line("previous", &version(previous));
    }
    if let Some(good) = &plugin.last_known_good {
        line("stands in", &version(good));
    }
    if let Some(candidate) = &plugin.candidate {
        let mode = candidate.mode;
        line(
            "candidate",
            &format!("{}, {mode}", version(&candidate.version)),
        );
        line("", &candidate.version.digest);
        for ask in &candidate.asks_more {
            line("", &format!("+ {} {}: {}", ask.kind, ask.what, ask.reason));
        }
        for words in candidate.agreement.iter().flat_map(agreement) {
            line("", &words);
        }
    }
    for host in &plugin.hosts {
        let status = &host.status;
        let reason = status.reason.as_ref().map(|r| format!(": {r}"));
        let words = format!("{}{}", status.state, reason.unwrap_or_default());
        line("host", &format!("{} {words}", host.host));
    }
    text.truncate(text.trim_end().len());
    text
}

/// How far a candidate agrees, one line each.
pub fn agreement(of: &Agreement) -> Vec<String> {
    let mut lines = vec![format!(
        "{} of {} judged the same; {} without an answer, {} skipped",
        of.same, of.judged, of.failed, of.skipped
    )];
    let differing = of
        .by
        .iter()
        .filter(|(_, t)| t.only_current + t.only_candidate > 0);
    lines.extend(differing.map(|(key, tally)| {
        let Tally {
            both,
            only_current,
            only_candidate,
        } = tally;
        format!("{key}: both {both}, only now {only_current}, only the candidate {only_candidate}")
    }));
    lines.extend(of.differences.iter().map(|d| {
        let subject = &d.subject;
        let named = |what: &str, id: &Option<String>| {
            id.as_ref()
                .map(|id| format!("{what} {id}"))
                .unwrap_or_default()
        };
        let ids = [
            named("message", &subject.message_id),
            named("draft", &subject.draft_id),
            named("contact", &subject.contact_id),
        ];
        let ids: Vec<String> = ids.into_iter().filter(|id| !id.is_empty()).collect();
        let (now, then) = (d.current.join(", "), d.candidate.join(", "));
        format!("{}: -[{now}] +[{then}]", ids.join(" "))
    }));
    lines
}
