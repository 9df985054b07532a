//! Reading a policy case: what the classifiers said, what the situation is, what was withheld.
//!
//! Where several plugins judge one dimension, the surest counts; for urgency the most urgent and for
//! sentiment the most negative, so that no plugin can hide another's alarm.

use std::ops::Range;

use rapport_sdk::annotation::{Classification, Evidence};
use rapport_sdk::policy::{CaseKind, CaseView, PolicyCase, Priority};
use rapport_sdk::social::{Reach, Visibility};

use crate::reason::MAX_EVIDENCE;

/// The surest judgement in a dimension.
pub fn best<'a>(case: &'a PolicyCase, dimension: &str) -> Option<&'a Classification> {
    let mut best: Option<&Classification> = None;
    for c in of(case, dimension) {
        if best.is_none_or(|b| c.score > b.score) {
            best = Some(c);
        }
    }
    best
}

/// The intent, when it is this one and sure enough.
pub fn intent<'a>(case: &'a PolicyCase, label: &str, score: f64) -> Option<&'a Classification> {
    best(case, "intent").filter(|c| c.label == label && c.score >= score)
}

/// What kind of remark a message is that asks nothing, where the surest judgement of its intent says so:
/// `news`, `joke`, `greeting`, `note` or `chatter`.
pub fn remark(case: &PolicyCase) -> Option<&str> {
    let other = best(case, "intent").filter(|c| c.label == "other")?;
    let remark = other.extra.iter().find(|(name, _)| name == "remark")?;
    Some(remark.1.as_str())
}

fn of<'a>(case: &'a PolicyCase, dimension: &str) -> impl Iterator<Item = &'a Classification> {
    case.classifications
        .iter()
        .map(|a| &a.classification)
        .filter(move |c| c.dimension == dimension)
}

/// The most urgent judgement; normal when there is none.
pub fn urgency(case: &PolicyCase) -> Priority {
    of(case, "urgency")
        .filter_map(|c| priority(&c.label))
        .max_by_key(|p| rank(*p))
        .unwrap_or(Priority::Normal)
}

/// The most negative judgement of sentiment.
pub fn sentiment(case: &PolicyCase) -> Option<f64> {
    of(case, "sentiment")
        .filter(|c| c.label != "uncertain")
        .map(|c| c.score)
        .min_by(f64::total_cmp)
}

fn priority(label: &str) -> Option<Priority> {
    match label {
        "low" => Some(Priority::Low),
        "normal" => Some(Priority::Normal),
        "high" => Some(Priority::High),
        "urgent" => Some(Priority::Urgent),
        _ => None,
    }
}

/// Order of the priorities: 0 (low) to 3 (urgent).
pub fn rank(priority: Priority) -> u8 {
    match priority {
        Priority::Low => 0,
        Priority::Normal => 1,
        Priority::High => 2,
        Priority::Urgent => 3,
    }
}

/// The next higher priority.
pub fn raised(priority: Priority) -> Priority {
    match priority {
        Priority::Low => Priority::Normal,
        Priority::Normal => Priority::High,
        Priority::High | Priority::Urgent => Priority::Urgent,
    }
}

/// The contact's open complaint with the highest priority.
pub fn open_complaint(case: &PolicyCase) -> Option<&CaseView> {
    let complaints = case
        .situation
        .open_cases
        .iter()
        .filter(|c| c.kind == CaseKind::Complaint);
    complaints.max_by_key(|c| rank(c.priority))
}

/// The field was asked for but is not shown.
pub fn withheld(case: &PolicyCase, field: &str) -> bool {
    case.withheld.iter().any(|w| w == field)
}

/// Who sought whom, by the message and else by the conversation.
pub fn reach(case: &PolicyCase) -> Option<Reach> {
    case.message
        .as_ref()
        .map(|m| m.reach)
        .or(case.conversation.as_ref().map(|c| c.reach))
}

/// Two or more others talk with each other: found by us without anybody addressing us, or said
/// where it was not meant for everybody.
pub fn between_others(case: &PolicyCase) -> bool {
    let Some(reach) = reach(case) else {
        return false;
    };
    if reach == Reach::Directed {
        return false;
    }
    let semi_private = case
        .message
        .as_ref()
        .is_some_and(|m| m.visibility == Visibility::SemiPrivate);
    match &case.conversation {
        Some(c) if c.involves_us => false,
        Some(c) if c.participant_count >= 2 && reach == Reach::Searched => true,
        Some(c) => semi_private || c.visibility == Visibility::SemiPrivate,
        None => semi_private,
    }
}

/// Longest handle that is looked at, in bytes.
const MAX_HANDLE_BYTES: usize = 128;

/// A range of the draft lies within the handle of whom it answers: that name is theirs.
pub fn is_their_handle(case: &PolicyCase, draft: &str, range: Range<usize>) -> bool {
    let from = draft.floor_char_boundary(range.start.saturating_sub(MAX_HANDLE_BYTES));
    // The sign itself may be within the range.
    let to = draft.ceil_char_boundary(range.start + 1);
    let Some(at) = draft.get(from..to).and_then(|text| text.rfind('@')) else {
        return false;
    };
    let begin = from + at + 1;
    let ahead = draft.floor_char_boundary(begin + 2 * MAX_HANDLE_BYTES);
    let handle = draft.get(begin..ahead).unwrap_or_default();
    let end = handle.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '@')));
    let handle = handle
        .get(..end.unwrap_or(handle.len()))
        .unwrap_or_default();
    let author = case.message.as_ref().map(|m| &m.attributed_to.handle);
    let identities = case.contact.iter().flat_map(|c| &c.identities);
    let mut theirs = identities.map(|i| &i.handle).chain(author).flatten();
    begin + handle.len() >= range.end
        && theirs.any(|own| {
            handle
                .trim_end_matches(['.', '-'])
                .eq_ignore_ascii_case(own)
        })
}

/// A judgement's evidence, as far as it lies in the message's text.
pub fn evidence(case: &PolicyCase, classification: &Classification) -> Vec<Evidence> {
    let text = case.message.as_ref().map_or("", |m| m.content.as_str());
    let sound = |e: &&Evidence| text.get(e.start as usize..e.end as usize).is_some();
    classification
        .evidence
        .iter()
        .filter(sound)
        .take(MAX_EVIDENCE)
        .cloned()
        .collect()
}
