//! What an admin does with plugins: install, grant, configure, enable, disable, uninstall. Each is one
//! change of the store with its audit event; the hosts follow it (`registry`). Nothing is compiled here.
//!
//! A plugin with a section in rapport.toml is changed there and nowhere else.

use super::admit::{Owner, Word};
use super::difference::Versions;
use super::intake::{checked, read};
use super::load::{self, LoadError};
use super::registry::{Registry, stored};
use crate::db::plugin::Record;
use crate::db::{Db, DbError};
use crate::domain::now_ms;
use crate::domain::plugin::{BUNDLED, Installation, PluginFile};
use rapport_package::grant::Grant;
use rapport_package::{Kind, Package};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Why nothing was changed. The text is for the admin.
#[derive(Debug, thiserror::Error)]
pub enum ManageError {
    #[error("there is no such {0}")]
    NotFound(&'static str),
    /// Not as things stand.
    #[error("{0}")]
    Conflict(String),
    /// What was given is wrong.
    #[error("{0}")]
    Invalid(String),
    // Not transparent: who waits for a store must find it among the causes.
    #[error("{0}")]
    Db(#[from] DbError),
}

impl From<LoadError> for ManageError {
    fn from(error: LoadError) -> Self {
        Self::Invalid(error.to_string())
    }
}

/// A plugin file from outside.
#[derive(Debug, Clone)]
pub struct NewFile {
    pub bytes: Vec<u8>,
    /// Texts of `.minisig` files.
    pub signatures: Vec<String>,
    /// Where it comes from, for the record.
    pub source: String,
}

impl Registry {
    /// Takes a plugin in, disabled unless it was there before, with nothing granted.
    pub async fn install(
        &self,
        db: &Db,
        by: &str,
        mut new: NewFile,
        word: &Word,
    ) -> Result<Installation, ManageError> {
        let package = read(&mut new)?;
        let id = package.manifest.id.clone();
        self.is_ours(&id)?;
        let known = self.base.bundled.contains_key(&id) || db.plugin_get(&id).await?.is_some();
        if known {
            return Err(ManageError::Conflict(format!(
                "`{id}` is installed; to change its version, upgrade it"
            )));
        }
        let owner = match db.plugin_publisher(&id).await? {
            Some(key) => Owner::Key(key),
            None => Owner::Nobody,
        };
        let checked = checked(db, package, new, &owner, word).await?;
        let mut plugin = fresh(&id, &checked.file.digest);
        plugin.enabled = false;
        plugin.publisher_key.clone_from(&checked.admitted);
        let digest = checked.file.digest.clone();
        plugin.admitted.insert(digest, checked.admitted.clone());
        let detail = json!({
            "version": checked.package.manifest.version, "digest": checked.file.digest,
            "source": checked.file.source, "trust": checked.trust.state(),
            "publisher-key": checked.admitted,
        });
        let change = (by, "plugin.install", detail);
        save(db, plugin, Some(&checked.file), change).await
    }

    /// Everything that the version in force asks for.
    pub async fn asked(&self, db: &Db, id: &str) -> Result<Grant, ManageError> {
        let plugin = self.installation(db, id).await?;
        let package = self.package(db, id, &plugin.digest).await?;
        Ok(Grant::of(&package.manifest))
    }

    /// Lets it have what it asks for, or less. Replaces what was granted before.
    pub async fn grant(
        &self,
        db: &Db,
        by: &str,
        id: &str,
        grant: Option<Grant>,
    ) -> Result<Installation, ManageError> {
        let mut plugin = self.installation(db, id).await?;
        let package = self.package(db, id, &plugin.digest).await?;
        let grant = grant.unwrap_or_else(|| Grant::of(&package.manifest));
        grant
            .check(&package.manifest)
            .map_err(ManageError::Invalid)?;
        let granted = json!(grant);
        plugin.granted = Some(granted.clone());
        let detail = json!({ "granted": granted, "withheld": grant.withheld(&package.manifest) });
        save(db, plugin, None, (by, "grant.change", detail)).await
    }

    /// Replaces its settings; a channel's are its inboxes'.
    pub async fn configure(
        &self,
        db: &Db,
        by: &str,
        id: &str,
        settings: Value,
    ) -> Result<Installation, ManageError> {
        let mut plugin = self.installation(db, id).await?;
        let package = self.package(db, id, &plugin.digest).await?;
        if package.manifest.kind == Kind::Channel {
            return Err(ManageError::Conflict(
                "a channel is configured by inbox: see /api/v1/inboxes or `rapport inbox`".into(),
            ));
        }
        is_object(&settings)?;
        load::settings(&package, &settings)?;
        let changed = changed_keys(&plugin.settings, &settings);
        plugin.settings = settings;
        let detail = json!({ "changed": changed });
        save(db, plugin, None, (by, "setting.change", detail)).await
    }

    /// Puts it to work, or not.
    pub async fn enable(
        &self,
        db: &Db,
        by: &str,
        id: &str,
        enabled: bool,
    ) -> Result<Installation, ManageError> {
        let mut plugin = self.installation(db, id).await?;
        let package = self.package(db, id, &plugin.digest).await?;
        if enabled {
            if plugin.granted.is_none() && plugin.digest != BUNDLED {
                return Err(ManageError::Conflict(format!(
                    "nothing is granted to `{id}` yet: see what it asks for, then grant that or less"
                )));
            }
            if package.manifest.kind != Kind::Channel {
                load::settings(&package, &plugin.settings)?;
            }
        }
        plugin.enabled = enabled;
        let action = match enabled {
            true => "plugin.enable",
            false => "plugin.disable",
        };
        save(db, plugin, None, (by, action, Value::Null)).await
    }

    /// Takes it out. What it said and decided stays on record; with `forget` its files and its log go,
    /// and what it decided can't be re-executed any more. A bundled one is as it comes after that. Whose
    /// it is stays known.
    pub async fn uninstall(
        &self,
        db: &Db,
        by: &str,
        id: &str,
        forget: bool,
    ) -> Result<(), ManageError> {
        self.is_ours(id)?;
        let plugin = db.plugin_get(id).await?;
        let plugin = plugin.ok_or(ManageError::NotFound("installed plugin"))?;
        if !self.base.bundled.contains_key(id)
            && let Some(inbox) = self.inboxes_of(db, id).await?.first()
        {
            return Err(ManageError::Conflict(format!(
                "inbox `{inbox}` uses `{id}`: take that away first"
            )));
        }
        self.stays_where_it_is(db, &plugin).await?;
        let record = Record {
            by,
            action: "plugin.uninstall",
            subject: id,
            detail: json!({ "digest": plugin.digest, "forgotten": forget }),
        };
        Ok(db.plugin_delete(&plugin, forget, &record).await?)
    }

    /// Refuses to put what comes with Rapport in a channel's place where that would lead an inbox elsewhere.
    /// A file that is lost works nowhere: then there is nothing to compare with.
    async fn stays_where_it_is(&self, db: &Db, plugin: &Installation) -> Result<(), ManageError> {
        let in_force = self.package(db, &plugin.id, &plugin.digest).await.ok();
        let Some((old, new)) = in_force.as_ref().zip(self.base.bundled.get(&plugin.id)) else {
            return Ok(());
        };
        let to = BUNDLED;
        let versions = Versions { old, new, to };
        match self.leads(db, plugin, versions).await?.first() {
            None => Ok(()),
            Some(lead) => Err(ManageError::Conflict(format!(
                "the version that comes with Rapport would follow, and {}; set the address in that \
                 inbox, or take the inbox away first",
                lead.what
            ))),
        }
    }

    /// Names of the inboxes that use a channel.
    pub(super) async fn inboxes_of(&self, db: &Db, id: &str) -> Result<Vec<String>, ManageError> {
        let configured = self.base.inboxes.iter();
        let configured = configured.filter(|inbox| inbox.setup.plugin == id);
        let mut names: Vec<String> = configured.map(|inbox| inbox.name.clone()).collect();
        let stored = db.inbox_setup_list().await?;
        let stored = stored.into_iter().filter(|s| s.setup.plugin == id);
        names.extend(stored.map(|stored| stored.name));
        Ok(names)
    }

    /// Refuses what rapport.toml has a section for.
    pub(super) fn is_ours(&self, id: &str) -> Result<(), ManageError> {
        if self.base.configured.contains_key(id) || self.base.unreadable.contains_key(id) {
            return Err(ManageError::Conflict(format!(
                "`{id}` has a section [plugins.{id}] in rapport.toml; change it there, or take the \
                 section out and restart to manage it here"
            )));
        }
        Ok(())
    }

    /// A plugin as it stands in the store; a bundled one that nobody changed yet as it comes.
    pub(super) async fn installation(
        &self,
        db: &Db,
        id: &str,
    ) -> Result<Installation, ManageError> {
        self.is_ours(id)?;
        match db.plugin_get(id).await? {
            Some(plugin) => Ok(plugin),
            None if self.base.bundled.contains_key(id) => {
                let mut plugin = fresh(id, BUNDLED);
                plugin.publisher_key = db.plugin_publisher(id).await?;
                Ok(plugin)
            }
            None => Err(ManageError::NotFound("plugin")),
        }
    }

    /// One of its versions.
    pub(super) async fn package(
        &self,
        db: &Db,
        id: &str,
        digest: &str,
    ) -> Result<Arc<Package>, ManageError> {
        if digest == BUNDLED {
            let bundled = self.base.bundled.get(id).cloned();
            return bundled.ok_or(ManageError::NotFound("bundled plugin"));
        }
        let stored = stored(db, digest).await.map_err(ManageError::Conflict)?;
        Ok(Arc::new(stored.package))
    }
}

/// A plugin that nobody has changed yet.
fn fresh(id: &str, digest: &str) -> Installation {
    Installation {
        id: id.to_owned(),
        digest: digest.to_owned(),
        granted: None,
        previous: None,
        previous_granted: None,
        good: None,
        candidate: None,
        enabled: true,
        admitted: BTreeMap::new(),
        publisher_key: None,
        settings: json!({}),
        upgraded: None,
        created: now_ms(),
        updated: now_ms(),
        revision: 0,
    }
}

/// Stores a change: by whom, as what, with which detail.
pub(super) async fn save(
    db: &Db,
    mut plugin: Installation,
    file: Option<&PluginFile>,
    (by, action, detail): (&str, &str, Value),
) -> Result<Installation, ManageError> {
    let record = Record {
        by,
        action,
        subject: &plugin.id,
        detail,
    };
    plugin.revision = db.plugin_save(&plugin, file, &record).await?;
    Ok(plugin)
}

/// Settings that are given are an object, be it an empty one.
pub(super) fn is_object(settings: &Value) -> Result<(), ManageError> {
    match settings.is_object() {
        true => Ok(()),
        false => Err(ManageError::Invalid("settings: must be an object".into())),
    }
}

/// Which settings are other than before; never what they hold.
pub(super) fn changed_keys(before: &Value, after: &Value) -> Vec<String> {
    let keys = |value: &Value| -> Vec<String> {
        let object = value.as_object().into_iter();
        object.flat_map(|o| o.keys().cloned()).collect()
    };
    let mut all = keys(before);
    all.extend(keys(after));
    all.sort();
    all.dedup();
    all.retain(|key| before.get(key) != after.get(key));
    all
}
