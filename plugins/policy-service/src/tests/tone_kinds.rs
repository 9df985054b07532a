//! Tone of voice by kinds of fault: polite answers with rude-looking words, and rude ones in disguise.

use super::*;

fn is_held(language: &str, text: &str) -> bool {
    let mut case = outbound(text);
    case.draft.as_mut().unwrap().language = Some(language.to_owned());
    let effects = by_rule("tone-of-voice", &case);
    effects.iter().any(|e| e.kind == hold())
}

/// What the effects of the rule point at.
fn words(text: &str) -> Vec<&str> {
    let effects = by_rule("tone-of-voice", &outbound(text));
    let evidence = effects.iter().flat_map(|e| &e.evidence);
    evidence
        .map(|e| text.get(e.start as usize..e.end as usize).unwrap())
        .collect()
}

#[test]
fn polite_answers_pass() {
    for (language, text) in [
        (
            "en",
            "Sorry, parcels sometimes get lost; we will trace yours today.",
        ),
        ("en", "We will deal with it right away."),
        ("en", "Would Tuesday at ten be good for you?"),
        ("en", "Choose whatever suits you best."),
        (
            "en",
            "As already mentioned in our mail, delivery takes two days.",
        ),
        ("en", "Our jerk chicken is back on the menu."),
        ("en", "The clown arrives at three for the birthday party."),
        ("en", "You will only feel a small prick of the needle."),
        ("nl", "Ik krijg de melding nu ook te zien, ik zoek het uit."),
        ("nl", "We hopen dat de voorstelling je blijft boeien."),
        (
            "nl",
            "We sukkelen al een paar dagen met de levering, excuses.",
        ),
        ("nl", "De eikels vallen in oktober van de boom."),
        ("nl", "De teef van zes jaar mag eerder naar huis."),
        (
            "nl",
            "Lees eerst even de handleiding op bladzijde 3, daar staat een foto bij.",
        ),
        (
            "nl",
            "Zo moeilijk is het niet, we doen het samen stap voor stap.",
        ),
        (
            "nl",
            "Zoals ik al zei in ons gesprek, de monteur komt vrijdag.",
        ),
        (
            "nl",
            "Onze winkel in Lullen is dicht, die in Sexbierum is open.",
        ),
        (
            "nl",
            "De klootschietvereniging heeft een kutgevoel... nee, dat laatste niet.",
        ),
        (
            "nl",
            "Mevrouw Trut-de Vries en de heer Eikel zijn ingeschreven.",
        ),
        (
            "en",
            "Sorry to hear that! No idea yet what went wrong, I will call you back.",
        ),
        (
            "en",
            "Please don't worry, calm down time slots are on the second floor.",
        ),
        ("nl", "De NS, KNMI, RIVM en ANWB melden gladheid op de A27."),
        ("en", "NASA, IKEA and HBO MAX use OAUTH and SAML for SSO."),
        ("nl", "#GEEN #STROOM #HIER is gemeld."),
        ("en", "YES WE CAN"),
        ("en", "東京 大阪 京都"),
        ("nl", "PostNL, AVG, BSN en DIGID staan op de site van UWV."),
    ] {
        assert!(!is_held(language, text), "{text}: {:?}", words(text));
    }
}

#[test]
fn rude_answers_are_held() {
    for (language, text) in [
        ("en", "You are an id1ot."),
        ("en", "You are an i d i o t."),
        ("nl", "Je bent een eikel."),
        ("nl", "Wat een kutklanten zijn jullie."),
        ("en", "You are an id\u{200b}iot."),
        ("nl", "LEES NOU EENS WAT ER STAAT"),
        ("nl", "L E E S D A T N O U"),
        (
            "nl",
            "Nou, gefeliciteerd hoor, u heeft de handleiding gevonden.",
        ),
        ("nl", "Kom nou toch!!!!!!"),
        ("en", "Really?!?!?!?!"),
        ("nl", "Wat ben jij een dombo zeg."),
        ("nl", "Zeikerdjes zijn jullie."),
        ("de", "HÖREN SIE AUF MIT DIESEM UNSINN"),
    ] {
        assert!(is_held(language, text), "{text}");
    }
}

#[test]
fn insults_in_disguise_are_found_where_they_stand() {
    for (text, found) in [
        ("You are an id1oooot, sir", "id1oooot"),
        ("Wat een k*tklant ben jij", "k*tklant"),
        ("Fijn é, jij i d i o o t", "i d i o o t"),
        ("You are an іd\u{200b}іоt.", "іd\u{200b}іоt"),
        ("Wat ben jij een ｄｏｍｂｏ zeg", "ｄｏｍｂｏ"),
        ("U bent een eik3ltje", "eik3ltje"),
    ] {
        assert_eq!(words(text), [found], "{text}");
    }
}

