//! Shouting: sentences in capitals, and exclamation and question marks in a row.
//!
//! Names, codes and abbreviations in capitals are no shouting, so a row of capitals counts when words
//! of every sentence are in it (`ordinary.txt`), above all commands and denials. A short cheer (`YES
//! WE CAN`) is none either. Hashtags, handles, links, tokens with digits or hyphens, quotations in a
//! sentence and the allowed abbreviations are left out; scripts without case can't shout.

use std::collections::BTreeMap;

use rapport_lexicon::Folded;
use rapport_sdk::annotation::Evidence;

use super::reading::quotes;
use crate::settings::ToneOfVoice;

/// Fewer letters than this may be an abbreviation.
const MIN_LETTERS: usize = 3;
/// A text of at least so many letters shouts when most of them are in shouted words.
const SHORT_TEXT_LETTERS: usize = 8;
/// Points from which a row of capitals is shouted, and from which a whole text in capitals is.
const SHOUTED: usize = 4;
const SHOUTED_ALL: usize = 2;
/// A text in capitals of so many words shouts in a language that we have no words of.
const UNKNOWN_WORDS: usize = 5;
/// Most words of a cheer.
const CHEER_WORDS: usize = 5;
/// Most letters apart that are looked at, and fewest.
const MAX_APART: usize = 400;
const MIN_APART: usize = 4;
/// Longest word looked for among letters apart.
const MAX_WORD: usize = 14;

/// Words that thank or wish, and those who may be meant; elsewhere "you" reproaches.
const THANKS: &[&str] = &[
    "thank",
    "thanks",
    "love",
    "bedankt",
    "dank",
    "danke",
    "merci",
    "gracias",
    "happy",
    "merry",
    "welcome",
    "welkom",
    "gefeliciteerd",
    "congratulations",
    "felicitaties",
];
const YOU: &[&str] = &[
    "you", "je", "u", "jullie", "jou", "sie", "dir", "euch", "vous", "te",
];

/// What an ordinary word is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Ordinary,
    /// Commands, denials, "you".
    Reproach,
    Cheer,
}

/// Words of every sentence.
#[derive(Debug)]
pub struct Ordinary(BTreeMap<&'static str, Kind>);

impl Ordinary {
    pub fn new() -> Self {
        let mut words: BTreeMap<&str, Kind> = BTreeMap::new();
        let mut kind = Kind::Ordinary;
        for line in include_str!("../../words/ordinary.txt")
            .lines()
            .map(str::trim)
        {
            match line {
                "[ordinary]" => kind = Kind::Ordinary,
                "[reproach]" => kind = Kind::Reproach,
                "[cheer]" => kind = Kind::Cheer,
                _ if line.starts_with('#') => {}
                _ => line.split_whitespace().for_each(|word| {
                    let known = words.entry(word).or_insert(kind);
                    *known = kind.max(*known);
                }),
            }
        }
        Self(words)
    }

    /// The letters apart read as words: two or more that make up most of them, or one command.
    fn is_sentence(&self, letters: &str) -> bool {
        let count = letters.len();
        // The most letters in words of three letters or more up to each place, and how many words.
        let mut best = vec![(0_usize, 0_usize); count + 1];
        for end in 1..=count {
            best[end] = best[end - 1];
            for start in end.saturating_sub(MAX_WORD)..end {
                let length = end - start;
                let word = letters.get(start..end).unwrap_or_default();
                let Some(kind) = self.0.get(word).filter(|_| length >= MIN_LETTERS) else {
                    continue;
                };
                let (covered, words) = best[start];
                let command = usize::from(*kind == Kind::Reproach && length == count);
                best[end] = best[end].max((covered + length, words + 1 + command));
            }
        }
        best[count].1 >= 2 && best[count].0 * 10 >= count * 6
    }
}

/// A word of the text.
#[derive(Debug)]
struct Word<'t> {
    start: usize,
    text: &'t str,
    /// In the canonical form; empty unless in capitals.
    folded: String,
    letters: usize,
    capitals: bool,
    kind: Option<Kind>,
}

/// The shouted words and marks, in order; empty when nothing shouts.
pub fn find(settings: &ToneOfVoice, ordinary: &Ordinary, text: &str) -> Vec<Evidence> {
    let words = words(settings, ordinary, text);
    let all = words.iter().all(|w| w.capitals || w.letters < 2);
    let mut found = Vec::new();
    let (mut shouted_words, mut shouted_letters) = (0, 0);
    for row in words
        .chunk_by(|a, b| a.capitals == b.capitals)
        .filter(|row| row[0].capitals)
    {
        if !is_shouted(row, all) {
            continue;
        }
        shouted_words += row.len();
        shouted_letters += row.iter().map(|w| w.letters).sum::<usize>();
        let long = row.iter().filter(|w| w.letters >= MIN_LETTERS);
        found.extend(long.map(|w| evidence(w.start, w.text.len(), "capitals")));
    }
    let letters: usize = words.iter().map(|w| w.letters).sum();
    let many =
        shouted_words >= usize::try_from(settings.shouting_words.max(1)).unwrap_or(usize::MAX);
    let mostly = letters >= SHORT_TEXT_LETTERS && shouted_letters * 10 >= letters * 6;
    if !(many || mostly) {
        found.clear();
    }
    found.extend(apart(ordinary, text));
    found.extend(marks(text, settings.max_exclamation_marks));
    found.sort_by_key(|e| e.start);
    found
}

