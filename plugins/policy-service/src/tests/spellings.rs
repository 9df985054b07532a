//! An embargoed name in every spelling, and honest sentences that only look like one.
//!
//! `tests/data/spellings.tsv` was written before the rule read spellings; its part `dev` was looked at
//! since, its part `held-out` only counted. `tests/data/honest.txt` has the near misses.

use std::collections::BTreeMap;

use super::*;

const SPELLINGS: &str = include_str!("../../tests/data/spellings.tsv");
const HONEST: &str = include_str!("../../tests/data/honest.txt");

fn embargo(terms: &[&str]) -> Pack {
    let terms: Vec<_> = terms
        .iter()
        .map(|term| serde_json::json!({"term": term, "until": "2027-01-01T00:00:00Z"}))
        .collect();
    pack(&serde_json::json!({"embargo": {"terms": terms}}).to_string())
}

/// `\n`, `\r`, `\u1234` and `\u{12345}` as JSON and Rust write them.
fn unescaped(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        out.push_str(before);
        let code = |hex: &str| char::from_u32(u32::from_str_radix(hex, 16).unwrap()).unwrap();
        rest = if let Some(long) = behind.strip_prefix("u{") {
            let (hex, behind) = long.split_once('}').unwrap();
            out.push(code(hex));
            behind
        } else if let Some(short) = behind.strip_prefix('u') {
            out.push(code(&short[..4]));
            &short[4..]
        } else {
            out.push(if behind.starts_with('n') { '\n' } else { '\r' });
            &behind[1..]
        };
    }
    out + rest
}

/// The spellings of one part that pass, and how many there are.
fn passed(split: &str) -> (Vec<&'static str>, usize) {
    let rows: Vec<[&str; 3]> = SPELLINGS
        .lines()
        .map(|line| line.splitn(3, '\t').collect::<Vec<_>>().try_into().unwrap())
        .filter(|row: &[&str; 3]| row[0] == split)
        .collect();
    let mut packs: BTreeMap<&str, Pack> = BTreeMap::new();
    for row in &rows {
        packs.entry(row[1]).or_insert_with(|| embargo(&[row[1]]));
    }
    let found = |row: &&[&str; 3]| {
        let text = unescaped(row[2]);
        let effects = packs[row[1]].decide(&outbound(&text));
        let denied = effects.iter().find(|e| e.kind == EffectKind::Deny);
        denied.is_none_or(|e| {
            let e = &e.evidence[0];
            text[e.start as usize..e.end as usize].is_empty()
        })
    };
    let passed = rows.iter().filter(found).map(|row| row[2]).collect();
    (passed, rows.len())
}

#[test]
fn no_spelling_of_the_part_looked_at_passes() {
    let (passed, all) = passed("dev");
    assert_eq!(passed, Vec::<&str>::new(), "of {all}");
    assert_eq!(all, 50);
}

#[test]
fn few_spellings_of_the_part_kept_apart_pass() {
    let (passed, all) = passed("held-out");
    println!("{} of {all} pass: {passed:#?}", passed.len());
    assert_eq!(all, 71);
    assert!(passed.len() <= 3);
}

#[test]
fn few_spellings_thought_of_later_pass() {
    let (passed, all) = passed("later");
    println!("{} of {all} pass: {passed:#?}", passed.len());
    assert!(passed.len() <= 2);
}

#[test]
fn honest_sentences_are_not_held() {
    let pack = embargo(&["ZonneBox Pro", "Nova", "X9", "Orbit 10"]);
    let held = |text: &&str| {
        let effects = pack.decide(&outbound(text));
        effects
            .iter()
            .any(|e| e.kind != EffectKind::Deny || e.rule == "embargo")
    };
    let lines: Vec<&str> = HONEST.lines().collect();
    assert!(lines.len() >= 100);
    let held: Vec<&str> = lines.into_iter().filter(held).collect();
    assert_eq!(held, Vec::<&str>::new());
}
