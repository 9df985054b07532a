//! Which time counts. A sender's clock is shown, never trusted: what a message says of itself stays as
//! `published`, and beside it stands its effective time, by which messages are put in order, counted,
//! kept and deleted.
//!
//! The effective time is what was said, if that can be: not after the message was heard of, and not
//! before there were networks to say it on. A clock that says what can't be is not asked again: then it
//! is the time of receipt. So an old item of a feed that is read for the first time stands where it
//! belongs, a message dated 2099 or in year 1 stands where it was heard. An answer comes after what it
//! answers: where its time is not later than that of its parent, it is one millisecond more
//! (`db/message/order.rs`, which also sees to those that were heard of before their parents).
//!
//! Deadlines run from receipt, whatever was said: nobody is late with what they had not heard yet.

use super::TimestampMs;

/// 2001-01-01T00:00:00Z. Clocks that were never set begin in 1970, 1980 or 2000; networks that are read
/// here have nothing older, and what they should have is merely put where it was heard.
pub const EARLIEST: TimestampMs = 978_307_200_000;

/// The time that counts of what was said to happen at `said` and heard of at `received`.
pub fn effective_time(said: TimestampMs, received: TimestampMs) -> TimestampMs {
    if (EARLIEST..=received).contains(&said) {
        said
    } else {
        received
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_be_is_believed_and_nothing_else() {
        let received = 1_772_438_400_000; // 2026-03-02T08:00:00Z
        let week = 7 * 24 * 3600 * 1000;
        let second = 1000;
        for (said, counts) in [
            (received, received),
            (received - second, received - second),
            (received - week, received - week),
            (EARLIEST, EARLIEST),
            (received + 1, received),
            (4_070_908_800_000, received),   // 2099
            (253_402_300_799_999, received), // 9999
            (i64::MAX, received),
            (EARLIEST - 1, received),
            (946_684_800_000, received), // 2000
            (0, received),
            (-1, received),
            (-62_135_596_800_000, received), // year 1
            (i64::MIN, received),
        ] {
            assert_eq!(effective_time(said, received), counts, "{said}");
        }
    }
}
