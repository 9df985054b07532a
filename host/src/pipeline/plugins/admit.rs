//! Whose a plugin is, and which file of it may come in and run. Rules only, no I/O.
//!
//! The first key that signed a plugin's id is its publisher's from then on, also after it was taken out;
//! what comes with Rapport is Rapport's. Each file that is taken in runs by one signature, or unsigned
//! because the admin allowed this very file; both are kept by its digest ([`Admitted`]).
//!
//! Invariants: another trusted key takes a plugin over only when the admin names that key; a file whose
//! publisher's key is revoked does not run, whoever else signed it and whatever signature is left out; a
//! switch for unsigned files opens neither a changed nor a revoked one.

use crate::domain::plugin::PluginState;
use rapport_package::grant::Ask;
use rapport_publish::sign::KeyId;
use rapport_publish::trust::{Trust, TrustStore, publisher};

/// What a file was taken in by: the key whose signature it runs by; none: unsigned, as the admin allowed.
pub type Admitted = Option<String>;

/// Whose a plugin is before a file of it comes in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Owner {
    /// Nobody has signed it yet.
    Nobody,
    /// It comes with Rapport.
    Rapport,
    /// Of the key that signed it first, or that the admin named since.
    Key(String),
}

/// What an admin says with a file.
#[derive(Debug, Clone, Default)]
pub struct Word {
    /// This one file may run without a signature that is trusted.
    pub allow_unsigned: bool,
    /// Id of the key that is to be the publisher's from now on.
    pub publisher_key: Option<String>,
}

/// Whether a file may come in, and what it will run by. `trust` is what its signatures come to. The error
/// is for the admin.
pub fn admit(
    trust: &Trust,
    signatures: &[String],
    store: &TrustStore,
    owner: &Owner,
    word: &Word,
) -> Result<Admitted, String> {
    if let Some(key) = &word.publisher_key {
        return named(trust, key).map(Some);
    }
    match (trust, owner) {
        (Trust::Signed { by }, Owner::Key(key)) => {
            if by.iter().any(|signer| signer.key_id.to_string() == *key) {
                return Ok(Some(key.clone()));
            }
            let whose = whose(key, store);
            Err(format!(
                "{trust}, but the plugin is of {whose}{}",
                to_name(by)
            ))
        }
        (Trust::Signed { by }, Owner::Rapport) => Err(format!(
            "{trust}, but the plugin comes with Rapport{}",
            to_name(by)
        )),
        (Trust::Signed { by }, Owner::Nobody) => match publisher(trust, signatures, store) {
            Ok(signer) => Ok(Some(signer.key_id.to_string())),
            Err(why) => Err(format!("{trust}, but {why}{}", to_name(by))),
        },
        (Trust::Unsigned | Trust::Untrusted { .. }, Owner::Key(key)) if is_revoked(key, store) => {
            let whose = whose(key, store);
            Err(format!("{trust}; the plugin is of {whose}"))
        }
        _ if is_unproven(trust) && word.allow_unsigned => Ok(None),
        _ if is_unproven(trust) => Err(format!(
            "{trust}; or allow this one plugin file to run unsigned"
        )),
        _ => Err(trust.to_string()),
    }
}

/// The key that the admin named, if it signed the file.
fn named(trust: &Trust, key: &str) -> Result<String, String> {
    let key: KeyId = key.trim().parse().map_err(|e| format!("{key}: {e}"))?;
    match trust {
        Trust::Signed { by } if by.iter().any(|signer| signer.key_id == key) => Ok(key.to_string()),
        Trust::Signed { .. } => Err(format!("key {key} did not sign it: {trust}")),
        _ => Err(trust.to_string()),
    }
}

/// Neither signed by a key that is trusted nor by one that is revoked.
fn is_unproven(trust: &Trust) -> bool {
    match trust {
        Trust::Unsigned => true,
        Trust::Untrusted { revoked, .. } => revoked.is_empty(),
        Trust::Signed { .. } | Trust::Modified { .. } | Trust::Revoked { .. } => false,
    }
}

/// Whether a file of the store may still run; otherwise how it stands, and why. One that was taken in
/// before that was kept runs by any key that is trusted.
pub fn may_run(
    trust: &Trust,
    admitted: Option<&Admitted>,
    store: &TrustStore,
) -> Result<(), (PluginState, String)> {
    let told = |state| Err((state, trust.to_string()));
    match (trust, admitted) {
        (Trust::Revoked { .. }, _) => told(PluginState::Revoked),
        (Trust::Modified { .. }, _) => told(PluginState::NotTrusted),
        (Trust::Untrusted { revoked, .. }, _) if !revoked.is_empty() => told(PluginState::Revoked),
        (_, Some(None)) | (Trust::Signed { .. }, None) => Ok(()),
        (Trust::Unsigned | Trust::Untrusted { .. }, _) => told(PluginState::NotTrusted),
        (Trust::Signed { by }, Some(Some(key))) => {
            if by.iter().any(|signer| signer.key_id.to_string() == *key) {
                return Ok(());
            }
            let state = match is_revoked(key, store) {
                true => PluginState::Revoked,
                false => PluginState::NotTrusted,
            };
            let whose = whose(key, store);
            Err((state, format!("{trust}, but the plugin is of {whose}")))
        }
    }
}

/// By whose word a version runs.
#[derive(Clone, Copy)]
pub enum By<'a> {
    /// As its file was taken in.
    File(&'a Admitted),
    /// It comes with Rapport, or came in before that was kept.
    Owner(&'a Owner),
}

impl By<'_> {
    fn words(self, store: &TrustStore) -> String {
        match self {
            By::File(Some(key)) => whose(key, store),
            By::Owner(Owner::Key(key)) => whose(key, store),
            By::Owner(Owner::Rapport) => "Rapport, with which it comes".to_owned(),
            By::File(None) | By::Owner(Owner::Nobody) => "nobody: it is unsigned".to_owned(),
        }
    }
}

/// What becomes of whose it is when one version follows another. Another key or none is a difference
/// that the admin approves.
pub fn change_of_owner(was: By<'_>, is: By<'_>, store: &TrustStore) -> Option<Ask> {
    let (was, is) = (was.words(store), is.words(store));
    (was != is).then(|| Ask {
        kind: "publisher-key",
        what: format!("{was} → {is}"),
        reason: "whose signature it runs by".to_owned(),
    })
}

fn is_revoked(key: &str, store: &TrustStore) -> bool {
    let entry = key.parse().ok().and_then(|id| store.key(id));
    entry.is_some_and(|entry| entry.revoked.is_some())
}

/// A key with the admin's name for it, and why it is no good if it is not.
fn whose(key: &str, store: &TrustStore) -> String {
    let entry = key.parse().ok().and_then(|id| store.key(id));
    match entry.map(|entry| (&entry.name, &entry.revoked)) {
        Some((name, None)) => format!("{name} (key {key})"),
        Some((name, Some(why))) => format!("{name} (key {key}, revoked: {})", why.reason),
        None => format!("key {key}"),
    }
}

/// How to let one of these keys be the publisher's.
fn to_name(by: &[rapport_publish::trust::Signer]) -> String {
    let ids: Vec<String> = by.iter().map(|signer| signer.key_id.to_string()).collect();
    format!(
        "; if it is to be its publisher's from now on, name the key: --publisher-key {}",
        ids.join(" or ")
    )
}
