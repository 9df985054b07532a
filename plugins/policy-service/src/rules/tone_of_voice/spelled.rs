//! Forbidden words and insults in every spelling (`rapport_lexicon::Names`): in hashtags, handles and
//! links, written together or apart, by markup or encoding.
//!
//! Of insults only those that insult whoever is meant: the others need the words around them. The
//! handle of whom we answer is their own name and never counts.

use rapport_lexicon::Hit;
use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{Draft, PolicyCase};

use super::lists::Tables;
use super::reading::Reading;
use super::{address, language};
use crate::reason::{MAX_EVIDENCE, clip};
use crate::view;

/// The words that the admin forbids.
pub fn forbidden(
    tables: &Tables,
    case: &PolicyCase,
    draft: &Draft,
    reading: &Reading<'_, '_>,
) -> Vec<Evidence> {
    let counts = |hit: &Hit| {
        let entry = tables.forbidden_words.get(hit.pattern);
        let words = reading.words_at(clip(hit.start), clip(hit.end));
        entry.is_some_and(|(list, pattern)| language::counts(draft, list, pattern, reading, words))
    };
    let hits = tables.forbidden.find(&draft.content);
    evidence(&hits, case, draft, "forbidden word", counts)
}

/// Insults whoever is meant, but for those within these ranges of the text, sorted by start.
pub fn insults(
    tables: &Tables,
    case: &PolicyCase,
    draft: &Draft,
    reading: &Reading<'_, '_>,
    decent: &[(u32, u32)],
) -> Vec<Evidence> {
    let counts = |hit: &Hit| {
        let (start, end) = (clip(hit.start), clip(hit.end));
        let words = reading.words_at(start, end);
        let behind = decent.partition_point(|d| d.0 <= start);
        let excused = decent[..behind].iter().any(|d| d.1 >= end)
            || (!words.is_empty() && address::is_excused(reading, words));
        !excused
    };
    let hits = tables.insults.find(&draft.content);
    evidence(&hits, case, draft, "insult", counts)
}

/// The hits that count, the furthest of those that overlap; no more than can be shown.
fn evidence(
    hits: &[Hit],
    case: &PolicyCase,
    draft: &Draft,
    note: &str,
    counts: impl Fn(&Hit) -> bool,
) -> Vec<Evidence> {
    let mut found: Vec<Evidence> = Vec::new();
    for hit in hits {
        let (start, end) = (clip(hit.start), clip(hit.end));
        if found.last().is_none_or(|e| e.end < end)
            && counts(hit)
            && !view::is_their_handle(case, &draft.content, hit.start..hit.end)
        {
            let note = note.to_owned();
            found.push(Evidence { start, end, note });
        }
        if found.len() == MAX_EVIDENCE {
            break;
        }
    }
    found
}
