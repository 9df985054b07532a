//! Texts and what they fold to.

use super::*;
use proptest::prelude::*;

fn folded(text: &str) -> String {
    Folded::new(text).text().to_owned()
}

#[test]
fn folds_case_diacritics_and_space() {
    assert_eq!(folded("Eén  CAFÉ\n\u{a0}financiële"), "een cafe financiele");
    assert_eq!(
        folded("ＦＲＥＥ 𝐦𝐨𝐧𝐞𝐲 don’t fo\u{200b}o Acme™"),
        "free money don't foo acme™"
    );
}

#[test]
fn look_alikes_are_letters_where_the_text_is_latin() {
    assert_eq!(
        folded("id\u{200b}i\u{3164}ot \u{202e}tag\u{e0041}"),
        "idiot tag"
    );
    assert_eq!(folded("Mоdеl Νine іdіоt ІDІОТ"), "model nine idiot idiot");
    assert_eq!(
        folded("ɪᴅɪᴏᴛ 🅸🅳🅸🅾🆃 ⓘⓓⓘⓞⓣ smørrebrød"),
        "idiot idiot idiot smorrebrod"
    );
    assert_eq!(folded("рот и нос, мы дома"), "рот и нос, мы дома");
    assert_eq!(folded("東京 NASA, наш веб-API"), "東京 nasa, наш веб-api");
}

#[test]
fn takes_links_and_handles_out() {
    let f = Folded::new("Hoi @bedrijf.test, zie HTTPS://x.test/storing? Mail a@b.test @");
    assert_eq!(f.text(), "hoi \u{fffc}, zie \u{fffc}? mail a@b.test @");
    assert_eq!((f.links(), f.handles()), (1, 1));
}

#[test]
fn origin_is_where_it_was() {
    let text = "Ik vind ‘cafÉ’ Ｔop!";
    let f = Folded::new(text);
    let at = f.text().find("cafe").unwrap();
    let (start, end) = f.origin(at, at + 4);
    assert_eq!(&text[start as usize..end as usize], "cafÉ");
    let at = f.text().find("top").unwrap();
    let (start, end) = f.origin(at, at + 3);
    assert_eq!(&text[start as usize..end as usize], "Ｔop");
}

#[test]
fn words_know_their_clause() {
    let f = Folded::new("Don't wait, bel nu.\n\nTot ziens");
    let seen: Vec<(&str, u32)> = f.words().iter().map(|&w| (f.word(w), w.clause)).collect();
    assert_eq!(
        seen,
        [
            ("don't", 0),
            ("wait", 0),
            ("bel", 1),
            ("nu", 1),
            ("tot", 3),
            ("ziens", 3)
        ]
    );
}

proptest! {
    #[test]
    fn any_text_folds_with_sound_offsets(text in "\\PC{0,80}|[\u{0}-\u{2ff}@h'w. /:]{0,80}") {
        let f = Folded::new(&text);
        for w in f.words() {
            prop_assert!(!f.word(*w).is_empty());
            let (start, end) = f.origin(w.start, w.end);
            prop_assert!(text.get(start as usize..end as usize).is_some());
        }
    }
}
