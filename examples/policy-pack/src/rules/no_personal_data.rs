//! `no-personal-data`: numbers of a customer do not stand where others can read them.
//!
//! Outgoing: a draft with an account, citizen, card or connection number is denied where it would be
//! readable (a denial can't be released), and the same text without the numbers is suggested. Nine
//! digits that pass the test of a BSN without the word beside them may be an order number: those are
//! held. Inbound: who writes such a number in public is answered in private and told. Invariant: no
//! reason and no label repeats a number. Deliberately absent: names and addresses; no rule tells a
//! customer's from a shop's.

use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{Effect, EffectKind, Moment, ResponseDemand, RuleInfo};
use rapport_sdk::social::Visibility;
use serde::Deserialize;

use super::Rule;
use crate::asked::{Asked, is_open, is_to_us};
use crate::numbers::{self, Kind, Number};
use crate::say::{self, effect, evidence};
use crate::text::Text;

const ID: &str = "no-personal-data";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub enabled: bool,
    check_iban: bool,
    check_bsn: bool,
    check_card: bool,
    check_ean: bool,
    also_in_private: bool,
    own_ibans: Vec<String>,
    label: String,
    release_role: String,
}

#[derive(Debug)]
pub struct NoPersonalData {
    settings: Settings,
    /// Without spaces, in capitals.
    own_ibans: Vec<String>,
}

pub fn info() -> RuleInfo {
    say::info(
        ID,
        &[Moment::Inbound, Moment::Outbound, Moment::Campaign],
        ["Geen persoonlijke nummers", "No personal numbers"],
        [
            "Rekening-, burgerservice-, kaart- en EAN-nummers staan niet waar anderen ze kunnen lezen.",
            "Account, citizen, card and connection numbers do not stand where others can read them.",
        ],
    )
}

impl NoPersonalData {
    pub fn new(settings: Settings) -> Self {
        let own = settings.own_ibans.iter().map(|i| numbers::compact(i));
        Self {
            own_ibans: own.collect(),
            settings,
        }
    }

    fn find(&self, text: &Text<'_>) -> Vec<Number> {
        let s = &self.settings;
        let is_own = |n: &Number| {
            let iban = text.original.get(n.start..n.end).map(numbers::compact);
            iban.is_some_and(|iban| self.own_ibans.contains(&iban))
        };
        let mut found = numbers::find(text.original);
        found.retain(|n| match n.kind {
            Kind::Iban => s.check_iban && !is_own(n),
            Kind::Bsn => s.check_bsn,
            Kind::Card => s.check_card,
            Kind::Ean => s.check_ean,
        });
        found
    }

    fn outgoing(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        let Some((draft, text)) = asked.outgoing() else {
            return;
        };
        if !is_open(draft.visibility) && !self.settings.also_in_private {
            return;
        }
        let found = self.find(text);
        if found.is_empty() {
            return;
        }
        let names_bsn = text.words.iter().any(|w| is_bsn_word(&w.folded));
        let sure = |n: &Number| n.kind != Kind::Bsn || names_bsn;
        let (kind, reason) = match found.iter().any(sure) {
            true => (
                EffectKind::Deny,
                [
                    "Hier staat een rekening-, burgerservice-, kaart- of EAN-nummer in. Haal het eruit, of vraag ernaar waar alleen de klant meeleest.",
                    "This contains an account, citizen, card or connection number. Take it out, or ask for it where only the customer reads along.",
                ],
            ),
            false => (
                EffectKind::Hold(self.settings.release_role.clone()),
                [
                    "Hier staat een getal in dat een burgerservicenummer kan zijn. Controleer dat voor het verstuurd wordt.",
                    "This contains a number that may be a citizen service number. Check it before it is sent.",
                ],
            ),
        };
        let why: Vec<Evidence> = found.iter().map(as_evidence).collect();
        effects.push(effect(ID, kind, reason, why.clone()));
        effects.push(effect(
            ID,
            EffectKind::Rewrite(without(text.original, &found)),
            [
                "Dezelfde tekst zonder de nummers.",
                "The same text without the numbers.",
            ],
            why,
        ));
    }

    fn inbound(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        let Some((message, text)) = asked.inbound() else {
            return;
        };
        if !is_to_us(message) || !is_open(message.visibility) {
            return;
        }
        let why: Vec<Evidence> = self.find(text).iter().map(as_evidence).collect();
        if why.is_empty() {
            return;
        }
        let answer = ResponseDemand {
            within_ms: None,
            visibility: Visibility::Direct,
            named_account: false,
            required: true,
        };
        let reason = [
            "De klant zet hier een persoonlijk nummer openbaar neer. Vraag privé om het bericht te verwijderen, en herhaal het nummer niet.",
            "The customer puts a personal number here in public. Ask in private to delete the message, and don't repeat the number.",
        ];
        for kind in [
            EffectKind::Label(self.settings.label.clone()),
            EffectKind::Respond(answer),
        ] {
            effects.push(effect(ID, kind, reason, why.clone()));
        }
    }
}

impl Rule for NoPersonalData {
    fn decide(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        self.inbound(asked, effects);
        self.outgoing(asked, effects);
    }
}

fn is_bsn_word(folded: &str) -> bool {
    folded == "bsn" || folded == "sofinummer" || folded.starts_with("burgerservice")
}

fn as_evidence(number: &Number) -> Evidence {
    let note = match number.kind {
        Kind::Iban => "iban",
        Kind::Bsn => "bsn",
        Kind::Card => "card",
        Kind::Ean => "ean",
    };
    evidence(number.start, number.end, note)
}

/// The text with an `x` for each letter and digit of the numbers, which are in their order.
fn without(text: &str, numbers: &[Number]) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut copied = 0;
    for number in numbers {
        hidden.push_str(text.get(copied..number.start).unwrap_or_default());
        let shown = text.get(number.start..number.end).unwrap_or_default();
        hidden.extend(shown.chars().map(|c| match c.is_ascii_alphanumeric() {
            true => 'x',
            false => c,
        }));
        copied = number.end;
    }
    hidden.push_str(text.get(copied..).unwrap_or_default());
    hidden
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_hidden_and_nothing_else() {
        let text = "Eén keer NL91 ABNA 0417 1643 00, dank";
        let hidden = without(text, &numbers::find(text));
        assert_eq!(hidden, "Eén keer xxxx xxxx xxxx xxxx xx, dank");
    }
}
