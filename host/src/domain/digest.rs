//! Digests that decisions and the audit chain are built on.

pub use rapport_package::digest::sha256_hex;
use sha2::{Digest, Sha256};

/// The hash of an audit row: over the previous row's hash and this row's fields, each with its
/// length before it, so that no two different rows give the same bytes.
pub fn chain_hash(previous: &str, fields: &[&str]) -> String {
    let mut hasher = Sha256::new();
    for field in std::iter::once(&previous).chain(fields) {
        hasher.update((field.len() as u64).to_be_bytes());
        hasher.update(field.as_bytes());
    }
    hex::encode(hasher.finalize())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn field_borders_count() {
        assert_ne!(chain_hash("p", &["ab", "c"]), chain_hash("p", &["a", "bc"]));
        assert_ne!(chain_hash("p", &["a"]), chain_hash("q", &["a"]));
    }
}
