//! A replay for people: the outcome first, then what was decided or in what it differs, then digests
//! and fuel. Nothing from the store steers the terminal.

use crate::domain::annotation::Localized;
use crate::pipeline::replay::{Change, Difference, EffectRecord, Outcome, Replay};
use crate::telemetry::shown::shown;
use std::fmt::Write;

/// The whole report. `asked` is the id that was asked for: a decision's own effect is marked.
pub fn of(replay: &Replay, asked: &str) -> String {
    let mut out = headline(replay);
    if replay.differences.is_empty() {
        if replay.recorded.effects.is_empty() {
            out += "\n  no effects: the policy asked for nothing";
        }
        for effect in &replay.recorded.effects {
            let mark = match effect.decision_id.as_deref() == Some(asked) {
                true => '>',
                false => ' ',
            };
            out += &effect_lines(&format!("{mark} "), effect);
        }
    }
    for difference in &replay.differences {
        out += &difference_lines(difference);
    }
    for note in &replay.notes {
        let _ = write!(out, "\n  {}: {}", note.kind, shown(&note.text));
    }
    let (was, is) = (&replay.recorded, &replay.now);
    for (name, was, is) in [
        ("plugin", &was.plugin_digest, &is.plugin_digest),
        ("settings", &was.settings_digest, &is.settings_digest),
        ("input", &was.input_digest, &is.input_digest),
        ("output", &was.output_digest, &is.output_digest),
    ] {
        let _ = match was == is {
            true => write!(out, "\n  {name:<9} sha256:{is}"),
            false => write!(
                out,
                "\n  {name:<9} recorded sha256:{}\n  {:<9} now      sha256:{is}",
                shown(was),
                ""
            ),
        };
    }
    let _ = write!(
        out,
        "\n  fuel      {} now, alone; {} recorded for its batch of {}",
        is.batch_fuel, was.batch_fuel, was.batch_size
    );
    out
}

fn headline(replay: &Replay) -> String {
    let outcome = match (replay.outcome, replay.proof) {
        (Outcome::Equal, true) => "Equal to the byte",
        (Outcome::Different, true) => "DIFFERENT",
        (Outcome::FaultNotRepeated, true) => "FAULT NOT REPEATED",
        (Outcome::Equal, false) => "No proof, and the same would come out now",
        (_, false) => "No proof, and something else would come out now",
    };
    let subject = match (&replay.draft_id, &replay.message_id) {
        (Some(draft), _) => format!("draft {draft}"),
        (None, Some(message)) => format!("message {message}"),
        (None, None) => "neither a message nor a draft".to_owned(),
    };
    let at = chrono::DateTime::from_timestamp_millis(replay.evaluated)
        .map_or_else(|| replay.evaluated.to_string(), |time| time.to_rfc3339());
    format!(
        "{outcome}: {} {} on {}, {}, decided {at}",
        shown(&replay.plugin),
        shown(&replay.recorded.version),
        shown(&subject),
        replay.moment
    )
}

fn difference_lines(difference: &Difference) -> String {
    let what = match difference.change {
        Change::OnlyRecorded => "on record, and does not come out now".to_owned(),
        Change::OnlyNow => "comes out now, and is not on record".to_owned(),
        Change::Moved => "the same at another place of the answer".to_owned(),
        Change::Changed => format!("differs in {}", difference.fields.join(", ")),
    };
    let mut out = format!("\n  * {what}");
    if let Some(was) = &difference.recorded {
        out += &effect_lines("    recorded: ", was);
    }
    if let Some(is) = &difference.now
        && difference.change != Change::Moved
    {
        out += &effect_lines("    now:      ", is);
    }
    out
}

fn effect_lines(before: &str, effect: &EffectRecord) -> String {
    let mut out = format!("\n{before}{}: {}", shown(&effect.rule), effect.effect);
    if !effect.detail.is_null() {
        let _ = write!(out, " {}", shown(&effect.detail.to_string()));
    }
    for Localized { language, text } in &effect.reason {
        let _ = write!(out, "\n        {}  {}", shown(language), shown(text));
    }
    for e in &effect.evidence {
        let _ = write!(
            out,
            "\n        bytes {} to {}: {}",
            e.start,
            e.end,
            shown(&e.note)
        );
    }
    out
}
