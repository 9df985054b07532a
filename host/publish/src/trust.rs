//! Whom an admin trusts, and what that makes of a plugin file.
//!
//! [`TrustStore`] is a value that the host keeps and serialises; [`assess`] is a pure function of
//! file, signatures and store. Nothing here reads a clock, a file or the network.
//!
//! Invariants: a revoked digest beats every signature; a signature that does not fit beats every one
//! that does; only a key of the store that is not revoked makes a file signed.
//!
//! Deliberately absent: persistence, chains of keys, expiry (a key is trusted until it is revoked),
//! and what the host does with an unsigned file (its configuration).

mod assess;
mod publisher;
mod store;

pub use assess::{RevokedSigner, Signer, Trust, Why, assess};
pub use publisher::{NoPublisher, publisher};
pub use store::{Revocation, RevokedDigest, StoreError, TrustStore, TrustedKey};
