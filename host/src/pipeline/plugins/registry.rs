//! Puts the set together that is to be at work, and follows the store.
//!
//! What rapport.toml names is up to rapport.toml alone. Of the rest the store has the last word, and
//! what is bundled and nowhere named runs as it comes. What is at work already and would be loaded
//! from the same things stays as it is, with its figures and its breaker.

mod beside;
mod inboxes;

use self::beside::Beside;
use super::load::{self, LoadError};
use super::manage::ManageError;
use super::standing::{Stand, of_bundled, of_configured, of_installed};
use super::{Absent, Loaded, Plugins, Standing, trust};
use crate::db::inbox_setup::StoredSetup;
use crate::db::{Db, DbError};
use crate::domain::plugin::{BUNDLED, InboxSetup, Installation, PluginState};
use crate::domain::sealed::SealKey;
use crate::plugin::Engines;
use crate::plugin::pure::PurePlugin;
use rapport_package::{Kind, Package};
use rapport_publish::trust::{Trust, TrustStore, assess};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tokio::sync::Mutex;

/// A plugin that rapport.toml has a section for.
#[derive(Debug, Clone)]
pub struct Configured {
    pub package: Arc<Package>,
    pub enabled: bool,
    pub settings: Value,
    pub withhold: Vec<String>,
}

/// An inbox of rapport.toml.
#[derive(Clone)]
pub struct ConfiguredInbox {
    pub name: String,
    pub setup: InboxSetup,
    pub secrets: BTreeMap<String, String>,
}

/// What a host starts from, whatever the store says.
pub struct Base {
    pub bundled: BTreeMap<String, Arc<Package>>,
    pub configured: BTreeMap<String, Configured>,
    pub inboxes: Vec<ConfiguredInbox>,
    pub engines: Arc<Engines>,
    /// Secrets of inboxes are sealed under it.
    pub key: SealKey,
}

/// Puts sets together.
pub struct Registry {
    pub base: Base,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    revision: Option<i64>,
    /// Files that have been read, by digest.
    packages: BTreeMap<String, Arc<Package>>,
}

impl State {
    /// A file of the store, read once.
    async fn package(&mut self, db: &Db, digest: &str) -> Result<Arc<Package>, String> {
        if let Some(package) = self.packages.get(digest) {
            return Ok(Arc::clone(package));
        }
        let package = Arc::new(package_of(db, digest).await?);
        let kept = Arc::clone(&package);
        self.packages.insert(digest.to_owned(), kept);
        Ok(package)
    }
}

/// Everything that decides what is to be at work.
struct Facts {
    installed: BTreeMap<String, Installation>,
    trust: TrustStore,
    setups: Vec<StoredSetup>,
}

impl Facts {
    /// What a file of the store is to this host.
    async fn trust_of(&self, db: &Db, package: &Package) -> Result<Trust, DbError> {
        let signatures = db.plugin_signatures(&package.digest).await?;
        Ok(assess(&package.component, &signatures, &self.trust))
    }
}

impl Registry {
    pub fn new(base: Base) -> Self {
        Self {
            base,
            state: Mutex::default(),
        }
    }

    /// The set to start with. The first problem of what rapport.toml says, or of what is bundled, is
    /// the answer: better no start than half of one.
    pub async fn start(&self, db: &Db) -> Result<Loaded, ManageError> {
        let mut state = self.state.lock().await;
        let revision = db.plugin_revision().await?;
        let loaded = self.load(db, &mut state, &Loaded::default(), true).await?;
        state.revision = Some(revision);
        Ok(loaded)
    }

    /// Brings the set at work up to what the store says, if that has changed. Whether it had.
    pub async fn follow(&self, db: &Db, plugins: &Plugins) -> Result<bool, ManageError> {
        // Read first: a change that comes in between is seen again.
        let revision = db.plugin_revision().await?;
        let mut state = self.state.lock().await;
        if state.revision == Some(revision) {
            return Ok(false);
        }
        let loaded = self.load(db, &mut state, &plugins.now(), false).await?;
        state.revision = Some(revision);
        plugins.replace(loaded);
        tracing::info!(revision, "plugins follow the store");
        Ok(true)
    }

    async fn load(
        &self,
        db: &Db,
        state: &mut State,
        before: &Loaded,
        strict: bool,
    ) -> Result<Loaded, ManageError> {
        let installed = db.plugin_list().await?.into_iter();
        let facts = Facts {
            installed: installed.map(|i| (i.id.clone(), i)).collect(),
            trust: trust::trust_store(db).await?,
            setups: db.inbox_setup_list().await?,
        };
        let mut loaded = Loaded::default();
        let mut channels = BTreeMap::new();
        let mut ids: BTreeSet<&String> = self.base.bundled.keys().collect();
        ids.extend(self.base.configured.keys());
        ids.extend(facts.installed.keys());
        for id in ids {
            let Some(mut stand) = self.stand(db, state, &facts, id, &mut loaded).await? else {
                continue;
            };
            if stand.wish.package.manifest.kind == Kind::Channel {
                if stand.runs() {
                    channels.insert(id.clone(), Arc::clone(&stand.wish.package));
                    stand.standing.state = PluginState::Idle;
                }
            } else if stand.runs() {
                self.load_pure(db, &mut loaded, before, &mut stand, strict)
                    .await?;
            }
            if let Some(installed) = facts.installed.get(id) {
                let of = Beside {
                    db,
                    facts: &facts,
                    installed,
                    stand: &stand,
                    before,
                };
                self.load_beside(of, state, &mut loaded).await;
            }
            if stand.is_missed() {
                loaded.miss(&stand);
            }
            loaded.standings.insert(id.clone(), stand.standing);
        }
        self.load_inboxes(db, &facts, &mut loaded, before, &channels, strict)
            .await?;
        let used: BTreeSet<&String> = facts.installed.values().flat_map(files_of).collect();
        state.packages.retain(|digest, _| used.contains(digest));
        Ok(loaded)
    }

