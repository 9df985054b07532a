//! Inbound: answer or leave, cases, suppression.

use super::*;
use rapport_sdk::policy::{CaseRequest, SuppressionEnd};

const ANSWER: &str = "answer-or-leave";
const CASE: &str = "complaint-opens-case";
const MARKETING: &str = "no-marketing-during-complaint";

fn demand(effects: &[Effect]) -> (bool, bool, Option<u64>) {
    match &effects[0].kind {
        EffectKind::Respond(d) => (d.required, d.named_account, d.within_ms),
        other => panic!("{other:?}"),
    }
}

fn request(effects: &[Effect]) -> &CaseRequest {
    match &effects[0].kind {
        EffectKind::OpenCase(request) => request,
        other => panic!("{other:?}"),
    }
}

#[test]
fn directed_messages_must_be_answered_and_compliments_may() {
    let question = inbound("Waar blijft mijn pakket?", Reach::Directed, "question");
    let effects = by_rule(ANSWER, &question);
    assert_eq!(demand(&effects), (true, false, Some(3_600_000)));
    assert_eq!(
        reason(&effects[0], "nl"),
        "Dit is aan ons gericht. Antwoord binnen 1 uur."
    );
    assert_eq!(effects[0].evidence.len(), 1);
    let thanks = inbound("Thank you so much!", Reach::Directed, "compliment");
    assert_eq!(demand(&by_rule(ANSWER, &thanks)), (false, false, None));
    let settings = r#"{"answer-or-leave": {"within-ms": 900000}}"#;
    let effects = with(ANSWER, settings, &question);
    assert_eq!(demand(&effects).2, Some(900_000));
    assert!(reason(&effects[0], "en").contains("15 minutes"));
}

#[test]
fn remarks_that_ask_nothing_demand_no_answer() {
    let remark = |kind: &str| {
        let mut case = inbound("Op weg naar oma", Reach::Directed, "other");
        case.classifications[0].classification.extra = vec![("remark".to_owned(), kind.to_owned())];
        case
    };
    for kind in ["joke", "greeting", "chatter"] {
        assert_eq!(
            demand(&by_rule(ANSWER, &remark(kind))),
            (false, false, None)
        );
    }
    for kind in ["news", "note"] {
        assert_eq!(
            kinds(&by_rule(ANSWER, &remark(kind))),
            [EffectKind::LeaveAlone]
        );
    }
    let mut private = remark("note");
    private.message.as_mut().unwrap().visibility = Visibility::Direct;
    assert!(demand(&by_rule(ANSWER, &private)).0);
    let unknown = inbound("Hmm", Reach::Directed, "other");
    assert!(demand(&by_rule(ANSWER, &unknown)).0);
}

#[test]
fn the_answer_goes_where_the_message_is() {
    let mut case = inbound("Vraagje", Reach::Directed, "question");
    case.message.as_mut().unwrap().visibility = Visibility::Direct;
    let effects = by_rule(ANSWER, &case);
    assert!(
        matches!(&effects[0].kind, EffectKind::Respond(d) if d.visibility == Visibility::Direct)
    );
}

#[test]
fn searched_messages_are_answered_when_that_helps() {
    for (intent, answered) in [
        ("question", true),
        ("complaint", true),
        ("lead", true),
        ("compliment", false),
        ("other", false),
    ] {
        let effects = by_rule(
            ANSWER,
            &inbound("Iemand tips voor een thermostaat?", Reach::Searched, intent),
        );
        if answered {
            assert_eq!(demand(&effects), (false, false, None), "{intent}");
        } else {
            assert_eq!(kinds(&effects), [EffectKind::LeaveAlone], "{intent}");
        }
    }
    let mut unknown = inbound("Any tips?", Reach::Searched, "question");
    unknown.classifications.clear();
    assert_eq!(kinds(&by_rule(ANSWER, &unknown)), [EffectKind::LeaveAlone]);
}

