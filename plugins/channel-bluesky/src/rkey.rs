//! Record keys from idempotency keys, so that a second try of the same message meets the first.
//!
//! The network takes only a TID as the key of a post (13 characters of base32-sortable: one zero
//! bit, 53 bits of microseconds since 1970, 10 bits of clock id; atproto.com/specs/tid). A TID
//! usually tells the time of writing; this one is a hash, placed between January 2023 and March
//! 2025 because some readers refuse a key from the future. The post's own `createdAt` tells the
//! time. 56 bits vary: among a million posts of one account the chance of a clash is 1 in 100000.

use sha2::{Digest, Sha256};

const ALPHABET: &[u8; 32] = b"234567abcdefghijklmnopqrstuvwxyz";
/// 2023-01-01T00:00:00Z in microseconds.
const BASE_US: u64 = 1_672_531_200_000_000;
const TIME_BITS: u32 = 46;
const CLOCK_BITS: u32 = 10;

/// The record key for an idempotency key: always the same one.
pub fn record_key(idempotency_key: &str) -> String {
    let digest = Sha256::digest(idempotency_key.as_bytes());
    let mut first = [0_u8; 8];
    first.copy_from_slice(&digest[..8]);
    let hash = u64::from_be_bytes(first);
    let time_us = BASE_US + (hash & ((1 << TIME_BITS) - 1));
    let clock = hash >> (64 - CLOCK_BITS);
    encode((time_us << CLOCK_BITS) | clock)
}

fn encode(value: u64) -> String {
    (0..13)
        .map(|i| char::from(ALPHABET[((value >> (60 - 5 * i)) & 31) as usize]))
        .collect()
}

/// The first 16 hexadecimal digits of a text's SHA-256: short names for long ids.
pub fn short_hash(text: &str) -> String {
    Sha256::digest(text.as_bytes())[..8]
        .iter()
        .map(|b| format!("{b:02x}"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    /// Inverse of [`encode`].
    fn decode(tid: &str) -> u64 {
        tid.bytes().fold(0, |value, b| {
            let digit = ALPHABET.iter().position(|a| *a == b).unwrap();
            (value << 5) | digit as u64
        })
    }

    #[test]
    fn keys_are_tids_from_the_past() {
        for i in 0..2000 {
            let key = record_key(&format!("0197f0c0-7e1a-7000-8000-{i:012}"));
            assert_eq!(key.len(), 13);
            assert!(key.bytes().all(|b| ALPHABET.contains(&b)), "{key}");
            assert!(b"234567abcdefghij".contains(&key.as_bytes()[0]), "{key}");
            let time_us = decode(&key) >> 10;
            assert!(
                (1_672_531_200_000_000..1_742_900_000_000_000).contains(&time_us),
                "{time_us}"
            );
        }
    }

    #[test]
    fn the_same_key_for_the_same_message_only() {
        assert_eq!(
            record_key("aaaaaaaaaaaaaaaa"),
            record_key("aaaaaaaaaaaaaaaa")
        );
        let keys: BTreeSet<_> = (0..20_000)
            .map(|i| record_key(&format!("key-{i:016}")))
            .collect();
        assert_eq!(keys.len(), 20_000);
        // Pinned: a later version must find what an earlier one sent.
        assert_eq!(
            record_key("0197f0c0-7e1a-7000-8000-000000000000"),
            "3kncxx5nc56pc"
        );
    }

    #[test]
    fn encodes_as_the_specification_shows() {
        assert_eq!(encode(0), "2222222222222");
        assert_eq!(
            decode("3jzfcijpj2z2a"),
            decode(&encode(decode("3jzfcijpj2z2a")))
        );
        assert_eq!(short_hash("abc"), "ba7816bf8f01cfea");
    }
}
