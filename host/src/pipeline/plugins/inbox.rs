//! Inboxes that admins make while hosts run. Secrets are sealed under the host's key, each for its
//! inbox and name, and nobody reads them again: they can only be replaced or taken away.

use super::load;
use super::manage::{ManageError, changed_keys, is_object};
use super::registry::Registry;
use crate::db::Db;
use crate::db::inbox_setup::{SecretChanges, StoredSetup};
use crate::db::plugin::Record;
use crate::domain::plugin::{BUNDLED, InboxSetup};
use crate::domain::sealed::SealKey;
use crate::domain::sealed::purpose::inbox_secret as purpose;
use crate::domain::{Id, new_id};
use crate::plugin::Reach;
use rapport_package::{Kind, Package};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use utoipa::ToSchema;

/// Longest secret, in bytes.
const SECRET_MAX_BYTES: usize = 16 * 1024;
/// Most monitors and local hosts of one inbox.
const ENTRIES_MAX: usize = 100;

/// Secrets as they are given; none takes one away.
pub type GivenSecrets = BTreeMap<String, Option<String>>;

/// An inbox as it is set up, for people and programs.
#[derive(Debug, Serialize, ToSchema)]
pub struct InboxSetupView {
    pub id: Id,
    pub name: String,
    pub enabled: bool,
    pub setup: InboxSetup,
    /// Names of the secrets that it has.
    pub secrets: Vec<String>,
}

impl From<StoredSetup> for InboxSetupView {
    fn from(stored: StoredSetup) -> Self {
        Self {
            id: stored.inbox_id,
            name: stored.name,
            enabled: stored.enabled,
            setup: stored.setup,
            secrets: stored.secrets.into_keys().collect(),
        }
    }
}

