//! `no-marketing-during-complaint`: a complaint stops marketing to this contact until it is solved.
//!
//! Inbound the rule asks for the suppression; outbound and in campaigns it denies. When complaints or
//! suppressions are withheld it can't know, so it holds.

use rapport_sdk::policy::{
    Effect, EffectKind, Moment, PolicyCase, Purpose, SuppressionEnd, SuppressionRequest,
    SuppressionView,
};

use crate::reason::effect;
use crate::rules::complaint_opens_case;
use crate::settings::{ComplaintOpensCase, NoMarketing};
use crate::view;

pub const ID: &str = "no-marketing-during-complaint";

/// Adds what the rule asks for. What a complaint is, is the business of `complaint-opens-case`.
pub fn decide(
    settings: &NoMarketing,
    complaints: &ComplaintOpensCase,
    case: &PolicyCase,
    effects: &mut Vec<Effect>,
) {
    match case.moment {
        Moment::Inbound => inbound(complaints, case, effects),
        Moment::Outbound | Moment::Campaign if is_marketing(case) => {
            outgoing(settings, case, effects)
        }
        _ => {}
    }
}

fn inbound(complaints: &ComplaintOpensCase, case: &PolicyCase, effects: &mut Vec<Effect>) {
    let Some(complaint) = complaint_opens_case::complaint(complaints, case) else {
        return;
    };
    // A suppression that ends with the cases needs a case.
    if !complaints.enabled && view::open_complaint(case).is_none() {
        return;
    }
    let whole = |s: &SuppressionView| {
        s.purpose == Purpose::Marketing && s.channel.is_none() && s.until.is_none()
    };
    if case.situation.suppressions.iter().any(whole) {
        return;
    }
    let request = SuppressionRequest {
        purpose: Purpose::Marketing,
        channel: None,
        until: SuppressionEnd::CasesClosed,
    };
    effects.push(effect(
        ID,
        EffectKind::Suppress(request),
        "Deze klant klaagt: geen reclame tot de klacht is opgelost.",
        "This customer complains: no marketing until the complaint is solved.",
        view::evidence(case, complaint),
    ));
}

/// A marketing message; in a campaign everything but service and transactional messages.
fn is_marketing(case: &PolicyCase) -> bool {
    match (case.moment, case.draft.as_ref().map(|d| d.purpose)) {
        (Moment::Campaign, Some(Purpose::Service | Purpose::Transactional)) => false,
        (Moment::Campaign, _) => true,
        (_, purpose) => purpose == Some(Purpose::Marketing),
    }
}

fn outgoing(settings: &NoMarketing, case: &PolicyCase, effects: &mut Vec<Effect>) {
    if view::open_complaint(case).is_some() {
        effects.push(effect(
            ID,
            EffectKind::Deny,
            "Deze klant heeft een open klacht. Los die eerst op; stuur nu geen reclame.",
            "This customer has an open complaint. Solve it first; send no marketing now.",
            Vec::new(),
        ));
        return;
    }
    if let Some(suppression) = case
        .situation
        .suppressions
        .iter()
        .find(|s| applies(s, case))
    {
        let nl = format!(
            "Reclame aan deze klant is stopgezet ({}). Niet versturen.",
            suppression.reason
        );
        let en = format!(
            "Marketing to this customer is suppressed ({}). Don't send.",
            suppression.reason
        );
        effects.push(effect(ID, EffectKind::Deny, &nl, &en, Vec::new()));
        return;
    }
    if view::withheld(case, "situation.cases") || view::withheld(case, "situation.suppressions") {
        effects.push(effect(
            ID,
            EffectKind::Hold(settings.release_role.clone()),
            "Deze regel kan niet zien of de klant een open klacht of een reclamestop heeft. Controleer dat zelf.",
            "This rule can't see whether the customer has an open complaint or a marketing stop. Check it yourself.",
            Vec::new(),
        ));
    }
}

/// A suppression of marketing that still runs and is not clearly of another channel.
fn applies(suppression: &SuppressionView, case: &PolicyCase) -> bool {
    let bare = |name: &str| name.strip_prefix("channel-").unwrap_or(name).to_owned();
    let elsewhere = match (&suppression.channel, &case.conversation) {
        (Some(channel), Some(conversation)) => bare(channel) != bare(&conversation.network),
        _ => false,
    };
    suppression.purpose == Purpose::Marketing
        && suppression.until.is_none_or(|until| until > case.now)
        && !elsewhere
}
