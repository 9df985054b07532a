//! `embargo`: a term that must not be known yet does not go out before its moment.
//!
//! The case's own time is the clock. Terms are found however they are spelled (`rapport_lexicon::Names`):
//! together or apart, in hashtags, handles and links, in disguise, with an ending or in a compound.

use chrono::{DateTime, FixedOffset};
use rapport_lexicon::{Around, Names};
use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{Effect, EffectKind, Moment, PolicyCase};

use crate::reason::{MAX_EVIDENCE, clip, effect};
use crate::settings::Embargo;
use crate::view;

pub const ID: &str = "embargo";

/// Most denials for one text; the contract has a limit for all rules together.
const MAX_DENIALS: usize = 8;

/// The terms, ready to be searched for.
#[derive(Debug)]
pub struct Terms {
    names: Names,
    /// Of each pattern: the term as written and when its embargo ends.
    ends: Vec<(String, DateTime<FixedOffset>)>,
}

impl Terms {
    /// Refuses a term that can't be searched for and a moment that is not RFC 3339.
    pub fn new(settings: &Embargo) -> Result<Self, String> {
        let mut ends = Vec::new();
        for (index, entry) in settings.terms.iter().enumerate() {
            let until = DateTime::parse_from_rfc3339(&entry.until)
                .map_err(|e| format!("{ID}.terms[{index}].until: `{}`: {e}", entry.until))?;
            ends.push((entry.term.clone(), until));
        }
        let patterns: Vec<&str> = ends.iter().map(|(term, _)| term.as_str()).collect();
        let names = Names::new(&patterns, Around::Compound)
            .map_err(|(index, e)| format!("{ID}.terms[{index}].term: {e}"))?;
        Ok(Self { names, ends })
    }
}

/// Adds what the rule asks for: one denial for each term.
pub fn decide(terms: &Terms, case: &PolicyCase, effects: &mut Vec<Effect>) {
    let (Moment::Outbound | Moment::Campaign, Some(draft)) = (case.moment, &case.draft) else {
        return;
    };
    let hits = terms.names.find(&draft.content);
    let before = effects.len();
    for (index, (term, until)) in terms.ends.iter().enumerate() {
        if effects.len() - before == MAX_DENIALS {
            break;
        }
        if case.now >= until.timestamp_millis() {
            continue;
        }
        let evidence: Vec<Evidence> = hits
            .iter()
            .filter(|h| h.pattern == index)
            .filter(|h| !view::is_their_handle(case, &draft.content, h.start..h.end))
            .take(MAX_EVIDENCE)
            .map(|h| Evidence {
                start: clip(h.start),
                end: clip(h.end),
                note: "embargo".to_owned(),
            })
            .collect();
        if evidence.is_empty() {
            continue;
        }
        let until = until.format("%Y-%m-%d %H:%M (UTC%:z)");
        let nl = format!("Over “{term}” mag niets naar buiten tot {until}. Haal het weg of wacht.");
        let en = format!("Nothing about “{term}” may go out until {until}. Remove it or wait.");
        effects.push(effect(ID, EffectKind::Deny, &nl, &en, evidence));
    }
}