/// Opens an inbox's secrets.
pub(super) fn open(
    key: &SealKey,
    inbox_id: &str,
    sealed: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, String>, String> {
    let opened = sealed.iter().map(|(name, sealed)| {
        let bytes = key
            .open(&purpose(inbox_id, name), sealed)
            .map_err(|e| format!("`{name}`: {e}; set it again"))?;
        let text = String::from_utf8(bytes).map_err(|_| format!("`{name}`: not text"))?;
        Ok((name.clone(), text))
    });
    opened.collect()
}

/// Refuses settings that would send a secret elsewhere than it goes now, unless it is given again: who may
/// change settings need not know the secrets.
fn secrets_stay(
    package: &Package,
    before: &InboxSetup,
    stored: &StoredSetup,
    given: &GivenSecrets,
) -> Result<(), ManageError> {
    let manifest = &package.manifest;
    let was = Reach::of(manifest, &before.settings);
    let is = Reach::of(manifest, &stored.setup.settings);
    let kept = |name: &String| stored.secrets.contains_key(name) && !given.contains_key(name);
    match is.secrets_beyond(&was).find(|(name, _)| kept(name)) {
        None => Ok(()),
        Some((name, to)) => Err(ManageError::Conflict(format!(
            "secrets.{name}: with these settings it would go to {to}, where it does not go now; give \
             it again with the change"
        ))),
    }
}

impl Registry {
    /// Makes an inbox; its id. The name of one that was there before brings back what was heard.
    pub async fn inbox_create(
        &self,
        db: &Db,
        by: &str,
        name: &str,
        setup: &InboxSetup,
        secrets: &GivenSecrets,
    ) -> Result<Id, ManageError> {
        if !rapport_package::manifest::is_id(name) {
            return Err(ManageError::Invalid(
                "name: use lower-case words with hyphens, at most 64 bytes".into(),
            ));
        }
        self.inbox_is_ours(name)?;
        if db.inbox_setup_list().await?.iter().any(|s| s.name == name) {
            return Err(ManageError::Conflict(format!(
                "there is an inbox `{name}` already"
            )));
        }
        let package = self.inbox_checked(db, setup, secrets.keys()).await?;
        let network = setup.network.clone();
        let network = network.or_else(|| package.manifest.network.clone());
        let network = network.unwrap_or_default();
        let record = Record {
            by,
            action: "inbox.create",
            subject: name,
            detail: json!({
                "plugin": setup.plugin, "network": network,
                "secrets": secrets.keys().collect::<Vec<_>>(),
            }),
        };
        let known = db.inbox_list().await?.into_iter();
        let mut known = known.filter(|inbox| inbox.name == name);
        let id = known.next().map_or_else(new_id, |inbox| inbox.id);
        let sealed = self.sealed(&id, secrets)?;
        db.inbox_setup_insert((&id, name), &network, setup, &sealed, &record)
            .await?;
        Ok(id)
    }

    /// Changes an inbox: its setup, whether it is enabled, and the secrets that are named.
    pub async fn inbox_change(
        &self,
        db: &Db,
        by: &str,
        id: &str,
        change: impl FnOnce(&mut StoredSetup),
        secrets: &GivenSecrets,
    ) -> Result<StoredSetup, ManageError> {
        let mut stored = self.stored(db, id).await?;
        self.inbox_is_ours(&stored.name)?;
        let before = stored.setup.clone();
        change(&mut stored);
        if stored.setup.plugin != before.plugin {
            return Err(ManageError::Conflict(
                "an inbox keeps its channel; make another inbox".into(),
            ));
        }
        let all = stored.secrets.keys().chain(secrets.keys());
        let package = self.inbox_checked(db, &stored.setup, all).await?;
        secrets_stay(&package, &before, &stored, secrets)?;
        // Nor may what an admin has been shown of a version that waits become something else.
        if let Some(candidate) = self.candidate(db, &before.plugin).await? {
            secrets_stay(&candidate, &before, &stored, secrets)?;
        }
        self.inbox_store(db, by, &stored, secrets).await?;
        self.stored(db, id).await
    }

    /// Takes an inbox away: it is not listened to any more, and its secrets are gone. What was heard
    /// stays; with `forget_state` the connector's memory goes, so that it would begin anew.
    pub async fn inbox_delete(
        &self,
        db: &Db,
        by: &str,
        id: &str,
        forget_state: bool,
    ) -> Result<(), ManageError> {
        let stored = self.stored(db, id).await?;
        let record = Record {
            by,
            action: "inbox.delete",
            subject: &stored.name,
            detail: json!({ "forgotten": forget_state }),
        };
        match db.inbox_setup_delete(id, forget_state, &record).await? {
            true => Ok(()),
            false => Err(ManageError::NotFound("inbox")),
        }
    }

    /// An inbox of the store, by its id.
    pub async fn stored(&self, db: &Db, id: &str) -> Result<StoredSetup, ManageError> {
        let mut all = db.inbox_setup_list().await?.into_iter();
        if let Some(stored) = all.find(|stored| stored.inbox_id == id) {
            return Ok(stored);
        }
        match db.inbox_get(id).await? {
            Some(inbox) => {
                self.inbox_is_ours(&inbox.name)?;
                Err(ManageError::NotFound("inbox that is set up"))
            }
            None => Err(ManageError::NotFound("inbox")),
        }
    }

    fn inbox_is_ours(&self, name: &str) -> Result<(), ManageError> {
        if self.base.inboxes.iter().any(|inbox| inbox.name == name) {
            return Err(ManageError::Conflict(format!(
                "inbox `{name}` stands in rapport.toml; change it there and restart"
            )));
        }
        Ok(())
    }

    fn sealed(&self, inbox_id: &str, secrets: &GivenSecrets) -> Result<SecretChanges, ManageError> {
        let seal = |(name, secret): (&String, &Option<String>)| {
            let sealed = match secret {
                None => None,
                Some(secret) if secret.is_empty() || secret.len() > SECRET_MAX_BYTES => {
                    return Err(ManageError::Invalid(format!(
                        "secrets: `{name}` must have 1 to {SECRET_MAX_BYTES} bytes"
                    )));
                }
                Some(secret) => {
                    let purpose = purpose(inbox_id, name);
                    let sealed = self.base.key.seal(&purpose, secret.as_bytes());
                    Some(sealed.map_err(|e| ManageError::Invalid(e.to_string()))?)
                }
            };
            Ok((name.clone(), sealed))
        };
        secrets.iter().map(seal).collect()
    }

    async fn inbox_store(
        &self,
        db: &Db,
        by: &str,
        stored: &StoredSetup,
        secrets: &GivenSecrets,
    ) -> Result<(), ManageError> {
        let sealed = self.sealed(&stored.inbox_id, secrets)?;
        let before = self.stored(db, &stored.inbox_id).await?;
        let setup = changed_keys(&json!(before.setup), &json!(stored.setup));
        let record = Record {
            by,
            action: "inbox.change",
            subject: &stored.name,
            detail: json!({
                "changed": setup, "enabled": stored.enabled,
                "secrets": secrets.keys().collect::<Vec<_>>(),
            }),
        };
        match db.inbox_setup_update(stored, &sealed, &record).await? {
            true => Ok(()),
            false => Err(ManageError::NotFound("inbox")),
        }
    }

    /// Checks a setup against its channel: the problems that can be known without the network.
    async fn inbox_checked(
        &self,
        db: &Db,
        setup: &InboxSetup,
        secrets: impl Iterator<Item = &String>,
    ) -> Result<Arc<Package>, ManageError> {
        let package = self.channel(db, &setup.plugin).await?;
        is_object(&setup.settings)?;
        load::settings(&package, &setup.settings)?;
        for name in secrets {
            load::secret_is_asked_for(&package, name)?;
        }
        let wrong = |text: &str| Err(ManageError::Invalid(text.to_owned()));
        if !(1..=86_400).contains(&setup.poll_seconds) {
            return wrong("pollSeconds: 1 to 86400");
        }
        if setup.sends_per_minute.is_some_and(|n| n == 0 || n > 6000) {
            return wrong("sendsPerMinute: 1 to 6000");
        }
        let lists = [&setup.monitors, &setup.local_hosts];
        if lists.iter().any(|list| list.len() > ENTRIES_MAX) {
            return wrong("monitors and localHosts: at most 100 each");
        }
        let network = setup.network.as_deref();
        if network.is_some_and(|n| !rapport_package::manifest::is_id(n)) {
            return wrong("network: use lower-case words with hyphens");
        }
        let hosts = crate::domain::address::LocalHosts::parse(&setup.local_hosts);
        hosts.map_err(ManageError::Invalid)?;
        Ok(package)
    }

    /// The version of a channel that waits, if one does.
    async fn candidate(&self, db: &Db, id: &str) -> Result<Option<Arc<Package>>, ManageError> {
        let installed = db.plugin_get(id).await?;
        match installed.and_then(|installed| installed.candidate) {
            Some(candidate) => Ok(Some(self.package(db, id, &candidate.digest).await?)),
            None => Ok(None),
        }
    }

    /// A channel by its id, whoever manages it.
    async fn channel(&self, db: &Db, id: &str) -> Result<Arc<Package>, ManageError> {
        let installed = db.plugin_get(id).await?;
        let configured = self.base.configured.get(id);
        let package = match (configured, installed) {
            (Some(configured), _) => Arc::clone(&configured.package),
            (None, Some(installed)) => self.package(db, id, &installed.digest).await?,
            (None, None) => match self.package(db, id, BUNDLED).await {
                Ok(package) => package,
                Err(_) => {
                    let bundled = self.base.bundled.values().map(AsRef::as_ref);
                    let found = load::channel(bundled, id).cloned();
                    Arc::new(found.map_err(|e| ManageError::Invalid(format!("plugin: {e}")))?)
                }
            },
        };
        if package.manifest.kind != Kind::Channel {
            return Err(ManageError::Invalid(format!(
                "plugin: `{id}` is a {}, not a channel",
                package.manifest.kind.as_str()
            )));
        }
        Ok(package)
    }
}
