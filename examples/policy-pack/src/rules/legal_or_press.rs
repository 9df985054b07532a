//! `legal-or-press`: a legal threat and a question of the press are answered by those who may.
//!
//! Inbound, addressed to us: route, priority, label. Press that only writes about us is left alone by
//! customer service and labelled, so that the press office finds it. Outbound: an answer to such a
//! message waits for release. Deliberately absent: earlier messages of the conversation; the answered
//! one alone counts.

use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{Effect, EffectKind, Moment, Priority, RuleInfo};
use serde::Deserialize;

use super::Rule;
use crate::asked::{Asked, is_to_us};
use crate::phrases::{Phrases, Words};
use crate::say::{self, Both, effect, found};
use crate::text::Text;

const ID: &str = "legal-or-press";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub enabled: bool,
    legal_team: String,
    press_team: String,
    hold_answers: bool,
    release_role: String,
    legal_words: Words,
    press_words: Words,
}

#[derive(Debug)]
pub struct LegalOrPress {
    settings: Settings,
    legal: Phrases,
    press: Phrases,
}

#[derive(Clone, Copy, PartialEq)]
enum Matter {
    Legal,
    Press,
}

pub fn info() -> RuleInfo {
    say::info(
        ID,
        &[Moment::Inbound, Moment::Outbound],
        ["Juridisch of pers", "Legal or press"],
        [
            "Op een juridische dreiging of een vraag van de pers antwoordt wie daarover gaat.",
            "A legal threat or a question of the press is answered by those whose matter it is.",
        ],
    )
}

impl LegalOrPress {
    pub fn new(settings: Settings) -> Result<Self, String> {
        let place = |setting: &str| format!("{ID}.{setting}");
        Ok(Self {
            legal: Phrases::new("legal", &settings.legal_words, &place("legal-words"))?,
            press: Phrases::new("press", &settings.press_words, &place("press-words"))?,
            settings,
        })
    }

    /// What the message is; a threat with a lawyer and the press is the lawyers' first.
    fn matter(&self, text: &Text<'_>) -> Option<(Matter, Vec<Evidence>)> {
        let legal = self.legal.find_asserted(text);
        if !legal.is_empty() {
            return Some((Matter::Legal, found(&legal, "legal")));
        }
        let press = self.press.find_asserted(text);
        (!press.is_empty()).then(|| (Matter::Press, found(&press, "press")))
    }

    fn inbound(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        let Some((message, text)) = asked.inbound() else {
            return;
        };
        let Some((matter, why)) = self.matter(text) else {
            return;
        };
        if !is_to_us(message) {
            if matter == Matter::Press {
                self.about_us(why, effects);
            }
            return;
        }
        let s = &self.settings;
        let (team, label, reason): (&str, &str, Both<'_>) = match matter {
            Matter::Legal => (
                &s.legal_team,
                "legal",
                [
                    "Deze klant spreekt van juridische stappen. Laat het antwoord aan het juridische team.",
                    "This customer speaks of legal steps. Leave the answer to the legal team.",
                ],
            ),
            Matter::Press => (
                &s.press_team,
                "press",
                [
                    "Dit lijkt een vraag van de pers. Laat het antwoord aan de persvoorlichting.",
                    "This looks like a question of the press. Leave the answer to the press office.",
                ],
            ),
        };
        for kind in [
            EffectKind::Route(team.to_owned()),
            EffectKind::Priority(Priority::High),
            EffectKind::Label(label.to_owned()),
        ] {
            effects.push(effect(ID, kind, reason, why.clone()));
        }
    }

    fn about_us(&self, why: Vec<Evidence>, effects: &mut Vec<Effect>) {
        let reason = [
            "De pers schrijft over ons, niet aan ons. De klantenservice blijft erbuiten.",
            "The press writes about us, not to us. Customer service stays out of it.",
        ];
        effects.push(effect(ID, EffectKind::LeaveAlone, reason, why.clone()));
        effects.push(effect(
            ID,
            EffectKind::Label("press".to_owned()),
            reason,
            why,
        ));
    }

    fn outbound(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        let Some(answered) = asked.answered().filter(|_| self.settings.hold_answers) else {
            return;
        };
        let reason = match self.matter(answered) {
            Some((Matter::Legal, _)) => [
                "De klant sprak van juridische stappen. Dit antwoord wacht op wie daarover gaat.",
                "The customer spoke of legal steps. This answer waits for those whose matter it is.",
            ],
            Some((Matter::Press, _)) => [
                "De vraag komt van de pers. Dit antwoord wacht op wie daarover gaat.",
                "The question comes from the press. This answer waits for those whose matter it is.",
            ],
            None => return,
        };
        // The words stand in the answered message; evidence would point into the draft.
        let kind = EffectKind::Hold(self.settings.release_role.clone());
        effects.push(effect(ID, kind, reason, Vec::new()));
    }
}

impl Rule for LegalOrPress {
    fn decide(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        self.inbound(asked, effects);
        self.outbound(asked, effects);
    }
}
