//! `Retry-After` (RFC 9110, section 10.2.3): a number of seconds, or a date.
//!
//! Only the form of a date that is to be sent is read (`Sun, 06 Nov 1994 08:49:37 GMT`). Deliberately
//! absent: the two obsolete forms; they count as no delay, as any nonsense does.

const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];
const DAY_MS: i64 = 86_400_000;

/// The delay from `now_ms` on, in milliseconds; none where the value is neither.
pub fn delay_ms(value: &str, now_ms: i64) -> Option<u64> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
        let seconds: u64 = value.parse().unwrap_or(u64::MAX);
        return Some(seconds.saturating_mul(1000));
    }
    let wait = date_ms(value)?.saturating_sub(now_ms);
    Some(u64::try_from(wait).unwrap_or(0))
}

/// Milliseconds since 1970.
fn date_ms(text: &str) -> Option<i64> {
    let rest = text.split_once(", ")?.1.strip_suffix(" GMT")?;
    let mut parts = rest.split(' ');
    let (day, month, year, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let mut clock = time.split(':');
    let (hour, minute, second) = (clock.next()?, clock.next()?, clock.next()?);
    if parts.next().is_some() || clock.next().is_some() {
        return None;
    }
    let number = |text: &str, most: i64| -> Option<i64> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.parse().ok().filter(|n| digits && *n <= most)
    };
    let month = MONTHS.iter().position(|name| *name == month)? as i64 + 1;
    let (year, day) = (number(year, 9999)?, number(day, 31)?);
    let time = (number(hour, 23)? * 60 + number(minute, 59)?) * 60 + number(second, 60)?;
    Some(days(year, month, day) * DAY_MS + time * 1000)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar; a year begins in March here, so that the
/// leap day is its last.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, month) = (year.div_euclid(400), (month + 9) % 12);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_seconds_and_dates() {
        let now_ms = 784_111_777_000; // Sun, 06 Nov 1994 08:49:37 GMT
        for (value, expected) in [
            ("120", Some(120_000)),
            (" 0 ", Some(0)),
            ("99999999999999999999", Some(u64::MAX)),
            ("Sun, 06 Nov 1994 08:51:07 GMT", Some(90_000)),
            (
                "Tue, 29 Feb 2000 00:00:00 GMT",
                Some(951_782_400_000 - 784_111_777_000),
            ),
            ("Sun, 06 Nov 1994 08:49:36 GMT", Some(0)),
            ("Sunday, 06-Nov-94 08:49:37 GMT", None),
            ("Sun, 06 Nov 1994 08:49:37", None),
            ("Sun, 06 Nov 1994 08:49 GMT", None),
            ("-5", None),
            ("1.5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(delay_ms(value, now_ms), expected, "{value}");
        }
    }
}
