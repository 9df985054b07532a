//! Heads of the audit chain that go out, signed: so that a chain which somebody writes anew, or cuts at
//! its end, no longer fits what others hold.
//!
//! The signature is an empty text sealed under the host's secret key for just this head: whoever can
//! write the store, but has no key, can't make one. Who has the key can.

use super::{ExpectedHead, Head};
use crate::domain::TimestampMs;
use crate::domain::sealed::{SealError, SealKey};
use serde::{Deserialize, Serialize};

/// A head that went out. The field names are those of its JSON, one object a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignedHead {
    pub seq: i64,
    pub hash: String,
    pub count: i64,
    /// When it was signed.
    pub at: TimestampMs,
    pub signature: String,
}

impl SignedHead {
    pub fn sign(head: &Head, at: TimestampMs, key: &SealKey) -> Result<Self, SealError> {
        let mut signed = Self {
            seq: head.seq,
            hash: head.hash.clone(),
            count: head.count,
            at,
            signature: String::new(),
        };
        signed.signature = key.seal(&signed.purpose(), b"")?;
        Ok(signed)
    }

    fn purpose(&self) -> String {
        let Self {
            seq,
            hash,
            count,
            at,
            ..
        } = self;
        format!("audit-head:{seq}:{hash}:{count}:{at}")
    }

    /// Whether it was signed with this key, and is as it was then.
    pub fn is_genuine(&self, key: &SealKey) -> bool {
        key.open(&self.purpose(), &self.signature).is_ok()
    }

    /// The head in a line: the object itself, as a file has it, what a webhook's body holds in `data`, or
    /// either at the end of a line of a log.
    pub fn in_line(line: &str) -> Option<Self> {
        let json = line.get(line.find('{')?..=line.rfind('}')?)?;
        let value: serde_json::Value = serde_json::from_str(json).ok()?;
        let object = value.get("data").unwrap_or(&value);
        serde_json::from_value(object.clone()).ok()
    }
}

/// Heads that are known from elsewhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct KnownHeads {
    pub heads: Vec<ExpectedHead>,
    /// Lines that are no heads, or not signed with this host's key.
    pub refused: u64,
}

impl KnownHeads {
    /// Of a file's lines; those without a genuine signature count for nothing.
    pub fn read<'a>(lines: impl Iterator<Item = &'a str>, key: Option<&SealKey>) -> Self {
        let mut known = Self::default();
        for line in lines.filter(|line| !line.trim().is_empty()) {
            let head = SignedHead::in_line(line);
            match head.filter(|head| key.is_some_and(|key| head.is_genuine(key))) {
                Some(SignedHead { seq, hash, .. }) => known.heads.push(ExpectedHead { seq, hash }),
                None => known.refused += 1,
            }
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_this_key_signed_counts() {
        let key = || SealKey::parse(&SealKey::generate().unwrap()).unwrap();
        let (ours, theirs) = (key(), key());
        let head = Head {
            seq: 7,
            hash: "ab".repeat(32),
            count: 7,
        };
        let signed = SignedHead::sign(&head, 5, &ours).unwrap();
        let line = serde_json::to_string(&signed).unwrap();
        let webhook = format!("{{\"type\":\"audit.head\",\"data\":{line}}}");
        let log = format!("2026-03-02T08:15:00Z INFO audit head: {line}");
        let forged = SignedHead {
            hash: "cd".repeat(32),
            ..signed.clone()
        };
        let forged = serde_json::to_string(&forged).unwrap();
        let foreign = SignedHead::sign(&head, 5, &theirs).unwrap();
        let foreign = serde_json::to_string(&foreign).unwrap();
        let lines: [&str; 9] = [
            &line, &webhook, &log, &forged, &foreign, "", "}{", "{}", "} {",
        ];
        let known = KnownHeads::read(lines.into_iter(), Some(&ours));
        let expected = ExpectedHead {
            seq: 7,
            hash: head.hash,
        };
        assert_eq!(known.heads, vec![expected; 3]);
        assert_eq!(known.refused, 5);
        assert_eq!(
            KnownHeads::read([line.as_str()].into_iter(), None).refused,
            1
        );
    }
}
