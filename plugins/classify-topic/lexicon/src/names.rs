//! Names and words that a rule forbids, found however they are spelled: written together or apart, with
//! signs, tags or line ends inside, in hashtags, handles and links, encoded, in look-alikes, with
//! digits for letters, drawn out.
//!
//! The text is read as its letters and digits alone (`letters`), and every place where those of a
//! name stand is judged by what was between them and around them (`spelling`). Time is proportional
//! to the text: one pass over each of a bounded number of readings.
//!
//! Deliberately absent: misspellings (a letter too many, too few or another), translations, and
//! names spelled out in words, foreign scripts or pictures.

use aho_corasick::{AhoCorasick, MatchKind};

use crate::fold::Folded;
use crate::letters::{DRAWN_OUT, Letters, Manner, Unit, has_letter_signs};
use crate::lexicon::{Hit, Lexicon, PatternError};
use crate::shown::Shown;
use crate::spelling;
use crate::vocabulary::Vocabulary;

/// Shortest word that is recognised with stars in it, and in the plural within a name.
const MIN_STARRED: usize = 4;
const PLURALS: [&str; 4] = ["s", "en", "es", "jes"];
/// Most words of a name that are looked for in the plural.
const MAX_PLURALS: usize = 3;

/// How much of the word around it a name may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Around {
    /// Nothing else: a word that is forbidden as such.
    Nothing,
    /// An ending or a compound: what a name of a product is found in too.
    Compound,
}

/// Names to look for.
#[derive(Debug)]
pub struct Names {
    /// The patterns as they are written, for all that letters alone do not tell (`C++`, emoji).
    lexicon: Lexicon,
    /// The words of the names, for stars in place of letters.
    vocabulary: Vocabulary,
    names: Vec<Name>,
    /// Of patterns.
    count: usize,
    around: Around,
    /// Over the classes of the names' units, one by one and with runs as one.
    single: AhoCorasick,
    runs: AhoCorasick,
}

/// A name in one of its readings.
#[derive(Debug)]
pub(crate) struct Name {
    /// Number of the pattern.
    pattern: usize,
    /// What may be any rest of a word.
    pub(crate) leading: bool,
    pub(crate) trailing: bool,
    pub(crate) single: Spelled,
    runs: Spelled,
}

/// A name's letters.
#[derive(Debug)]
pub(crate) struct Spelled {
    pub(crate) units: Vec<Unit>,
    /// Number of the word of each unit; a capital or digit within a word begins one as well.
    pub(crate) words: Vec<u32>,
    /// More than one word as the name is written, with a space or a sign between.
    pub(crate) parted: bool,
    classes: String,
}

impl Names {
    /// Takes patterns as [`Lexicon`] does, and refuses the same.
    pub fn new<S: AsRef<str>>(
        patterns: &[S],
        around: Around,
    ) -> Result<Self, (usize, PatternError)> {
        let lexicon = Lexicon::new(patterns)?;
        let mut names = Vec::new();
        let mut words: Vec<String> = Vec::new();
        for (number, pattern) in patterns.iter().enumerate() {
            let pattern = pattern.as_ref().trim();
            let core = pattern.trim_matches('*');
            if !is_spelled_in_letters(core) {
                continue;
            }
            let folded = Folded::whole(core);
            let starred = folded.words().iter().map(|&w| folded.word(w));
            words.extend(
                starred
                    .filter(|w| w.len() >= MIN_STARRED)
                    .map(str::to_owned),
            );
            let stars = (pattern.starts_with('*'), pattern.ends_with('*'));
            for form in forms(core, around) {
                add_readings(&mut names, number, &form, stars);
            }
        }
        names.retain(|name| name.single.units.len() > 1);
        let automaton = |spelled: fn(&Name) -> &Spelled| {
            AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(names.iter().map(|name| &spelled(name).classes))
                .map_err(|_| (patterns.len().saturating_sub(1), PatternError::TooMany))
        };
        Ok(Self {
            single: automaton(|name| &name.single)?,
            runs: automaton(|name| &name.runs)?,
            vocabulary: Vocabulary::new(&words),
            lexicon,
            names,
            count: patterns.len(),
            around,
        })
    }

    /// Every place where a name stands, with offsets of the text itself, sorted by start, then the longest
    /// first, then by number.
    pub fn find(&self, text: &str) -> Vec<Hit> {
        let mut hits = Vec::new();
        let shown = [
            Some(Shown::whole(text)),
            Shown::bare(text),
            Shown::turned(text),
        ];
        for shown in shown.iter().flatten() {
            let folded = Folded::whole(&shown.text);
            let uncovered = folded.uncovered(&self.vocabulary);
            for folded in [&folded, &uncovered] {
                let mut found = self.lexicon.find(folded);
                self.find_spelled(folded, &shown.text, &mut found);
                hits.extend(found.iter().map(|hit| {
                    let (start, end) = folded.origin(hit.start, hit.end);
                    let (start, end) = shown.origin(start as usize, end as usize);
                    let (start, end) = (start as usize, end as usize);
                    Hit { start, end, ..*hit }
                }));
            }
        }
        hits.sort_unstable_by_key(|h| (h.start, std::cmp::Reverse(h.end), h.pattern));
        // Readings differ in how much of a place they see: the longest tells.
        let mut ends = vec![0; self.count];
        hits.retain(|hit| match ends.get_mut(hit.pattern) {
            Some(end) if *end < hit.end => {
                *end = hit.end;
                true
            }
            _ => false,
        });
        hits
    }

