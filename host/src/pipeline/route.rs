//! From effects to a plan: which team, what priority, which clock, which cases and tasks. Pure.

use crate::db::casework::ConversationChange;
use crate::domain::case::{Case, CaseStatus, Suppression, Task, TaskStatus};
use crate::domain::effects::{CaseRequest, Effect, EffectBody, SuppressionEnd};
use crate::domain::inbox::{ConversationStatus, Priority};
use crate::domain::{Id, TimestampMs, new_id};

/// Whom and what the plan is about.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    pub message_id: &'a str,
    pub conversation_id: &'a str,
    pub contact_id: &'a str,
    /// When we heard of it, from which clocks run: whatever the sender's clock says, nobody is late with
    /// what they had not heard yet.
    pub received: TimestampMs,
}

/// What is to be stored.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plan {
    pub conversation: ConversationChange,
    /// Open cases of the conversation are raised to this.
    pub raise_cases: Option<Priority>,
    pub cases: Vec<Case>,
    pub suppressions: Vec<Suppression>,
    pub tasks: Vec<Task>,
}

/// One plan from all policies' effects. A required answer beats leave-alone; the earliest deadline, the
/// highest priority and the most private way to answer stand; of several teams the first. Policies that each open a case of one
/// kind open one.
pub fn plan<'a>(subject: &Subject<'_>, effects: impl IntoIterator<Item = &'a Effect>) -> Plan {
    let mut plan = Plan::default();
    let (mut leave_alone, mut respond, mut required) = (false, false, false);
    for effect in effects {
        match &effect.body {
            EffectBody::Respond(demand) => {
                respond = true;
                required |= demand.required;
                let visibility = &mut plan.conversation.answer_visibility;
                *visibility = (*visibility).max(Some(demand.visibility));
                if demand.required {
                    let by = deadline(subject.received, demand.within_ms);
                    plan.conversation.respond_by = earlier(plan.conversation.respond_by, by);
                }
            }
            EffectBody::LeaveAlone => leave_alone = true,
            EffectBody::Route(team) => {
                plan.conversation.team.get_or_insert_with(|| team.clone());
            }
            EffectBody::Priority(priority) => {
                plan.conversation.priority = plan.conversation.priority.max(Some(*priority));
                plan.raise_cases = plan.raise_cases.max(Some(*priority));
            }
            EffectBody::Label(label) => plan.conversation.labels.push(label.clone()),
            EffectBody::OpenCase(request) => {
                plan.conversation.priority = plan.conversation.priority.max(Some(request.priority));
                open_case(&mut plan.cases, case(subject, request));
            }
            EffectBody::Task(request) => plan.tasks.push(Task {
                id: new_id(),
                conversation_id: Some(subject.conversation_id.to_owned()),
                contact_id: Some(subject.contact_id.to_owned()),
                title: request.title.clone(),
                team: request.team.clone(),
                due: request.due,
                status: TaskStatus::Open,
                created: subject.received,
            }),
            EffectBody::Suppress(request) => plan.suppressions.push(Suppression {
                id: new_id(),
                contact_id: subject.contact_id.to_owned(),
                purpose: request.purpose,
                channel: request.channel.clone(),
                reason: effect.rule.clone(),
                since: subject.received,
                until: match request.until {
                    SuppressionEnd::At(at) => Some(at),
                    SuppressionEnd::CasesClosed | SuppressionEnd::Indefinite => None,
                },
                until_cases_closed: request.until == SuppressionEnd::CasesClosed,
                lifted: None,
            }),
            // These speak of drafts and campaigns, or are told and stored as decisions only.
            EffectBody::Allow
            | EffectBody::Hold(_)
            | EffectBody::Deny
            | EffectBody::Rewrite(_)
            | EffectBody::PauseCampaign(_)
            | EffectBody::Notify { .. } => {}
        }
    }
    plan.conversation.status = if required || (respond && !leave_alone) {
        Some(ConversationStatus::Open)
    } else if leave_alone {
        Some(ConversationStatus::LeftAlone)
    } else {
        None
    };
    let team = plan.conversation.team.clone();
    for case in &mut plan.cases {
        case.team.clone_from(&team);
    }
    plan
}

fn open_case(cases: &mut Vec<Case>, new: Case) {
    let Some(known) = cases.iter_mut().find(|case| case.kind == new.kind) else {
        cases.push(new);
        return;
    };
    known.priority = known.priority.max(new.priority);
    known.respond_by = earlier(known.respond_by, new.respond_by);
    known.solve_by = earlier(known.solve_by, new.solve_by);
}

