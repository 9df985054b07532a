//! Many words and phrases, searched for in one pass.
//!
//! A pattern is a word or a phrase. `pakket` is that word only; `pakket*` is every word that begins
//! so, `*storing` every word that ends so, `*levering*` every word that holds it; in a phrase the
//! stars stand at its outer ends. Case, diacritics and the amount of white space make no
//! difference. Symbols and emoji are found wherever they stand.
//!
//! Searching is Aho-Corasick over the folded text, so the number of patterns hardly matters.
//! Deliberately absent: regular expressions and any notion of meaning.

use aho_corasick::{AhoCorasick, BuildError, MatchKind};

use crate::fold::Folded;

/// Longest pattern, in bytes.
pub const MAX_PATTERN_BYTES: usize = 128;
/// Fewest letters beside a star: `a*` would be half the language.
const MIN_STARRED_CHARS: usize = 3;

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PatternError {
    /// Nothing but white space and stars.
    Empty,
    /// More than [`MAX_PATTERN_BYTES`].
    TooLong,
    /// A star that is not at the outer ends.
    InnerStar,
    /// Fewer than three characters beside a star.
    TooShort,
    /// The patterns together are too many.
    TooMany,
}

impl std::fmt::Display for PatternError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::TooLong => "is longer than 128 bytes",
            Self::InnerStar => "has a `*` that is not at the beginning or the end",
            Self::TooShort => "needs at least three characters beside `*`",
            Self::TooMany => "is one too many: the patterns together are too large",
        })
    }
}

impl std::error::Error for PatternError {}

/// A pattern found. Offsets are of the folded text; see [`Folded::origin`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// Number of the pattern, in the order in which they were given.
    pub pattern: usize,
    pub start: usize,
    pub end: usize,
}

#[derive(Debug, Clone, Copy)]
struct Stars {
    leading: bool,
    trailing: bool,
}

/// A set of patterns.
#[derive(Debug)]
pub struct Lexicon {
    automaton: AhoCorasick,
    stars: Vec<Stars>,
}

impl Lexicon {
    /// Builds the tables. On failure answers the number of the pattern and what is wrong with it.
    pub fn new<S: AsRef<str>>(patterns: &[S]) -> Result<Self, (usize, PatternError)> {
        let mut needles = Vec::with_capacity(patterns.len());
        let mut stars = Vec::with_capacity(patterns.len());
        for (index, pattern) in patterns.iter().enumerate() {
            let (needle, star) = parse(pattern.as_ref()).map_err(|e| (index, e))?;
            needles.push(needle);
            stars.push(star);
        }
        let automaton = AhoCorasick::builder()
            .match_kind(MatchKind::Standard)
            .build(&needles)
            .map_err(|_: BuildError| (needles.len().saturating_sub(1), PatternError::TooMany))?;
        Ok(Self { automaton, stars })
    }

    /// Every place where a pattern stands, sorted by start, then the longest first, then by number.
    /// A starred hit covers the whole word.
    pub fn find(&self, folded: &Folded<'_>) -> Vec<Hit> {
        let text = folded.text();
        let mut hits = Vec::new();
        for found in self.automaton.find_overlapping_iter(text) {
            let pattern = found.pattern().as_usize();
            let Some(stars) = self.stars.get(pattern) else {
                continue;
            };
            let (mut start, mut end) = (found.start(), found.end());
            if !starts_word(text, start) {
                if !stars.leading {
                    continue;
                }
                start = folded
                    .words()
                    .get(folded.word_at(start))
                    .map_or(start, |w| w.start.min(start));
            }
            if !ends_word(text, end) {
                if !stars.trailing {
                    continue;
                }
                let last = end.saturating_sub(1);
                end = folded
                    .words()
                    .get(folded.word_at(last))
                    .map_or(end, |w| w.end.max(end));
            }
            hits.push(Hit {
                pattern,
                start,
                end,
            });
        }
        hits.sort_unstable_by_key(|h| (h.start, std::cmp::Reverse(h.end), h.pattern));
        hits.dedup();
        hits
    }
}

