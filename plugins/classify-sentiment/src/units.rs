//! Words and phrases with their meaning, in their clauses and sentences.
//!
//! The longest phrase goes first and its words don't count apart. A clause ends at a comma, at the
//! end of a sentence, and before "but" and its like. Linear: a phrase has at most
//! [`PHRASE_WORDS`] words.

use crate::asking;
use crate::lexicon::{Lexicon, Meaning, PHRASE_WORDS, Reading};
use crate::names::names;
use crate::tokens::{CLOSES, DOUBLE, End, Kind, OPENS, Token};

/// A word, phrase, tag or emoji.
#[derive(Debug, Clone)]
pub struct Unit {
    /// Bytes in the text.
    pub start: usize,
    pub end: usize,
    /// The words, lower case, with single spaces; an emoji as written.
    pub text: String,
    pub kind: Kind,
    pub meaning: Meaning,
    pub clause: usize,
    pub sentence: usize,
    /// Between quotation marks.
    pub quoted: Quoted,
    /// Part of a name: `Angry Birds`.
    pub name: bool,
    pub shouted: bool,
    pub stretched: bool,
}

/// Between quotation marks, or not.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Quoted {
    #[default]
    No,
    /// A word or two, perhaps not meant.
    Short,
    /// What somebody else said.
    Long,
}

#[derive(Debug, Clone, Default)]
pub struct Sentence {
    pub end: End,
    /// The clause that begins with "but", if any.
    pub contrast: Option<usize>,
    /// The clause that begins with "although", if any.
    pub concession: Option<usize>,
    /// "But" is its first word.
    pub opens_with_contrast: bool,
    /// "Again", "still", "another" stands in it.
    pub repeats: bool,
    /// Asks for help (`how do I report …`); see [`crate::asking`].
    pub asks: bool,
}

#[derive(Debug, Clone, Default)]
pub struct Parsed {
    pub units: Vec<Unit>,
    pub sentences: Vec<Sentence>,
}

/// Words that say that something is not the first time or not over yet.
const REPETITIONS: &[&str] = &[
    "weer", "alweer", "opnieuw", "steeds", "al", "nog", "again", "another", "still", "yet",
];

/// Longest stretch, in words, that quotation marks make suspect; longer is a citation.
const QUOTED_WORDS: usize = 3;
const CITED_WORDS: usize = 40;

/// Finds the units.
pub fn parse(tokens: &[Token], lexicon: &Lexicon, reading: Reading) -> Parsed {
    let mut parsed = Parsed {
        units: Vec::new(),
        sentences: vec![Sentence::default()],
    };
    let (quoted, names) = (quoted(tokens), names(tokens));
    let (mut clause, mut index) = (0, 0);
    let mut ended = false;
    while index < tokens.len() {
        let token = &tokens[index];
        let mut taken = 1;
        match token.kind {
            Kind::Word | Kind::Tag => {
                if ended {
                    parsed.sentences.push(Sentence::default());
                    ended = false;
                }
                let (meaning, count) = look_up(tokens, index, lexicon, reading);
                taken = count;
                clause += usize::from(meaning.contrast || meaning.concession);
                add_unit(&mut parsed, &tokens[index..index + count], meaning, clause);
                if let Some(unit) = parsed.units.last_mut() {
                    (unit.quoted, unit.name) = (quoted[index], names[index]);
                }
            }
            Kind::Emoji(weight) => {
                let meaning = Meaning {
                    weight: Some(weight),
                    ..Meaning::default()
                };
                clause += 1;
                add_unit(&mut parsed, &tokens[index..=index], meaning, clause);
            }
            Kind::Break => clause += 1,
            Kind::Quote => {}
            Kind::End(end) => {
                clause += 1;
                ended = true;
                if let Some(sentence) = parsed.sentences.last_mut() {
                    merge_end(&mut sentence.end, end);
                }
            }
        }
        index += taken;
    }
    asking::mark(&mut parsed);
    parsed
}

fn merge_end(sum: &mut End, end: End) {
    sum.exclamations = sum.exclamations.saturating_add(end.exclamations);
    sum.question |= end.question;
    sum.ellipsis |= end.ellipsis;
}

fn add_unit(parsed: &mut Parsed, tokens: &[Token], meaning: Meaning, clause: usize) {
    let (Some(first), Some(last)) = (tokens.first(), tokens.last()) else {
        return;
    };
    let sentence = parsed.sentences.len() - 1;
    let opens = parsed.units.last().is_none_or(|u| u.sentence != sentence);
    let current = &mut parsed.sentences[sentence];
    if meaning.contrast {
        current.contrast = Some(clause);
        current.opens_with_contrast |= opens;
    }
    if meaning.concession {
        current.concession = Some(clause);
    }
    current.repeats |= tokens
        .iter()
        .any(|t| REPETITIONS.contains(&t.text.as_str()));
    parsed.units.push(Unit {
        start: first.start,
        end: last.end,
        text: tokens
            .iter()
            .map(|t| t.text.as_str())
            .collect::<Vec<_>>()
            .join(" "),
        kind: first.kind,
        meaning,
        clause,
        sentence,
        quoted: Quoted::No,
        name: false,
        shouted: tokens.iter().all(|t| t.shouted),
        stretched: tokens.iter().any(|t| t.shortened.is_some()),
    });
}

