//! Which of two reports of one message stands. Networks repeat, reorder, edit and delete; whatever
//! the order in which we hear of it, the same state must come out.
//!
//! A version is (time of the edit or of publication, activity id): the greater one stands. The time is
//! one that can be (`effective_time`): an edit of year 1 is not lost, and what is dated 2099 does not
//! stand against all later edits. A
//! deletion is final: of later reports a tombstone takes over where it stood and when, never a text.
//! This is a last-writer-wins register with a tombstone, so applying any set of reports commutes and
//! repeats without effect.

use super::TimestampMs;
use super::effective_time::effective_time;
use super::social::SourceMessage;

/// Orders reports of one message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub at: TimestampMs,
    pub activity_id: String,
}

impl Version {
    /// Of a report that was heard of at `received`.
    pub fn of(message: &SourceMessage, activity_id: &str, received: TimestampMs) -> Self {
        let published = effective_time(message.published, received);
        let updated = message.updated.map(|said| effective_time(said, received));
        Self {
            at: match updated {
                // Nothing is edited before it is published.
                Some(updated) if updated < published => received,
                Some(updated) => updated,
                None => published,
            },
            activity_id: activity_id.to_owned(),
        }
    }
}

/// What is stored of a message so far.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stored {
    Nothing,
    At(Version),
    /// A tombstone, with the version that it had taken over.
    Deleted(Version),
}

/// What to do with a newly heard report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// First report: store it.
    Insert,
    /// It replaces what is stored.
    Replace,
    /// It is newer than what a tombstone knows: only its place and time are stored.
    Place,
    /// Something newer is stored: nothing to do.
    Keep,
}

/// Compares what is stored with a report that has text.
pub fn step(stored: &Stored, incoming: &Version) -> Step {
    match stored {
        Stored::Nothing => Step::Insert,
        Stored::At(version) if incoming > version => Step::Replace,
        Stored::Deleted(version) if incoming > version => Step::Place,
        Stored::At(_) | Stored::Deleted(_) => Step::Keep,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_by_an_odd_clock_takes_its_turn() {
        let heard = 1_772_438_400_000;
        let year_2099 = 4_070_908_800_000;
        let version = |published, updated, received| {
            let message = SourceMessage {
                published,
                updated,
                ..SourceMessage::plain("m", "text")
            };
            Version::of(&message, "a", received).at
        };
        assert_eq!(version(heard - 5, None, heard), heard - 5);
        assert_eq!(version(heard - 5, Some(heard - 2), heard), heard - 2);
        // The message was dated 2099, its edit rightly; the edit stands.
        assert_eq!(version(year_2099, None, heard), heard);
        assert_eq!(version(year_2099, Some(heard + 7), heard + 9), heard + 9);
        // An edit of 2099 does not stand against a later one.
        assert_eq!(version(heard - 5, Some(year_2099), heard), heard);
        assert_eq!(version(heard - 5, Some(heard + 3), heard + 4), heard + 3);
        // An edit of year 1, or of the day before, is later than what it edits.
        assert_eq!(version(heard - 5, Some(-62_135_596_800_000), heard), heard);
        assert_eq!(version(heard - 5, Some(heard - 86_400_000), heard), heard);
    }

    #[test]
    fn later_edits_stand_and_deletion_is_final() {
        let version = |at, id: &str| Version {
            at,
            activity_id: id.into(),
        };
        assert_eq!(step(&Stored::Nothing, &version(1, "a")), Step::Insert);
        assert_eq!(
            step(&Stored::At(version(1, "a")), &version(2, "b")),
            Step::Replace
        );
        assert_eq!(
            step(&Stored::At(version(2, "b")), &version(1, "a")),
            Step::Keep
        );
        assert_eq!(
            step(&Stored::At(version(2, "b")), &version(2, "b")),
            Step::Keep
        );
        assert_eq!(
            step(&Stored::At(version(2, "a")), &version(2, "b")),
            Step::Replace
        );
        let tombstone = Stored::Deleted(version(2, "b"));
        assert_eq!(step(&tombstone, &version(9, "z")), Step::Place);
        assert_eq!(step(&tombstone, &version(1, "a")), Step::Keep);
    }
}
