//! `no-advice-or-guarantee`: what sounds like a promised return or like advice waits for compliance.
//!
//! A promise counts wherever it stands. Advice counts only in a text about a product: `wij raden u
//! aan uw wachtwoord te wijzigen` is service. Both do not count when denied just before (`wij kunnen
//! geen rendement garanderen`). Invariant: it holds and never denies; somebody with the role may know
//! better. Deliberately absent: judging whether advice is good.

use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{Effect, EffectKind, Moment, RuleInfo};
use serde::Deserialize;

use super::Rule;
use crate::asked::Asked;
use crate::phrases::{Phrases, Words};
use crate::say::{self, effect, found, quoted};

const ID: &str = "no-advice-or-guarantee";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub enabled: bool,
    check_guarantee: bool,
    check_advice: bool,
    release_role: String,
    guarantee_words: Words,
    advice_words: Words,
    product_words: Words,
}

#[derive(Debug)]
pub struct NoAdviceOrGuarantee {
    settings: Settings,
    guarantee: Phrases,
    advice: Phrases,
    product: Phrases,
}

pub fn info() -> RuleInfo {
    say::info(
        ID,
        &[Moment::Outbound, Moment::Campaign],
        ["Geen advies of garantie", "No advice or guarantee"],
        [
            "Een belofte van rendement of een persoonlijk advies gaat niet ongezien de deur uit.",
            "A promised return or personal advice does not go out unseen.",
        ],
    )
}

impl NoAdviceOrGuarantee {
    pub fn new(settings: Settings) -> Result<Self, String> {
        let s = &settings;
        let list = |name: &str, words: &Words, setting: &str| {
            Phrases::new(name, words, &format!("{ID}.{setting}"))
        };
        Ok(Self {
            guarantee: list("guarantee", &s.guarantee_words, "guarantee-words")?,
            advice: list("advice", &s.advice_words, "advice-words")?,
            product: list("product", &s.product_words, "product-words")?,
            settings,
        })
    }

    fn hold(&self, nl: &str, en: &str, why: Vec<Evidence>) -> Effect {
        let kind = EffectKind::Hold(self.settings.release_role.clone());
        effect(ID, kind, [nl, en], why)
    }
}

impl Rule for NoAdviceOrGuarantee {
    fn decide(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        let Some((_, text)) = asked.outgoing() else {
            return;
        };
        if self.settings.check_guarantee {
            let hits = self.guarantee.find_asserted(text);
            if !hits.is_empty() {
                let quote = quoted(text.original, &hits);
                effects.push(self.hold(
                    &format!("{quote} belooft een resultaat dat niemand kan beloven."),
                    &format!("{quote} promises a result that nobody can promise."),
                    found(&hits, "guarantee"),
                ));
            }
        }
        if self.settings.check_advice && self.product.is_in(text) {
            let hits = self.advice.find_asserted(text);
            if !hits.is_empty() {
                let quote = quoted(text.original, &hits);
                effects.push(self.hold(
                    &format!("{quote} klinkt als persoonlijk advies over een product."),
                    &format!("{quote} sounds like personal advice on a product."),
                    found(&hits, "advice"),
                ));
            }
        }
    }
}