#[test]
fn third_party_messages_are_answered_by_name() {
    let effects = by_rule(
        ANSWER,
        &inbound("My review of the boiler", Reach::ThirdParty, "complaint"),
    );
    assert_eq!(demand(&effects), (false, true, None));
    let tip = inbound("I took another boiler", Reach::ThirdParty, "other");
    assert_eq!(kinds(&by_rule(ANSWER, &tip)), [EffectKind::LeaveAlone]);
}

#[test]
fn a_dialogue_between_others_is_left_alone() {
    let mut case = inbound("Ja die app is echt slecht he", Reach::Searched, "complaint");
    case.conversation = Some(ConversationView {
        involves_us: false,
        participant_count: 2,
        reach: Reach::Searched,
        ..conversation()
    });
    assert_eq!(kinds(&by_rule(ANSWER, &case)), [EffectKind::LeaveAlone]);
    case.conversation.as_mut().unwrap().involves_us = true;
    assert_eq!(demand(&by_rule(ANSWER, &case)), (false, false, None));
    let mut closed = inbound("In our closed group", Reach::ThirdParty, "question");
    closed.message.as_mut().unwrap().visibility = Visibility::SemiPrivate;
    assert_eq!(kinds(&by_rule(ANSWER, &closed)), [EffectKind::LeaveAlone]);
    let addressed = inbound("@merk help", Reach::Directed, "question");
    assert!(demand(&by_rule(ANSWER, &addressed)).0);
}

#[test]
fn spam_is_left_alone_and_labelled() {
    let spam = inbound("Gratis volgers!", Reach::Directed, "spam");
    assert_eq!(
        kinds(&by_rule(ANSWER, &spam)),
        [EffectKind::LeaveAlone, EffectKind::Label("spam".to_owned())]
    );
    let unsure = r#"{"answer-or-leave": {"spam-score": 0.9}}"#;
    assert!(demand(&with(ANSWER, unsure, &spam)).0);
}

#[test]
fn a_complaint_opens_a_case() {
    let mut case = inbound("Pakket   al weken\nkwijt", Reach::Directed, "complaint");
    case.classifications
        .push(classified("topic", "delivery", 0.7));
    let effects = by_rule(CASE, &case);
    let wanted = request(&effects);
    assert_eq!(
        (wanted.kind, wanted.priority),
        (CaseKind::Complaint, Priority::Normal)
    );
    assert_eq!(wanted.title, "delivery: Pakket al weken kwijt");
    assert_eq!(
        (wanted.respond_within_ms, wanted.solve_within_ms),
        (Some(3_600_000), Some(259_200_000))
    );
    let unsure = r#"{"complaint-opens-case": {"score": 0.9}}"#;
    assert!(with(CASE, unsure, &case).is_empty());
}

#[test]
fn priority_follows_urgency_sentiment_and_followers() {
    let priority = |urgency: &str, sentiment: f64, followers: Option<u64>| {
        let mut case = inbound("This is broken", Reach::Directed, "complaint");
        case.classifications
            .push(classified("urgency", urgency, 0.6));
        case.classifications
            .push(classified("sentiment", "negative", sentiment));
        case.message.as_mut().unwrap().attributed_to.follower_count = followers;
        request(&by_rule(CASE, &case)).priority
    };
    assert_eq!(priority("low", 0.0, None), Priority::Low);
    assert_eq!(priority("normal", -0.3, None), Priority::Normal);
    assert_eq!(priority("normal", -0.8, None), Priority::High);
    assert_eq!(priority("high", -0.8, None), Priority::High);
    assert_eq!(priority("high", 0.0, Some(10_000)), Priority::Urgent);
    assert_eq!(priority("normal", 0.0, Some(9_999)), Priority::Normal);
    assert_eq!(priority("urgent", -1.0, Some(99_999)), Priority::Urgent);
}

#[test]
fn an_open_complaint_is_raised_not_doubled() {
    let mut case = inbound(
        "Nog steeds niets, dit is dringend",
        Reach::Directed,
        "complaint",
    );
    case.situation.open_cases = vec![open(CaseKind::Complaint, Priority::Normal)];
    assert!(by_rule(CASE, &case).is_empty());
    case.classifications
        .push(classified("urgency", "urgent", 0.6));
    assert_eq!(
        kinds(&by_rule(CASE, &case)),
        [EffectKind::Priority(Priority::Urgent)]
    );
    case.situation.open_cases = vec![open(CaseKind::Question, Priority::Normal)];
    assert_eq!(request(&by_rule(CASE, &case)).kind, CaseKind::Complaint);
}