    fn find_spelled(&self, folded: &Folded<'_>, shown: &str, hits: &mut Vec<Hit>) {
        let text = folded.text();
        let signs = has_letter_signs(text);
        let drawn_out = is_drawn_out(text);
        for manner in [(false, false), (true, false), (false, true), (true, true)] {
            let manner = Manner {
                signs: manner.0,
                runs: manner.1,
            };
            if (manner.signs && !signs) || (manner.runs && !drawn_out) {
                continue;
            }
            let letters = Letters::new(folded, shown, manner);
            let automaton = if manner.runs {
                &self.runs
            } else {
                &self.single
            };
            for found in automaton.find_overlapping_iter(&letters.classes) {
                let name = self.names.get(found.pattern().as_usize());
                let (Some(name), Some(first)) = (name, letters.unit_at(found.start())) else {
                    continue;
                };
                let spelled = if manner.runs {
                    &name.runs
                } else {
                    &name.single
                };
                let place = spelling::Place {
                    text,
                    letters: &letters.units,
                    first,
                };
                if let Some((start, end)) = place.holds(name, spelled, self.around) {
                    hits.push(Hit {
                        pattern: name.pattern,
                        start,
                        end,
                    });
                }
            }
        }
    }
}

impl Spelled {
    fn new(folded: &Folded<'_>, shown: &str, runs: bool) -> Self {
        let letters = Letters::new(folded, shown, Manner { signs: false, runs });
        let (mut words, mut word, mut parted) = (Vec::new(), 0, false);
        let mut previous: Option<&Unit> = None;
        for unit in &letters.units {
            if let Some(before) = previous.filter(|before| before.start != unit.start) {
                let apart = before.end != unit.start;
                parted |= apart;
                if apart || spelling::is_seam(before, unit) {
                    word += 1;
                }
            }
            words.push(word);
            previous = Some(unit);
        }
        Self {
            classes: letters.classes,
            units: letters.units,
            words,
            parted,
        }
    }
}

/// A name with each of its words but the last in the plural (`ZonneBoxen Pro`): as it is, first.
fn forms(name: &str, around: Around) -> Vec<String> {
    let mut forms = vec![name.to_owned()];
    if around == Around::Compound {
        let words: Vec<&str> = name.split(' ').collect();
        let inner = words.len().saturating_sub(1).min(MAX_PLURALS);
        for (index, word) in words.iter().enumerate().take(inner) {
            if word.chars().count() >= MIN_STARRED && word.ends_with(char::is_alphabetic) {
                for plural in PLURALS {
                    let (before, behind) = (words[..index].join(" "), words[index + 1..].join(" "));
                    forms.push(format!("{before} {word}{plural} {behind}"));
                }
            }
        }
    }
    forms
}

/// A name in another script is read as Latin letters among such.
fn add_readings(names: &mut Vec<Name>, pattern: usize, name: &str, stars: (bool, bool)) {
    let folded = Folded::whole(name);
    let latin = Folded::among_latin(name);
    let other = (latin.text() != folded.text()).then_some(&latin);
    for folded in [Some(&folded), other].into_iter().flatten() {
        names.push(Name {
            pattern,
            leading: stars.0,
            trailing: stars.1,
            single: Spelled::new(folded, name, false),
            runs: Spelled::new(folded, name, true),
        });
    }
}

/// Letters, digits and what only stands between them: not `C++`, nor an emoji.
fn is_spelled_in_letters(pattern: &str) -> bool {
    let between =
        |c: char| c.is_whitespace() || matches!(c, '-' | '_' | '.' | '\'' | '’' | '&' | '/');
    let edge = |c: char| matches!(c, '#' | '@' | '!' | '"' | '“' | '”') || between(c);
    let core = pattern.trim_matches(edge);
    let folded = Folded::whole(core);
    folded
        .text()
        .chars()
        .all(|c| c.is_alphanumeric() || between(c))
}

fn is_drawn_out(text: &str) -> bool {
    let (mut previous, mut count) = (' ', 0);
    text.chars().any(|c| {
        count = if c == previous { count + 1 } else { 1 };
        previous = c;
        count >= DRAWN_OUT && c.is_alphanumeric()
    })
}

#[cfg(test)]
mod tests;
