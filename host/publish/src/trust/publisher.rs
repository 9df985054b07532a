//! Whose a file is, by its signatures alone: for the first time that a plugin is taken in, when nobody
//! knows yet whose it is.
//!
//! Invariants: a counter-signature makes nobody the publisher; beside a key that is revoked or not known,
//! a trusted one does not either, since it may be the one that only stands by. Who can leave a signature
//! out leaves no trace: from the second time on the key of the first is asked for (the host's business).

use super::assess::{Signer, Trust};
use super::store::TrustStore;
use crate::sign::{Claims, KeyId, Signature};

/// Why nobody can be taken for the publisher. The text says what there is instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoPublisher {
    #[error("no trusted key signed it")]
    Unsigned,
    #[error("it has only counter-signatures, which stand beside a publisher's and never for it")]
    OnlyCounter,
    #[error("it is also signed by key {0}, which is {1}: whose it is can't be told")]
    BesideStranger(KeyId, &'static str),
    #[error("the keys {0} and {1} both signed it, and neither as a counter-signature")]
    Several(KeyId, KeyId),
}

/// The one trusted key that signed as the publisher. `trust` is what [`super::assess`] made of the file
/// and these signatures.
pub fn publisher<'t>(
    trust: &'t Trust,
    signatures: &[String],
    store: &TrustStore,
) -> Result<&'t Signer, NoPublisher> {
    let Trust::Signed { by } = trust else {
        return Err(NoPublisher::Unsigned);
    };
    let mut own = by.iter().filter(|signer| !signer.claims.counter);
    let first = own.next().ok_or(NoPublisher::OnlyCounter)?;
    if let Some(second) = own.next() {
        return Err(NoPublisher::Several(first.key_id, second.key_id));
    }
    for signature in signatures
        .iter()
        .filter_map(|text| Signature::parse(text).ok())
    {
        let id = signature.key_id();
        // Of a key that is not known nobody can check the comment; but to lie there gains nothing that
        // leaving the signature out would not.
        let counter = Claims::parse(signature.trusted_comment()).counter;
        if counter || by.iter().any(|signer| signer.key_id == id) {
            continue;
        }
        let what = match store.key(id) {
            Some(_) => "revoked",
            None => "not known here",
        };
        return Err(NoPublisher::BesideStranger(id, what));
    }
    Ok(first)
}
