//! What an admin approves when a version follows another: what it asks for besides, what it says otherwise
//! of itself, by whose signature it runs, and where that leads each inbox.
//!
//! Invariant: addresses count as they resolve. Whatever in the new version sends an inbox to another host,
//! port or path, or one of its secrets to another host, is told for that inbox.

use super::admit::{By, Owner, change_of_owner};
use super::manage::ManageError;
use super::registry::Registry;
use super::standing::granted;
use super::trust;
use crate::db::Db;
use crate::domain::plugin::{BUNDLED, Installation};
use crate::plugin::Reach;
use rapport_package::change::changes;
use rapport_package::grant::{Ask, wider};
use rapport_package::{Kind, Package};

/// The version in force, and the one that is to follow.
#[derive(Clone, Copy)]
pub(super) struct Versions<'a> {
    pub old: &'a Package,
    pub new: &'a Package,
    /// The new one's digest, or [`BUNDLED`].
    pub to: &'a str,
}

impl Registry {
    /// All of it; nothing when the version may follow without a word.
    pub(super) async fn difference(
        &self,
        db: &Db,
        plugin: &Installation,
        owner: &Owner,
        versions: Versions<'_>,
    ) -> Result<Vec<Ask>, ManageError> {
        let Versions { old, new, to } = versions;
        let store = trust::trust_store(db).await?;
        let mut found = changes(&old.manifest, &new.manifest);
        let by = |digest: &str| match plugin.admitted.get(digest) {
            _ if digest == BUNDLED => By::Owner(&Owner::Rapport),
            Some(admitted) => By::File(admitted),
            None => By::Owner(owner),
        };
        let (was, is) = (by(&plugin.digest), by(to));
        found.extend(change_of_owner(was, is, &store));
        found.extend(wider(Some(&old.manifest), &new.manifest));
        found.extend(self.leads(db, plugin, versions).await?);
        Ok(found)
    }

    /// Where each inbox of a channel would be led that it is not now; nowhere for other kinds.
    pub(super) async fn leads(
        &self,
        db: &Db,
        plugin: &Installation,
        versions: Versions<'_>,
    ) -> Result<Vec<Ask>, ManageError> {
        let (old, new) = (&versions.old.manifest, &versions.new.manifest);
        if new.kind != Kind::Channel {
            return Ok(Vec::new());
        }
        let (before, after) = match granted(plugin, old) {
            Some(grant) => (grant.apply(old), grant.carry(old, new).apply(new)),
            // Nobody has granted anything yet: what will be is all that it asks for.
            None => (old.clone(), new.clone()),
        };
        let mut found = Vec::new();
        let stored = db.inbox_setup_list().await?;
        let stored = stored.iter().map(|s| (&s.name, &s.setup));
        let configured = self.base.inboxes.iter().map(|i| (&i.name, &i.setup));
        for (name, setup) in stored.chain(configured) {
            if setup.plugin != plugin.id {
                continue;
            }
            let before = Reach::of(&before, &setup.settings);
            let after = Reach::of(&after, &setup.settings);
            let requests = after.requests_beyond(&before).into_iter();
            let secrets = after.secrets_beyond(&before);
            let secrets = secrets.map(|(secret, to)| format!("secret {secret} to {to}"));
            found.extend(requests.chain(secrets).map(|what| Ask {
                kind: "address",
                what: format!("inbox {name}: {what}"),
                reason: "where this inbox did not go before".to_owned(),
            }));
        }
        Ok(found)
    }
}
