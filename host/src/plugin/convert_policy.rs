//! Policy cases and classifications out, effects and classifications in. Checked on the way in.

use super::convert::{extra_in, message_out, reach_out, same_enum, visibility_in, visibility_out};
use super::fault::HostFault;
use super::wire::{annotation as wa, common, policy_types as w};
use super::{limits, sanitize};
use crate::domain::annotation::{self as a, Evidence, Localized};
use crate::domain::effects as e;
use crate::domain::{case, inbox, policy as d};

same_enum!(
    moment_out,
    moment_in,
    a::Moment,
    w::Moment,
    [Inbound, Outbound, Campaign, Tick]
);
same_enum!(
    purpose_out,
    purpose_in,
    case::Purpose,
    w::Purpose,
    [Service, Marketing, Survey, Transactional]
);
same_enum!(
    priority_out,
    priority_in,
    inbox::Priority,
    w::Priority,
    [Low, Normal, High, Urgent]
);
same_enum!(
    case_kind_out,
    case_kind_in,
    case::CaseKind,
    w::CaseKind,
    [Complaint, Question, Lead, Other]
);

pub(super) fn case_out(case: &d::PolicyCase) -> w::PolicyCase {
    w::PolicyCase {
        id: case.id.clone(),
        moment: moment_out(case.moment),
        now: case.now,
        message: case.message.as_ref().map(message_out),
        classifications: case
            .classifications
            .iter()
            .map(classification_out)
            .collect(),
        draft: case.draft.as_ref().map(draft_out),
        contact: case.contact.as_ref().map(contact_out),
        conversation: case.conversation.as_ref().map(conversation_out),
        situation: situation_out(&case.situation),
        withheld: case.withheld.clone(),
    }
}

fn classification_out(c: &a::Classification) -> wa::AttributedClassification {
    let evidence = c.evidence.iter().map(|e| wa::Evidence {
        start: e.start,
        end: e.end,
        note: e.note.clone(),
    });
    wa::AttributedClassification {
        plugin: c.plugin.clone(),
        classification: wa::Classification {
            dimension: c.dimension.clone(),
            label: c.label.clone(),
            score: c.score,
            evidence: evidence.collect(),
            extra: c.extra.clone(),
        },
    }
}

fn draft_out(draft: &d::DraftView) -> w::Draft {
    w::Draft {
        id: draft.id.clone(),
        purpose: purpose_out(draft.purpose),
        content: draft.content.clone(),
        language: draft.language.clone(),
        tags: draft.tags.clone(),
        visibility: visibility_out(draft.visibility),
        in_reply_to: draft.in_reply_to.clone(),
        author: w::DraftAuthor {
            id: draft.author.clone(),
            display_name: draft.author.clone(),
            automated: draft.automated,
            named_account: draft.named_account,
        },
    }
}

fn contact_out(contact: &d::ContactView) -> w::ContactView {
    w::ContactView {
        id: contact.id.clone(),
        display_name: contact.display_name.clone(),
        language: contact.language.clone(),
        identities: contact
            .identities
            .iter()
            .map(|i| w::IdentityView {
                network: i.network.clone(),
                handle: i.handle.clone(),
                verified: i.verified,
            })
            .collect(),
        labels: contact.labels.clone(),
        since: contact.since,
        message_count: contact.message_count,
        extra: Vec::new(),
    }
}

fn conversation_out(conversation: &d::ConversationView) -> w::ConversationView {
    w::ConversationView {
        id: conversation.id.clone(),
        network: conversation.network.clone(),
        reach: reach_out(conversation.reach),
        visibility: visibility_out(conversation.visibility),
        participant_count: conversation.participant_count,
        involves_us: conversation.involves_us,
        public_answer_count: conversation.public_answer_count,
        turns: conversation
            .turns
            .iter()
            .map(|t| w::Turn {
                ours: t.ours,
                visibility: visibility_out(t.visibility),
                published: t.published,
                attributed_to: t.attributed_to.clone(),
            })
            .collect(),
        extra: Vec::new(),
    }
}

fn situation_out(situation: &d::Situation) -> w::Situation {
    let cases = situation.open_cases.iter().map(|c| w::CaseView {
        id: c.id.clone(),
        kind: case_kind_out(c.kind),
        priority: priority_out(c.priority),
        opened: c.opened,
        respond_by: c.respond_by,
        conversation_id: c.conversation_id.clone(),
    });
    let suppressions = situation.suppressions.iter().map(|s| w::SuppressionView {
        purpose: purpose_out(s.purpose),
        channel: s.channel.clone(),
        reason: s.reason.clone(),
        until: s.until,
    });
    let hashtags = situation.hashtag_counts.iter().map(|h| w::HashtagCount {
        tag: h.tag.clone(),
        count: h.count,
        window_ms: h.window_ms,
    });
    w::Situation {
        open_cases: cases.collect(),
        suppressions: suppressions.collect(),
        incidents: Vec::new(),
        campaigns: Vec::new(),
        hashtag_counts: hashtags.collect(),
        consents: Vec::new(),
        open_now: None,
        extra: Vec::new(),
    }
}

/// Evidence that is no range of `text` is dropped; the judgement stands.
fn evidence_in(evidence: Vec<wa::Evidence>, text: &str) -> Vec<Evidence> {
    evidence
        .into_iter()
        .filter(|e| sanitize::is_span(text, e.start, e.end))
        .take(limits::EVIDENCE)
        .map(|e| Evidence {
            start: e.start,
            end: e.end,
            note: sanitize::short(Some(e.note), 256).unwrap_or_default(),
        })
        .collect()
}

