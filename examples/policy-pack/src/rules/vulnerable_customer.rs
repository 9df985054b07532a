//! `vulnerable-customer`: who is in a difficult situation is met with care and gets no marketing.
//!
//! Inbound: priority, a team, a label, an answer in time, and a stop on marketing (and surveys) for a
//! while. Outgoing: marketing and surveys to whoever has such a stop are denied, so that the stop
//! works without another pack. When stops are withheld it can't know, so it holds. Invariant: neither
//! reason nor label says what the situation is; a guess at somebody's health or debts on record is
//! personal data of the worst kind. Deliberately absent: reading earlier messages.

use rapport_sdk::policy::{
    Effect, EffectKind, Moment, Priority, Purpose, ResponseDemand, RuleInfo, SuppressionEnd,
    SuppressionRequest, SuppressionView,
};
use serde::Deserialize;

use super::Rule;
use crate::asked::{Asked, is_to_us};
use crate::phrases::{Phrases, Words};
use crate::say::{self, effect, found};

const ID: &str = "vulnerable-customer";
const DAY_MS: u64 = 24 * 60 * 60 * 1000;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub enabled: bool,
    team: String,
    label: String,
    within_ms: u64,
    quiet_days: u64,
    quiet_surveys: bool,
    release_role: String,
    words: Words,
}

#[derive(Debug)]
pub struct VulnerableCustomer {
    settings: Settings,
    care: Phrases,
    crisis: Phrases,
}

pub fn info() -> RuleInfo {
    say::info(
        ID,
        &[Moment::Inbound, Moment::Outbound, Moment::Campaign],
        [
            "Klant in een moeilijke situatie",
            "Customer in a difficult situation",
        ],
        [
            "Wie het moeilijk heeft krijgt voorrang, een team dat ermee om kan gaan, en geen reclame.",
            "Whoever is having a hard time goes first, meets a team that knows how, and gets no marketing.",
        ],
    )
}

impl VulnerableCustomer {
    pub fn new(settings: Settings) -> Result<Self, String> {
        let words = format!("{ID}.words");
        Ok(Self {
            care: Phrases::new("care", &settings.words, &words)?,
            crisis: Phrases::new("crisis", &Words::default(), &words)?,
            settings,
        })
    }

    fn inbound(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        let Some((message, text)) = asked.inbound().filter(|(message, _)| is_to_us(message)) else {
            return;
        };
        // A crisis counts however it is put: `I don't want to live` is a denial in itself.
        let crisis = self.crisis.find(text);
        let mut why = found(&crisis, "crisis");
        why.extend(found(&self.care.find_asserted(text), "care"));
        if why.is_empty() {
            return;
        }
        let s = &self.settings;
        let (priority, reason) = match crisis.is_empty() {
            true => (
                Priority::High,
                [
                    "Deze klant zit in een moeilijke situatie. Antwoord met aandacht, en stuur nu geen reclame.",
                    "This customer is in a difficult situation. Answer with care, and send no marketing now.",
                ],
            ),
            false => (
                Priority::Urgent,
                [
                    "Deze klant heeft nu iemand nodig. Volg direct de afspraken voor noodsituaties.",
                    "This customer needs somebody now. Follow the agreements for emergencies at once.",
                ],
            ),
        };
        let answer = ResponseDemand {
            within_ms: Some(s.within_ms),
            visibility: message.visibility,
            named_account: false,
            required: true,
        };
        let mut kinds = vec![
            EffectKind::Priority(priority),
            EffectKind::Route(s.team.clone()),
            EffectKind::Label(s.label.clone()),
            EffectKind::Respond(answer),
        ];
        let wanted = self.quiet_purposes().iter();
        kinds.extend(
            wanted
                .filter(|purpose| !self.is_quiet(asked, **purpose))
                .map(|purpose| EffectKind::Suppress(self.stop(asked, *purpose))),
        );
        for kind in kinds {
            effects.push(effect(ID, kind, reason, why.clone()));
        }
    }

    fn quiet_purposes(&self) -> &'static [Purpose] {
        match self.settings.quiet_surveys {
            true => &[Purpose::Marketing, Purpose::Survey],
            false => &[Purpose::Marketing],
        }
    }

    fn stop(&self, asked: &Asked<'_>, purpose: Purpose) -> SuppressionRequest {
        let ms = self.settings.quiet_days.saturating_mul(DAY_MS);
        SuppressionRequest {
            purpose,
            channel: None,
            until: SuppressionEnd::At(asked.later(ms)),
        }
    }

    /// A stop that runs for at least half as long as a new one would: a customer who writes every day
    /// needs no new one every day.
    fn is_quiet(&self, asked: &Asked<'_>, purpose: Purpose) -> bool {
        let half = asked.later(self.settings.quiet_days.saturating_mul(DAY_MS / 2));
        let long = |s: &SuppressionView| {
            s.purpose == purpose && s.channel.is_none() && s.until.is_none_or(|until| until >= half)
        };
        asked.case.situation.suppressions.iter().any(long)
    }

    fn outgoing(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        let Some((draft, _)) = asked.outgoing() else {
            return;
        };
        if !self.quiet_purposes().contains(&draft.purpose) {
            return;
        }
        // A stop of one channel counts for all: better one message too few.
        let runs = |s: &SuppressionView| {
            s.purpose == draft.purpose && s.until.is_none_or(|until| until > asked.case.now)
        };
        if asked.case.situation.suppressions.iter().any(runs) {
            effects.push(effect(
                ID,
                EffectKind::Deny,
                [
                    "Voor deze klant is dit soort berichten stopgezet. Verstuur het niet.",
                    "Messages of this kind to this customer have been stopped. Don't send it.",
                ],
                Vec::new(),
            ));
        } else if asked.withheld("situation.suppressions") {
            effects.push(effect(
                ID,
                EffectKind::Hold(self.settings.release_role.clone()),
                [
                    "Deze regel mag niet zien of dit soort berichten voor de klant is stopgezet. Controleer dat zelf.",
                    "This rule may not see whether messages of this kind to the customer have been stopped. Check it yourself.",
                ],
                Vec::new(),
            ));
        }
    }
}

impl Rule for VulnerableCustomer {
    fn decide(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        self.inbound(asked, effects);
        self.outgoing(asked, effects);
    }
}
