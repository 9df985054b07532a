//! Which language a message is in, as far as it matters for weighing words: `brand` is a fire in
//! Dutch and a name in English.
//!
//! Counts function words that only one of Dutch and English has. Deliberately absent: labelling the
//! language; that is another plugin's work, which a pure plugin can't see.

use rapport_lexicon::Folded;

/// Words looked at; more would not change the outcome.
const MAX_WORDS: usize = 400;

/// Sorted. Words that English does not have.
const DUTCH: [&str; 60] = [
    "aan", "al", "alleen", "alles", "ben", "bent", "bij", "dan", "dat", "de", "deze", "dit",
    "door", "echt", "een", "er", "geen", "gewoon", "goed", "haar", "heb", "hebben", "heeft", "hem",
    "het", "hij", "hoe", "hoi", "hun", "iemand", "ik", "jij", "jullie", "kan", "kunnen", "maar",
    "meer", "met", "mij", "mijn", "moet", "naar", "niet", "nog", "nu", "omdat", "ook", "op", "te",
    "uit", "van", "veel", "voor", "waar", "waarom", "wel", "wij", "worden", "wordt", "zijn",
];

/// Sorted. Words that Dutch does not have.
const ENGLISH: [&str; 60] = [
    "about", "after", "again", "all", "an", "and", "any", "are", "been", "but", "by", "can",
    "could", "did", "do", "does", "don't", "for", "from", "get", "had", "has", "have", "he", "how",
    "i", "i'm", "if", "it", "just", "my", "not", "now", "on", "or", "our", "please", "she",
    "should", "so", "that", "the", "their", "there", "they", "this", "to", "was", "what", "when",
    "where", "which", "who", "why", "will", "with", "would", "you", "you're", "your",
];

/// `nl` or `en` when the function words say so clearly; otherwise the hint's primary language, if
/// there is one.
pub fn guess(folded: &Folded<'_>, hint: Option<&str>) -> Option<String> {
    let (mut dutch, mut english) = (0_u32, 0_u32);
    for &word in folded.words().iter().take(MAX_WORDS) {
        let word = folded.word(word);
        dutch += u32::from(DUTCH.binary_search(&word).is_ok());
        english += u32::from(ENGLISH.binary_search(&word).is_ok());
    }
    if dutch > 2 * english {
        return Some("nl".to_owned());
    }
    if english > 2 * dutch {
        return Some("en".to_owned());
    }
    let primary = hint?.split(['-', '_']).next()?;
    let sound =
        (2..=8).contains(&primary.len()) && primary.bytes().all(|b| b.is_ascii_alphabetic());
    (sound && !primary.eq_ignore_ascii_case("und")).then(|| primary.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_words_decide_and_the_hint_breaks_ties() {
        for (text, hint, expected) in [
            ("Waar is mijn pakket?", Some("en"), Some("nl")),
            ("Where is my parcel?", None, Some("en")),
            ("Pizza!", Some("de-AT"), Some("de")),
            ("Pizza!", Some("und"), None),
            ("Ik love it", None, None),
            ("", Some("!!"), None),
        ] {
            assert_eq!(
                guess(&Folded::new(text), hint).as_deref(),
                expected,
                "{text}"
            );
        }
    }

    #[test]
    fn the_lists_are_sorted_and_apart() {
        assert!(DUTCH.is_sorted() && ENGLISH.is_sorted());
        assert!(DUTCH.iter().all(|w| !ENGLISH.contains(w)));
    }
}
