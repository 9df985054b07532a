//! What holds for every text: no panic, spans on character boundaries, the same answer twice, time
//! linear in the length.

use std::time::Instant;

use proptest::prelude::*;
use rapport_sdk::annotation::Classification;
use rapport_sdk::common::ItemErrorCode;

use crate::{CONTENT_LIMIT_BYTES, Configured, classify_text, configured};

fn one(text: &str, hint: Option<&str>, configured: &Configured) -> Classification {
    classify_text(text, hint, configured).unwrap()
}

fn check(text: &str, hint: Option<&str>) -> Result<(), TestCaseError> {
    let configured = configured("{}").unwrap();
    let got = one(text, hint, &configured);
    prop_assert!((0.0..=1.0).contains(&got.score), "{}", got.score);
    prop_assert!(["nl", "en", "de", "fr", "unknown"].contains(&got.label.as_str()));
    for evidence in &got.evidence {
        prop_assert!(
            text.get(evidence.start as usize..evidence.end as usize)
                .is_some()
        );
    }
    prop_assert_eq!(got, one(text, hint, &configured));
    Ok(())
}

proptest! {
    #[test]
    fn any_text_gets_an_answer(text in any::<String>(), hint in proptest::option::of(".{0,8}")) {
        check(&text, hint.as_deref())?;
    }

    #[test]
    fn so_does_any_mixture_of_words(text in "((ik|the|der|l'|ĳ|İ|ß|é|e\u{301}|@a|#b|http://x|’|😀)[ .,!\n]{0,2}){0,60}") {
        check(&text, None)?;
    }
}

#[test]
fn the_longest_text_takes_linear_time() {
    let configured = configured("{}").unwrap();
    for unit in [
        "ik wacht al een week ",
        "a ",
        "'",
        "é",
        "@",
        "http://",
        "the die ",
        "ﷺ",
    ] {
        let text = unit.repeat(CONTENT_LIMIT_BYTES / unit.len());
        let start = Instant::now();
        one(&text, None, &configured);
        let taken = start.elapsed();
        assert!(taken.as_millis() < 2_000, "{unit:?}: {taken:?}");
    }
}

#[test]
fn a_longer_text_is_refused_by_name() {
    let error = classify_text(
        &"a".repeat(CONTENT_LIMIT_BYTES + 1),
        None,
        &configured("{}").unwrap(),
    );
    assert_eq!(error.unwrap_err().code, ItemErrorCode::TooLong);
}

#[test]
fn evidence_is_the_words_that_decided() {
    let text = "@winkel waarom krijg ik geen reactie?";
    let got = one(text, None, &configured("{}").unwrap());
    let words: Vec<&str> = got
        .evidence
        .iter()
        .map(|e| &text[e.start as usize..e.end as usize])
        .collect();
    assert_eq!(words, ["waarom", "krijg", "ik", "geen", "reactie"]);
    assert_eq!(got.label, "nl");
}

#[test]
fn a_hint_tips_but_never_decides() {
    let configured = configured("{}").unwrap();
    // Both languages write this; the hint may choose.
    let text = "sorry, super service";
    assert_eq!(one(text, None, &configured).label, "unknown");
    // Nothing in these words points to Dutch: the hint alone is not enough.
    for text in [
        "Thank you so much for your help",
        "iPhone 15 Pro Max",
        "😀😀😀😀😀",
    ] {
        assert_ne!(one(text, Some("nl"), &configured).label, "nl", "{text}");
    }
}

#[test]
fn languages_not_considered_come_out_as_unknown() {
    let text = "Vielen Dank für die schnelle Antwort";
    let settings = r#"{"languages": ["nl", "en"]}"#;
    let got = one(text, None, &configured(settings).unwrap());
    assert_eq!(got.label, "unknown");
    assert!(
        got.extra.contains(&("nearest".into(), "de".into())),
        "{:?}",
        got.extra
    );
}

#[test]
fn spanish_italian_and_portuguese_on_request() {
    let settings = r#"{"languages": ["nl", "en", "es", "it", "pt"]}"#;
    let configured = configured(settings).unwrap();
    for (label, text) in [
        (
            "es",
            "Hola, llevo tres días esperando mi pedido y nadie me dice dónde está.",
        ),
        ("es", "Muchas gracias por la ayuda, todo funciona otra vez."),
        (
            "it",
            "Buongiorno, aspetto il mio pacco da tre giorni e nessuno sa dirmi dove sia.",
        ),
        ("it", "Grazie mille per la risposta veloce!"),
        (
            "pt",
            "Olá, estou à espera da minha encomenda há três dias e ninguém sabe onde está.",
        ),
        (
            "pt",
            "Muito obrigada pela ajuda de ontem, já funciona tudo.",
        ),
        ("nl", "Ik wacht nog steeds op een antwoord."),
    ] {
        assert_eq!(one(text, None, &configured).label, label, "{text}");
    }
}

#[test]
fn mixed_texts_name_their_languages() {
    let text = "Ik wacht al een week op mijn bestelling. What is going on with you guys?";
    let got = one(text, None, &configured("{}").unwrap());
    assert_eq!(got.label, "unknown");
    assert_eq!(got.extra, [("mixed".to_owned(), "nl,en".to_owned())]);
}

#[test]
fn what_is_quoted_is_not_the_language_of_the_author() {
    let configured = configured("{}").unwrap();
    for (label, text) in [
        (
            "nl",
            "Mijn order tracking zegt 'out for delivery' maar er komt niks",
        ),
        (
            "nl",
            "> On Monday you wrote: where is my order\nIk heb het nog steeds niet ontvangen hoor",
        ),
        (
            "en",
            "The app says \"bestelling niet gevonden\", what does this mean?",
        ),
        // Nothing but the quotation is left: it is judged.
        ("en", "\"Where is my parcel and why does nobody answer\""),
    ] {
        assert_eq!(one(text, None, &configured).label, label, "{text}");
    }
}

#[test]
fn social_spelling_is_read_through() {
    let configured = configured("{}").unwrap();
    for text in [
        "WAAR BLIJFT MIJN PAKKET?!",
        "heeeeel erg bedaaaankt",
        "𝓑𝓮𝓭𝓪𝓷𝓴𝓽 𝓿𝓸𝓸𝓻 𝓭𝓮 𝓱𝓾𝓵𝓹",
        "ＷＡＡＲ ＢＬＩＪＦＴ ＨＥＴ",
        "Bedankt voor de snelle hulp 🎉🎉🎉🎉🎉🎉🎉🎉🎉🎉",
    ] {
        assert_eq!(one(text, None, &configured).label, "nl", "{text}");
    }
}
