//! Keyed signatures of webhooks, in and out: HMAC-SHA-256 (RFC 2104) and the form of the Standard
//! Webhooks specification, version 1.0.0. Pure.
//!
//! Invariant: signatures are compared in constant time. Deliberately absent: asymmetric signatures
//! (`v1a`), which the specification makes optional.

use super::sealed::random_bytes;
use data_encoding::{BASE64, Encoding, Specification};
use ring::hmac;
use std::sync::LazyLock;

const SECRET_PREFIX: &str = "whsec_";
/// Bytes of a secret that we make; the specification asks for 24 to 64.
const SECRET_BYTES: usize = 32;
/// Signatures of one request that are looked at.
const SIGNATURES_MAX: usize = 16;

/// A new secret: `whsec_` and base64. Errors when the system has no randomness.
pub fn new_secret() -> Result<String, String> {
    let bytes = random_bytes::<SECRET_BYTES>()
        .map_err(|_| "the system gives no random numbers".to_owned())?;
    Ok(format!("{SECRET_PREFIX}{}", BASE64.encode(&bytes)))
}

/// Base64 as senders write it: of either alphabet (RFC 4648, sections 4 and 5), with its padding or
/// without. What bits are left over at the end does not matter: secrets are made up by hand as well.
pub fn base64(text: &str) -> Option<Vec<u8>> {
    static EITHER: LazyLock<Option<Encoding>> = LazyLock::new(|| {
        let mut either = Specification::new();
        let letters = ('A'..='Z').chain('a'..='z');
        either.symbols.extend(letters.chain('0'..='9'));
        either.symbols.push_str("+/");
        either.translate.from.push_str("-_");
        either.translate.to.push_str("+/");
        either.check_trailing_bits = false;
        either.encoding().ok()
    });
    let bare = text.trim_end_matches('=');
    if text.len() - bare.len() > 2 {
        return None;
    }
    EITHER.as_ref()?.decode(bare.as_bytes()).ok()
}

/// The key inside `whsec_…`; base64 without the prefix will do. None for anything else.
pub fn secret_key(secret: &str) -> Option<Vec<u8>> {
    let key = base64(secret.strip_prefix(SECRET_PREFIX).unwrap_or(secret))?;
    (!key.is_empty()).then_some(key)
}

fn tag(key: &[u8], parts: &[&[u8]]) -> hmac::Tag {
    let mut context = hmac::Context::with_key(&hmac::Key::new(hmac::HMAC_SHA256, key));
    for part in parts {
        context.update(part);
    }
    context.sign()
}

/// Whether `given` is the HMAC-SHA-256 of the parts, one after the other. Constant time.
pub fn hmac_matches(key: &[u8], parts: &[&[u8]], given: &[u8]) -> bool {
    subtle::ConstantTimeEq::ct_eq(tag(key, parts).as_ref(), given).into()
}

/// `v1,…` over id, time in seconds, and body.
pub fn standard_sign(key: &[u8], id: &str, timestamp_s: i64, body: &[u8]) -> String {
    let head = format!("{id}.{timestamp_s}.");
    let signed = tag(key, &[head.as_bytes(), body]);
    format!("v1,{}", BASE64.encode(signed.as_ref()))
}

/// Whether one of the signatures, divided by spaces, was made with one of the keys. Those of other
/// versions are passed over.
pub fn standard_matches(
    keys: &[Vec<u8>],
    id: &str,
    timestamp: &str,
    body: &[u8],
    signatures: &str,
) -> bool {
    let head = format!("{id}.{timestamp}.");
    let mut found = false;
    for signature in signatures.split(' ').take(SIGNATURES_MAX) {
        let Some(given) = signature.strip_prefix("v1,") else {
            continue;
        };
        let Some(given) = base64(given) else {
            continue;
        };
        for key in keys {
            found |= hmac_matches(key, &[head.as_bytes(), body], &given);
        }
    }
    found
}

/// Whether two secrets are the same, in a time that says nothing about where they differ.
pub fn same_secret(a: &str, b: &str) -> bool {
    // Digests, so that the lengths do not show either.
    let (a, b) = (tag(b"same", &[a.as_bytes()]), tag(b"same", &[b.as_bytes()]));
    subtle::ConstantTimeEq::ct_eq(a.as_ref(), b.as_ref()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Standard Webhooks specification's libraries.
    const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const SIGNATURE: &str = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

    #[test]
    fn signs_as_the_specification_does() {
        let key = secret_key(SECRET).unwrap();
        assert_eq!(standard_sign(&key, ID, 1_614_265_330, BODY), SIGNATURE);
    }

    #[test]
    fn finds_the_right_signature_among_others() {
        let keys = [vec![1; 32], secret_key(SECRET).unwrap()];
        let among = format!("v1a,xyz v1,AAAA nonsense {SIGNATURE}");
        assert!(standard_matches(&keys, ID, "1614265330", BODY, &among));
        for (id, at, body, signatures) in [
            ("msg_other", "1614265330", BODY, SIGNATURE),
            (ID, "1614265331", BODY, SIGNATURE),
            (ID, "1614265330", b"{}".as_slice(), SIGNATURE),
            (ID, "1614265330", BODY, "v1,"),
            (ID, "1614265330", BODY, &SIGNATURE[3..]),
            (ID, "1614265330", BODY, ""),
        ] {
            assert!(!standard_matches(&keys, id, at, body, signatures));
        }
        assert!(!standard_matches(
            &keys[..1],
            ID,
            "1614265330",
            BODY,
            SIGNATURE
        ));
        let late = format!("{}{SIGNATURE}", "v1,AAAA ".repeat(SIGNATURES_MAX));
        assert!(!standard_matches(&keys, ID, "1614265330", BODY, &late));
    }

    #[test]
    fn makes_secrets_that_can_be_read_and_differ() {
        let (one, two) = (new_secret().unwrap(), new_secret().unwrap());
        assert_ne!(one, two);
        assert_eq!(secret_key(&one).unwrap().len(), SECRET_BYTES);
        assert_eq!(secret_key("whsec_"), None);
        assert_eq!(secret_key("not base64!"), None);
    }

    #[test]
    fn reads_base64_of_either_alphabet_with_padding_or_without() {
        let bytes = [0xfb, 0xef, 0xff, 0x00, 0x10];
        for text in [
            "++//ABA=", "--__ABA=", "++//ABA", "--__ABA", "+-/_ABA", "++//ABB",
        ] {
            assert_eq!(base64(text).as_deref(), Some(bytes.as_slice()), "{text}");
            assert_eq!(secret_key(&format!("whsec_{text}")).unwrap(), bytes);
        }
        for text in ["A", "AAAAA", "AA AA", "AA==AA==", "AA===", "ÀÀÀÀ", "AA\nAA"] {
            assert_eq!(base64(text), None, "{text}");
        }
        let key = secret_key(SECRET).unwrap();
        let bare = SIGNATURE.trim_end_matches('=');
        let other = bare.replace('+', "-").replace('/', "_");
        for signature in [bare, &other] {
            let keys = [key.clone()];
            assert!(standard_matches(&keys, ID, "1614265330", BODY, signature));
        }
    }

    #[test]
    fn compares_secrets() {
        assert!(same_secret("abc", "abc"));
        assert!(!same_secret("abc", "abd"));
        assert!(!same_secret("", "a"));
    }
}
