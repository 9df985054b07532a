//! Puts the set together that is to be at work, and follows the store.
//!
//! What rapport.toml names is up to rapport.toml alone. Of the rest the store has the last word, and
//! what is bundled and nowhere named runs as it comes. What is at work already and would be loaded
//! from the same things stays as it is, with its figures and its breaker. What must be prepared is
//! prepared side by side; whatever can't be says why and keeps nothing else from work. Classifiers and
//! policies come into the set together, each inbox as soon as it is there.

mod beside;
mod inboxes;
mod judges;
mod lost;

use super::manage::ManageError;
use super::standing::{Stand, of_bundled, of_configured, of_installed};
use super::{Loaded, Plugins, Standing, trust};
use crate::db::inbox_setup::StoredSetup;
use crate::db::{Db, DbError};
use crate::domain::fingerprint::Fingerprint;
use crate::domain::now_ms;
use crate::domain::plugin::{BUNDLED, InboxSetup, Installation};
use crate::domain::sealed::SealKey;
use crate::plugin::Engines;
use rapport_package::{Kind, Package};
use rapport_publish::trust::{Trust, TrustStore, assess};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// A plugin that rapport.toml has a section for.
#[derive(Debug, Clone)]
pub struct Configured {
    pub package: Arc<Package>,
    pub enabled: bool,
    pub settings: Value,
    pub withhold: Vec<String>,
}

/// The same, whose plugin can't be read.
#[derive(Debug, Clone)]
pub struct Unreadable {
    pub reason: String,
    pub enabled: bool,
    /// What it is, where that much is known.
    pub kind: Option<Kind>,
}

/// An inbox of rapport.toml.
#[derive(Clone)]
pub struct ConfiguredInbox {
    pub name: String,
    pub setup: InboxSetup,
    /// Each secret, or why it can't be read.
    pub secrets: BTreeMap<String, Result<String, String>>,
}

/// What plugins and inboxes are at a start, for the record.
pub type Fingerprints = Box<dyn Fn(&Loaded) -> Vec<Fingerprint> + Send + Sync>;

/// What a host starts from, whatever the store says.
pub struct Base {
    pub bundled: BTreeMap<String, Arc<Package>>,
    pub configured: BTreeMap<String, Configured>,
    pub unreadable: BTreeMap<String, Unreadable>,
    pub inboxes: Vec<ConfiguredInbox>,
    pub engines: Arc<Engines>,
    /// `host:port` inside the network that an admin's `oci://` may lead to.
    pub registries: Vec<String>,
    /// Secrets of inboxes are sealed under it.
    pub key: SealKey,
    pub fingerprints: Fingerprints,
}

/// Puts sets together.
pub struct Registry {
    pub base: Base,
    state: Mutex<State>,
    /// The revision by which this host judges; none before its first set judges.
    judging: AtomicI64,
    /// The same with its inboxes.
    followed: AtomicI64,
}

/// Before the first revision.
const NO_REVISION: i64 = -1;

#[derive(Default)]
struct State {
    revision: Option<i64>,
    /// Files that have been read, by digest.
    packages: BTreeMap<String, Arc<Package>>,
    /// Inboxes that were refused, by what they were to be prepared from, and why: the same again is not
    /// tried again.
    failed: BTreeMap<String, String>,
    /// When inboxes that failed for another reason (a full disk, a busy machine) are tried again.
    retry: Option<Retry>,
}

/// The next try: after half a minute, then after twice as long, up to a quarter of an hour.
struct Retry {
    at: Instant,
    wait: Duration,
}

impl Retry {
    const FIRST: Duration = Duration::from_secs(30);
    const LONGEST: Duration = Duration::from_secs(15 * 60);

    fn after(last: Option<&Self>) -> Self {
        let wait = last.map_or(Self::FIRST, |last| (last.wait * 2).min(Self::LONGEST));
        Self {
            at: Instant::now() + wait,
            wait,
        }
    }

