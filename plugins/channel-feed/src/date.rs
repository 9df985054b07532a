//! Dates as feeds write them: RFC 3339 and other ISO 8601 forms, RFC 822 and 2822 with one-digit
//! days, missing seconds, missing or home-made zones, month names in several languages, Unix times.
//!
//! A missing or unknown zone is read as UTC: some hours wrong is better than no date. What can't be
//! right (before 1990, 31 February) is no date at all. Deliberately absent: a clock; the future is
//! the caller's business.

use chrono::{NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

/// Feeds did not exist before; such dates are unset fields (year 1, 1970).
const YEAR_MIN: i32 = 1990;
const YEAR_MAX: i32 = 9999;
/// Longest date looked at, in bytes.
const TEXT_MAX_BYTES: usize = 128;

/// Milliseconds since 1970 in UTC, or none where it is no date.
pub fn parse(text: &str) -> Option<i64> {
    let text = text.trim();
    if text.is_empty() || text.len() > TEXT_MAX_BYTES {
        return None;
    }
    let (local, offset_minutes) = if text.bytes().all(|b| b.is_ascii_digit()) {
        (digits(text)?, 0)
    } else if text.bytes().take_while(u8::is_ascii_digit).count() >= 4 {
        iso(text)?
    } else {
        words(text)?
    };
    let utc = local.checked_sub_signed(TimeDelta::minutes(offset_minutes))?;
    let year = chrono::Datelike::year(&utc);
    (YEAR_MIN..=YEAR_MAX)
        .contains(&year)
        .then(|| utc.and_utc().timestamp_millis())
}

/// Unix time in seconds or milliseconds, or `YYYYMMDD` with or without `hhmmss`.
fn digits(text: &str) -> Option<NaiveDateTime> {
    let number: i64 = text.parse().ok()?;
    match text.len() {
        8 | 14 => {
            let date = date(text.get(..4)?, text.get(4..6)?, text.get(6..8)?)?;
            let clock = text.get(8..).filter(|c| !c.is_empty()).unwrap_or("000000");
            Some(date.and_time(clock_of(
                clock.get(..2)?,
                clock.get(2..4)?,
                clock.get(4..6)?,
            )?))
        }
        9 | 10 => Some(chrono::DateTime::from_timestamp(number, 0)?.naive_utc()),
        13 => Some(chrono::DateTime::from_timestamp_millis(number)?.naive_utc()),
        _ => None,
    }
}

fn date(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

fn clock_of(hour: &str, minute: &str, second: &str) -> Option<NaiveTime> {
    let second: u32 = second.parse().ok()?;
    NaiveTime::from_hms_opt(hour.parse().ok()?, minute.parse().ok()?, second.min(59))
}

/// `2024-05-06`, then perhaps `T10:20:30.5` and a zone; also with `/` or `.` in the date.
fn iso(text: &str) -> Option<(NaiveDateTime, i64)> {
    let split = text.find(|c: char| c == 'T' || c == 't' || c.is_whitespace());
    let (day_part, rest) = split.map_or((text, ""), |at| {
        (&text[..at], text[at..].get(1..).unwrap_or(""))
    });
    let day_part = day_part.trim_end_matches(['Z', 'z', ',']);
    let day = if day_part.bytes().all(|b| b.is_ascii_digit()) && day_part.len() == 8 {
        date(day_part.get(..4)?, day_part.get(4..6)?, day_part.get(6..)?)?
    } else {
        let mut parts = day_part.split(['-', '/', '.']);
        let (year, month) = (parts.next()?, parts.next()?);
        date(year, month, parts.next().unwrap_or("1"))?
    };
    let rest = rest.trim();
    let zone_at = rest.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.' | ','));
    let (clock, zone) = rest.split_at(zone_at.unwrap_or(rest.len()));
    Some(at_clock(day, clock, zone))
}

/// The day at that time; at midnight where the time can't be read.
fn at_clock(day: NaiveDate, clock: &str, zone: &str) -> (NaiveDateTime, i64) {
    let (half, zone) = match zone.trim().get(..2).map(str::to_ascii_lowercase).as_deref() {
        Some(half @ ("am" | "pm")) => (Some(half == "pm"), zone.trim().get(2..).unwrap_or("")),
        _ => (None, zone),
    };
    match clock_time(clock, half) {
        Some((time, next_day)) => {
            let days = TimeDelta::days(i64::from(next_day));
            (
                day.and_time(time)
                    .checked_add_signed(days)
                    .unwrap_or(day.and_time(time)),
                zone_minutes(zone),
            )
        }
        None => (day.and_time(NaiveTime::MIN), 0),
    }
}

/// `10:20`, `10:20:30.5` or `102030`; whether it is the 24:00 that ends the day. `pm`: in the
/// second half of the day.
fn clock_time(text: &str, pm: Option<bool>) -> Option<(NaiveTime, bool)> {
    let text = text.split(['.', ',']).next()?.trim();
    let parts: Vec<&str> = if text.contains(':') {
        text.split(':').collect()
    } else {
        vec![
            text.get(..2)?,
            text.get(2..4)?,
            text.get(4..6).unwrap_or("0"),
        ]
    };
    let mut hour: u32 = parts.first()?.parse().ok()?;
    match pm {
        Some(true) if hour < 12 => hour += 12,
        Some(false) if hour == 12 => hour = 0,
        _ => {}
    }
    let second = parts.get(2).copied().unwrap_or("0");
    let time = clock_of(&(hour % 24).to_string(), parts.get(1)?, second)?;
    (hour <= 24).then_some((time, hour == 24))
}

/// `Mon, 06 May 2024 10:20:30 +0200` and its many relatives, in words and numbers in any order.
fn words(text: &str) -> Option<(NaiveDateTime, i64)> {
    let mut month = None;
    let mut numbers: Vec<(i32, usize)> = Vec::new();
    let mut clock = "";
    let mut zone = String::new();
    for word in text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|w| !w.is_empty())
    {
        let year_at_end = word.len() == 4 && word.bytes().all(|b| b.is_ascii_digit());
        if !clock.is_empty() && (!year_at_end || numbers.len() >= 2) {
            zone.push_str(word);
        } else if word.contains(':') {
            let end = word.find(|c: char| !c.is_ascii_digit() && !matches!(c, ':' | '.'));
            clock = &word[..end.unwrap_or(word.len())];
            zone.push_str(&word[end.unwrap_or(word.len())..]);
        } else {
            for part in word.split(['-', '/', '.']).filter(|p| !p.is_empty()) {
                // `6th` is 6.
                let stem = part.trim_end_matches(|c: char| c.is_ascii_alphabetic());
                if let Ok(number) = stem.parse() {
                    numbers.push((number, stem.len()));
                } else if let Some(found) = month_number(part) {
                    month = Some(found);
                }
            }
        }
    }
    // `p.m.` is `pm`.
    let zone = zone.replace('.', "");
    let mut numbers = numbers.into_iter();
    let (day, year) = match (month, numbers.next()?, numbers.next()?) {
        (Some(month), (year, 4..), (day, _)) => ((month, day), (year, 4)),
        (Some(month), (day, _), year) => ((month, day), year),
        // Numbers only: month, day, year where a day is in the month's place or the clock has
        // halves, as in the United States; else day, month, year, as RFC 822 orders them.
        (None, (first, _), (second, _)) => {
            let halves = zone.get(..2).map(str::to_ascii_lowercase);
            let halves = text.contains('/') && matches!(halves.as_deref(), Some("am" | "pm"));
            let month_first = first <= 12 && (second > 12 || halves);
            let (day, month) = if month_first {
                (second, first)
            } else {
                (first, second)
            };
            ((u32::try_from(month).ok()?, day), numbers.next()?)
        }
    };
    let year = match year {
        (year @ 0..50, ..=2) => 2000 + year,
        (year, ..=3) => 1900 + year,
        (year, _) => year,
    };
    let date = NaiveDate::from_ymd_opt(year, day.0, u32::try_from(day.1).ok()?)?;
    Some(at_clock(date, clock, &zone))
}

/// Months in English, Dutch, German, French and Spanish, whole or shortened.
fn month_number(word: &str) -> Option<u32> {
    const NAMES: [&[&str]; 12] = [
        &["jan", "ene"],
        &["feb", "fév", "fev"],
        &["mar", "maa", "mrt", "mär", "mrz"],
        &["apr", "abr", "avr"],
        &["may", "mei", "mai"],
        &["jun", "juin"],
        &["jul", "juil"],
        &["aug", "ago", "aoû", "aou"],
        &["sep"],
        &["oct", "okt"],
        &["nov"],
        &["dec", "déc", "dez", "dic"],
    ];
    let word = word.to_lowercase();
    // Weekdays that begin as a month does: maandag, mardi, martes.
    if ["maan", "mard", "marte"]
        .iter()
        .any(|day| word.starts_with(day))
    {
        return None;
    }
    let index = NAMES
        .iter()
        .position(|names| names.iter().any(|name| word.starts_with(name)))?;
    u32::try_from(index + 1).ok()
}

/// Minutes east of UTC; 0 for what is missing or unknown. Military letters count as unknown, since
/// RFC 822 had their signs reversed (RFC 2822, section 4.3).
fn zone_minutes(zone: &str) -> i64 {
    let zone = zone
        .trim()
        .split('(')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_uppercase();
    let named = zone
        .trim_start_matches("GMT")
        .trim_start_matches("UTC")
        .trim_start_matches("UT");
    if let Some(rest) = named.strip_prefix(['+', '-', '−']) {
        let digits: String = rest.chars().filter(char::is_ascii_digit).take(4).collect();
        let parse = |text: &str| text.parse::<i64>().unwrap_or(0);
        let (hours, minutes) = match digits.len() {
            0 => (0, 0),
            1 | 2 => (parse(&digits), 0),
            length => (parse(&digits[..length - 2]), parse(&digits[length - 2..])),
        };
        let total = hours * 60 + minutes;
        let total = if total > 14 * 60 { 0 } else { total };
        return if named.starts_with('+') {
            total
        } else {
            -total
        };
    }
    let hours = match zone.as_str() {
        "CET" | "MET" | "MEZ" | "WEST" | "BST" | "WAT" => 1.0,
        "CEST" | "MEST" | "MESZ" | "EET" | "SAST" | "CAT" => 2.0,
        "EEST" | "MSK" | "EAT" | "TRT" => 3.0,
        "IST" => 5.5,
        "HKT" | "SGT" | "AWST" => 8.0,
        "JST" | "KST" => 9.0,
        "ACST" => 9.5,
        "AEST" => 10.0,
        "AEDT" => 11.0,
        "NZST" => 12.0,
        "NZDT" => 13.0,
        "BRT" | "ART" | "ADT" => -3.0,
        "NST" => -3.5,
        "AST" | "EDT" => -4.0,
        "EST" | "CDT" => -5.0,
        "CST" | "MDT" => -6.0,
        "MST" | "PDT" => -7.0,
        "PST" | "AKDT" => -8.0,
        "AKST" => -9.0,
        "HST" => -10.0,
        _ => 0.0,
    };
    (hours * 60.0) as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Option<String> {
        let date = chrono::DateTime::from_timestamp_millis(parse(text)?)?;
        Some(date.format("%Y-%m-%dT%H:%M:%S").to_string())
    }

    #[test]
    fn reads_the_dates_of_many_feeds() {
        for (text, expected) in [
            ("2024-05-06T10:20:30Z", "2024-05-06T10:20:30"),
            ("2024-05-06T10:20:30.123+02:00", "2024-05-06T08:20:30"),
            ("2024-05-06t10:20-0530", "2024-05-06T15:50:00"),
            ("2024-05-06 10:20:30", "2024-05-06T10:20:30"),
            ("2024-05-06 10:20:30 CEST", "2024-05-06T08:20:30"),
            ("2024-05-06", "2024-05-06T00:00:00"),
            ("2024/05/06 24:00", "2024-05-07T00:00:00"),
            ("20240506T102030Z", "2024-05-06T10:20:30"),
            ("20240506102030", "2024-05-06T10:20:30"),
            ("1714990830", "2024-05-06T10:20:30"),
            ("1714990830000", "2024-05-06T10:20:30"),
            ("Mon, 06 May 2024 10:20:30 GMT", "2024-05-06T10:20:30"),
            ("Mon, 6 May 2024 10:20:30 +0200", "2024-05-06T08:20:30"),
            ("Mon, 06 May 2024 10:20 EST", "2024-05-06T15:20:00"),
            ("06 May 24 10:20:30 MEZ", "2024-05-06T09:20:30"),
            ("Monday, 06-May-94 10:20:30 UT", "1994-05-06T10:20:30"),
            (
                "Mon, 06 May 2024 10:20:30 GMT+0200 (Central European Summer Time)",
                "2024-05-06T08:20:30",
            ),
            (
                "Mon, 06 May 2024 10:20:30 Europe/Amsterdam",
                "2024-05-06T10:20:30",
            ),
            ("Mon, 06 May 2024 10:20:30", "2024-05-06T10:20:30"),
            ("Mon, 06 May 2024", "2024-05-06T00:00:00"),
            ("Thu, 01 August 2024 10:20:60 Z", "2024-08-01T10:20:59"),
            ("ma, 06 mei 2024 10:20:30 +0200", "2024-05-06T08:20:30"),
            ("maandag 4 maart 2024 10:20", "2024-03-04T10:20:00"),
            ("mar., 05 mars 2024 10:20:30 +0100", "2024-03-05T09:20:30"),
            ("May 6, 2024 4:05 pm", "2024-05-06T16:05:00"),
            ("May 6th, 2024 12:05AM EDT", "2024-05-06T04:05:00"),
            ("Mon May 6 10:20:30 2024", "2024-05-06T10:20:30"),
            ("06/05/2024 10:20", "2024-05-06T10:20:00"),
            ("8/21/2018 9:00:00 AM", "2018-08-21T09:00:00"),
            ("12/31/2018", "2018-12-31T00:00:00"),
            ("08-21-2018 21:00", "2018-08-21T21:00:00"),
            ("8/5/2018 12:15:00 AM", "2018-08-05T00:15:00"),
            ("8/5/2018 9:00:00 p.m.", "2018-08-05T21:00:00"),
            ("21/8/2018 9:00 PM", "2018-08-21T21:00:00"),
            ("8/21/18 9:00PM EST", "2018-08-22T02:00:00"),
        ] {
            assert_eq!(at(text).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "gisteren",
            "Mon, 31 Feb 2024 10:20:30 GMT",
            "0001-01-01T00:00:00Z",
            "Thu, 01 Jan 1970 00:00:00 +0000",
            "0",
            "12345",
            "2024-13-01",
            "99999-01-01",
            "May",
            ":::",
            "-1",
            "é 5 mei",
        ] {
            assert_eq!(at(text), None, "{text}");
        }
        assert_eq!(at("2024-05").as_deref(), Some("2024-05-01T00:00:00"));
    }

    proptest::proptest! {
        #[test]
        fn nothing_panics(text in "\\PC{0,40}", soup in "[0-9TZ:+. éMay-]{0,30}") {
            parse(&text);
            parse(&soup);
        }
    }
}