/// One message's classifications. `content` is the judged text.
pub(super) fn classifications_in(
    found: Vec<wa::Classification>,
    content: &str,
    plugin: &str,
    version: &str,
) -> Result<Vec<a::Classification>, HostFault> {
    if found.len() > limits::CLASSIFICATIONS_PER_MESSAGE {
        return Err(HostFault::OutputTooLarge(format!(
            "{} classifications of one message, at most {}",
            found.len(),
            limits::CLASSIFICATIONS_PER_MESSAGE
        )));
    }
    found
        .into_iter()
        .map(|c| {
            if !c.score.is_finite() || !(-1.0..=1.0).contains(&c.score) {
                return Err(HostFault::Contract(format!(
                    "score {} is not in -1 to 1",
                    c.score
                )));
            }
            let name = |text: String, what: &str| {
                sanitize::short(Some(text), 64)
                    .ok_or_else(|| HostFault::Contract(format!("an empty {what}")))
            };
            Ok(a::Classification {
                dimension: name(c.dimension, "dimension")?,
                label: name(c.label, "label")?,
                score: c.score,
                evidence: evidence_in(c.evidence, content),
                extra: extra_in(c.extra),
                plugin: plugin.to_owned(),
                version: version.to_owned(),
            })
        })
        .collect()
}

/// One case's effects. `rules` are the pack's own and enabled ones; an effect of another rule breaks
/// the contract, one of a switched-off rule is dropped.
pub(super) fn effects_in(
    effects: Vec<w::Effect>,
    case: &d::PolicyCase,
    rules: &[RuleSwitch],
) -> Result<Vec<e::Effect>, HostFault> {
    if effects.len() > limits::EFFECTS_PER_CASE {
        return Err(HostFault::OutputTooLarge(format!(
            "{} effects on one case, at most {}",
            effects.len(),
            limits::EFFECTS_PER_CASE
        )));
    }
    let text = match (&case.draft, &case.message) {
        (Some(draft), _) => draft.content.as_str(),
        (None, Some(message)) => message.content.as_str(),
        (None, None) => "",
    };
    let mut checked = Vec::with_capacity(effects.len());
    for effect in effects {
        let rule = rules
            .iter()
            .find(|rule| rule.id == effect.rule)
            .ok_or_else(|| {
                HostFault::Contract(format!("no rule `{}`", sanitize::text(effect.rule.clone())))
            })?;
        if rule.enabled {
            checked.push(e::Effect {
                rule: effect.rule,
                body: body_in(effect.kind),
                reason: localized_in(effect.reason),
                evidence: evidence_in(effect.evidence, text),
            });
        }
    }
    Ok(checked)
}

/// A rule of a pack, switched on or off by the admin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleSwitch {
    pub id: String,
    pub enabled: bool,
}

pub(super) fn localized_in(texts: Vec<common::Localized>) -> Vec<Localized> {
    texts
        .into_iter()
        .take(16)
        .map(|l| Localized {
            language: sanitize::short(Some(l.language), 35).unwrap_or_default(),
            text: sanitize::text(l.text),
        })
        .collect()
}

fn body_in(kind: w::EffectKind) -> e::EffectBody {
    use sanitize::text;
    let short = |value: Option<String>| sanitize::short(value, 256);
    match kind {
        w::EffectKind::Allow => e::EffectBody::Allow,
        w::EffectKind::Hold(role) => e::EffectBody::Hold(text(role)),
        w::EffectKind::Deny => e::EffectBody::Deny,
        w::EffectKind::Rewrite(content) => e::EffectBody::Rewrite(sanitize::content(content)),
        w::EffectKind::Respond(r) => e::EffectBody::Respond(e::ResponseDemand {
            within_ms: r.within_ms,
            visibility: visibility_in(r.visibility),
            named_account: r.named_account,
            required: r.required,
        }),
        w::EffectKind::LeaveAlone => e::EffectBody::LeaveAlone,
        w::EffectKind::Route(team) => e::EffectBody::Route(text(team)),
        w::EffectKind::Priority(p) => e::EffectBody::Priority(priority_in(p)),
        w::EffectKind::Label(label) => e::EffectBody::Label(text(label)),
        w::EffectKind::OpenCase(c) => e::EffectBody::OpenCase(e::CaseRequest {
            kind: case_kind_in(c.kind),
            title: short(Some(c.title)).unwrap_or_default(),
            priority: priority_in(c.priority),
            respond_within_ms: c.respond_within_ms,
            solve_within_ms: c.solve_within_ms,
        }),
        w::EffectKind::Task(t) => e::EffectBody::Task(e::TaskRequest {
            title: short(Some(t.title)).unwrap_or_default(),
            due: t.due,
            team: short(t.team),
        }),
        w::EffectKind::Suppress(s) => e::EffectBody::Suppress(e::SuppressionRequest {
            purpose: purpose_in(s.purpose),
            channel: short(s.channel),
            until: match s.until {
                w::SuppressionEnd::At(at) => e::SuppressionEnd::At(at),
                w::SuppressionEnd::CasesClosed => e::SuppressionEnd::CasesClosed,
                w::SuppressionEnd::Indefinite => e::SuppressionEnd::Indefinite,
            },
        }),
        w::EffectKind::PauseCampaign(id) => e::EffectBody::PauseCampaign(text(id)),
        w::EffectKind::Notify(n) => e::EffectBody::Notify {
            to: text(n.to),
            text: text(n.text),
        },
    }
}