    fn is_due(&self) -> bool {
        self.at <= Instant::now()
    }
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
            judging: AtomicI64::new(NO_REVISION),
            followed: AtomicI64::new(NO_REVISION),
        }
    }

    /// Whether the classifiers and policies at work here are those of the store as it is now.
    pub async fn judges_by_the_store(&self, db: &Db) -> Result<bool, DbError> {
        Ok(self.judging.load(Ordering::Acquire) == db.plugin_revision().await?)
    }

    /// The revision that this host follows with all that it has, inboxes too; -1 before the first.
    pub fn followed(&self) -> i64 {
        self.followed.load(Ordering::Acquire)
    }

    /// Brings the set at work up to what the store says, if that has changed; the first time from
    /// nothing, and then what there is goes on record. Whether it had changed. Errors are the store's
    /// alone.
    pub async fn follow(&self, db: &Db, plugins: &Plugins) -> Result<bool, ManageError> {
        // Read first: a change that comes in between is seen again.
        let revision = db.plugin_revision().await?;
        let mut state = self.state.lock().await;
        let retry = state.retry.as_ref().is_some_and(Retry::is_due);
        if state.revision == Some(revision) && !retry {
            return Ok(false);
        }
        self.load(db, &mut state, plugins, revision).await?;
        if state.revision.is_none() {
            let now = (self.base.fingerprints)(&plugins.now());
            db.fingerprint_sync(now_ms(), &now).await?;
            plugins.change(|set| set.starting = false);
        }
        state.revision = Some(revision);
        self.followed.store(revision, Ordering::Release);
        tracing::info!(revision, "plugins follow the store");
        Ok(true)
    }

    async fn load(
        &self,
        db: &Db,
        state: &mut State,
        plugins: &Plugins,
        revision: i64,
    ) -> Result<(), ManageError> {
        let installed = db.plugin_list().await?.into_iter();
        let facts = Facts {
            installed: installed.map(|i| (i.id.clone(), i)).collect(),
            trust: trust::trust_store(db).await?,
            setups: db.inbox_setup_list().await?,
        };
        let mut judges = Loaded::default();
        let (mut channels, mut stands) = (BTreeMap::new(), BTreeMap::new());
        let mut ids: BTreeSet<&String> = self.base.bundled.keys().collect();
        ids.extend(self.base.configured.keys());
        ids.extend(self.base.unreadable.keys());
        ids.extend(facts.installed.keys());
        for id in ids {
            match self.stand(db, state, &facts, id).await? {
                Some(Stood::There(stand)) if stand.wish.package.manifest.kind == Kind::Channel => {
                    channels.insert(id.clone(), *stand);
                }
                Some(Stood::There(stand)) => {
                    stands.insert(id.clone(), *stand);
                }
                Some(Stood::Lost(standing)) => self.miss_lost(&facts, id, standing, &mut judges),
                None => {}
            }
        }
        let before = plugins.now();
        let inboxes = self
            .plan_inboxes(db, &facts, &channels, &judges.standings, &before)
            .await?;
        plugins.change(|set| {
            if set.pending {
                set.begin(&stands, &judges);
            }
            inboxes.begin(set, &channels);
        });
        let failed = std::mem::take(&mut state.failed);
        // Who sends waits for those who judge, and these for no inbox.
        let judging = async {
            let judges = self.load_judges(db, &facts, state, stands, judges, plugins);
            let judges = judges.await?;
            plugins.change(|set| set.judge(judges, &channels));
            self.judging.store(revision, Ordering::Release);
            Ok::<_, ManageError>(())
        };
        let (judged, failed) =
            tokio::join!(judging, self.load_inboxes(db, inboxes, failed, plugins));
        judged?;
        let inboxes::Failed { refused, transient } = failed?;
        state.retry = transient.then(|| Retry::after(state.retry.as_ref()));
        state.failed = refused;
        let used: BTreeSet<&String> = facts.installed.values().flat_map(files_of).collect();
        state.packages.retain(|digest, _| used.contains(digest));
        Ok(())
    }

    /// How one plugin stands; none when it was bundled and is not any more.
    async fn stand(
        &self,
        db: &Db,
        state: &mut State,
        facts: &Facts,
        id: &str,
    ) -> Result<Option<Stood>, ManageError> {
        if let Some(configured) = self.base.configured.get(id) {
            return Ok(Some(Stood::there(of_configured(configured))));
        }
        if let Some(unreadable) = self.base.unreadable.get(id) {
            return Ok(Some(Stood::Lost(lost::of_unreadable(unreadable))));
        }
        let Some(installed) = facts.installed.get(id) else {
            let bundled = self.base.bundled.get(id);
            return Ok(bundled.map(|package| Stood::there(of_bundled(package))));
        };
        if installed.digest == BUNDLED {
            let bundled = self.base.bundled.get(id);
            let stand = bundled.map(|package| of_installed(installed, package, None));
            return Ok(stand.map(Stood::there));
        }
        let package = match state.package(db, &installed.digest).await {
            Ok(package) => package,
            Err(reason) => return Ok(Some(Stood::Lost(lost::of_installed(installed, reason)))),
        };
        let trust = facts.trust_of(db, &package).await?;
        Ok(Some(Stood::there(of_installed(
            installed,
            &package,
            Some((&trust, &facts.trust)),
        ))))
    }
}

/// A plugin that can be read, or one that can't.
enum Stood {
    There(Box<Stand>),
    Lost(Standing),
}

impl Stood {
    fn there(stand: Stand) -> Self {
        Self::There(Box::new(stand))
    }
}

/// The files of a plugin that may be wanted again.
fn files_of(installed: &Installation) -> impl Iterator<Item = &String> {
    let candidate = installed.candidate.as_ref().map(|c| &c.digest);
    let all = [Some(&installed.digest), candidate, installed.good.as_ref()];
    all.into_iter().flatten()
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
