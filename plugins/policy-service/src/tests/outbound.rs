//! Outbound and campaigns: manners, complaints, marketing, embargo, hashtags.

use super::*;

const ANSWER: &str = "answer-or-leave";
const ONCE: &str = "complaint-public-once";
const MARKETING: &str = "no-marketing-during-complaint";

#[test]
fn a_good_answer_passes() {
    for text in [
        "Hoi Fenna, wat vervelend! Stuur je ons je bestelnummer?",
        "Hi Fenna, sorry to hear that. Could you send us a DM?",
    ] {
        assert_eq!(pack("{}").decide(&outbound(text)), []);
    }
}

#[test]
fn third_party_answers_go_out_under_a_name() {
    let mut case = outbound("Fijn om te lezen, wij kijken ernaar");
    case.message.as_mut().unwrap().reach = Reach::ThirdParty;
    let effects = by_rule(ANSWER, &case);
    assert_eq!(kinds(&effects), [hold()]);
    assert!(reason(&effects[0], "nl").contains("eigen naam"));
    case.draft.as_mut().unwrap().author.named_account = true;
    assert!(by_rule(ANSWER, &case).is_empty());
}

#[test]
fn nobody_breaks_into_a_dialogue() {
    let mut case = outbound("We heard you talking about us!");
    case.message.as_mut().unwrap().reach = Reach::Searched;
    case.conversation = Some(ConversationView {
        involves_us: false,
        participant_count: 2,
        ..conversation()
    });
    assert_eq!(kinds(&by_rule(ANSWER, &case)), [EffectKind::Deny]);
    case.conversation.as_mut().unwrap().participant_count = 1;
    assert!(by_rule(ANSWER, &case).is_empty());
}

#[test]
fn a_complaint_is_answered_in_public_once() {
    let mut case = outbound("We zoeken het voor je uit");
    case.situation.open_cases = vec![open(CaseKind::Complaint, Priority::Normal)];
    assert!(by_rule(ONCE, &case).is_empty());
    case.conversation.as_mut().unwrap().public_answer_count = 1;
    let effects = by_rule(ONCE, &case);
    assert_eq!(kinds(&effects), [hold()]);
    assert!(reason(&effects[0], "nl").contains("Ga privé verder"));
    case.conversation.as_mut().unwrap().network = "web".to_owned();
    let settings = r#"{"complaint-public-once": {"private-invitation": {"nl": "Mail ons via de site.", "en": "Mail us."}}}"#;
    let effects = with(ONCE, settings, &case);
    assert!(reason(&effects[0], "nl").ends_with("Mail ons via de site."));
    assert!(reason(&effects[0], "en").contains("not possible here"));
    case.draft.as_mut().unwrap().visibility = Visibility::Direct;
    assert!(by_rule(ONCE, &case).is_empty());
}

#[test]
fn a_question_may_be_answered_in_public_twice() {
    let mut case = outbound("Nog een aanvulling");
    case.conversation.as_mut().unwrap().public_answer_count = 3;
    case.situation.open_cases = vec![open(CaseKind::Question, Priority::Normal)];
    assert!(by_rule(ONCE, &case).is_empty());
}

#[test]
fn withheld_cases_make_the_message_speak() {
    let mut case = outbound("We will look into it");
    case.conversation.as_mut().unwrap().public_answer_count = 1;
    case.classifications
        .push(classified("intent", "complaint", 0.7));
    assert!(by_rule(ONCE, &case).is_empty());
    case.withheld = vec!["situation.cases".to_owned()];
    let effects = by_rule(ONCE, &case);
    assert_eq!(kinds(&effects), [hold()]);
    assert!(reason(&effects[0], "en").contains("not visible"));
}

#[test]
fn no_marketing_to_whoever_complains() {
    let mut case = outbound("Alleen vandaag: 20% korting!");
    case.draft.as_mut().unwrap().purpose = Purpose::Marketing;
    assert!(by_rule(MARKETING, &case).is_empty());
    case.situation.open_cases = vec![open(CaseKind::Complaint, Priority::Low)];
    let effects = by_rule(MARKETING, &case);
    assert_eq!(kinds(&effects), [EffectKind::Deny]);
    assert!(reason(&effects[0], "nl").contains("open klacht"));
}

#[test]
fn marketing_that_is_called_service_is_held() {
    for purpose in [Purpose::Service, Purpose::Transactional, Purpose::Survey] {
        for text in [
            "Alleen vandaag: 20% korting!",
            "K o o p  n u de nieuwe boiler",
            "Today only: 10% off everything",
            "Ontdek onze #zomeraanbieding",
        ] {
            let mut case = outbound(text);
            case.draft.as_mut().unwrap().purpose = purpose;
            assert!(by_rule(MARKETING, &case).is_empty(), "no complaint");
            case.situation.open_cases = vec![open(CaseKind::Complaint, Priority::Low)];
            let effects = by_rule(MARKETING, &case);
            assert_eq!(kinds(&effects), [hold()], "{text}");
            assert!(reason(&effects[0], "nl").contains("leest als reclame"));
            assert!(!effects[0].evidence.is_empty());
            case.situation.open_cases.clear();
            case.situation.suppressions = vec![suppression(Purpose::Marketing, None, None)];
            assert_eq!(kinds(&by_rule(MARKETING, &case)), [hold()], "{text}");
            case.moment = Moment::Campaign;
            assert_ne!(by_rule(MARKETING, &case), [], "{text}");
        }
    }
    let mut case = outbound("De korting staat op uw volgende factuur, excuses voor het ongemak.");
    case.situation.open_cases = vec![open(CaseKind::Complaint, Priority::Low)];
    assert!(by_rule(MARKETING, &case).is_empty());
}

