//! From one version to another and back. A version that asks for more than the one in force, or says
//! otherwise of itself ([`super::difference`]), waits for the admin while that one goes on; one that does
//! neither comes into force at once.

use super::admit::{self, Word};
use super::difference::Versions;
use super::intake::{Checked, checked, read};
use super::load;
use super::manage::{ManageError, NewFile, is_object, save};
use super::registry::Registry;
use super::standing::granted;
use super::trust;
use crate::db::Db;
use crate::domain::now_ms;
use crate::domain::plugin::{BUNDLED, Candidate, CandidateMode, Installation};
use crate::telemetry::shown::shown;
use rapport_package::grant::Ask;
use rapport_package::{Kind, Manifest, Package};
use rapport_publish::trust::{TrustStore, assess};
use serde_json::{Value, json};

/// How a new version is to come in.
#[derive(Debug, Clone, Default)]
pub struct UpgradeOptions {
    pub word: Word,
    /// Beside the version in force, with its effects off.
    pub shadow: bool,
    /// In the stead of those it has.
    pub settings: Option<Value>,
}

/// What became of an upgrade.
#[derive(Debug)]
pub struct Upgraded {
    pub plugin: Installation,
    /// What it asks for beyond the version in force, and says otherwise; with any of it, it waits.
    pub more: Vec<Ask>,
}

impl Registry {
    /// Brings another version in.
    pub async fn upgrade(
        &self,
        db: &Db,
        by: &str,
        id: &str,
        mut new: NewFile,
        options: UpgradeOptions,
    ) -> Result<Upgraded, ManageError> {
        let mut plugin = self.installation(db, id).await?;
        let old = self.package(db, id, &plugin.digest).await?;
        let package = read(&mut new)?;
        is_successor(&old, &package, id)?;
        let store = trust::trust_store(db).await?;
        let owner = self.owner(db, &plugin, &store).await?;
        let checked = checked(db, package, new, &owner, &options.word).await?;
        let new = &checked.package;
        if let Some(settings) = options.settings {
            is_object(&settings)?;
            plugin.settings = settings;
        }
        self.settings_fit(db, &plugin, new).await?;
        if options.shadow && new.manifest.kind == Kind::Channel {
            return Err(ManageError::Conflict(
                "a channel can't run in the shadow: what it does is done on its network".into(),
            ));
        }
        plugin
            .admitted
            .insert(new.digest.clone(), checked.admitted.clone());
        let versions = Versions {
            old: &old,
            new,
            to: &new.digest,
        };
        let more = self.difference(db, &plugin, &owner, versions).await?;
        let mode = match (options.shadow, more.is_empty()) {
            (true, _) => Some(CandidateMode::Shadow),
            (false, false) => Some(CandidateMode::Approval),
            (false, true) => None,
        };
        let detail = detail(&old, &checked, mode, &more);
        let change = match mode {
            Some(mode) => {
                plugin.candidate = Some(Candidate {
                    digest: checked.file.digest.clone(),
                    mode,
                });
                (by, "plugin.candidate", detail)
            }
            None => {
                let digest = new.digest.clone();
                come_into_force(&mut plugin, (&old.manifest, &new.manifest), digest);
                (by, "plugin.upgrade", detail)
            }
        };
        let plugin = save(db, plugin, Some(&checked.file), change).await?;
        Ok(Upgraded { plugin, more })
    }

    /// Lets the candidate come into force, with what it asks for beyond the old version. The digest,
    /// if given, is the one that the admin has looked at.
    pub async fn approve(
        &self,
        db: &Db,
        by: &str,
        id: &str,
        seen: Option<&str>,
    ) -> Result<Installation, ManageError> {
        let mut plugin = self.installation(db, id).await?;
        let candidate = plugin.candidate.clone();
        let candidate = candidate.ok_or(ManageError::NotFound("candidate"))?;
        let old = self.package(db, id, &plugin.digest).await?;
        let new = self.package(db, id, &candidate.digest).await?;
        if seen.is_some_and(|seen| seen != new.digest) {
            return Err(ManageError::Conflict(format!(
                "the candidate is sha256:{} by now; look at what it asks for again",
                new.digest
            )));
        }
        self.settings_fit(db, &plugin, &new).await?;
        let store = trust::trust_store(db).await?;
        if candidate.digest != BUNDLED {
            self.still_trusted(db, &plugin, &new, &store).await?;
        }
        let owner = self.owner(db, &plugin, &store).await?;
        let versions = Versions {
            old: &old,
            new: &new,
            to: &candidate.digest,
        };
        let more = self.difference(db, &plugin, &owner, versions).await?;
        let more: Vec<String> = more.iter().map(ToString::to_string).collect();
        come_into_force(
            &mut plugin,
            (&old.manifest, &new.manifest),
            candidate.digest,
        );
        let detail = json!({
            "digest": new.digest, "version": new.manifest.version, "approved": more,
        });
        save(db, plugin, None, (by, "plugin.upgrade", detail)).await
    }

    /// Sends the candidate away.
    pub async fn drop_candidate(
        &self,
        db: &Db,
        by: &str,
        id: &str,
    ) -> Result<Installation, ManageError> {
        let mut plugin = self.installation(db, id).await?;
        let candidate = plugin.candidate.take();
        let candidate = candidate.ok_or(ManageError::NotFound("candidate"))?;
        let detail = json!({ "digest": candidate.digest });
        save(db, plugin, None, (by, "plugin.candidate-drop", detail)).await
    }

