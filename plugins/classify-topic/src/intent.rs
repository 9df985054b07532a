//! What the author wants: one label, the most probable, or `other`.
//!
//! The sums of the cues are weighed against each other: a complaint is often put as a question, and
//! an offer is asked for with one, so a question gives way to both.

use crate::cues::Intent;
use crate::scan::Signals;
use crate::standing;

/// Weight that an intent needs at least.
const FLOOR: f64 = 0.7;
/// Weight of "nothing in particular", against which the cues are measured.
const NOTHING: f64 = 0.6;
/// What is left of an intent in something told by others.
const REPORTED: f64 = 0.25;

/// The judgement. Scores are 0 to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Verdict {
    /// None: other.
    pub best: Option<Intent>,
    pub score: f64,
    pub second: Option<(Intent, f64)>,
}

/// Weighs the intents. `threshold`: lowest score with which one is given.
pub fn weigh(signals: &Signals, threshold: f64) -> Verdict {
    let raw = |intent: Intent| signals.intent(intent).sum.max(0.0);
    let mut spam = raw(Intent::Spam);
    if signals.links > 0 && spam >= 0.7 {
        spam += if signals.links > 2 { 1.4 } else { 0.7 };
    }
    // One word of money or luck is none.
    if signals.links == 0 && spam < 1.0 {
        spam *= 0.5;
    }
    let grievance = standing::grievance(signals);
    let complaint = grievance.whole;
    let lead = raw(Intent::Lead);
    let idea = raw(Intent::Idea);
    let lower = |applies: bool, by: f64| if applies { by } else { 1.0 };
    let spammy = lower(spam >= 1.5, 0.3) * lower(standing::reported(signals), REPORTED);
    let weighed = |intent: Intent| match intent {
        Intent::Spam => spam,
        Intent::Complaint => complaint * spammy * lower(idea >= 1.8, 0.7) * lower(lead >= 1.8, 0.8),
        Intent::Lead => lead * spammy * lower(complaint >= 1.6, 0.5) * lower(idea >= 1.8, 0.6),
        Intent::Idea => idea * spammy * lower(complaint >= 2.0, 0.7),
        Intent::Question => {
            raw(Intent::Question)
                * spammy
                * lower(grievance.said >= 1.0, 0.5)
                * lower(standing::joking(signals), 0.5)
                * lower(lead >= 1.0, 0.4)
                * lower(idea >= 1.0, 0.4)
        }
        Intent::Compliment => {
            (raw(Intent::Compliment) + signals.standing.settled.sum)
                * spammy
                * lower(complaint >= 1.0, 0.6)
                * lower(idea >= 1.0, 0.4)
                * lower(lead >= 1.0, 0.6)
        }
    };
    // Sorted by weight; the order of `ALL` breaks ties, as the sort is stable.
    let mut ranking = Intent::ALL.map(|intent| (intent, weighed(intent)));
    ranking.sort_by(|a, b| b.1.total_cmp(&a.1));
    let total: f64 = ranking.iter().map(|r| r.1).sum::<f64>() + NOTHING;
    let [(best, weight), (next, next_weight), ..] = ranking;
    let score = weight / total;
    let second = (next_weight >= FLOOR).then_some((next, next_weight / total));
    if weight < FLOOR || score < threshold {
        let second = (weight >= FLOOR).then_some((best, score));
        return Verdict {
            best: None,
            score: 1.0 - score,
            second,
        };
    }
    Verdict {
        best: Some(best),
        score,
        second,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::signals;

    fn intent(text: &str) -> Option<Intent> {
        weigh(&signals(text), 0.4).best
    }

    #[test]
    fn negation_turns_complaint_and_compliment() {
        assert_eq!(
            intent("Geen klachten, alles werkt!"),
            Some(Intent::Compliment)
        );
        assert_eq!(intent("No complaints from me"), Some(Intent::Compliment));
        assert_eq!(
            intent("Ik ben niet tevreden over de monteur"),
            Some(Intent::Complaint)
        );
        assert_eq!(intent("I am not at all satisfied"), Some(Intent::Complaint));
        assert_eq!(
            intent("De app laadt al dagen niet"),
            Some(Intent::Complaint)
        );
        assert_eq!(intent("The app doesn't load"), Some(Intent::Complaint));
    }

    #[test]
    fn a_question_gives_way_to_what_it_asks_for() {
        assert_eq!(
            intent("Waarom is mijn pakket nog steeds niet bezorgd?"),
            Some(Intent::Complaint)
        );
        assert_eq!(
            intent("Kunnen jullie mij een offerte sturen?"),
            Some(Intent::Lead)
        );
        assert_eq!(
            intent("Would it be nice if you could add a widget, have you considered it?"),
            Some(Intent::Idea)
        );
        assert_eq!(intent("Wanneer komt de monteur?"), Some(Intent::Question));
    }

    #[test]
    fn nothing_in_particular_is_other() {
        let verdict = weigh(&signals("Vanavond eten we pannenkoeken"), 0.4);
        assert_eq!((verdict.best, verdict.score), (None, 1.0));
    }
}