fn parse(pattern: &str) -> Result<(String, Stars), PatternError> {
    let trimmed = pattern.trim();
    if trimmed.len() > MAX_PATTERN_BYTES {
        return Err(PatternError::TooLong);
    }
    let core = trimmed.trim_matches('*');
    if core.contains('*') {
        return Err(PatternError::InnerStar);
    }
    let folded = Folded::new(core);
    let needle = folded.text().trim().to_owned();
    let stars = Stars {
        leading: trimmed.starts_with('*'),
        trailing: trimmed.ends_with('*'),
    };
    if needle.is_empty() {
        return Err(PatternError::Empty);
    }
    if (stars.leading || stars.trailing) && needle.chars().count() < MIN_STARRED_CHARS {
        return Err(PatternError::TooShort);
    }
    Ok((needle, stars))
}

/// No letter or digit goes before, or the pattern itself begins with something else.
fn starts_word(text: &str, at: usize) -> bool {
    let own = text.get(at..).and_then(|t| t.chars().next());
    let before = text.get(..at).and_then(|t| t.chars().next_back());
    !(own.is_some_and(char::is_alphanumeric) && before.is_some_and(char::is_alphanumeric))
}

/// No letter or digit follows, nor the `'t` of `don't`.
fn ends_word(text: &str, at: usize) -> bool {
    let own = text.get(..at).and_then(|t| t.chars().next_back());
    let rest = text.get(at..).unwrap_or_default();
    if own == Some('n') && rest.starts_with("'t") {
        return false;
    }
    !(own.is_some_and(char::is_alphanumeric) && rest.starts_with(char::is_alphanumeric))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn found(patterns: &[&str], text: &str) -> Vec<String> {
        let folded = Folded::new(text);
        let lexicon = Lexicon::new(patterns).unwrap();
        let hits = lexicon.find(&folded);
        hits.iter()
            .map(|h| {
                let (start, end) = folded.origin(h.start, h.end);
                text[start as usize..end as usize].to_owned()
            })
            .collect()
    }

    #[test]
    fn whole_words_unless_starred() {
        let text = "Pakketje kwijt, pakket. Retourpakket! pakketten";
        assert_eq!(found(&["pakket"], text), ["pakket"]);
        assert_eq!(
            found(&["pakket*"], text),
            ["Pakketje", "pakket", "pakketten"]
        );
        assert_eq!(found(&["*pakket"], text), ["pakket", "Retourpakket"]);
        assert_eq!(found(&["*pakket*"], text).len(), 4);
    }

    #[test]
    fn phrases_take_any_white_space() {
        assert_eq!(
            found(&["nog steeds niet"], "Nog   steeds\nniet!"),
            ["Nog   steeds\nniet"]
        );
        assert_eq!(found(&["thank you"], "thank @you"), Vec::<String>::new());
    }

    #[test]
    fn emoji_are_found_anywhere_and_contractions_are_whole() {
        assert_eq!(found(&["🙄"], "ja hoor🙄🙄"), ["🙄", "🙄"]);
        assert_eq!(
            found(&["can", "don"], "I can't and don’t"),
            Vec::<String>::new()
        );
    }

    #[test]
    fn bad_patterns_are_named() {
        for (patterns, expected) in [
            (["goed", " * "], PatternError::Empty),
            (["goed", "a*"], PatternError::TooShort),
            (["goed", "a*b c"], PatternError::InnerStar),
        ] {
            assert_eq!(Lexicon::new(&patterns).unwrap_err(), (1, expected));
        }
        assert_eq!(
            Lexicon::new(&["x".repeat(129)]).unwrap_err(),
            (0, PatternError::TooLong)
        );
    }

    proptest! {
        #[test]
        fn hits_are_on_boundaries(text in "\\PC{0,60}|[abnt'é🙄* \n]{0,60}") {
            let lexicon = Lexicon::new(&["*abn*", "🙄", "na", "b abn*", "t"]).unwrap();
            let folded = Folded::new(&text);
            for hit in lexicon.find(&folded) {
                let (start, end) = folded.origin(hit.start, hit.end);
                prop_assert!(text.get(start as usize..end as usize).is_some_and(|t| !t.is_empty()));
            }
        }
    }
}
