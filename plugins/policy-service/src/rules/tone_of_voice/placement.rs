//! Where a put-down stands: `Get lost!` and `If you don't like it, get lost` are dismissals,
//! `parcels sometimes get lost` is none.
//!
//! Words such as `well`, `just` or `sir` around it make no difference.

use std::ops::Range;

use super::address::{LEADS, is};
use super::reading::Reading;

/// Words behind a put-down that belong to it.
const TAILS: &str = "sir a bit little madam maam ma'am mate pal buddy dude man meneer mevrouw mijnheer dame heer \
    jongen hoor dan toch please ok okay now nu ja he zeg will you is it or something of zo aub \
    alsjeblieft alstublieft then there guys folks sweetheart darling honey schat vriend love \
    maar even eens nou ofzo what wat anything right yeah for once already vriendje meisje lady friend jij u and en";
/// Before praise that is none.
const MOCKING: &str = "nou goh tja tjonge gee well poe poeh zo oh wow golly";
/// Sincere praise says for what.
const SINCERE: &str = "met on with aan voor namens from van for to";
/// A put-down that is a question begins so; any other question is none.
const ASKING: &str = "can can't kunt kun kan kunnen do don't nou so who says en are bent ben zijn lees how hoe \
    it's it isn't oh zo not wat wie what";
/// Most words that are looked at before and behind.
const NEAR: usize = 8;

/// A whole sentence.
pub fn is_sentence(r: &Reading<'_, '_>, words: &Range<usize>) -> bool {
    alone(r, words, r.sentence(words.start)) && is_asked_rightly(r, words)
}

/// A clause of its own that begins or ends its sentence.
pub fn is_clause(r: &Reading<'_, '_>, words: &Range<usize>) -> bool {
    let (clause, sentence) = (r.clause(words.start), r.sentence(words.start));
    let wished = r.word(words.start) == "gefeliciteerd" && clause.end == sentence.end;
    let sincere = wished || (clause.end < sentence.end && r.word(clause.end) == "met");
    alone(r, words, clause.clone())
        && at_an_end(r, clause)
        && is_asked_rightly(r, words)
        && !sincere
}

/// Begins a clause at the head or the end of its sentence.
pub fn is_opening(r: &Reading<'_, '_>, words: &Range<usize>) -> bool {
    let clause = r.clause(words.start);
    all(r, clause.start..words.start, LEADS) && at_an_end(r, clause)
}

/// Behind a mocking word at the head of the sentence, and not for anything.
pub fn is_mocking(r: &Reading<'_, '_>, words: &Range<usize>) -> bool {
    let sentence = r.sentence(words.start);
    let next = if words.end < r.clause(words.start).end {
        r.word(words.end)
    } else {
        ""
    };
    sentence.start < words.start
        && words.start - sentence.start <= 3
        && is(r.word(sentence.start), MOCKING)
        && all(r, sentence.start + 1..words.start, LEADS)
        && !is(next, SINCERE)
}

/// Nothing else is said from the first word of a range to its last.
fn alone(r: &Reading<'_, '_>, words: &Range<usize>, range: Range<usize>) -> bool {
    all(r, range.start..words.start, LEADS) && all(r, words.end..range.end, TAILS)
}

fn all(r: &Reading<'_, '_>, range: Range<usize>, list: &str) -> bool {
    range.len() <= NEAR && range.into_iter().all(|i| is(r.word(i), list))
}

/// Nothing but interjections goes before the clause, or it is the last behind one of three words or
/// more.
fn at_an_end(r: &Reading<'_, '_>, clause: Range<usize>) -> bool {
    let sentence = r.sentence(clause.start);
    let before = sentence.start..clause.start;
    let called = |i: usize| is(r.word(i), LEADS) || is(r.word(i), TAILS);
    let first = before.len() <= NEAR && before.clone().all(called);
    let previous = r.clause(clause.start.saturating_sub(1));
    let behind = clause.end..sentence.end;
    first || (all(r, behind, TAILS) && !before.is_empty() && previous.len() >= 3)
}

fn is_asked_rightly(r: &Reading<'_, '_>, words: &Range<usize>) -> bool {
    r.end_mark(words.start) != '?'
        || r.clause(words.start).end < r.sentence(words.start).end
        || is(r.word(words.start), ASKING)
}