fn deadline(at: TimestampMs, within_ms: Option<u64>) -> Option<TimestampMs> {
    within_ms.map(|ms| at.saturating_add(i64::try_from(ms).unwrap_or(i64::MAX)))
}

fn earlier(a: Option<TimestampMs>, b: Option<TimestampMs>) -> Option<TimestampMs> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

fn case(subject: &Subject<'_>, request: &CaseRequest) -> Case {
    let some = |id: &str| -> Option<Id> { Some(id.to_owned()) };
    Case {
        id: new_id(),
        contact_id: subject.contact_id.to_owned(),
        conversation_id: some(subject.conversation_id),
        message_id: some(subject.message_id),
        kind: request.kind,
        title: request.title.clone(),
        priority: request.priority,
        status: CaseStatus::Open,
        team: None,
        opened: subject.received,
        respond_by: deadline(subject.received, request.respond_within_ms),
        solve_by: deadline(subject.received, request.solve_within_ms),
        responded: None,
        closed: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::case::CaseKind;
    use crate::domain::effects::ResponseDemand;
    use crate::domain::social::Visibility;

    const SUBJECT: Subject<'static> = Subject {
        message_id: "m",
        conversation_id: "c",
        contact_id: "p",
        received: 1000,
    };

    fn effect(body: EffectBody) -> Effect {
        Effect {
            rule: "r".into(),
            body,
            reason: vec![],
            evidence: vec![],
        }
    }

    #[test]
    fn the_most_private_way_to_answer_stands() {
        let demand = |visibility| {
            effect(EffectBody::Respond(ResponseDemand {
                within_ms: None,
                visibility,
                named_account: false,
                required: false,
            }))
        };
        let all = [Visibility::Public, Visibility::Direct, Visibility::Public];
        let plan = plan(&SUBJECT, &all.map(demand));
        let stands = plan.conversation.answer_visibility;
        assert_eq!(stands, Some(Visibility::Direct));
    }

    fn respond(required: bool, within_ms: u64) -> Effect {
        effect(EffectBody::Respond(ResponseDemand {
            within_ms: Some(within_ms),
            visibility: Visibility::Public,
            named_account: false,
            required,
        }))
    }

    #[test]
    fn a_required_answer_beats_leave_alone() {
        let both = [
            effect(EffectBody::LeaveAlone),
            respond(true, 500),
            respond(true, 300),
        ];
        let plan = plan(&SUBJECT, &both);
        assert_eq!(plan.conversation.status, Some(ConversationStatus::Open));
        assert_eq!(
            plan.conversation.respond_by,
            Some(1300),
            "the earliest deadline"
        );
    }

    #[test]
    fn an_optional_answer_does_not() {
        let plan = plan(
            &SUBJECT,
            &[respond(false, 500), effect(EffectBody::LeaveAlone)],
        );
        assert_eq!(
            plan.conversation.status,
            Some(ConversationStatus::LeftAlone)
        );
        assert_eq!(plan.conversation.respond_by, None);
    }

    #[test]
    fn a_case_runs_from_receipt() {
        let request = CaseRequest {
            kind: CaseKind::Complaint,
            title: "t".into(),
            priority: Priority::High,
            respond_within_ms: Some(60),
            solve_within_ms: None,
        };
        let effects = [
            effect(EffectBody::OpenCase(request)),
            effect(EffectBody::Route("service".into())),
        ];
        let plan = plan(&SUBJECT, &effects);
        assert_eq!(plan.cases[0].respond_by, Some(1060));
        assert_eq!(plan.cases[0].team.as_deref(), Some("service"));
        assert_eq!(plan.conversation.priority, Some(Priority::High));
    }

    #[test]
    fn policies_that_open_a_case_of_one_kind_open_one() {
        let request = |kind, title: &str, priority, respond_within_ms| {
            effect(EffectBody::OpenCase(CaseRequest {
                kind,
                title: title.into(),
                priority,
                respond_within_ms,
                solve_within_ms: None,
            }))
        };
        let effects = [
            request(CaseKind::Complaint, "first", Priority::Normal, Some(60)),
            request(CaseKind::Complaint, "second", Priority::High, Some(30)),
            request(CaseKind::Question, "other", Priority::Low, None),
        ];
        let plan = plan(&SUBJECT, &effects);
        let [complaint, question] = &plan.cases[..] else {
            panic!("{:#?}", plan.cases);
        };
        assert_eq!(complaint.title, "first");
        assert_eq!(complaint.priority, Priority::High);
        assert_eq!(complaint.respond_by, Some(1030), "the earliest");
        assert_eq!(question.kind, CaseKind::Question);
    }
}
