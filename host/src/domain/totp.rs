//! One-time codes of an authenticator app (TOTP, RFC 6238: SHA-1, six digits, 30 seconds) and recovery
//! codes. A code of the step before or after counts too, for clocks that differ; a step that was used,
//! or one before it, never again.

use super::TimestampMs;
use super::digest::sha256_hex;
use super::sealed::{SealError, random_bytes};
use data_encoding::{BASE32_NOPAD, BASE32_NOPAD_NOCASE};
use ring::hmac;
use subtle::ConstantTimeEq;

/// Length of a step in milliseconds.
const STEP_MS: i64 = 30_000;
const DIGITS: usize = 6;
/// Steps before and after the present one whose codes count.
const SKEW_STEPS: i64 = 1;
/// Bytes of a secret: as many as the digest has (RFC 4226 section 4, R6).
pub const SECRET_BYTES: usize = 20;
/// How many recovery codes an agent gets.
const RECOVERY_CODES: usize = 10;
/// Bytes of a recovery code: 80 bits, so that its plain digest can't be searched.
const RECOVERY_BYTES: usize = 10;

/// The code of a step.
fn code_of(secret: &[u8], step: i64) -> Option<String> {
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let tag = hmac::sign(&key, &step.to_be_bytes());
    let digest = tag.as_ref();
    let offset = usize::from(digest.last()? & 0x0f);
    let four: [u8; 4] = digest.get(offset..offset + 4)?.try_into().ok()?;
    let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % 10_u32.pow(DIGITS as u32);
    Some(format!("{number:0DIGITS$}"))
}

/// The code of a moment; none when the secret can't be one.
pub fn code_at(secret: &[u8], at: TimestampMs) -> Option<String> {
    code_of(secret, at.div_euclid(STEP_MS))
}

/// The step whose code this is, when it is behind `last_step`; none when the code is wrong, too old or
/// used. Spaces in the code do not count.
pub fn accept(secret: &[u8], code: &str, now: TimestampMs, last_step: i64) -> Option<i64> {
    let code: String = code.chars().filter(|c| *c != ' ').collect();
    let present = now.div_euclid(STEP_MS);
    let mut accepted = None;
    // Every step is tried, so that the time taken does not tell which one it was.
    for step in present - SKEW_STEPS..=present + SKEW_STEPS {
        let expected = code_of(secret, step)?;
        let same = bool::from(expected.as_bytes().ct_eq(code.as_bytes()));
        if same && step > last_step {
            accepted = Some(step);
        }
    }
    accepted
}

/// The secret as people type it, in base32.
pub fn secret_text(secret: &[u8]) -> String {
    BASE32_NOPAD.encode(secret)
}

/// What an authenticator app reads, as a link or in a QR code.
pub fn otpauth_url(secret: &[u8], account: &str) -> String {
    let mut url = format!("otpauth://totp/Rapport:{}", escape(account));
    url.push_str(&format!("?secret={}&issuer=Rapport", secret_text(secret)));
    url
}

fn escape(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~@".contains(&b);
    text.bytes()
        .map(|b| match plain(b) {
            true => char::from(b).to_string(),
            false => format!("%{b:02X}"),
        })
        .collect()
}

/// New recovery codes, as `XXXX-XXXX-XXXX-XXXX`.
pub fn recovery_codes() -> Result<Vec<String>, SealError> {
    (0..RECOVERY_CODES)
        .map(|_| {
            let text = BASE32_NOPAD.encode(&random_bytes::<RECOVERY_BYTES>()?);
            let parts: Vec<&str> = (0..4).filter_map(|i| text.get(i * 4..i * 4 + 4)).collect();
            Ok(parts.join("-"))
        })
        .collect()
}

/// What is stored of a recovery code; none when the text can't be one. Case, spaces and hyphens do not
/// count.
pub fn recovery_hash(code: &str) -> Option<String> {
    if code.len() > 64 {
        return None;
    }
    let text: String = code.chars().filter(|c| !" -".contains(*c)).collect();
    let bytes = BASE32_NOPAD_NOCASE.decode(text.as_bytes()).ok()?;
    (bytes.len() == RECOVERY_BYTES).then(|| sha256_hex(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 6238 appendix B, SHA-1: (seconds, last six of the eight digits).
    const VECTORS: &[(i64, &str)] = &[
        (59, "287082"),
        (1_111_111_109, "081804"),
        (1_111_111_111, "050471"),
        (1_234_567_890, "005924"),
        (2_000_000_000, "279037"),
        (20_000_000_000, "353130"),
    ];
    const SECRET: &[u8] = b"12345678901234567890";

    #[test]
    fn the_vectors_of_the_standard() {
        for (seconds, code) in VECTORS {
            let step = seconds / 30;
            assert_eq!(code_of(SECRET, step).as_deref(), Some(*code));
            assert_eq!(accept(SECRET, code, seconds * 1000, 0), Some(step));
        }
    }

    #[test]
    fn one_step_of_difference_and_each_step_once() {
        let now = 2_000_000_000_000;
        let step = now / STEP_MS;
        for (offset, good) in [(-2, false), (-1, true), (0, true), (1, true), (2, false)] {
            let code = code_of(SECRET, step + offset).unwrap();
            assert_eq!(accept(SECRET, &code, now, 0).is_some(), good, "{offset}");
        }
        let code = code_of(SECRET, step).unwrap();
        assert_eq!(accept(SECRET, &code, now, step - 1), Some(step));
        assert_eq!(accept(SECRET, &code, now, step), None);
        let earlier = code_of(SECRET, step - 1).unwrap();
        assert_eq!(accept(SECRET, &earlier, now, step), None);
        assert_eq!(accept(SECRET, "279 037", now, 0), Some(step));
        for wrong in ["", "27903", "2790370", "abcdef", "２７９０３７"] {
            assert_eq!(accept(SECRET, wrong, now, 0), None);
        }
    }

    #[test]
    fn what_the_app_reads() {
        let url = otpauth_url(SECRET, "a b@shop.example");
        assert_eq!(
            url,
            "otpauth://totp/Rapport:a%20b@shop.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Rapport"
        );
    }

    #[test]
    fn recovery_codes_are_read_as_people_write_them() {
        let codes = recovery_codes().unwrap();
        assert_eq!(codes.len(), RECOVERY_CODES);
        let code = &codes[0];
        assert_eq!(code.len(), 19);
        let hash = recovery_hash(code).unwrap();
        assert_eq!(recovery_hash(&code.to_lowercase()).unwrap(), hash);
        assert_eq!(recovery_hash(&code.replace('-', " ")).unwrap(), hash);
        for wrong in ["", "ABCD", "123456", &"A".repeat(100)] {
            assert_eq!(recovery_hash(wrong), None);
        }
    }
}