#[test]
fn what_is_withheld_is_said() {
    let mut case = inbound("Broken again", Reach::Directed, "complaint");
    case.withheld = vec!["situation.cases".to_owned()];
    let effects = by_rule(CASE, &case);
    assert!(
        reason(&effects[0], "en").contains("not visible"),
        "{effects:?}"
    );
    assert!(reason(&effects[0], "nl").contains("niet zichtbaar"));
}

#[test]
fn searched_complaints_questions_and_leads_by_setting() {
    let searched = inbound("Wat een slechte app", Reach::Searched, "complaint");
    assert!(by_rule(CASE, &searched).is_empty());
    let on = r#"{"complaint-opens-case": {"include-searched": true}}"#;
    assert_eq!(
        request(&with(CASE, on, &searched)).kind,
        CaseKind::Complaint
    );
    let question = inbound("How do I reset it?", Reach::Directed, "question");
    assert!(by_rule(CASE, &question).is_empty());
    let on = r#"{"complaint-opens-case": {"questions-open-case": true}}"#;
    assert_eq!(request(&with(CASE, on, &question)).kind, CaseKind::Question);
    let lead = inbound("Graag een offerte", Reach::Directed, "lead");
    let effects = by_rule(CASE, &lead);
    assert_eq!(request(&effects).kind, CaseKind::Lead);
    assert_eq!(effects[1].kind, EffectKind::Route("sales".to_owned()));
    assert!(by_rule(CASE, &inbound("Leuk weer", Reach::Directed, "other")).is_empty());
}

#[test]
fn the_topic_leads_to_a_team() {
    let settings = r#"{"complaint-opens-case": {"routes": {"billing": "finance"}}}"#;
    let mut case = inbound("Rekening klopt niet", Reach::Directed, "complaint");
    case.classifications
        .push(classified("topic", "service", 0.5));
    case.classifications
        .push(classified("topic", "billing", 0.7));
    let effects = with(CASE, settings, &case);
    assert_eq!(effects[1].kind, EffectKind::Route("finance".to_owned()));
    assert!(reason(&effects[1], "nl").contains("finance"));
}

#[test]
fn a_complaint_stops_marketing() {
    let mut case = inbound("Dit is een klacht", Reach::Directed, "complaint");
    let effects = by_rule(MARKETING, &case);
    assert!(matches!(&effects[0].kind, EffectKind::Suppress(s)
        if s.purpose == Purpose::Marketing && s.channel.is_none() && matches!(s.until, SuppressionEnd::CasesClosed)));
    assert_eq!(effects[0].evidence.len(), 1);
    case.situation.suppressions = vec![suppression(Purpose::Marketing, None, None)];
    assert!(by_rule(MARKETING, &case).is_empty());
    let off = r#"{"complaint-opens-case": {"enabled": false}}"#;
    case.situation.suppressions.clear();
    assert!(with(MARKETING, off, &case).is_empty());
    case.situation.open_cases = vec![open(CaseKind::Complaint, Priority::Low)];
    assert_eq!(with(MARKETING, off, &case).len(), 1);
    assert!(by_rule(MARKETING, &inbound("Mooi", Reach::Directed, "compliment")).is_empty());
}

#[test]
fn a_rule_that_is_off_asks_for_nothing() {
    let case = inbound("Dit is een klacht", Reach::Directed, "complaint");
    let off = r#"{"answer-or-leave": {"enabled": false}, "complaint-opens-case": {"enabled": false},
                  "no-marketing-during-complaint": {"enabled": false}}"#;
    assert!(pack(off).decide(&case).is_empty());
    let mut tick = case;
    tick.moment = Moment::Tick;
    assert!(pack("{}").decide(&tick).is_empty());
}
