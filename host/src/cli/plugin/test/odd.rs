//! Texts that people do send and authors do not think of. Always the same, so that a failure comes
//! back.

use super::records;
use crate::domain::annotation::Moment;
use crate::domain::policy::PolicyCase;
use rapport_package::fixture;

/// Longest content of a message, as in the contract.
const CONTENT_BYTES: usize = 64 * 1024;

/// Name and text of each.
pub fn texts() -> Vec<(&'static str, String)> {
    let dutch = "Waar blijft mijn pakket? Ik wacht al drie weken, en niemand die iets weet. ";
    let english = "Thanks for nothing! Where's my order? It's not bad, but it isn't good either. ";
    vec![
        ("empty", String::new()),
        ("white space", " \t\r\n\u{a0}\u{2003}\n ".to_owned()),
        ("Dutch", dutch.to_owned()),
        ("English", english.to_owned()),
        ("64 KiB of text", filled(&format!("{dutch}{english}"))),
        ("a word of 64 KiB", filled("zoë")),
        ("64 KiB of emoji", filled("😡👍🏽👩‍👩‍👧🇳🇱")),
        ("emoji", "😀 👍🏽 👩‍👩‍👧‍👦 🇳🇱 1️⃣ ❤️\u{fe0f}\u{200d}".to_owned()),
        (
            "right to left",
            "שלום! איפה החבילה שלי? \u{202e}txet\u{202c} مرحبا، أين طلبي؟ ١٢٣".to_owned(),
        ),
        (
            "control characters",
            (0..32).chain(127..160).filter_map(char::from_u32).collect(),
        ),
        ("each Unicode category", CATEGORIES.to_owned()),
        ("combining marks", format!("e{}", "\u{301}".repeat(2000))),
        (
            "punctuation",
            "?!.,;:'\"`#@#@ #!? @@ ## -- __ ** // \\ {} [] () <b>&amp;</b> %s %n ${x}".to_owned(),
        ),
    ]
}

/// One character of each general category that a text can have: Lu Ll Lt Lm Lo, Mn Mc Me, Nd Nl No,
/// Pc Pd Ps Pe Pi Pf Po, Sm Sc Sk So, Zs Zl Zp, Cc Cf Co Cn, and the last of all.
const CATEGORIES: &str = "Aaǅʰא\u{301}\u{903}\u{20dd}5Ⅷ½_-()«»!+€^©\u{a0}\u{2028}\u{2029}\u{7}\u{200b}\u{e000}\u{378}\u{10ffff}";

/// The longest text that repeats this one.
fn filled(text: &str) -> String {
    text.repeat(CONTENT_BYTES / text.len())
}

/// A question about this text: as a message that came in, or as an answer to it.
pub fn case(moment: Moment, text: &str) -> PolicyCase {
    let plain = fixture::PolicyCase {
        name: String::new(),
        settings: toml::Table::new(),
        moment: fixture::Moment::Inbound,
        now: 1_772_439_300_000,
        message: Some(toml::Table::new()),
        draft: Some(toml::Table::new()),
        contact: None,
        conversation: None,
        classifications: Vec::new(),
        situation: toml::Table::new(),
        withheld: Vec::new(),
        expect: Vec::new(),
        forbid: Vec::new(),
    };
    // Empty tables are always right.
    let mut case = records::policy_case(&plain).expect("plain records");
    case.moment = moment;
    if let Some(message) = &mut case.message {
        message.content = text.to_owned();
    }
    match (moment, &mut case.draft) {
        (Moment::Outbound, Some(draft)) => draft.content = text.to_owned(),
        _ => case.draft = None,
    }
    case
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_text_is_as_long_as_the_contract_allows_at_most() {
        let texts = super::texts();
        assert!(
            texts
                .iter()
                .all(|(_, text)| text.len() <= super::CONTENT_BYTES)
        );
        assert!(
            texts
                .iter()
                .any(|(_, text)| text.len() > super::CONTENT_BYTES - 512)
        );
    }
}