#[test]
fn a_suppression_stops_marketing_while_it_lasts() {
    let denied = |s: SuppressionView| {
        let mut case = outbound("Special offer");
        case.draft.as_mut().unwrap().purpose = Purpose::Marketing;
        case.situation.suppressions = vec![s];
        kinds(&by_rule(MARKETING, &case)) == [EffectKind::Deny]
    };
    assert!(denied(suppression(Purpose::Marketing, None, None)));
    assert!(denied(suppression(
        Purpose::Marketing,
        Some("mastodon"),
        Some(NOW + 1)
    )));
    assert!(denied(suppression(
        Purpose::Marketing,
        Some("channel-mastodon"),
        None
    )));
    assert!(!denied(suppression(Purpose::Marketing, None, Some(NOW))));
    assert!(!denied(suppression(Purpose::Marketing, Some("mail"), None)));
    assert!(!denied(suppression(Purpose::Survey, None, None)));
}

#[test]
fn campaigns_skip_whoever_complains() {
    let mut campaign = case(Moment::Campaign);
    campaign.situation.open_cases = vec![open(CaseKind::Complaint, Priority::Low)];
    assert_eq!(kinds(&by_rule(MARKETING, &campaign)), [EffectKind::Deny]);
    campaign.draft = outbound("Recall: stop using the heater").draft;
    assert!(by_rule(MARKETING, &campaign).is_empty());
    campaign.draft.as_mut().unwrap().purpose = Purpose::Survey;
    assert_eq!(kinds(&by_rule(MARKETING, &campaign)), [EffectKind::Deny]);
}

#[test]
fn what_cannot_be_seen_is_held() {
    let mut case = outbound("Special offer");
    case.draft.as_mut().unwrap().purpose = Purpose::Marketing;
    case.withheld = vec!["situation.suppressions".to_owned()];
    let effects = by_rule(MARKETING, &case);
    assert_eq!(kinds(&effects), [hold()]);
    assert!(reason(&effects[0], "nl").contains("niet zien"));
}

#[test]
fn an_embargo_holds_until_its_moment() {
    let settings = r#"{"embargo": {"terms": [{"term": "ZonneBox Pro", "until": "2026-03-09T09:00:00+01:00"}]}}"#;
    let text = "Binnenkort: de zonnebox  pro! Nog geheim.";
    let mut case = outbound(text);
    let effects = with("embargo", settings, &case);
    assert_eq!(kinds(&effects), [EffectKind::Deny]);
    assert!(reason(&effects[0], "nl").contains("2026-03-09 09:00 (UTC+01:00)"));
    let e = &effects[0].evidence[0];
    assert_eq!(&text[e.start as usize..e.end as usize], "zonnebox  pro");
    case.now = 1_773_043_200_000; // 2026-03-09T08:00:00Z
    assert!(with("embargo", settings, &case).is_empty());
    case.now -= 1;
    assert_eq!(with("embargo", settings, &case).len(), 1);
    case.moment = Moment::Campaign;
    assert_eq!(with("embargo", settings, &case).len(), 1);
    assert!(with("embargo", settings, &outbound("The ZonneBox Promotion")).is_empty());
}

#[test]
fn a_bad_embargo_is_refused() {
    for (terms, expected) in [
        (
            r#"[{"term": "X", "until": "tomorrow"}]"#,
            "embargo.terms[0].until: `tomorrow`",
        ),
        (
            r#"[{"term": " ", "until": "2026-03-09T08:00:00Z"}]"#,
            "embargo.terms[0].term",
        ),
    ] {
        let error = Pack::new(&format!(r#"{{"embargo": {{"terms": {terms}}}}}"#)).unwrap_err();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn standard_hashtags_are_put_right() {
    let settings = r##"{"hashtags": {"standard": ["#ZonnewindHelpt", "Storing"]}}"##;
    let text = "Kijk op #zonnewindhelp of #ZonewindHelpt, #STORING? #Lente #ZonnewindHelpt";
    let effects = with("hashtags", settings, &outbound(text));
    let right = "Kijk op #ZonnewindHelpt of #ZonnewindHelpt, #Storing? #Lente #ZonnewindHelpt";
    assert_eq!(kinds(&effects), [EffectKind::Rewrite(right.to_owned())]);
    let words: Vec<&str> = effects[0]
        .evidence
        .iter()
        .map(|e| &text[e.start as usize..e.end as usize])
        .collect();
    assert_eq!(words, ["#zonnewindhelp", "#ZonewindHelpt", "#STORING"]);
    let text = "Kijk op #Zonnewind-Helpt, ＃zonnewind_helpt en #Storing-vrij";
    let effects = with("hashtags", settings, &outbound(text));
    let right = "Kijk op #ZonnewindHelpt, #ZonnewindHelpt en #Storing-vrij";
    assert_eq!(kinds(&effects), [EffectKind::Rewrite(right.to_owned())]);
    assert!(with("hashtags", settings, &outbound("See #Storing and #Storms")).is_empty());
    assert!(by_rule("hashtags", &outbound("#zonnewindhelp")).is_empty());
}
