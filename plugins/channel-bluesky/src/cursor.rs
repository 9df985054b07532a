//! How far each source has been read, as the poll cursor: JSON of ours, at most 16384 bytes.
//!
//! A cursor that can't be read (from another version, say) is a first poll: what was delivered
//! before comes again, nothing is left out.

use std::collections::BTreeMap;

use rapport_sdk::channel::Monitor;
use serde::{Deserialize, Serialize};

use crate::rkey::short_hash;

/// Most monitors an inbox can have: their positions must fit in the cursor.
pub const MONITORS_MAX: usize = 60;
/// Longest position of the network's own that we keep (it is a time, with a content id for search).
pub const NETWORK_CURSOR_BYTES_MAX: usize = 160;

/// How far one source has been read.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Position {
    /// Everything up to here has been delivered: the time of the newest item, in milliseconds.
    #[serde(rename = "n", default)]
    pub newest_ms: i64,
    /// Where a scan was broken off; it goes on from there.
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    pub backlog: Option<Backlog>,
}

/// A scan from new to old that is not finished.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Backlog {
    /// The network's position of the next page.
    #[serde(rename = "c")]
    pub cursor: String,
    /// The newest item that this scan saw, in milliseconds; becomes `newest_ms` at its end.
    #[serde(rename = "t")]
    pub top_ms: i64,
}

/// The poll cursor.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Cursor {
    #[serde(rename = "v")]
    version: u32,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    pub notifications: Option<Position>,
    /// By [`monitor_key`].
    #[serde(rename = "m", default, skip_serializing_if = "BTreeMap::is_empty")]
    pub monitors: BTreeMap<String, Position>,
    /// Index of the monitor whose turn it is; 0 when a round is complete.
    #[serde(rename = "i", default)]
    pub turn: usize,
}

const VERSION: u32 = 1;

/// Names the position of a monitor: another query under the same id begins anew.
pub fn monitor_key(monitor: &Monitor) -> String {
    short_hash(&format!("{}\n{}", monitor.id, monitor.query))
}

impl Cursor {
    /// None: unreadable.
    pub fn parse(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text)
            .ok()
            .filter(|c| c.version == VERSION)
    }

    pub fn to_text(&self) -> String {
        serde_json::to_string(&Self {
            version: VERSION,
            ..self.clone()
        })
        .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_cursor_fits() {
        let position = Position {
            newest_ms: 1_795_293_086_744,
            backlog: Some(Backlog {
                cursor: "c".repeat(NETWORK_CURSOR_BYTES_MAX),
                top_ms: 1_795_293_086_744,
            }),
        };
        let mut cursor = Cursor {
            notifications: Some(position.clone()),
            ..Cursor::default()
        };
        for i in 0..MONITORS_MAX {
            cursor
                .monitors
                .insert(format!("0197f0c0-7e1a-7000-8000-{i:012}"), position.clone());
        }
        let text = cursor.to_text();
        assert!(text.len() <= 16_384, "{}", text.len());
        let again = Cursor::parse(&text).unwrap();
        assert_eq!(
            (again.monitors, again.notifications),
            (cursor.monitors, cursor.notifications)
        );
    }

    #[test]
    fn what_is_not_ours_is_unreadable() {
        for text in [
            "",
            "{}",
            "null",
            r#"{"v":2}"#,
            r#"{"v":1,"a":"x"}"#,
            "2026-01-01T00:00:00Z",
        ] {
            assert_eq!(Cursor::parse(text), None, "{text}");
        }
        assert!(Cursor::parse(&Cursor::default().to_text()).is_some());
    }
}
