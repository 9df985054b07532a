//! `never-ask-secrets`: we never ask for a PIN, a password or a code, so customers need not wonder.
//!
//! A draft is denied when a sentence asks (`stuur`, `geef`, `what is`) for the customer's own (`uw`,
//! `je`, `your`) secret. A sentence that warns (`geef nooit uw pincode`) goes, and so does one that
//! says what we do ourselves (`wij sturen uw code`). Deliberately absent: private drafts as an
//! exception; there is none.

use rapport_sdk::policy::{Effect, EffectKind, Moment, RuleInfo};
use serde::Deserialize;

use super::Rule;
use crate::asked::Asked;
use crate::phrases::{Hit, Phrases, Words, is_denial};
use crate::say::{self, effect, found};
use crate::text::Text;

const ID: &str = "never-ask-secrets";
/// Words before a secret among which it is said whose it is: `uw persoonlijke pincode`.
const OWNER_REACH: usize = 2;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub enabled: bool,
    words: Words,
}

#[derive(Debug)]
pub struct NeverAskSecrets {
    ask: Phrases,
    secret: Phrases,
}

pub fn info() -> RuleInfo {
    say::info(
        ID,
        &[Moment::Outbound, Moment::Campaign],
        ["Nooit om codes vragen", "Never ask for secrets"],
        [
            "Wij vragen nooit om een pincode, wachtwoord of andere code.",
            "We never ask for a PIN, a password or another code.",
        ],
    )
}

impl NeverAskSecrets {
    pub fn new(settings: Settings) -> Result<Self, String> {
        let words = format!("{ID}.words");
        Ok(Self {
            ask: Phrases::new("ask", &Words::default(), &words)?,
            secret: Phrases::new("secret", &settings.words, &words)?,
        })
    }
}

impl Rule for NeverAskSecrets {
    fn decide(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        let Some((_, text)) = asked.outgoing() else {
            return;
        };
        let asks: Vec<Hit> = self.ask.find(text);
        let asks: Vec<u32> = asks
            .iter()
            .filter(|hit| !by_us(text, hit))
            .filter_map(|hit| sentence(text, hit.first))
            .collect();
        let mut secrets = self.secret.find(text);
        secrets.retain(|hit| {
            let sentence = sentence(text, hit.first);
            sentence.is_some_and(|s| asks.contains(&s) && !warns(text, s)) && is_theirs(text, hit)
        });
        if secrets.is_empty() {
            return;
        }
        effects.push(effect(
            ID,
            EffectKind::Deny,
            [
                "Dit antwoord vraagt de klant om een geheime code of een wachtwoord. Dat doen wij nooit.",
                "This answer asks the customer for a secret code or a password. We never do that.",
            ],
            found(&secrets, "secret"),
        ));
    }
}

fn sentence(text: &Text<'_>, word: usize) -> Option<u32> {
    text.words.get(word).map(|w| w.sentence)
}

/// We do it ourselves: `wij sturen`, `sturen we`.
fn by_us(text: &Text<'_>, hit: &Hit) -> bool {
    const US: [&str; 6] = ["ik", "wij", "we", "i", "we'll", "i'll"];
    let is_us = |index: usize| {
        let word = text.words.get(index);
        word.is_some_and(|w| US.contains(&w.folded.as_str()))
    };
    hit.first.checked_sub(1).is_some_and(is_us) || is_us(hit.last + 1)
}

/// It is the customer's own.
fn is_theirs(text: &Text<'_>, hit: &Hit) -> bool {
    const OWNERS: [&str; 5] = ["uw", "je", "jouw", "jullie", "your"];
    let before = text
        .words
        .get(hit.first.saturating_sub(OWNER_REACH)..hit.first);
    let before = before.unwrap_or_default();
    before.iter().any(|w| OWNERS.contains(&w.folded.as_str()))
}

/// The sentence says what not to do.
fn warns(text: &Text<'_>, sentence: u32) -> bool {
    let mut words = text.words.iter();
    words.any(|w| w.sentence == sentence && is_denial(&w.folded))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied(draft: &str) -> bool {
        let settings = Settings {
            enabled: true,
            words: Words::default(),
        };
        let rule = NeverAskSecrets::new(settings).unwrap();
        let case = crate::tests::draft(draft);
        let mut effects = Vec::new();
        rule.decide(&Asked::new(&case), &mut effects);
        !effects.is_empty()
    }

    #[test]
    fn asking_is_denied_and_warning_is_not() {
        for (draft, expected) in [
            ("Stuur ons uw pincode.", true),
            ("Wat is uw wachtwoord?", true),
            ("Kunt u uw sms-code even doorgeven?", true),
            ("Please reply with your one-time password", true),
            ("What's your PIN?", true),
            ("Geef nooit uw pincode aan iemand.", false),
            ("Never share your password with anyone", false),
            ("Morgen sturen we uw inlogcode per post", false),
            ("Kies zelf een nieuw wachtwoord", false),
            (
                "Stuur ons uw klantnummer. Een wachtwoord is niet nodig.",
                false,
            ),
        ] {
            assert_eq!(denied(draft), expected, "{draft}");
        }
    }
}
