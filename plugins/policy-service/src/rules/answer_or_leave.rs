//! `answer-or-leave`: whom we answer, whom we leave alone.
//!
//! Inbound: directed messages must be answered (a compliment or small talk may be), searched ones may be
//! when that helps, third-party ones may be under a person's own name. Spam, news, mere notes and
//! dialogues between others are left alone. What is written to us in private is always answered.
//! Outbound: the same manners, guarded.

use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{Effect, EffectKind, Moment, PolicyCase, ResponseDemand};
use rapport_sdk::social::{Message, Reach, Visibility};

use crate::reason::effect;
use crate::settings::AnswerOrLeave;
use crate::view;

pub const ID: &str = "answer-or-leave";

/// Adds what the rule asks for.
pub fn decide(settings: &AnswerOrLeave, case: &PolicyCase, effects: &mut Vec<Effect>) {
    match (case.moment, &case.message) {
        (Moment::Inbound, Some(message)) => inbound(settings, case, message, effects),
        (Moment::Outbound, _) => outbound(settings, case, effects),
        _ => {}
    }
}

fn inbound(
    settings: &AnswerOrLeave,
    case: &PolicyCase,
    message: &Message,
    effects: &mut Vec<Effect>,
) {
    if let Some(spam) = view::intent(case, "spam", settings.spam_score) {
        let evidence = view::evidence(case, spam);
        let (nl, en) = (
            "Dit lijkt spam. Niet beantwoorden.",
            "This looks like spam. Don't answer.",
        );
        effects.push(effect(ID, EffectKind::LeaveAlone, nl, en, evidence.clone()));
        effects.push(effect(
            ID,
            EffectKind::Label("spam".to_owned()),
            nl,
            en,
            evidence,
        ));
        return;
    }
    if view::between_others(case) {
        effects.push(effect(
            ID,
            EffectKind::LeaveAlone,
            "Dit is een gesprek tussen anderen en niemand spreekt ons aan. Niet mengen.",
            "This is a dialogue between others and nobody addresses us. Stay out of it.",
            Vec::new(),
        ));
        return;
    }
    let intent = view::best(case, "intent");
    let evidence = intent.map(|c| view::evidence(case, c)).unwrap_or_default();
    let label = intent.map_or("", |c| c.label.as_str());
    match message.reach {
        Reach::Directed => directed(settings, case, message, label, evidence, effects),
        Reach::Searched if settings.searched_intents.iter().any(|i| i == label) => {
            let kind = respond(message, None, false, false);
            let nl = "Dit gaat over ons maar is niet aan ons gericht. Antwoord als je kunt helpen.";
            let en = "This is about us but not addressed to us. Answer if you can help.";
            effects.push(effect(ID, kind, nl, en, evidence));
        }
        Reach::ThirdParty if settings.searched_intents.iter().any(|i| i == label) => {
            let kind = respond(message, None, false, true);
            let nl =
                "Dit staat op andermans site. Antwoord alleen als het helpt, onder je eigen naam.";
            let en =
                "This is on somebody else's site. Answer only if it helps, under your own name.";
            effects.push(effect(ID, kind, nl, en, evidence));
        }
        Reach::Searched | Reach::ThirdParty => effects.push(effect(
            ID,
            EffectKind::LeaveAlone,
            "Dit gaat over ons, maar er wordt niets gevraagd. Laat het met rust.",
            "This is about us, but nothing is asked. Leave it alone.",
            Vec::new(),
        )),
    }
}

fn directed(
    settings: &AnswerOrLeave,
    case: &PolicyCase,
    message: &Message,
    label: &str,
    evidence: Vec<Evidence>,
    effects: &mut Vec<Effect>,
) {
    let may = || respond(message, None, false, false);
    let remark = view::remark(case).filter(|_| message.visibility != Visibility::Direct);
    let (kind, nl, en) = match (label, remark) {
        ("compliment", _) => (
            may(),
            "Een compliment aan ons: een bedankje mag, het hoeft niet.".to_owned(),
            "A compliment to us: a thank-you is welcome, not required.".to_owned(),
        ),
        (_, Some("news" | "note")) => (
            EffectKind::LeaveAlone,
            "Hier worden wij genoemd, maar er wordt ons niets gevraagd. Laat het met rust."
                .to_owned(),
            "We are named here, but nothing is asked of us. Leave it alone.".to_owned(),
        ),
        (_, Some(_)) => (
            may(),
            "Hier wordt ons niets gevraagd: een antwoord mag, het hoeft niet.".to_owned(),
            "Nothing is asked of us here: an answer is welcome, not required.".to_owned(),
        ),
        _ => (
            respond(message, Some(settings.within_ms), true, false),
            format!(
                "Dit is aan ons gericht. Antwoord binnen {}.",
                duration(settings.within_ms, true)
            ),
            format!(
                "This is addressed to us. Answer within {}.",
                duration(settings.within_ms, false)
            ),
        ),
    };
    effects.push(effect(ID, kind, &nl, &en, evidence));
}

fn respond(
    message: &Message,
    within_ms: Option<u64>,
    required: bool,
    named_account: bool,
) -> EffectKind {
    EffectKind::Respond(ResponseDemand {
        within_ms,
        visibility: message.visibility,
        named_account,
        required,
    })
}

fn outbound(settings: &AnswerOrLeave, case: &PolicyCase, effects: &mut Vec<Effect>) {
    let Some(draft) = &case.draft else { return };
    // A message that answers nothing and stands in no conversation intrudes on nobody.
    if case.message.is_none() && draft.in_reply_to.is_none() {
        return;
    }
    if view::between_others(case) {
        effects.push(effect(
            ID,
            EffectKind::Deny,
            "Dit gesprek is tussen anderen en niemand sprak ons aan. Verstuur dit antwoord niet.",
            "This dialogue is between others and nobody addressed us. Don't send this answer.",
            Vec::new(),
        ));
        return;
    }
    if view::reach(case) == Some(Reach::ThirdParty) && !draft.author.named_account {
        effects.push(effect(
            ID,
            EffectKind::Hold(settings.release_role.clone()),
            "Op andermans site antwoorden we onder eigen naam, niet namens het merk. Kies een persoonlijk account.",
            "On somebody else's site we answer under our own name, not as the brand. Choose a personal account.",
            Vec::new(),
        ));
    }
}

/// A duration in words, in whole minutes, hours or days.
fn duration(ms: u64, dutch: bool) -> String {
    let minutes = ms.div_ceil(60_000).max(1);
    let (count, nl, en) = match minutes {
        m if m % 1440 == 0 => (m / 1440, ["dag", "dagen"], ["day", "days"]),
        m if m % 60 == 0 => (m / 60, ["uur", "uur"], ["hour", "hours"]),
        m => (m, ["minuut", "minuten"], ["minute", "minutes"]),
    };
    let words = if dutch { nl } else { en };
    format!("{count} {}", words[usize::from(count != 1)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_in_words() {
        assert_eq!(duration(3_600_000, true), "1 uur");
        assert_eq!(duration(5_400_000, false), "90 minutes");
        assert_eq!(duration(172_800_000, true), "2 dagen");
        assert_eq!(duration(1, false), "1 minute");
    }
}
