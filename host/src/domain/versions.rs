//! Which of two reports of one message stands. Networks repeat, reorder, edit and delete; whatever
//! the order in which we hear of it, the same state must come out.
//!
//! A version is (time of the edit or of publication, activity id): the greater one stands. A
//! deletion is final: of later reports a tombstone takes over where it stood and when, never a text.
//! This is a last-writer-wins register with a tombstone, so applying any set of reports commutes and
//! repeats without effect.

use super::TimestampMs;
use super::social::SourceMessage;

/// Orders reports of one message.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Version {
    pub at: TimestampMs,
    pub activity_id: String,
}

impl Version {
    pub fn of(message: &SourceMessage, activity_id: &str) -> Self {
        Self {
            at: message.updated.unwrap_or(message.published),
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