    /// Back to the version before, with what that one was granted. `from`, if given, is the digest of
    /// the version to be left: two that go back at once go back once. Where that would lead an inbox
    /// elsewhere than it goes now, it waits for the admin as any other version does.
    pub async fn rollback(
        &self,
        db: &Db,
        by: &str,
        id: &str,
        from: Option<&str>,
        why: &str,
    ) -> Result<Installation, ManageError> {
        let mut plugin = self.installation(db, id).await?;
        if from.is_some_and(|from| from != plugin.digest) {
            return Err(ManageError::Conflict("it was left already".into()));
        }
        let previous = plugin.previous.clone();
        let previous = previous.ok_or(ManageError::NotFound("version before"))?;
        let old = self.package(db, id, &previous).await?;
        self.settings_fit(db, &plugin, &old).await?;
        let in_force = self.package(db, id, &plugin.digest).await?;
        let versions = Versions {
            old: &in_force,
            new: &old,
            to: &previous,
        };
        let leads = self.leads(db, &plugin, versions).await?;
        if !leads.is_empty() {
            let leads: Vec<String> = leads.iter().map(ToString::to_string).collect();
            let detail = json!({
                "from": plugin.digest, "to": previous, "version": old.manifest.version, "why": why,
                "back": true, "asks-more": leads,
            });
            plugin.candidate = Some(Candidate {
                digest: previous,
                mode: CandidateMode::Approval,
            });
            plugin.upgraded = None;
            return save(db, plugin, None, (by, "plugin.candidate", detail)).await;
        }
        let left = std::mem::replace(&mut plugin.digest, previous);
        let granted = plugin.granted.take();
        plugin.granted = plugin.previous_granted.take();
        plugin.previous = Some(left.clone());
        plugin.previous_granted = granted;
        plugin.candidate = None;
        plugin.upgraded = None;
        let detail = json!({
            "from": left, "to": plugin.digest, "version": old.manifest.version, "why": why,
        });
        save(db, plugin, None, (by, "plugin.rollback", detail)).await
    }

    /// A candidate may have been revoked since it came in.
    async fn still_trusted(
        &self,
        db: &Db,
        plugin: &Installation,
        new: &Package,
        store: &TrustStore,
    ) -> Result<(), ManageError> {
        let signatures = db.plugin_signatures(&new.digest).await?;
        let trust = assess(&new.component, &signatures, store);
        let admitted = plugin.admitted.get(&new.digest);
        let may_run = admit::may_run(&trust, admitted, store);
        may_run.map_err(|(_, reason)| ManageError::Conflict(reason))
    }

    /// Whether the settings that there are hold for another version: its own, or its inboxes'.
    async fn settings_fit(
        &self,
        db: &Db,
        plugin: &Installation,
        package: &Package,
    ) -> Result<(), ManageError> {
        let version = shown(&package.manifest.version);
        let wrong = |place: &str, error| {
            ManageError::Invalid(format!(
                "{place} would not hold for {version}: {error}; give settings that do"
            ))
        };
        if package.manifest.kind != Kind::Channel {
            let checked = load::settings(package, &plugin.settings);
            return checked.map(drop).map_err(|e| wrong("its settings", e));
        }
        let stored = db.inbox_setup_list().await?;
        let stored = stored.iter().map(|s| (&s.name, &s.setup));
        let configured = self.base.inboxes.iter().map(|i| (&i.name, &i.setup));
        for (name, setup) in stored.chain(configured) {
            if setup.plugin == plugin.id {
                load::settings(package, &setup.settings)
                    .map_err(|e| wrong(&format!("the settings of inbox `{name}`"), e))?;
            }
        }
        Ok(())
    }
}

fn is_successor(old: &Package, new: &Package, id: &str) -> Result<(), ManageError> {
    if new.manifest.id != id {
        let found = &new.manifest.id;
        return Err(ManageError::Invalid(format!(
            "the file is the plugin `{found}`, not `{id}`"
        )));
    }
    if new.manifest.kind != old.manifest.kind {
        return Err(ManageError::Invalid(format!(
            "a {} can't become a {}",
            old.manifest.kind.as_str(),
            new.manifest.kind.as_str()
        )));
    }
    if new.digest == old.digest {
        return Err(ManageError::Conflict(
            "this very file is in force already".into(),
        ));
    }
    Ok(())
}

/// The new version is the one in force from now on.
fn come_into_force(plugin: &mut Installation, (old, new): (&Manifest, &Manifest), digest: String) {
    let grant = granted(plugin, old);
    let grant = grant.map(|grant| json!(grant.carry(old, new)));
    if plugin.upgraded.is_none() {
        plugin.good = Some(plugin.digest.clone());
    }
    plugin.previous = Some(std::mem::replace(&mut plugin.digest, digest));
    plugin.previous_granted = std::mem::replace(&mut plugin.granted, grant);
    plugin.candidate = None;
    plugin.upgraded = Some(now_ms());
    if let Some(Some(key)) = plugin.admitted.get(&plugin.digest) {
        plugin.publisher_key = Some(key.clone());
    }
}

fn detail(old: &Package, new: &Checked, mode: Option<CandidateMode>, more: &[Ask]) -> Value {
    let more: Vec<String> = more.iter().map(ToString::to_string).collect();
    json!({
        "from": old.digest, "from-version": old.manifest.version,
        "to": new.file.digest, "version": new.package.manifest.version,
        "source": new.file.source, "trust": new.trust.state(),
        "waits-for": mode.map(CandidateMode::as_str), "asks-more": more,
        "publisher-key": new.admitted,
    })
}
