//! The classifiers and policies of a set: prepared side by side, at work together.

use super::super::load;
use super::super::manage::ManageError;
use super::super::standing::Stand;
use super::super::{Absent, Loaded, Plugins};
use super::beside::Beside;
use super::{Facts, Registry, State};
use crate::db::Db;
use crate::domain::plugin::PluginState;
use crate::plugin::pure::PurePlugin;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use rapport_package::Kind;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What stands in a policy's place until it is prepared.
const PREPARING: &str = "it is still being prepared";

/// A plugin, and what it was loaded from.
type Fresh = (Arc<PurePlugin>, String);

impl Registry {
    /// Loads all that are to run, into `set`, which has what can't be read already.
    pub(super) async fn load_judges(
        &self,
        db: &Db,
        facts: &Facts,
        state: &mut State,
        mut stands: BTreeMap<String, Stand>,
        mut set: Loaded,
        plugins: &Plugins,
    ) -> Result<Loaded, ManageError> {
        let before = plugins.now();
        let before = before.as_ref();
        let wanted = stands.iter_mut().filter(|(_, stand)| stand.runs());
        let mut preparing: FuturesUnordered<_> = wanted
            .map(|(id, stand)| async move { (id, self.load_pure(db, before, stand).await) })
            .collect();
        let mut fresh = BTreeMap::new();
        while let Some((id, loaded)) = preparing.next().await {
            if let Some(loaded) = loaded? {
                fresh.insert(id.clone(), loaded);
            }
            if before.pending {
                plugins.change(|set| {
                    set.preparing.remove(id);
                });
            }
        }
        drop(preparing);
        for (id, stand) in stands {
            if let Some((plugin, key)) = fresh.remove(&id) {
                set.keys.insert(id.clone(), key);
                match plugin.manifest.kind {
                    Kind::Classifier => set.classifiers.push(plugin),
                    Kind::Policy => set.policies.push(plugin),
                    Kind::Channel => {}
                }
            }
            if let Some(installed) = facts.installed.get(&id) {
                let of = Beside {
                    db,
                    facts,
                    installed,
                    stand: &stand,
                    before,
                };
                self.load_beside(of, state, &mut set).await;
            }
            if stand.is_missed() {
                set.miss(&stand);
            }
            set.standings.insert(id, stand.standing);
        }
        Ok(set)
    }

    /// One of them, with what it was loaded from; none when it can't be, which is told.
    async fn load_pure(
        &self,
        db: &Db,
        before: &Loaded,
        stand: &mut Stand,
    ) -> Result<Option<Fresh>, ManageError> {
        let wish = &stand.wish;
        let manifest = &wish.package.manifest;
        let limits = (manifest.limits.memory_mb, manifest.limits.time_ms);
        let key = format!(
            "{} {} {:?} {limits:?}",
            wish.package.digest, wish.settings, wish.withhold
        );
        let old = before.pure().find(|p| p.manifest.id == manifest.id);
        if let Some(old) = old
            && before.keys.get(&manifest.id) == Some(&key)
        {
            return Ok(Some((Arc::clone(old), key)));
        }
        let engines = &self.base.engines;
        let fresh = load::pure(engines, &wish.package, &wish.settings, &wish.withhold);
        match fresh.await {
            Ok(fresh) => {
                let frozen = fresh.is_frozen();
                tracing::info!(plugin = %manifest.id, version = %manifest.version, frozen, "loaded");
                let used = &fresh.settings;
                db.plugin_settings_keep(&manifest.id, &used.digest, &used.text)
                    .await?;
                Ok(Some((Arc::new(fresh), key)))
            }
            Err(error) => {
                tracing::error!(plugin = %manifest.id, %error, "plugin not loaded");
                stand.standing.state = PluginState::Failed;
                stand.standing.reason = Some(error.to_string());
                let Some(old) = old else {
                    return Ok(None);
                };
                // Its last version goes on; nothing need stand in for it.
                let version = &old.manifest.version;
                let reason = format!("{error}; {version} is still at work");
                stand.standing.reason = Some(reason);
                Ok(Some((Arc::clone(old), String::new())))
            }
        }
    }
}

impl Loaded {
    /// The set that a start begins with: nothing judges yet, and what policies guard is closed.
    pub(super) fn begin(&mut self, stands: &BTreeMap<String, Stand>, lost: &Loaded) {
        self.absent.clone_from(&lost.absent);
        self.standings.clone_from(&lost.standings);
        for (id, stand) in stands {
            let mut standing = stand.standing.clone();
            if stand.runs() {
                standing.state = PluginState::Preparing;
                self.preparing.insert(id.clone());
            }
            let manifest = &stand.wish.package.manifest;
            if manifest.kind == Kind::Policy && (stand.runs() || stand.is_missed()) {
                self.absent.push(Absent {
                    manifest: manifest.clone(),
                    digest: standing.digest.clone(),
                    reason: standing.reason.clone().unwrap_or(PREPARING.to_owned()),
                });
            }
            self.standings.insert(id.clone(), standing);
        }
    }

    /// Lets these classifiers and policies judge from now on. What channels say of themselves stays.
    pub(super) fn judge(&mut self, judges: Loaded, channels: &BTreeMap<String, Stand>) {
        let own = std::mem::take(&mut self.standings).into_iter();
        self.standings = own.filter(|(id, _)| channels.contains_key(id)).collect();
        self.standings.extend(judges.standings);
        self.classifiers = judges.classifiers;
        self.policies = judges.policies;
        self.absent = judges.absent;
        self.good = judges.good;
        self.shadows = judges.shadows;
        self.keys = judges.keys;
        self.preparing.clear();
        self.pending = false;
    }

    /// What guards must not be passed over because it can't be loaded, unless its last version is at
    /// work. Of a classifier that can't be, the last known good version is simply the one at work.
    fn miss(&mut self, stand: &Stand) {
        let manifest = &stand.wish.package.manifest;
        if self.pure().any(|p| p.manifest.id == manifest.id) {
            return;
        }
        match (manifest.kind, self.good.get(&manifest.id)) {
            (Kind::Policy, _) => self.absent.push(Absent {
                manifest: manifest.clone(),
                digest: stand.standing.digest.clone(),
                reason: stand.standing.reason.clone().unwrap_or_default(),
            }),
            (Kind::Classifier, Some(good)) => self.classifiers.push(Arc::clone(good)),
            _ => {}
        }
    }
}
