//! Comparisons that a negator makes and does not deny: `never had better coffee`, `nooit zo goed`,
//! `can't praise them enough`; and those that it does: `it never got better`.

use super::negator_before;
use crate::units::Unit;

/// Words within which `never` is followed by what it compares.
const COMPARISON_REACH: usize = 6;
/// What nothing was better or worse than.
pub(super) const UNSURPASSED: f32 = 1.8;
/// Negators of `can't praise them enough`, and what is done so.
const CANNOT: &[&str] = &[
    "can't",
    "cannot",
    "can not",
    "cant",
    "couldn't",
    "could not",
    "couldnt",
];
const PRAISING: &[&str] = &[
    "praise",
    "recommend",
    "thank",
    "appreciate",
    "compliment",
    "commend",
    "applaud",
    "love",
    "admire",
];
/// What changes, before and around a comparative, and what goes on behind it.
const BECOMING: &[&str] = &[
    "get", "gets", "got", "getting", "gotten", "become", "becomes", "became", "becoming", "any",
    "much", "feel", "feels",
];
const BECOMING_DUTCH: &[&str] = &["word", "wordt", "werd", "werden", "worden", "geworden"];
const AFTER_CHANGE: &[&str] = &[
    "after", "at", "in", "since", "with", "despite", "than", "over", "even", "and", "or", "here",
];

/// A negator, but not the one of `nooit zo goed`, `never had better` and `never had such a`, which
/// compares, nor that of `can't praise them enough`.
pub(super) fn negates(units: &[Unit], index: usize) -> bool {
    let unit = &units[index];
    if !unit.meaning.negator {
        return false;
    }
    let never = unit.text.split(' ').any(|w| matches!(w, "nooit" | "never"));
    let after = units.iter().enumerate().skip(index + 1);
    let mut after = after
        .take(COMPARISON_REACH)
        .take_while(|(_, u)| u.clause == unit.clause);
    if !never {
        return !(CANNOT.contains(&unit.text.as_str()) && is_praised_enough(after.map(|(_, u)| u)));
    }
    let felt = |at: usize| {
        let units = units.iter().skip(at + 1).take(3);
        units
            .take_while(|u| u.clause == unit.clause)
            .any(|u| u.meaning.weight.is_some_and(|w| w != 0.0) || u.meaning.negated.is_some())
    };
    !after.any(|(at, u)| {
        let itself = u.meaning.weight.is_some_and(|w| w != 0.0);
        u.meaning.comparer && (felt(at) || itself && !is_change(units, at))
    })
}

/// `praise them enough`, `recommend this place highly enough`.
fn is_praised_enough<'a>(after: impl Iterator<Item = &'a Unit>) -> bool {
    let mut praised = false;
    for unit in after {
        if praised && unit.text.ends_with("enough") {
            return true;
        }
        praised |= PRAISING.contains(&unit.text.as_str());
    }
    false
}

/// The phrase `can't recommend`, whose weight is that of a refusal, with `enough` behind it.
pub(super) fn is_refused_praise(units: &[Unit], index: usize) -> bool {
    let unit = &units[index];
    let Some((cannot, verb)) = unit.text.rsplit_once(' ') else {
        return false;
    };
    let after = units.iter().skip(index + 1).take(COMPARISON_REACH);
    let mut after = after.take_while(|u| u.clause == unit.clause);
    unit.meaning.weight.is_some_and(|w| w < 0.0)
        && CANNOT.contains(&cannot)
        && PRAISING.contains(&verb)
        && after.any(|u| u.text.ends_with("enough"))
}

/// `It never got better`, `het is nooit beter geworden`: what did not change compares nothing.
fn is_change(units: &[Unit], at: usize) -> bool {
    let clause = units[at].clause;
    let mut own = units.iter().filter(|u| u.clause == clause);
    if own.any(|u| BECOMING_DUTCH.contains(&u.text.as_str())) && !units[at].text.ends_with("ere") {
        return true;
    }
    let before = at.checked_sub(1).and_then(|b| units.get(b));
    let before = before.filter(|u| u.clause == clause);
    let becomes = before.is_some_and(|u| BECOMING.contains(&u.text.as_str()));
    let next = units.get(at + 1).filter(|u| u.clause == clause);
    becomes && next.is_none_or(|u| AFTER_CHANGE.contains(&u.text.as_str()))
}

/// `Never had better`, `nooit slechter gegeten`: as much as can be.
pub(super) fn is_unsurpassed(units: &[Unit], index: usize) -> bool {
    let clause = units[index].clause;
    let before = units[..index].iter().rev().take(COMPARISON_REACH);
    let mut before = before.take_while(|u| u.clause == clause);
    let never = |u: &Unit| u.text.split(' ').any(|w| matches!(w, "nooit" | "never"));
    before.any(never) && !negator_before(units, index)
}
