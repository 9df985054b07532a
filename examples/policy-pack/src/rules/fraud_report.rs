//! `fraud-report`: who reports phishing or fraud is helped fast, in private, by the right team.
//!
//! Inbound: route, priority, label and an answer in private. Where something is lost already
//! (clicked, a code given, money gone) the priority is urgent. Outbound: an answer to such a report
//! carries no link, because a link is what the customer was just warned of. Deliberately absent:
//! judging whether the report is true.

use rapport_sdk::policy::{Effect, EffectKind, Moment, Priority, ResponseDemand, RuleInfo};
use rapport_sdk::social::Visibility;
use serde::Deserialize;

use super::Rule;
use crate::asked::{Asked, is_to_us};
use crate::phrases::{Phrases, Words};
use crate::say::{self, effect, evidence, found};

const ID: &str = "fraud-report";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub enabled: bool,
    team: String,
    label: String,
    within_ms: u64,
    hold_links: bool,
    release_role: String,
    words: Words,
}

#[derive(Debug)]
pub struct FraudReport {
    settings: Settings,
    fraud: Phrases,
    loss: Phrases,
}

pub fn info() -> RuleInfo {
    say::info(
        ID,
        &[Moment::Inbound, Moment::Outbound],
        ["Melding van fraude", "Report of fraud"],
        [
            "Wie phishing of fraude meldt wordt snel en privé geholpen, en krijgt van ons geen link.",
            "Whoever reports phishing or fraud is helped fast and in private, and gets no link from us.",
        ],
    )
}

impl FraudReport {
    pub fn new(settings: Settings) -> Result<Self, String> {
        let words = format!("{ID}.words");
        Ok(Self {
            fraud: Phrases::new("fraud", &settings.words, &words)?,
            loss: Phrases::new("fraud-loss", &Words::default(), &words)?,
            settings,
        })
    }

    fn inbound(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        // What others tell each other about fraud is no report to us.
        let Some((_, text)) = asked.inbound().filter(|(message, _)| is_to_us(message)) else {
            return;
        };
        let hits = self.fraud.find_asserted(text);
        if hits.is_empty() {
            return;
        }
        let s = &self.settings;
        let lost = self.loss.find(text);
        let mut why = found(&hits, "fraud");
        why.extend(found(&lost, "loss"));
        let (priority, reason) = match lost.is_empty() {
            true => (
                Priority::High,
                [
                    "Dit is een melding van fraude of phishing. Help snel, en privé.",
                    "This is a report of fraud or phishing. Help fast, and in private.",
                ],
            ),
            false => (
                Priority::Urgent,
                [
                    "Dit is een melding van fraude en er lijkt al iets gegeven of weg. Help nu, en privé.",
                    "This is a report of fraud and something seems given or gone already. Help now, and in private.",
                ],
            ),
        };
        let answer = ResponseDemand {
            within_ms: Some(s.within_ms),
            visibility: Visibility::Direct,
            named_account: false,
            required: true,
        };
        for kind in [
            EffectKind::Route(s.team.clone()),
            EffectKind::Priority(priority),
            EffectKind::Label(s.label.clone()),
            EffectKind::Respond(answer),
        ] {
            effects.push(effect(ID, kind, reason, why.clone()));
        }
    }

    fn outbound(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        let (Some((_, text)), Some(answered)) = (asked.outgoing(), asked.answered()) else {
            return;
        };
        let report = || !self.fraud.find_asserted(answered).is_empty();
        if !self.settings.hold_links || text.links.is_empty() || !report() {
            return;
        }
        let links = text.links.iter();
        effects.push(effect(
            ID,
            EffectKind::Hold(self.settings.release_role.clone()),
            [
                "Dit antwoord op een melding van fraude bevat een link. Schrijf waar de klant zelf naartoe kan gaan.",
                "This answer to a report of fraud contains a link. Write where the customer can go without it.",
            ],
            links
                .map(|&(start, end)| evidence(start, end, "link"))
                .collect(),
        ));
    }
}

impl Rule for FraudReport {
    fn decide(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        self.inbound(asked, effects);
        self.outbound(asked, effects);
    }
}
