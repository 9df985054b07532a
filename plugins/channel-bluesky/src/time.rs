//! Times of the AT Protocol (RFC 3339 texts) to and from UTC milliseconds.
//!
//! Authors may write any time they like into a record, so a time outside 1970 to 2100 is no time.

use chrono::{DateTime, SecondsFormat};

/// 2100-01-01T00:00:00Z.
const LATEST_MS: i64 = 4_102_444_800_000;

/// None when it is no RFC 3339 time, or one that can't be right.
pub fn parse_ms(text: &str) -> Option<i64> {
    if text.len() > 64 {
        return None;
    }
    let ms = DateTime::parse_from_rfc3339(text).ok()?.timestamp_millis();
    (0..LATEST_MS).contains(&ms).then_some(ms)
}

/// For example `2026-03-01T09:30:00.000Z`. Times outside 1970 to 2100 are brought inside.
pub fn format_ms(ms: i64) -> String {
    DateTime::from_timestamp_millis(ms.clamp(0, LATEST_MS))
        .unwrap_or_default()
        .to_rfc3339_opts(SecondsFormat::Millis, true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_network_writes() {
        assert_eq!(
            parse_ms("2026-11-21T20:31:26.744Z"),
            Some(1_795_293_086_744)
        );
        assert_eq!(
            parse_ms("2026-11-21T21:31:26.744+01:00"),
            Some(1_795_293_086_744)
        );
        assert_eq!(format_ms(1_795_293_086_744), "2026-11-21T20:31:26.744Z");
    }

    #[test]
    fn refuses_what_can_not_be_right() {
        for text in [
            "",
            "yesterday",
            "2026-11-21",
            "0001-01-01T00:00:00Z",
            "9999-12-31T00:00:00Z",
        ] {
            assert_eq!(parse_ms(text), None, "{text}");
        }
        assert_eq!(parse_ms(&"2".repeat(100_000)), None);
        assert_eq!(format_ms(-1), "1970-01-01T00:00:00.000Z");
    }
}