    /// How one plugin stands; none when its file is lost, which is told.
    async fn stand(
        &self,
        db: &Db,
        state: &mut State,
        facts: &Facts,
        id: &str,
        loaded: &mut Loaded,
    ) -> Result<Option<Stand>, ManageError> {
        if let Some(configured) = self.base.configured.get(id) {
            return Ok(Some(of_configured(configured)));
        }
        let Some(installed) = facts.installed.get(id) else {
            return Ok(self.base.bundled.get(id).map(of_bundled));
        };
        if installed.digest == BUNDLED {
            let bundled = self.base.bundled.get(id);
            return Ok(bundled.map(|package| of_installed(installed, package, None)));
        }
        let package = match state.package(db, &installed.digest).await {
            Ok(package) => package,
            Err(reason) => {
                loaded
                    .standings
                    .insert(id.to_owned(), lost(installed, reason));
                return Ok(None);
            }
        };
        let trust = facts.trust_of(db, &package).await?;
        Ok(Some(of_installed(installed, &package, Some(&trust))))
    }

    async fn load_pure(
        &self,
        db: &Db,
        loaded: &mut Loaded,
        before: &Loaded,
        stand: &mut Stand,
        strict: bool,
    ) -> Result<(), ManageError> {
        let wish = &stand.wish;
        let manifest = &wish.package.manifest;
        let limits = (manifest.limits.memory_mb, manifest.limits.time_ms);
        let key = format!(
            "{} {} {:?} {limits:?}",
            wish.package.digest, wish.settings, wish.withhold
        );
        let old = before.pure().find(|p| p.manifest.id == manifest.id);
        let same = before.keys.get(&manifest.id) == Some(&key);
        let plugin = match old {
            Some(old) if same => Arc::clone(old),
            _ => {
                let engines = &self.base.engines;
                let fresh = load::pure(engines, &wish.package, &wish.settings, &wish.withhold);
                match (fresh.await, old) {
                    (Ok(fresh), _) => {
                        loaded.keys.insert(manifest.id.clone(), key.clone());
                        told_of(&fresh);
                        let used = &fresh.settings;
                        db.plugin_settings_keep(&manifest.id, &used.digest, &used.text)
                            .await?;
                        Arc::new(fresh)
                    }
                    (Err(error), _) if strict && stand.strict => {
                        return Err(ManageError::Start(place_of(&manifest.id, &error), error));
                    }
                    (Err(error), old) => {
                        tracing::error!(plugin = %manifest.id, %error, "plugin not loaded");
                        stand.standing.state = PluginState::Failed;
                        stand.standing.reason = Some(error.to_string());
                        let Some(old) = old else {
                            return Ok(());
                        };
                        // Its last version goes on; nothing need stand in for it.
                        let version = &old.manifest.version;
                        let reason = format!("{error}; {version} is still at work");
                        stand.standing.reason = Some(reason);
                        Arc::clone(old)
                    }
                }
            }
        };
        if same {
            loaded.keys.insert(manifest.id.clone(), key);
        }
        match manifest.kind {
            Kind::Classifier => loaded.classifiers.push(plugin),
            Kind::Policy => loaded.policies.push(plugin),
            Kind::Channel => {}
        }
        Ok(())
    }
}

impl Loaded {
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

/// The files of a plugin that may be wanted again.
fn files_of(installed: &Installation) -> impl Iterator<Item = &String> {
    let candidate = installed.candidate.as_ref().map(|c| &c.digest);
    let all = [Some(&installed.digest), candidate, installed.good.as_ref()];
    all.into_iter().flatten()
}

fn told_of(plugin: &PurePlugin) {
    let manifest = &plugin.manifest;
    let frozen = plugin.is_frozen();
    tracing::info!(plugin = %manifest.id, version = %manifest.version, frozen, "loaded");
}

/// Where rapport.toml says what was wrong.
fn place_of(id: &str, error: &LoadError) -> String {
    match error {
        LoadError::Prepare(_) => format!("plugin {id}"),
        _ => format!("[plugins.{id}]"),
    }
}

fn lost(installed: &Installation, reason: String) -> Standing {
    Standing {
        state: PluginState::Failed,
        reason: Some(reason),
        version: String::new(),
        digest: installed.digest.clone(),
        trust: String::new(),
    }
}

/// A plugin file of the store, read and on record.
pub(super) struct Stored {
    pub package: Package,
    pub signatures: Vec<String>,
    pub source: String,
}

/// A file of the store. What was changed in the store is not what was installed.
pub(super) async fn stored(db: &Db, digest: &str) -> Result<Stored, String> {
    let file = db.plugin_file(digest).await.map_err(|e| e.to_string())?;
    let file = file.ok_or_else(|| format!("its file sha256:{digest} is not in the store"))?;
    let package = Package::read(file.bytes).map_err(|e| e.to_string())?;
    if package.digest != digest {
        return Err(format!(
            "its file was changed in the store: it has the digest {}, installed was {digest}",
            package.digest
        ));
    }
    Ok(Stored {
        package,
        signatures: file.signatures,
        source: file.source,
    })
}

/// The same, to be loaded: what it imports is checked as well.
async fn package_of(db: &Db, digest: &str) -> Result<Package, String> {
    let package = stored(db, digest).await?.package;
    package.inspect().map_err(|e| e.to_string())?;
    Ok(package)
}
