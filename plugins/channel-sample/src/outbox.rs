//! Checks, keeps and finds what is sent. An answer goes nowhere: it is written to the inbox's state
//! as JSON under `sent/KEY`, and `sent-index` lists the keys, oldest first, with their sizes.
//!
//! Invariants: a key that is known gives its first receipt again and changes nothing; at most
//! [`ENTRIES`] entries and [`TOTAL_BYTES`] bytes are kept, the oldest go first, so [`find_sent`]
//! says None of an answer that old. Deliberately absent: threads and recipients of what was sent,
//! which the host knows.

use rapport_sdk::channel::{OutboundMessage, Receipt};
use rapport_sdk::common::{Delay, PluginError, TimestampMs};
use rapport_sdk::social::Visibility;
use serde::{Deserialize, Serialize};

use crate::settings::Settings;

/// Most answers kept.
const ENTRIES: usize = 200;
/// Most bytes of answers kept: below the host's 1 MiB for an inbox, with room for the index.
const TOTAL_BYTES: usize = 960 * 1024;
const INDEX: &str = "sent-index";

/// What of the host is used, so that tests can stand in for it.
pub trait Host {
    fn get(&self, key: &str) -> Option<Vec<u8>>;
    fn set(&mut self, key: &str, value: &[u8]) -> Result<(), String>;
    fn delete(&mut self, key: &str);
    fn now(&self) -> TimestampMs;
}

/// One answer as it is kept.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Entry {
    id: String,
    published_ms: i64,
    content: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    in_reply_to: Option<String>,
    visibility: String,
}

impl Entry {
    fn receipt(self) -> Receipt {
        Receipt {
            external_id: self.id,
            url: None,
            published: self.published_ms,
        }
    }
}

/// A kept key and the bytes of its entry.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Kept(String, usize);

/// Refuses an empty text and one longer than the setting `limit`, with the count.
pub fn validate(message: &OutboundMessage, settings: &Settings) -> Result<(), PluginError> {
    let count = message.content.chars().count();
    if message.content.trim().is_empty() {
        return Err(PluginError::InvalidInput(format!(
            "the text is empty ({count} characters)"
        )));
    }
    if count > settings.limit {
        let text = format!("{count} characters, at most {}", settings.limit);
        return Err(PluginError::InvalidInput(text));
    }
    Ok(())
}

/// Keeps the answer, or finds it kept already. Fails as [`validate`] does, and when the key or the
/// state is not as the contract says.
pub fn send(
    host: &mut impl Host,
    message: &OutboundMessage,
    key: &str,
    settings: &Settings,
) -> Result<Receipt, PluginError> {
    if let Some(receipt) = find_sent(host, key)? {
        return Ok(receipt);
    }
    validate(message, settings)?;
    let entry = Entry {
        id: format!("sample:{key}"),
        published_ms: host.now(),
        content: message.content.clone(),
        in_reply_to: message.in_reply_to.clone(),
        visibility: match message.visibility {
            Visibility::Public => "public",
            Visibility::SemiPrivate => "semi-private",
            Visibility::Direct => "direct",
        }
        .to_owned(),
    };
    let value = serde_json::to_vec(&entry).map_err(unreadable)?;
    let mut index: Vec<Kept> = match host.get(INDEX) {
        Some(bytes) => serde_json::from_slice(&bytes).map_err(unreadable)?,
        None => Vec::new(),
    };
    index.push(Kept(key.to_owned(), value.len()));
    let surplus = surplus(&index);
    for Kept(old, _) in index.drain(..surplus) {
        host.delete(&entry_key(&old));
    }
    let list = serde_json::to_vec(&index).map_err(unreadable)?;
    host.set(&entry_key(key), &value).map_err(full)?;
    host.set(INDEX, &list).map_err(full)?;
    Ok(entry.receipt())
}

/// The receipt of the answer with this key, as far back as answers are kept.
pub fn find_sent(host: &impl Host, key: &str) -> Result<Option<Receipt>, PluginError> {
    check_key(key)?;
    match host.get(&entry_key(key)) {
        Some(bytes) => {
            let entry: Entry = serde_json::from_slice(&bytes).map_err(unreadable)?;
            Ok(Some(entry.receipt()))
        }
        None => Ok(None),
    }
}

/// How many of the oldest must go; never the newest.
fn surplus(index: &[Kept]) -> usize {
    let mut bytes: usize = index.iter().map(|kept| kept.1).sum();
    let mut surplus = 0;
    for Kept(_, size) in &index[..index.len().saturating_sub(1)] {
        if index.len() - surplus <= ENTRIES && bytes <= TOTAL_BYTES {
            break;
        }
        bytes = bytes.saturating_sub(*size);
        surplus += 1;
    }
    surplus
}

fn entry_key(key: &str) -> String {
    format!("sent/{key}")
}

fn check_key(key: &str) -> Result<(), PluginError> {
    let in_set = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if (16..=64).contains(&key.len()) && key.bytes().all(in_set) {
        return Ok(());
    }
    let text = "idempotency key: must be 16 to 64 characters of a-z, 0-9 and -";
    Err(PluginError::InvalidInput(text.to_owned()))
}

fn unreadable(error: serde_json::Error) -> PluginError {
    PluginError::Permanent(format!(
        "the inbox's state is not as this plugin wrote it: {error}"
    ))
}

