//! Versions beside the one in force: the candidate that runs in its shadow, and the last known good one
//! that answers what it gives no answer to. Both are shown what the version in force may be shown, and
//! no more, and work with its settings; neither runs without being trusted.

use super::super::standing::{Stand, granted, last_known_good};
use super::super::{Loaded, Shadow, admit, load};
use super::{Facts, Registry, State};
use crate::db::Db;
use crate::domain::plugin::{BUNDLED, CandidateMode, Installation};
use crate::plugin::pure::PurePlugin;
use rapport_package::Package;
use std::sync::Arc;

/// A plugin, and all that decides what is to be there beside its version in force.
pub(super) struct Beside<'a> {
    pub db: &'a Db,
    pub facts: &'a Facts,
    pub installed: &'a Installation,
    pub stand: &'a Stand,
    pub before: &'a Loaded,
}

impl Registry {
    /// Loads what is to be there beside the version in force. What can't be is told, and is not there.
    pub(super) async fn load_beside(&self, of: Beside<'_>, state: &mut State, loaded: &mut Loaded) {
        let id = &of.installed.id;
        if let Some(digest) = of.shadow(loaded) {
            let mut all = of.before.shadows.iter();
            let old = all.find(|shadow| shadow.plugin.digest == digest);
            let plugin = old.map(|shadow| &shadow.plugin);
            if let Some(plugin) = self.beside(&of, digest, plugin, state, loaded).await {
                let old = old.filter(|old| Arc::ptr_eq(&old.plugin, &plugin));
                let shadow = old.map_or_else(|| Arc::new(Shadow::new(plugin)), Arc::clone);
                loaded.shadows.push(shadow);
            }
        }
        if let Some(digest) = of.good() {
            let old = of.before.good.get(id);
            let old = old.filter(|good| good.digest == digest);
            if let Some(plugin) = self.beside(&of, digest, old, state, loaded).await {
                loaded.good.insert(id.clone(), plugin);
            }
        }
    }

    /// `old` is the one that was there before, which stays if nothing about it has changed.
    async fn beside(
        &self,
        of: &Beside<'_>,
        digest: &str,
        old: Option<&Arc<PurePlugin>>,
        state: &mut State,
        loaded: &mut Loaded,
    ) -> Option<Arc<PurePlugin>> {
        let installed = of.installed;
        let name = format!("{} beside {digest}", installed.id);
        let key = format!("{} {:?}", installed.settings, installed.granted);
        let unchanged = of.before.keys.get(&name) == Some(&key);
        let plugin = match (self.trusted(of, digest, state).await, old) {
            (Ok(_), Some(old)) if unchanged => Ok(Arc::clone(old)),
            (Ok(package), _) => {
                let fresh = self.loaded_beside(of, &package, state).await;
                fresh.map(Arc::new)
            }
            (Err(reason), _) => Err(reason),
        };
        match plugin {
            Ok(plugin) => {
                loaded.keys.insert(name, key);
                Some(plugin)
            }
            Err(reason) => {
                tracing::error!(plugin = %installed.id, digest, reason, "not beside it");
                None
            }
        }
    }

    async fn file(
        &self,
        of: &Beside<'_>,
        digest: &str,
        state: &mut State,
    ) -> Result<Arc<Package>, String> {
        if digest == BUNDLED {
            let bundled = self.base.bundled.get(&of.installed.id).cloned();
            return bundled.ok_or_else(|| "it is not bundled any more".to_owned());
        }
        state.package(of.db, digest).await
    }

    /// The file, if it may run.
    async fn trusted(
        &self,
        of: &Beside<'_>,
        digest: &str,
        state: &mut State,
    ) -> Result<Arc<Package>, String> {
        let package = self.file(of, digest, state).await?;
        if digest == BUNDLED {
            return Ok(package);
        }
        let trust = of.facts.trust_of(of.db, &package).await;
        let trust = trust.map_err(|e| e.to_string())?;
        let admitted = of.installed.admitted.get(digest);
        match admit::may_run(&trust, admitted, &of.facts.trust) {
            Ok(()) => Ok(package),
            Err((_, reason)) => Err(reason),
        }
    }

    async fn loaded_beside(
        &self,
        of: &Beside<'_>,
        package: &Package,
        state: &mut State,
    ) -> Result<PurePlugin, String> {
        let installed = of.installed;
        let in_force = self.file(of, &installed.digest, state).await?;
        let grant = granted(installed, &in_force.manifest).unwrap_or_default();
        let withhold = grant.withheld(&package.manifest);
        let mut package = package.clone();
        package.manifest = grant.apply(&package.manifest);
        let engines = &self.base.engines;
        let plugin = load::pure(engines, &package, &installed.settings, &withhold).await;
        let plugin = plugin.map_err(|e| e.to_string())?;
        // What it will say can be re-executed.
        let used = &plugin.settings;
        let kept = of
            .db
            .plugin_settings_keep(&installed.id, &used.digest, &used.text);
        kept.await.map_err(|e| e.to_string())?;
        Ok(plugin)
    }
}

impl Beside<'_> {
    /// The candidate that is to run in the shadow.
    fn shadow(&self, loaded: &Loaded) -> Option<&str> {
        let candidate = self.installed.candidate.as_ref()?;
        let runs = loaded.pure().any(|p| p.manifest.id == self.installed.id);
        let wanted = candidate.mode == CandidateMode::Shadow && runs;
        wanted.then_some(candidate.digest.as_str())
    }

    /// The version that is to answer in the stead of the one in force.
    fn good(&self) -> Option<&str> {
        let asked = self.stand.runs() || self.stand.is_missed();
        let manifest = &self.stand.wish.package.manifest;
        last_known_good(self.installed, manifest).filter(|_| asked)
    }
}
