//! Names in their spellings, and what only looks like them.

use super::*;
use proptest::prelude::*;

fn found(patterns: &[&str], around: Around, text: &str) -> Vec<String> {
    let hits = Names::new(patterns, around).unwrap().find(text);
    let of = |hit: &Hit| text[hit.start..hit.end].to_owned();
    let mut found: Vec<String> = hits.iter().map(of).collect();
    found.dedup();
    found
}

fn check(name: &str, there: &[&str], absent: &[&str]) {
    for text in there {
        assert!(
            !found(&[name], Around::Compound, text).is_empty(),
            "{name} is in: {text}"
        );
    }
    for text in absent {
        let found = found(&[name], Around::Compound, text);
        assert_eq!(found, Vec::<String>::new(), "{name} is not in: {text}");
    }
}

#[test]
fn where_a_name_stands() {
    let text = "Zie #ModelNine, m.o.d.e.l nine en x.test/M%6Fdel_nin%65s!";
    assert_eq!(
        found(&["Model Nine"], Around::Compound, text),
        ["ModelNine", "m.o.d.e.l nine", "M%6Fdel_nin%65"]
    );
}

#[test]
fn letters_that_look_alike() {
    check(
        "Model Nine",
        &[
            "ModeI Nine",
            "M0del N1ne",
            "rnodel nine",
            "m()del nine",
            "mоdel nіne",
        ],
        &[
            "Model 9",
            "Modal Nine",
            "Model Mine",
            "Model Ninety",
            "models, nine of them",
        ],
    );
    check(
        "Bali",
        &["BALI", "Ba1i", "BaIi"],
        &["ball", "bail", "Balie"],
    );
    check(
        "Orbit 10",
        &["orbit l0", "Orbit 1O"],
        &["Orbit 16", "Orbit 100", "orbit ten"],
    );
    check(
        "Wave 2",
        &["vvave 2", "Wave-2", "wave2's"],
        &["wave z", "wave 3", "wave 25"],
    );
}

#[test]
fn short_names_are_words_of_their_own() {
    check(
        "Sit",
        &["sit", "#Sit", "S.I.T.", "s1t", "sits", "@sit_nl"],
        &[
            "assist",
            "site",
            "is it",
            "s it",
            "sit2go",
            "transit",
            "a s i t e",
            "SITAR",
        ],
    );
    check(
        "X9",
        &["X9", "X-9", "X 9", "#SuperX9", "x9-serie"],
        &["X90", "10 x 9", "x 9", "AX9", "x_y9", "99"],
    );
    check("VR", &["VR", "vr-bril"], &["v r", "over", "vrij"]);
}

#[test]
fn scripts_without_spaces_and_signs_that_count() {
    check("東京", &["私は東京都に住む"], &["京東"]);
    check("Зима", &["Зима!", "зимы и зима"], &["зимний"]);
    check(
        "Сосна",
        &["новая сосна здесь", "Сосна in een Nederlandse zin"],
        &["сосны"],
    );
    check("C++", &["wij doen C++."], &["C", "c - d"]);
    check("AT&T", &["AT&T", "#ATT"], &["CATT", "at tafel"]);
    check("🙄", &["ja🙄"], &["ja"]);
}

#[test]
fn forbidden_words_are_no_parts_of_others() {
    for (word, text, count) in [
        ("probleem", "pr0bleem, pro-bleem, #GeenProbleem", 3),
        ("probleem", "probleemloos, problemen, pro bleem", 0),
        ("goedko*", "g0edkope en #goedkoopste", 2),
        ("don", "I don't, I don’t", 0),
        ("not my problem", "not my problematic, not, my problem", 0),
    ] {
        assert_eq!(found(&[word], Around::Nothing, text).len(), count, "{text}");
    }
}

proptest! {
    #[test]
    fn hits_are_on_boundaries(text in "\\PC{0,60}|([zonebxpr0 .%<>&;#é\u{202e}]|%7a|<b>|&shy;|zon|pro){0,60}") {
        let names = Names::new(&["zon", "nebo", "Zon Pro", "pro*"], Around::Compound).unwrap();
        for hit in names.find(&text) {
            prop_assert!(text.get(hit.start..hit.end).is_some_and(|t| !t.is_empty()));
        }
    }
}
