//! Tone of voice, one scenario for each check in Dutch and in English.

use super::*;

const TONE: &str = "tone-of-voice";

fn held(settings: &str, text: &str) -> Vec<(String, Vec<String>)> {
    let effects = with(TONE, settings, &outbound(text));
    assert!(effects.iter().all(|e| e.kind == hold()));
    effects
        .iter()
        .map(|e| {
            let words = e
                .evidence
                .iter()
                .map(|s| text[s.start as usize..s.end as usize].to_owned());
            (reason(e, "nl").to_owned(), words.collect())
        })
        .collect()
}

fn words(text: &str) -> Vec<String> {
    held("{}", text)
        .into_iter()
        .flat_map(|(_, words)| words)
        .collect()
}

#[test]
fn insults_are_held() {
    assert_eq!(words("Wat een idioot ben jij"), ["idioot"]);
    assert_eq!(words("Rot  op met je klacht"), ["Rot  op"]);
    assert_eq!(words("Only a moron would say so"), ["moron"]);
    assert_eq!(
        words("Wat stom van ons, excuses! Deze termijn is te lang."),
        Vec::<String>::new()
    );
    assert_eq!(
        words("That was a stupid mistake on our side, sorry"),
        Vec::<String>::new()
    );
}

#[test]
fn sarcasm_is_held() {
    assert_eq!(
        words("Zoals u zelf had kunnen lezen staat het op de site"),
        ["Zoals u zelf had kunnen lezen"]
    );
    assert_eq!(
        words("As we already told you, it is on the site 🙄"),
        ["As we already told you", "🙄"]
    );
    assert_eq!(words("Obviously. Restart it"), ["Obviously"]);
    let off = r#"{"tone-of-voice": {"check-sarcasm": false}}"#;
    assert!(held(off, "Obviously").is_empty());
}

#[test]
fn shouting_is_held() {
    let found = held("{}", "LEES EERST DE VOORWAARDEN!!!");
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].1, ["LEES", "EERST", "VOORWAARDEN", "!!!"]);
    assert!(found[0].0.starts_with(
        "Dit antwoord bevat hoofdletters of leestekens als geschreeuw: “LEES”, “EERST”"
    ));
    assert_eq!(words("Please READ YOUR MAIL FIRST").len(), 4);
    assert_eq!(
        words("Het IBAN en BTW-nummer staan op de PDF!!"),
        Vec::<String>::new()
    );
}

#[test]
fn forbidden_words_follow_the_language() {
    assert_eq!(words("Dat is niet ons probleem"), ["niet ons probleem"]);
    assert_eq!(words("Not my\u{200b} problem"), ["Not my\u{200b} problem"]);
    let own = r#"{"tone-of-voice": {"forbidden-words": {"nl": ["goedko*"], "any": ["gratis"]}}}"#;
    let mut case = outbound("Goedkoopste en gratis");
    case.draft.as_mut().unwrap().language = Some("nl-BE".to_owned());
    assert_eq!(with(TONE, own, &case)[0].evidence.len(), 2);
    // A declared language is a claim.
    for claimed in ["en", "fr", "xx", "", "nl_NL", "english"] {
        case.draft.as_mut().unwrap().language = Some(claimed.to_owned());
        assert_eq!(with(TONE, own, &case)[0].evidence.len(), 2, "{claimed}");
    }
}

#[test]
fn a_short_word_of_another_language_counts_where_the_sentence_is_not_of_the_one_declared() {
    let own = r#"{"tone-of-voice": {"forbidden-words": {"en": ["die"], "nl": ["duur"]}}}"#;
    let held = |text: &str, language: &str| {
        let mut case = outbound(text);
        case.draft.as_mut().unwrap().language = Some(language.to_owned());
        !with(TONE, own, &case).is_empty()
    };
    assert!(!held("De klant die belt krijgt het geld terug.", "nl"));
    assert!(held("You will die of this.", "nl"));
    assert!(held("Dat is duur en dat blijft het.", "fr"));
    assert!(held("Le prix: duur", "fr"));
}

