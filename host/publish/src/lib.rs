//! How a plugin file gets from a vendor to a host: signing it, deciding whether to trust it, and
//! carrying it to and from an OCI registry.
//!
//! | module | what it does | input and output |
//! |---|---|---|
//! | [`sign`] | key pairs, detached signatures, their verification | minisign's files |
//! | [`trust`] | what an admin trusts, and what that makes of a file | a value and a pure function |
//! | [`oci`] | push and pull by the distribution specification | HTTP, checked and bounded |
//!
//! `sign` knows nothing of registries, `oci` checks digests and never signatures; the host puts them
//! together: pull, assess, install.
//!
//! Deliberately absent: reading the manifest (`rapport-package`), storing the trust store (the
//! host's database), prompting for passwords (the command line), and any log.

pub mod oci;
pub mod sign;
pub mod trust;

pub use rapport_package::digest::sha256_hex;

/// Whether the text is a SHA-256 as [`sha256_hex`] writes it.
pub fn is_sha256_hex(text: &str) -> bool {
    text.len() == 64
        && text
            .bytes()
            .all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}
