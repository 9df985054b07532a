//! In which language a list of words counts: in every one.
//!
//! A draft's declared language is a claim, so nothing depends on it alone. Only a short word (the
//! `die` of one language is an article in another) is passed over, and only where the sentence
//! around it reads as the language that was declared.

use rapport_sdk::policy::Draft;

use super::reading::Reading;

/// Longest word that may well be another one in another language, in characters.
const MAX_SHARED_CHARS: usize = 5;
/// Fewest words of a sentence by which its language is believed.
const MIN_WORDS: usize = 2;

/// Words that hold sentences together, by language.
const FUNCTION_WORDS: [(&str, &str); 5] = [
    (
        "nl",
        "de het een ik je jij jullie u uw wij we ons onze is zijn was niet dat dit die er van voor met op \
         aan bij naar maar ook nog wel en of als dan om te wat hoe hebben heeft heb kunt kan wordt worden zal",
    ),
    (
        "en",
        "the a an i you your we our us is are was not that this there of for with on at by to but also and \
         or if then what how have has can will would be it its my they from please",
    ),
    (
        "fr",
        "le la les un une des du je tu vous votre vos nous notre nos est sont pas que qui ce cette il elle \
         pour avec sur mais aussi et ou si dans au aux",
    ),
    (
        "de",
        "der die das ein eine einen ich sie ihr ihre wir uns unser ist sind nicht dass mit auf bei aber auch \
         und oder wenn zu wie haben hat kann wird den dem von",
    ),
    (
        "es",
        "el la los las un una yo usted su nosotros es son no que este esta de del para con en pero y o si \
         como ha han puede se por",
    ),
];

/// A word or phrase of a list in `language` counts where it stands, at these words of the text.
pub fn counts(
    draft: &Draft,
    language: &str,
    pattern: &str,
    reading: &Reading<'_, '_>,
    words: std::ops::Range<usize>,
) -> bool {
    let declared = draft.language.as_deref().unwrap_or_default();
    let declared = declared.split(['-', '_']).next().unwrap_or_default();
    if declared.is_empty() || language == "any" || declared.eq_ignore_ascii_case(language) {
        return true;
    }
    let shared =
        pattern.chars().all(char::is_alphanumeric) && pattern.chars().count() <= MAX_SHARED_CHARS;
    if !shared {
        return true;
    }
    let sentence = reading.sentence(words.start);
    let around = |language: &str| {
        let own = FUNCTION_WORDS
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(language))
            .map_or("", |(_, own)| own);
        let is_own = |index: &usize| {
            let word = reading.word(*index);
            !words.contains(index) && own.split_ascii_whitespace().any(|o| o == word)
        };
        sentence.clone().filter(is_own).count()
    };
    let declared = around(declared);
    declared < MIN_WORDS || declared <= around(language)
}
