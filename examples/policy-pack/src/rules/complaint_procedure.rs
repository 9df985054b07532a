//! `complaint-procedure`: who says that it is a complaint gets the procedure, with its terms.
//!
//! The word itself counts, not the mood: a complaint opens a case with both deadlines, and a task to
//! confirm that it was received. A body outside (an ombudsman, a regulator) raises the priority. A
//! contact with an open complaint gets no second case. When open cases are withheld a case is opened:
//! one too many is better than a lost complaint, and the reason says so. Deliberately absent: what a
//! classifier thinks; another pack opens cases on that.

use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{
    CaseKind, CaseRequest, Effect, EffectKind, Moment, Priority, RuleInfo, TaskRequest,
};
use serde::Deserialize;

use super::Rule;
use crate::asked::{Asked, is_to_us};
use crate::phrases::{Phrases, Words};
use crate::say::{self, effect, found};

const ID: &str = "complaint-procedure";

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    pub enabled: bool,
    open_case: bool,
    case_title: String,
    respond_within_ms: u64,
    solve_within_ms: u64,
    confirm_within_ms: u64,
    task_title: String,
    team: String,
    words: Words,
    escalation_words: Words,
}

#[derive(Debug)]
pub struct ComplaintProcedure {
    settings: Settings,
    complaint: Phrases,
    escalation: Phrases,
}

pub fn info() -> RuleInfo {
    say::info(
        ID,
        &[Moment::Inbound],
        ["Klachtenprocedure", "Complaints procedure"],
        [
            "Een klacht krijgt een zaak met termijnen en een ontvangstbevestiging; een stap naar buiten krijgt voorrang.",
            "A complaint gets a case with deadlines and a confirmation of receipt; a step outside goes first.",
        ],
    )
}

impl ComplaintProcedure {
    pub fn new(settings: Settings) -> Result<Self, String> {
        let outside = format!("{ID}.escalation-words");
        Ok(Self {
            complaint: Phrases::new("complaint", &settings.words, &format!("{ID}.words"))?,
            escalation: Phrases::new("escalation", &settings.escalation_words, &outside)?,
            settings,
        })
    }

    fn open_case(&self, asked: &Asked<'_>, priority: Priority, why: &[Evidence]) -> Effect {
        let s = &self.settings;
        let request = CaseRequest {
            kind: CaseKind::Complaint,
            title: s.case_title.clone(),
            priority,
            respond_within_ms: Some(s.respond_within_ms),
            solve_within_ms: Some(s.solve_within_ms),
        };
        let reason = match asked.withheld("situation.cases") {
            false => [
                "Dit is een klacht: er komt een zaak met termijnen.",
                "This is a complaint: a case with deadlines is opened.",
            ],
            true => [
                "Dit is een klacht: er komt een zaak met termijnen. Open zaken zijn voor deze regel niet zichtbaar: kijk of er al een loopt.",
                "This is a complaint: a case with deadlines is opened. Open cases are not visible to this rule: check whether there is one already.",
            ],
        };
        effect(ID, EffectKind::OpenCase(request), reason, why.to_vec())
    }

    fn confirm(&self, asked: &Asked<'_>, why: &[Evidence]) -> Effect {
        let s = &self.settings;
        let request = TaskRequest {
            title: s.task_title.clone(),
            due: Some(asked.later(s.confirm_within_ms)),
            team: (!s.team.is_empty()).then(|| s.team.clone()),
        };
        let reason = [
            "Bevestig de klant dat de klacht is ontvangen, en hoe het verder gaat.",
            "Confirm to the customer that the complaint was received, and what happens next.",
        ];
        effect(ID, EffectKind::Task(request), reason, why.to_vec())
    }
}

impl Rule for ComplaintProcedure {
    fn decide(&self, asked: &Asked<'_>, effects: &mut Vec<Effect>) {
        let Some((_, text)) = asked.inbound().filter(|(message, _)| is_to_us(message)) else {
            return;
        };
        let complaint = self.complaint.find_asserted(text);
        let outside = self.escalation.find_asserted(text);
        let mut why = found(&complaint, "complaint");
        why.extend(found(&outside, "outside"));
        if why.is_empty() {
            return;
        }
        let s = &self.settings;
        let priority = match outside.is_empty() {
            true => Priority::Normal,
            false => Priority::High,
        };
        if asked.open_complaint().is_none() {
            if s.open_case {
                effects.push(self.open_case(asked, priority, &why));
            }
            effects.push(self.confirm(asked, &why));
            if !s.team.is_empty() {
                let reason = [
                    "Klachten zijn voor dit team.",
                    "Complaints are for this team.",
                ];
                let kind = EffectKind::Route(s.team.clone());
                effects.push(effect(ID, kind, reason, why.clone()));
            }
        }
        if !outside.is_empty() {
            let reason = [
                "De klant noemt een instantie buiten ons. Behandel dit met voorrang.",
                "The customer names a body outside. Handle this first.",
            ];
            let kind = EffectKind::Priority(priority);
            effects.push(effect(ID, kind, reason, found(&outside, "outside")));
        }
    }
}
