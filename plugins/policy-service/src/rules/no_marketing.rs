//! `no-marketing-during-complaint`: a complaint stops marketing to this contact until it is solved.
//!
//! Inbound the rule asks for the suppression; outbound and in campaigns it denies what is said to be
//! marketing, and holds what is not but reads so (`advert`). When complaints or suppressions are
//! withheld it can't know, so it holds.

mod advert;

use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{
    Effect, EffectKind, Moment, PolicyCase, Purpose, SuppressionEnd, SuppressionRequest,
    SuppressionView,
};

use crate::reason::{effect, quoted};
use crate::rules::complaint_opens_case;
use crate::settings::{ComplaintOpensCase, NoMarketing};
use crate::view;

pub use advert::Adverts;

pub const ID: &str = "no-marketing-during-complaint";

/// Adds what the rule asks for. What a complaint is, is the business of `complaint-opens-case`.
pub fn decide(
    settings: &NoMarketing,
    complaints: &ComplaintOpensCase,
    adverts: &Adverts,
    case: &PolicyCase,
    effects: &mut Vec<Effect>,
) {
    match case.moment {
        Moment::Inbound => inbound(complaints, case, effects),
        Moment::Outbound | Moment::Campaign => outgoing(settings, adverts, case, effects),
        Moment::Tick => {}
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

/// Why a contact gets no marketing now, in the two languages, and whether that is certain.
fn obstacle(case: &PolicyCase) -> Option<([String; 2], bool)> {
    if view::open_complaint(case).is_some() {
        let nl = "Deze klant heeft een open klacht. Los die eerst op; stuur nu geen reclame.";
        let en = "This customer has an open complaint. Solve it first; send no marketing now.";
        return Some(([nl.to_owned(), en.to_owned()], true));
    }
    if let Some(suppression) = case
        .situation
        .suppressions
        .iter()
        .find(|s| applies(s, case))
    {
        let reason = &suppression.reason;
        let nl = format!("Reclame aan deze klant is stopgezet ({reason}). Niet versturen.");
        let en = format!("Marketing to this customer is suppressed ({reason}). Don't send.");
        return Some(([nl, en], true));
    }
    if view::withheld(case, "situation.cases") || view::withheld(case, "situation.suppressions") {
        let nl = "Deze regel kan niet zien of de klant een open klacht of een reclamestop heeft. Controleer dat zelf.";
        let en = "This rule can't see whether the customer has an open complaint or a marketing stop. Check it yourself.";
        return Some(([nl.to_owned(), en.to_owned()], false));
    }
    None
}

fn outgoing(
    settings: &NoMarketing,
    adverts: &Adverts,
    case: &PolicyCase,
    effects: &mut Vec<Effect>,
) {
    let Some(([nl, en], certain)) = obstacle(case) else {
        return;
    };
    let hold = || EffectKind::Hold(settings.release_role.clone());
    if is_marketing(case) {
        let kind = if certain { EffectKind::Deny } else { hold() };
        effects.push(effect(ID, kind, &nl, &en, Vec::new()));
        return;
    }
    let text = case.draft.as_ref().map_or("", |d| d.content.as_str());
    let found: Vec<Evidence> = adverts.find(text);
    if found.is_empty() {
        return;
    }
    let words = quoted(text, &found);
    let nl = format!("Dit leest als reclame, al heet het geen reclame: {words}. {nl}");
    let en = format!("This reads as marketing, although it is not called so: {words}. {en}");
    effects.push(effect(ID, hold(), &nl, &en, found));
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