/// The meaning of the longest phrase or the word at `index`, and how many tokens it takes.
fn look_up(
    tokens: &[Token],
    index: usize,
    lexicon: &Lexicon,
    reading: Reading,
) -> (Meaning, usize) {
    let token = &tokens[index];
    let longest = if token.kind == Kind::Word {
        lexicon.longest_phrase(&token.text).min(PHRASE_WORDS)
    } else {
        0
    };
    let adjacent = tokens[index..]
        .iter()
        .take(longest)
        .take_while(|t| t.kind == Kind::Word)
        .count();
    for count in (2..=adjacent).rev() {
        let words: Vec<&str> = tokens[index..index + count]
            .iter()
            .map(|t| t.text.as_str())
            .collect();
        if let Some(mut meaning) = lexicon.meaning(&words.join(" "), reading) {
            meaning.negator |= keeps_negating(&words, meaning, lexicon, reading);
            // `nooit zo blij`: the phrase begins with what compares.
            let first = lexicon.meaning(words[0], reading);
            meaning.comparer |= first.is_some_and(|m| m.comparer);
            return (meaning, count);
        }
    }
    let found = lexicon.meaning(&token.text, reading);
    let found = found.or_else(|| lexicon.meaning(token.shortened.as_deref()?, reading));
    let found = found.or_else(|| match token.kind {
        Kind::Tag => lexicon.of_tag(&token.text, reading),
        _ => lexicon.of_compound(&token.text, reading),
    });
    let mut meaning = found.unwrap_or_default();
    meaning.negator |= token.text.ends_with("n't");
    (meaning, 1)
}

/// `nog steeds niet` goes on to negate what follows it.
fn keeps_negating(words: &[&str], meaning: Meaning, lexicon: &Lexicon, reading: Reading) -> bool {
    let negates = |word: &&str| {
        word.ends_with("n't") || lexicon.meaning(word, reading).is_some_and(|m| m.negator)
    };
    let ends_in_negator = words.last().is_some_and(negates) || words == ["niet", "meer"];
    ends_in_negator && meaning.weight.is_some_and(|w| w < 0.0)
}

/// How a token is quoted: not, in a short stretch, or in a longer one.
fn quoted(tokens: &[Token]) -> Vec<Quoted> {
    let mut quoted = vec![Quoted::No; tokens.len()];
    let mut open: Option<usize> = None;
    for (index, token) in tokens.iter().enumerate() {
        if token.kind != Kind::Quote {
            continue;
        }
        let mark = token.text.as_str();
        match open.map(|from| (from, tokens[from].text.as_str())) {
            Some((from, opened)) if (opened == DOUBLE) == (mark == DOUBLE) && mark != OPENS => {
                let words = index - from - 1;
                let how = match words {
                    0..=QUOTED_WORDS => Quoted::Short,
                    _ if words <= CITED_WORDS => Quoted::Long,
                    // Two marks that don't belong together.
                    _ => {
                        open = Some(index);
                        continue;
                    }
                };
                quoted[from + 1..index].fill(how);
                open = None;
            }
            None if mark != CLOSES => open = Some(index),
            _ => {}
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::OwnWords;
    use crate::tokens::tokenise;

    fn units(text: &str) -> Vec<(String, usize, usize)> {
        let lexicon = Lexicon::new(&OwnWords::new(), &OwnWords::new());
        let parsed = parse(&tokenise(text), &lexicon, Reading::Dutch);
        parsed
            .units
            .into_iter()
            .map(|u| (u.text, u.clause, u.sentence))
            .collect()
    }

    #[test]
    fn the_longest_phrase_goes_first() {
        let texts: Vec<String> = units("eens maar nooit weer")
            .into_iter()
            .map(|u| u.0)
            .collect();
        assert_eq!(texts, ["eens maar nooit weer"]);
    }

    #[test]
    fn punctuation_and_but_divide() {
        let expected = [
            ("goed", 0, 0),
            ("maar", 1, 0),
            ("duur", 1, 0),
            ("zo", 2, 1),
            ("😡", 4, 1),
        ];
        let expected: Vec<_> = expected.map(|(t, c, s)| (t.to_owned(), c, s)).to_vec();
        assert_eq!(units("goed maar duur. zo! 😡"), expected);
    }

    #[test]
    fn a_short_stretch_in_quotes_is_marked() {
        let lexicon = Lexicon::new(&OwnWords::new(), &OwnWords::new());
        let parsed = parse(
            &tokenise("wat een \"service\" zeg"),
            &lexicon,
            Reading::Dutch,
        );
        let marked: Vec<bool> = parsed
            .units
            .iter()
            .map(|u| u.quoted == Quoted::Short)
            .collect();
        assert_eq!(marked, [false, false, true, false]);
    }
}
