//! `complaint-opens-case`: a complaint gets a case, with priority and deadlines; a lead too, and a
//! question where the admin wants it. Messages are routed to a team by topic.
//!
//! The priority is the urgency, raised by strong negative sentiment (to at most high) and by many
//! followers. A contact with an open complaint gets no second case; the open one is raised when the
//! new message weighs more. When open cases are withheld, a case is opened: one too many is
//! better than a lost complaint, and the reason says so.

use rapport_sdk::annotation::Classification;
use rapport_sdk::policy::{
    CaseKind, CaseRequest, Effect, EffectKind, Moment, PolicyCase, Priority,
};
use rapport_sdk::social::{Message, Reach};

use crate::reason::{effect, shortened};
use crate::settings::{Clock, ComplaintOpensCase};
use crate::view;

pub const ID: &str = "complaint-opens-case";

/// Longest title, in bytes; the contract's limit is 256.
const MAX_TITLE_BYTES: usize = 120;

/// The judgement that this is a complaint which concerns us, if it is.
pub fn complaint<'a>(
    settings: &ComplaintOpensCase,
    case: &'a PolicyCase,
) -> Option<&'a Classification> {
    concerns_us(settings, case)
        .then(|| view::intent(case, "complaint", settings.score))
        .flatten()
}

fn concerns_us(settings: &ComplaintOpensCase, case: &PolicyCase) -> bool {
    case.moment == Moment::Inbound
        && case.message.as_ref().is_some_and(|m| match m.reach {
            Reach::Directed => true,
            Reach::Searched => settings.include_searched && !view::between_others(case),
            Reach::ThirdParty => false,
        })
}

/// Adds what the rule asks for.
pub fn decide(settings: &ComplaintOpensCase, case: &PolicyCase, effects: &mut Vec<Effect>) {
    let Some(message) = case
        .message
        .as_ref()
        .filter(|_| concerns_us(settings, case))
    else {
        return;
    };
    let Some(intent) = view::best(case, "intent").filter(|c| c.score >= settings.score) else {
        return;
    };
    let kind = match intent.label.as_str() {
        "complaint" => CaseKind::Complaint,
        "question" => CaseKind::Question,
        "lead" => CaseKind::Lead,
        _ => return,
    };
    let wanted = match kind {
        CaseKind::Question => settings.questions_open_case,
        CaseKind::Lead => settings.leads_open_case,
        _ => true,
    };
    if wanted {
        open_or_raise(settings, case, message, intent, kind, effects);
    }
    route(settings, case, kind, effects);
}

fn open_or_raise(
    settings: &ComplaintOpensCase,
    case: &PolicyCase,
    message: &Message,
    intent: &Classification,
    kind: CaseKind,
    effects: &mut Vec<Effect>,
) {
    let evidence = view::evidence(case, intent);
    let priority = priority(settings, case, message);
    let open = case
        .situation
        .open_cases
        .iter()
        .filter(|c| c.kind == kind)
        .max_by_key(|c| view::rank(c.priority));
    if let Some(open) = open {
        if view::rank(priority) > view::rank(open.priority) {
            let (nl, en) = priority_words(priority);
            let nl = format!("Er loopt al een zaak; dit bericht maakt die {nl}.");
            let en = format!("A case is open already; this message makes it {en}.");
            effects.push(effect(
                ID,
                EffectKind::Priority(priority),
                &nl,
                &en,
                evidence,
            ));
        }
        return;
    }
    let clock = clock(settings, priority);
    let request = CaseRequest {
        kind,
        title: title(case, message),
        priority,
        respond_within_ms: Some(clock.respond_within_ms),
        solve_within_ms: Some(clock.solve_within_ms),
    };
    let (mut nl, mut en) = match kind {
        CaseKind::Complaint => (
            "Dit is een klacht: er komt een zaak.".to_owned(),
            "This is a complaint: a case is opened.".to_owned(),
        ),
        CaseKind::Lead => (
            "Hier wil iemand klant worden: er komt een zaak.".to_owned(),
            "Somebody wants to become a customer: a case is opened.".to_owned(),
        ),
        _ => (
            "Dit is een vraag: er komt een zaak.".to_owned(),
            "This is a question: a case is opened.".to_owned(),
        ),
    };
    if view::withheld(case, "situation.cases") {
        nl.push_str(" Open zaken zijn voor deze regel niet zichtbaar: kijk of er al een loopt.");
        en.push_str(" Open cases are not visible to this rule: check whether one is open already.");
    }
    effects.push(effect(
        ID,
        EffectKind::OpenCase(request),
        &nl,
        &en,
        evidence,
    ));
}

fn priority(settings: &ComplaintOpensCase, case: &PolicyCase, message: &Message) -> Priority {
    let mut priority = view::urgency(case);
    let negative = view::sentiment(case).is_some_and(|s| s <= settings.negative_below);
    if negative && view::rank(priority) < view::rank(Priority::High) {
        priority = view::raised(priority);
    }
    // Withheld followers are none: they raise nothing.
    let followers = message.attributed_to.follower_count.unwrap_or(0);
    if settings.follower_count > 0 && followers >= settings.follower_count {
        priority = view::raised(priority);
    }
    priority
}

fn clock(settings: &ComplaintOpensCase, priority: Priority) -> Clock {
    match priority {
        Priority::Low => settings.clocks.low,
        Priority::Normal => settings.clocks.normal,
        Priority::High => settings.clocks.high,
        Priority::Urgent => settings.clocks.urgent,
    }
}

fn priority_words(priority: Priority) -> (&'static str, &'static str) {
    match priority {
        Priority::Low => ("laag", "low"),
        Priority::Normal => ("normaal", "normal"),
        Priority::High => ("belangrijk", "high"),
        Priority::Urgent => ("dringend", "urgent"),
    }
}

/// The topic, then the message's own title or its first words.
fn title(case: &PolicyCase, message: &Message) -> String {
    let own = message.title.as_deref().unwrap_or_default();
    let words = if own.trim().is_empty() {
        message.content.as_str()
    } else {
        own
    };
    // Enough words for the title; the rest of a long text is not looked at.
    let words: Vec<&str> = words.split_whitespace().take(MAX_TITLE_BYTES / 2).collect();
    let words = words.join(" ");
    let text = match view::best(case, "topic") {
        Some(topic) if words.is_empty() => topic.label.clone(),
        Some(topic) => format!("{}: {words}", topic.label),
        None if words.is_empty() => message.external_id.clone(),
        None => words,
    };
    shortened(&text, MAX_TITLE_BYTES)
}

fn route(
    settings: &ComplaintOpensCase,
    case: &PolicyCase,
    kind: CaseKind,
    effects: &mut Vec<Effect>,
) {
    if kind == CaseKind::Lead && !settings.lead_team.is_empty() {
        let nl = "Wie klant wil worden gaat naar verkoop.";
        let en = "Whoever wants to become a customer goes to sales.";
        effects.push(effect(
            ID,
            EffectKind::Route(settings.lead_team.clone()),
            nl,
            en,
            Vec::new(),
        ));
        return;
    }
    let Some(topic) = view::best(case, "topic") else {
        return;
    };
    let Some(team) = settings.routes.get(&topic.label).filter(|t| !t.is_empty()) else {
        return;
    };
    let nl = format!("Onderwerp “{}” hoort bij team {team}.", topic.label);
    let en = format!("Topic “{}” belongs to team {team}.", topic.label);
    effects.push(effect(
        ID,
        EffectKind::Route(team.clone()),
        &nl,
        &en,
        view::evidence(case, topic),
    ));
}
