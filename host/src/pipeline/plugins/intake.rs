//! A plugin file on its way in: read, looked at, and held against whose the plugin is.

use super::admit::{self, Admitted, Owner, Word};
use super::manage::{ManageError, NewFile};
use super::registry::{Registry, stored};
use super::trust;
use crate::db::Db;
use crate::domain::now_ms;
use crate::domain::plugin::{Installation, PluginFile};
use rapport_package::Package;
use rapport_publish::sign::SIGNATURES_MAX;
use rapport_publish::trust::{Trust, TrustStore, assess, publisher};

/// A file that has passed every check that needs no store.
pub(super) struct Checked {
    pub package: Package,
    pub file: PluginFile,
    pub trust: Trust,
    /// What it will run by.
    pub admitted: Admitted,
}

impl Registry {
    /// Whose it is. Of one that nobody's signature is kept of, because it came in before that was, or before
    /// its publisher's key was trusted, the signatures of the version in force tell.
    pub(super) async fn owner(
        &self,
        db: &Db,
        plugin: &Installation,
        store: &TrustStore,
    ) -> Result<Owner, ManageError> {
        if let Some(key) = &plugin.publisher_key {
            return Ok(Owner::Key(key.clone()));
        }
        if self.base.bundled.contains_key(&plugin.id) {
            return Ok(Owner::Rapport);
        }
        let file = stored(db, &plugin.digest)
            .await
            .map_err(ManageError::Conflict)?;
        let trust = assess(&file.package.component, &file.signatures, store);
        Ok(match (publisher(&trust, &file.signatures, store), &trust) {
            (Ok(signer), _) => Owner::Key(signer.key_id.to_string()),
            // Of one that came in before that was kept, the publisher's own signature came first.
            (Err(_), Trust::Signed { by }) if !plugin.admitted.contains_key(&plugin.digest) => {
                let first = by.iter().find(|signer| !signer.claims.counter);
                first.map_or(Owner::Nobody, |signer| {
                    Owner::Key(signer.key_id.to_string())
                })
            }
            (Err(_), _) => Owner::Nobody,
        })
    }
}

/// Reads a file; refuses what is no plugin or lies about itself.
pub(super) fn read(new: &mut NewFile) -> Result<Package, ManageError> {
    let invalid = |e: &dyn std::fmt::Display| ManageError::Invalid(e.to_string());
    let package = Package::read(std::mem::take(&mut new.bytes)).map_err(|e| invalid(&e))?;
    package.inspect().map_err(|e| invalid(&e))?;
    Ok(package)
}

/// Refuses what may not run here. The signatures that are known of the very same file count as well: to
/// leave one out changes nothing.
pub(super) async fn checked(
    db: &Db,
    package: Package,
    new: NewFile,
    owner: &Owner,
    word: &Word,
) -> Result<Checked, ManageError> {
    let store = trust::trust_store(db).await?;
    let mut signatures = db.plugin_signatures(&package.digest).await?;
    let fresh = new.signatures.into_iter();
    let fresh: Vec<String> = fresh.filter(|text| !signatures.contains(text)).collect();
    if signatures.len() + fresh.len() > SIGNATURES_MAX {
        return Err(ManageError::Invalid(format!(
            "signatures: at most {SIGNATURES_MAX} of one file, with those that came with it before"
        )));
    }
    signatures.extend(fresh);
    let trust = assess(&package.component, &signatures, &store);
    let admitted = admit::admit(&trust, &signatures, &store, owner, word);
    let admitted = admitted.map_err(ManageError::Conflict)?;
    let file = PluginFile {
        digest: package.digest.clone(),
        plugin_id: package.manifest.id.clone(),
        version: package.manifest.version.clone(),
        bytes: package.component.clone(),
        signatures,
        source: new.source,
        added: now_ms(),
    };
    Ok(Checked {
        package,
        file,
        trust,
        admitted,
    })
}