/// The host refused to keep it; room may come.
fn full(reason: String) -> PluginError {
    PluginError::RetryAfter(Delay {
        delay_ms: None,
        message: format!("state: {reason}"),
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// State in memory, with the host's limits, and a clock that ticks.
    #[derive(Default)]
    struct Memory {
        entries: BTreeMap<String, Vec<u8>>,
        writes: i64,
    }

    impl Host for Memory {
        fn get(&self, key: &str) -> Option<Vec<u8>> {
            self.entries.get(key).cloned()
        }

        fn set(&mut self, key: &str, value: &[u8]) -> Result<(), String> {
            if key.len() > 256 || value.len() > 65_536 {
                return Err("entry too large".into());
            }
            self.entries.insert(key.to_owned(), value.to_vec());
            self.writes += 1;
            if self
                .entries
                .iter()
                .map(|(k, v)| k.len() + v.len())
                .sum::<usize>()
                > 1024 * 1024
            {
                return Err("1 MiB is full".into());
            }
            Ok(())
        }

        fn delete(&mut self, key: &str) {
            self.entries.remove(key);
        }

        fn now(&self) -> TimestampMs {
            1_772_439_300_000 + self.writes
        }
    }

    fn message(content: &str) -> OutboundMessage {
        OutboundMessage {
            content: content.to_owned(),
            language: None,
            visibility: Visibility::Direct,
            in_reply_to: Some("m-1".to_owned()),
            conversation_external_id: None,
            recipient: None,
            extra: Vec::new(),
        }
    }

    fn key(number: usize) -> String {
        format!("key-{number:016}")
    }

    fn sent(host: &mut Memory, content: &str, number: usize) -> Receipt {
        let settings = Settings {
            limit: 10_000,
            ..Settings::default()
        };
        send(host, &message(content), &key(number), &settings).unwrap()
    }

    #[test]
    fn what_is_wrong_comes_with_the_count() {
        let settings = Settings {
            limit: 5,
            ..Settings::default()
        };
        assert_eq!(validate(&message("dank!"), &settings), Ok(()));
        assert_eq!(validate(&message("🥶🥶🥶🥶🥶"), &settings), Ok(()));
        for (text, figures) in [
            ("bedankt", "7 characters, at most 5"),
            ("", "empty"),
            (" \n ", "empty"),
        ] {
            let error = validate(&message(text), &settings).unwrap_err();
            assert!(
                matches!(&error, PluginError::InvalidInput(m) if m.contains(figures)),
                "{error:?}"
            );
        }
        let refused = send(
            &mut Memory::default(),
            &message("bedankt"),
            &key(1),
            &settings,
        );
        assert!(matches!(refused, Err(PluginError::InvalidInput(_))));
    }

    #[test]
    fn a_second_try_gives_the_first_receipt() {
        let mut host = Memory::default();
        let first = sent(&mut host, "We kijken het na, Lotte.", 1);
        assert_eq!(first.external_id, format!("sample:{}", key(1)));
        let (state, writes) = (host.entries.clone(), host.writes);
        assert_eq!(sent(&mut host, "We kijken het na, Lotte.", 1), first);
        assert_eq!((host.entries.clone(), host.writes), (state, writes));
        assert_eq!(find_sent(&host, &key(1)), Ok(Some(first)));
        assert_eq!(find_sent(&host, &key(2)), Ok(None));
    }

    #[test]
    fn the_entry_says_what_was_sent() {
        let mut host = Memory::default();
        sent(&mut host, "Thanks \"both\"", 1);
        let entry: serde_json::Value =
            serde_json::from_slice(&host.entries[&format!("sent/{}", key(1))]).unwrap();
        assert_eq!(entry["content"], "Thanks \"both\"");
        assert_eq!(entry["inReplyTo"], "m-1");
        assert_eq!(entry["visibility"], "direct");
    }

    #[test]
    fn the_oldest_of_more_than_200_go() {
        let mut host = Memory::default();
        for number in 0..205 {
            sent(&mut host, "Bedankt voor je bericht!", number);
        }
        assert_eq!(host.entries.len(), ENTRIES + 1);
        assert_eq!(find_sent(&host, &key(4)), Ok(None));
        assert!(find_sent(&host, &key(5)).unwrap().is_some());
        assert!(find_sent(&host, &key(204)).unwrap().is_some());
    }

    #[test]
    fn the_longest_answers_fit_the_state() {
        let mut host = Memory::default();
        for number in 0..60 {
            sent(&mut host, &"x\u{1}".repeat(5000), number);
            sent(&mut host, &"🥶".repeat(10_000), 1000 + number);
            sent(
                &mut host,
                &"\u{1}".repeat(9_999).replacen('\u{1}', "x", 1),
                2000 + number,
            );
        }
        assert!(find_sent(&host, &key(2059)).unwrap().is_some());
        assert_eq!(find_sent(&host, &key(0)), Ok(None));
    }

    #[test]
    fn odd_keys_and_broken_state_are_refused() {
        let mut host = Memory::default();
        for odd in [
            "",
            "short",
            "UPPER-0000000000000000",
            "../../../../../etc",
            &"a".repeat(65),
        ] {
            assert!(
                matches!(find_sent(&host, odd), Err(PluginError::InvalidInput(_))),
                "{odd}"
            );
        }
        host.entries
            .insert(format!("sent/{}", key(1)), b"{".to_vec());
        assert!(matches!(
            find_sent(&host, &key(1)),
            Err(PluginError::Permanent(_))
        ));
        host.entries.insert(INDEX.to_owned(), b"nonsense".to_vec());
        let settings = Settings::default();
        let refused = send(&mut host, &message("hallo"), &key(2), &settings);
        assert!(matches!(refused, Err(PluginError::Permanent(_))));
    }
}