#[test]
fn forbidden_words_are_found_in_every_spelling() {
    let own = r#"{"tone-of-voice": {"forbidden-words": {"nl": ["niet ons probleem", "gratis", "goedko*"]}}}"#;
    for text in [
        "#NietOnsProbleem",
        "#nietonsprobleem",
        "niet-ons-probleem",
        "NIET_ONS_PROBLEEM",
        "n i e t ons probleem",
        "niet\nons\nprobleem",
        "niet <b>ons</b> probleem",
        "n1et 0ns pr0bleem",
        "nïet öns prоbleem",
        "https://x.test/niet%20ons-probleem",
        "g.r.a.t.i.s",
        "gr@tis",
        "gra\u{ad}tis",
        "#GratisActie",
        "#gratis_actie",
        "@gratis_actie",
        "https://x.test/gratis/nu",
        "g0edk0pe zaak",
        "gratiiiis",
        "gr*tis",
    ] {
        assert!(!with(TONE, own, &outbound(text)).is_empty(), "{text}");
    }
    for text in [
        "niet, ons probleem is opgelost",
        "Het is niet. Ons probleem is opgelost.",
        "dat is niet ons problematische toestel",
        "gratissimo in Italië",
        "Wij vragen: gra, tis er niet",
        "@gratis_piet, dank je wel",
    ] {
        let mut case = outbound(text);
        case.message.as_mut().unwrap().attributed_to.handle = Some("gratis_piet".to_owned());
        assert_eq!(with(TONE, own, &case), [], "{text}");
    }
}

#[test]
fn own_lists_are_added() {
    let own = r#"{"tone-of-voice": {"insults": ["druiloor"], "sarcasm": ["nou breekt"]}}"#;
    assert_eq!(
        held(own, "Nou breekt mijn klomp, druiloor, idioot").len(),
        2
    );
    let error = Pack::new(r#"{"tone-of-voice": {"insults": ["ok", "x*"]}}"#).unwrap_err();
    assert!(error.contains("tone-of-voice.insults[1]"), "{error}");
    let error = Pack::new(r#"{"tone-of-voice": {"release-role": " "}}"#).unwrap_err();
    assert!(error.contains("tone-of-voice.release-role"), "{error}");
}

#[test]
fn every_check_has_its_own_effect() {
    let found = held("{}", "NIET ONS PROBLEEM! GOOD FOR YOU, IDIOOT!!!");
    assert_eq!(found.len(), 4, "{found:?}");
}

#[test]
fn a_first_private_answer_greets_and_names() {
    let on = r#"{"tone-of-voice": {"require-greeting": true, "require-name": true}}"#;
    let mut case = outbound("We kijken ernaar");
    case.contact = Some(contact(Some("Fenna de Wit")));
    assert!(with(TONE, on, &case).is_empty(), "public");
    case.draft.as_mut().unwrap().visibility = Visibility::Direct;
    let effects = with(TONE, on, &case);
    assert_eq!(effects.len(), 2);
    assert!(reason(&effects[0], "nl").contains("groet"));
    assert!(reason(&effects[1], "en").contains("Fenna de Wit"));
    case.draft.as_mut().unwrap().content = "Hallo Fénna, we kijken ernaar".to_owned();
    assert!(with(TONE, on, &case).is_empty());
    case.draft.as_mut().unwrap().content = "Dear Mrs Wit, we will look into it".to_owned();
    assert!(with(TONE, on, &case).is_empty());
    case.draft.as_mut().unwrap().content = "We will look into it. Hello!".to_owned();
    assert_eq!(with(TONE, on, &case).len(), 2);
    case.contact = Some(contact(None));
    assert_eq!(with(TONE, on, &case).len(), 1);
}

#[test]
fn later_answers_need_no_greeting() {
    let on = r#"{"tone-of-voice": {"require-greeting": true}}"#;
    let mut case = outbound("We kijken ernaar");
    case.draft.as_mut().unwrap().visibility = Visibility::Direct;
    case.withheld = vec!["conversation.turns".to_owned()];
    let effects = with(TONE, on, &case);
    assert!(reason(&effects[0], "en").contains("not visible"));
    case.conversation.as_mut().unwrap().turns = vec![rapport_sdk::policy::Turn {
        ours: true,
        visibility: Visibility::Direct,
        published: NOW,
        attributed_to: "agent-1".to_owned(),
    }];
    assert!(with(TONE, on, &case).is_empty());
}

#[test]
fn insults_are_found_in_hashtags_handles_and_links() {
    for text in [
        "#idioot",
        "#KlootzakVanDeWeek",
        "Volg @de_klootzakken",
        "https://x.test/idioot",
        "https://x.test/%69dioot/nu",
        "je bent een <b>idi</b>oot",
        "#HouJeBek",
        "hou-je-bek",
        "rot\nop",
        "je bent een k-l-o-o-t-z-a-k",
    ] {
        assert_eq!(held("{}", text).len(), 1, "{text}");
    }
    let mut case = outbound("@bitch_perfect Dank je wel, @bitch_perfect!");
    case.message.as_mut().unwrap().attributed_to.handle = Some("Bitch_Perfect".to_owned());
    assert_eq!(by_rule(TONE, &case), []);
}
