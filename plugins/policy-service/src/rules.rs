//! The rules, one file each, and their common list.
//!
//! Every rule is a function of the case and its settings that adds effects. No rule knows another,
//! but for [`complaint_opens_case::complaint`], which says what counts as a complaint.

pub mod answer_or_leave;
pub mod complaint_opens_case;
pub mod complaint_public_once;
pub mod embargo;
pub mod hashtags;
pub mod no_marketing;
pub mod tone_of_voice;

use rapport_sdk::policy::{Moment, RuleInfo};
use serde::Serialize;

use crate::reason::both;
use crate::settings::Settings;

/// The rules in the order in which they are shown.
pub fn infos() -> Vec<RuleInfo> {
    let defaults = Settings::default();
    let mut infos = infos_on_people(&defaults);
    infos.extend(infos_on_text(&defaults));
    infos
}

/// The rules on whom we talk with.
fn infos_on_people(d: &Settings) -> Vec<RuleInfo> {
    use Moment::{Campaign, Inbound, Outbound};
    vec![
        info(
            answer_or_leave::ID,
            ["Antwoorden of met rust laten", "Answer or leave alone"],
            [
                "Wie ons aanspreekt krijgt antwoord; wie over ons praat alleen als het helpt; een gesprek tussen anderen blijft van hen.",
                "Whoever addresses us gets an answer; whoever talks about us only when it helps; a dialogue between others stays theirs.",
            ],
            &[Inbound, Outbound],
            &d.answer_or_leave,
        ),
        info(
            complaint_opens_case::ID,
            ["Klacht opent een zaak", "Complaint opens a case"],
            [
                "Geen klacht raakt zoek: zij krijgt een zaak, een prioriteit, termijnen en een team.",
                "No complaint gets lost: it gets a case, a priority, deadlines and a team.",
            ],
            &[Inbound],
            &d.complaint_opens_case,
        ),
        info(
            complaint_public_once::ID,
            ["Klacht één keer openbaar", "Complaint in public once"],
            [
                "Een klacht wordt één keer openbaar beantwoord en daarna privé afgehandeld.",
                "A complaint is answered in public once and then handled in private.",
            ],
            &[Outbound],
            &d.complaint_public_once,
        ),
        info(
            no_marketing::ID,
            [
                "Geen reclame tijdens een klacht",
                "No marketing during a complaint",
            ],
            [
                "Wie een open klacht heeft krijgt geen reclame.",
                "Whoever has an open complaint gets no marketing.",
            ],
            &[Inbound, Outbound, Campaign],
            &d.no_marketing_during_complaint,
        ),
    ]
}

/// The rules on what we write.
fn infos_on_text(d: &Settings) -> Vec<RuleInfo> {
    use Moment::{Campaign, Outbound};
    vec![
        info(
            tone_of_voice::ID,
            ["Toon", "Tone of voice"],
            [
                "Geen geschreeuw, sarcasme, belediging of verboden woord gaat de deur uit.",
                "No shouting, sarcasm, insult or forbidden word goes out.",
            ],
            &[Outbound],
            &d.tone_of_voice,
        ),
        info(
            embargo::ID,
            ["Embargo", "Embargo"],
            [
                "Wat nog niet bekend mag zijn gaat niet te vroeg naar buiten.",
                "What must not be known yet does not go out too early.",
            ],
            &[Outbound, Campaign],
            &d.embargo,
        ),
        info(
            hashtags::ID,
            ["Hashtags", "Hashtags"],
            [
                "Standaardhashtags worden geschreven zoals afgesproken, zodat ze gevonden worden.",
                "Standard hashtags are written as agreed, so that they are found.",
            ],
            &[Outbound],
            &d.hashtags,
        ),
    ]
}

fn info(
    id: &str,
    title: [&str; 2],
    guards: [&str; 2],
    moments: &[Moment],
    defaults: &impl Serialize,
) -> RuleInfo {
    RuleInfo {
        id: id.to_owned(),
        title: both(title[0], title[1]),
        guards: both(guards[0], guards[1]),
        moments: moments.to_vec(),
        default_settings: serde_json::to_string(defaults).unwrap_or_else(|_| "{}".to_owned()),
    }
}