/// The words; those that don't tell (see the head of the file) are not in capitals.
fn words<'t>(settings: &ToneOfVoice, ordinary: &Ordinary, text: &'t str) -> Vec<Word<'t>> {
    let folded = |word: &str| {
        if word.is_ascii() {
            word.to_ascii_lowercase()
        } else {
            Folded::new(word).text().to_owned()
        }
    };
    let allowed: Vec<String> = settings
        .allowed_capitals
        .iter()
        .map(|a| folded(a))
        .collect();
    let quotes = quotes(text);
    let is_quoted = |start: usize| {
        let start = u32::try_from(start).unwrap_or(u32::MAX);
        let at = quotes.partition_point(|q| q.end <= start);
        quotes.get(at).is_some_and(|q| q.start <= start)
    };
    let mut words = Vec::new();
    for (start, token) in tokens(text) {
        if token.starts_with(['#', '@']) || token.contains("://") || token.starts_with("www.") {
            continue;
        }
        let code = is_code(token);
        for (offset, word) in split(token) {
            let letters = word.chars().filter(|c| c.is_alphabetic()).count();
            let upper = word.chars().all(|c| c.is_uppercase() || is_apostrophe(c));
            let tells = upper && letters >= 2 && !code && !is_quoted(start + offset);
            let folded = if tells { folded(word) } else { String::new() };
            let capitals = tells && !allowed.contains(&folded);
            words.push(Word {
                start: start + offset,
                text: word,
                letters,
                capitals,
                kind: ordinary
                    .0
                    .get(folded.as_str())
                    .copied()
                    .filter(|_| capitals),
                folded,
            });
        }
    }
    words
}

/// A row of words in capitals is a sentence, not names, and no cheer.
fn is_shouted(row: &[Word<'_>], whole_text: bool) -> bool {
    let cheers = row.iter().filter(|w| w.kind == Some(Kind::Cheer)).count();
    let thanks = row.iter().any(|w| THANKS.contains(&w.folded.as_str()));
    let reproached = row.iter().any(|w| {
        let thanked = thanks && YOU.contains(&w.folded.as_str());
        w.kind == Some(Kind::Reproach) && !thanked
    });
    if cheers > 0 && !reproached && row.len() <= CHEER_WORDS {
        return false;
    }
    let points: usize = row
        .iter()
        .map(|w| match w.kind {
            Some(Kind::Reproach) if w.letters >= MIN_LETTERS => 3,
            Some(_) if w.letters >= MIN_LETTERS => 2,
            Some(_) => 1,
            None => 0,
        })
        .sum();
    // A title has one such word, a sentence more.
    let known = |w: &&Word<'_>| {
        w.kind == Some(Kind::Reproach) || (w.kind.is_some() && w.letters >= MIN_LETTERS)
    };
    let known = row.iter().filter(known).count();
    if !whole_text && known < 2 {
        return false;
    }
    let unknown = whole_text && row.len() >= UNKNOWN_WORDS && cheers == 0;
    points >= if whole_text { SHOUTED_ALL } else { SHOUTED } || unknown
}

/// Single capitals with a space between each two that make up a sentence.
fn apart(ordinary: &Ordinary, text: &str) -> Vec<Evidence> {
    let mut found = Vec::new();
    let mut row: Vec<(usize, &str)> = Vec::new();
    for (start, token) in tokens(text).chain([(text.len(), "")]) {
        let token_letter = token.trim_end_matches(['!', '.', '?', ',']);
        let mut letters = token_letter.chars();
        let single = letters.next().is_some_and(char::is_uppercase) && letters.next().is_none();
        if single && row.len() < MAX_APART {
            row.push((start, token_letter));
            continue;
        }
        let joined: String = row.iter().map(|(_, letter)| *letter).collect();
        let joined = Folded::new(&joined).text().to_owned();
        if let (Some(first), Some(last)) = (row.first(), row.last())
            && row.len() >= MIN_APART
            && joined.is_ascii()
            && ordinary.is_sentence(&joined)
        {
            found.push(evidence(
                first.0,
                last.0 + last.1.len() - first.0,
                "capitals",
            ));
        }
        row.clear();
    }
    found
}

/// Letters with digits, hyphens or the like between them: `RQ12`, `ABC-DEF`, `README.TXT`.
fn is_code(token: &str) -> bool {
    let inner = token.trim_matches(|c: char| !c.is_alphanumeric());
    inner.contains(|c: char| {
        c.is_numeric() || matches!(c, '-' | '_' | '.' | ':' | '=' | '&' | '\\' | '@')
    })
}

