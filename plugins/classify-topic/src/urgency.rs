//! How soon: `low`, `normal`, `high` or `urgent`, from cues of haste, danger, law, vulnerable people,
//! waiting and many people at once.
//!
//! Haste in a compliment, an advertisement or small talk hardly counts.

use rapport_sdk::annotation::Evidence;

use crate::cues::Intent;
use crate::scan::Signals;
use crate::settings::Settings;

/// Weight of cues below which a message is of low urgency.
const LOW_BELOW: f64 = -0.5;
/// A duration counts when the complaint weighs at least this, or somebody waits.
const COMPLAINT: f64 = 0.3;

/// The judgement, score 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    pub label: &'static str,
    pub score: f64,
    pub evidence: Vec<Evidence>,
}

/// Weighs the urgency of a message with this intent, in an outage or not.
pub fn weigh(
    signals: &Signals,
    intent: Option<Intent>,
    outage: bool,
    settings: &Settings,
) -> Verdict {
    let mut sum = signals.urgency.sum;
    let mut evidence = signals.urgency.evidence.clone();
    if signals.waits || signals.intent(Intent::Complaint).sum >= COMPLAINT {
        sum += signals.durations.sum;
        evidence.extend(signals.durations.evidence.iter().cloned());
    }
    if outage {
        sum += signals.crowd.sum;
        evidence.extend(signals.crowd.evidence.iter().cloned());
    }
    let idle = matches!(
        intent,
        Some(Intent::Compliment | Intent::Spam | Intent::Idea)
    );
    if sum > 0.0 && idle {
        sum *= 0.3;
    }
    evidence.sort_by_key(|e| (e.start, e.end));
    let (label, margin) = if sum >= settings.urgent_from {
        ("urgent", sum - settings.urgent_from)
    } else if sum >= settings.high_from {
        (
            "high",
            (sum - settings.high_from).min(settings.urgent_from - sum),
        )
    } else if sum < LOW_BELOW {
        ("low", LOW_BELOW - sum)
    } else {
        evidence.clear();
        ("normal", (settings.high_from - sum).min(sum - LOW_BELOW))
    };
    Verdict {
        label,
        score: 0.5 + 0.5 * margin / (margin + 0.5),
        evidence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::signals;

    fn urgency(text: &str, intent: Option<Intent>, outage: bool) -> &'static str {
        weigh(&signals(text), intent, outage, &Settings::default()).label
    }

    #[test]
    fn haste_and_danger() {
        let complaint = Some(Intent::Complaint);
        assert_eq!(
            urgency("Er komt rook uit, ik ruik gas!", complaint, false),
            "urgent"
        );
        assert_eq!(urgency("Please call asap", None, false), "urgent");
        assert_eq!(
            urgency("Ik schakel mijn advocaat in", complaint, false),
            "high"
        );
        assert_eq!(urgency("Dit is niet dringend", None, false), "low");
        assert_eq!(urgency("It is not urgent", None, false), "low");
        assert_eq!(urgency("Mooi weer", None, false), "normal");
    }

    #[test]
    fn a_duration_counts_when_somebody_waits() {
        assert_eq!(
            urgency("Ik wacht al drie weken", Some(Intent::Complaint), false),
            "high"
        );
        assert_eq!(
            urgency(
                "Been a happy client for 3 weeks",
                Some(Intent::Compliment),
                false
            ),
            "normal"
        );
    }

    #[test]
    fn a_crowd_counts_in_an_outage() {
        let text = "The entire neighbourhood is dark";
        assert_eq!(urgency(text, Some(Intent::Complaint), true), "high");
        assert_eq!(urgency(text, Some(Intent::Complaint), false), "normal");
    }
}