#[test]
fn who_is_addressed_matters() {
    for (rude, polite) in [
        (
            "Je bent een clown.",
            "Je bent bij de clown aan het goede adres.",
        ),
        ("You pig!", "You can feed the pig."),
        ("Eikel, lees je mail.", "Eikels, kastanjes en noten."),
        ("Wat een trut!", "Wat een mooie naam, mevrouw Trut."),
        ("Are you stupid?", "That was stupid of us, sorry."),
        ("Idioot!", "Ik ben een idioot, excuses."),
        (
            "You are an idiot.",
            "You are not an idiot, the form is unclear.",
        ),
        (
            "Deze klant is een sukkel.",
            "Deze klant sukkelt met zijn heup.",
        ),
        ("U bent gek.", "U bent gek op kaas."),
        ("Don't be a jerk.", "The jerk of the cable broke it."),
    ] {
        assert_eq!(
            (is_held("nl", rude), is_held("nl", polite)),
            (true, false),
            "{rude} / {polite}"
        );
    }
}

#[test]
fn where_a_put_down_stands_matters() {
    for (rude, polite) in [
        ("Get lost!", "If you get lost, call us."),
        (
            "If you don't like it, get lost.",
            "Parcels, sadly, get lost.",
        ),
        ("Deal with it, sir.", "We deal with it, sir."),
        ("Well, good for you.", "Walking is good for you."),
        ("Calm down!", "Calm down music is on the first floor."),
        ("Boeien.", "De film blijft boeien."),
        (
            "Zo moeilijk is het niet.",
            "Zo moeilijk is het niet, we doen het samen.",
        ),
        ("Obviously.", "Obviously we pay the postage."),
        ("Nou, gefeliciteerd!", "Nou, gefeliciteerd met de baby!"),
    ] {
        assert_eq!(
            (is_held("nl", rude), is_held("nl", polite)),
            (true, false),
            "{rude} / {polite}"
        );
    }
}

#[test]
fn own_insults_are_found_in_disguise() {
    let own = r#"{"tone-of-voice": {"insults": ["druiloor*"]}}"#;
    for text in [
        "Druiloren? Drui1oor!",
        "druilооr",
        "d r u i l o o r",
        "druil**r",
        "druilooooortje",
    ] {
        let effects = with("tone-of-voice", own, &outbound(text));
        assert_eq!(kinds(&effects), [hold()], "{text}");
    }
    assert!(by_rule("tone-of-voice", &outbound("Drui1oor")).is_empty());
}

#[test]
fn an_embargo_is_not_evaded_by_look_alikes() {
    let settings =
        r#"{"embargo": {"terms": [{"term": "Model Nine", "until": "2030-01-01T00:00:00Z"}]}}"#;
    let text = "Soon: Mоdel\u{a0}Ni\u{200b}ne!";
    let effects = with("embargo", settings, &outbound(text));
    assert_eq!(kinds(&effects), [EffectKind::Deny]);
    let e = &effects[0].evidence[0];
    assert_eq!(
        &text[e.start as usize..e.end as usize],
        "Mоdel\u{a0}Ni\u{200b}ne"
    );
}

#[test]
fn stars_superlatives_and_jeers_are_held() {
    for text in [
        "F*** you.",
        "f*** off",
        "fck u.",
        "You are @sshole.",
        "You're stooopid",
        "s*** head",
        "You are the dumbest customer ever.",
        "Jij bent de domste klant ooit.",
        "Wat een takkewijf!",
        "t*kkewijf",
        "Truttebol!",
        "Wat een ezelskop.",
        "Jij oersukkel.",
        "klootzakkie",
        "Stelletje dommeriken",
        "Trutje toch",
        "Wat ben jij een aso.",
        "Kunt u wel lezen?",
        "Wie vraagt je wat?",
        "Bemoei je met je eigen zaken.",
        "Stop your whining.",
        "Are you deaf or what?",
        "Ben je doof ofzo?",
        "Any child could understand this.",
        "Zelfs een kleuter snapt dit.",
    ] {
        assert!(is_held("", text), "{text}");
    }
    for text in [
        "The idiot-proof setup guide is on page 2.",
        "I understand you feel like an idiot after this, but it really was our fault.",
        "Please shut up the shed before the storm.",
        "U bent de liefste klant ooit.",
    ] {
        assert!(!is_held("", text), "{text}: {:?}", words(text));
    }
}