/// Parts between white space with their offsets.
fn tokens(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = text.as_ptr().addr();
    text.split_whitespace()
        .map(move |token| (token.as_ptr().addr() - base, token))
}

/// The words of a token: runs of letters and digits; those with digits are left out.
fn split(token: &str) -> impl Iterator<Item = (usize, &str)> {
    let base = token.as_ptr().addr();
    token
        .split(|c: char| !(c.is_alphanumeric() || is_apostrophe(c)))
        .map(|w| w.trim_matches(is_apostrophe))
        .filter(|w| !w.is_empty() && !w.chars().any(char::is_numeric))
        .map(move |word| (word.as_ptr().addr() - base, word))
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘')
}

/// Runs of more exclamation marks than are fine, or of more marks of both kinds than one more.
fn marks(text: &str, fine: u32) -> Vec<Evidence> {
    let fine = usize::try_from(fine).unwrap_or(usize::MAX);
    let mut found = Vec::new();
    // Where a run begins, its exclamation marks and all its marks.
    let mut run: Option<(usize, usize, usize)> = None;
    for (at, c) in text.char_indices().chain([(text.len(), ' ')]) {
        let (exclamations, all) = match c {
            '!' | '！' | '¡' | '❗' | '❕' => (1, 1),
            '‼' => (2, 2),
            '⁉' | '⁈' => (1, 2),
            '?' | '？' | '¿' | '❓' => (0, 1),
            '⁇' => (0, 2),
            _ => (0, 0),
        };
        if all > 0 {
            let (start, shouts, marks) = run.unwrap_or((at, 0, 0));
            run = Some((start, shouts + exclamations, marks + all));
        } else if let Some((start, shouts, marks)) = run.take()
            && (shouts > fine || marks > fine.saturating_add(1))
        {
            let note = if shouts == marks {
                "exclamation marks"
            } else {
                "punctuation marks"
            };
            found.push(evidence(start, at - start, note));
        }
    }
    found
}

fn evidence(start: usize, length: usize, note: &str) -> Evidence {
    let clip = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    Evidence {
        start: clip(start),
        end: clip(start + length),
        note: note.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shouted(text: &str) -> Vec<String> {
        find(&ToneOfVoice::default(), &Ordinary::new(), text)
            .iter()
            .map(|e| text[e.start as usize..e.end as usize].to_owned())
            .collect()
    }

    fn nothing(text: &str) {
        assert_eq!(shouted(text), Vec::<String>::new(), "{text}");
    }

    #[test]
    fn three_words_or_most_of_a_short_text() {
        assert_eq!(shouted("Dat is ECHT NIET WAAR"), ["ECHT", "NIET", "WAAR"]);
        assert_eq!(shouted("LUISTER EENS"), ["LUISTER", "EENS"]);
        assert_eq!(shouted("ÉÉN KEER NOG en é"), ["ÉÉN", "KEER", "NOG"]);
        assert_eq!(shouted("DON’T WRITE TO US"), ["DON’T", "WRITE"]);
        nothing("HOU DAAR mee op");
    }

    #[test]
    fn other_languages_shout_too() {
        assert_eq!(shouted("ARRÊTEZ DE CRIER").len(), 2);
        assert_eq!(shouted("PROSZĘ PRZECZYTAĆ INSTRUKCJĘ JESZCZE RAZ").len(), 5);
        nothing("東京 大阪 京都 名古屋 横浜");
    }

    #[test]
    fn abbreviations_tags_and_codes_are_fine() {
        nothing("BTW, IBAN en KVK staan op de PDF");
        nothing("#GEEN #STROOM #HIER @KLANT zie HTTPS://X.TEST/ABC RQ12 A-B OK");
        nothing("The WHO and US IT offices use HBO MAX, OAUTH and THE NORTH FACE");
        nothing("Kies \"NU NIET MEER TONEN\" in het menu, of VERWIJDER-DIT-NIET");
        nothing("AKZO NOBEL ASML");
    }

    #[test]
    fn cheers_are_fine_unless_they_reproach() {
        nothing("YES WE CAN");
        nothing("THANK YOU ALL");
        assert_eq!(shouted("YES YOU CAN READ").len(), 4);
    }

    #[test]
    fn letters_apart_that_make_up_a_sentence() {
        assert_eq!(shouted("Zo: L E E S D A T N O U!"), ["L E E S D A T N O U"]);
        assert_eq!(shouted("S T O P"), ["S T O P"]);
        nothing("De heer J A N S E N, kenteken A B C D E F");
    }

    #[test]
    fn more_marks_than_are_fine() {
        assert_eq!(shouted("Fijn!! Top!!! Ja"), ["!!!"]);
        assert_eq!(shouted("Ja!!!!"), ["!!!!"]);
        assert_eq!(shouted("Echt?!?! Hoe??? Wat????"), ["?!?!", "????"]);
    }
}
