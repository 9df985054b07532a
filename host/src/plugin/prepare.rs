//! From a plugin file and its settings to something that can be called: configured once, frozen,
//! compiled ahead of time, kept on disk.
//!
//! `configure` runs once and the instance's memory becomes part of a new component (wasmtime-wizer),
//! so that a fresh instance starts configured. A component that can't be frozen is configured at the
//! start of each call instead: slower, and otherwise the same. Files are named by digest of the
//! component, digest of the settings and the engine's compatibility hash, written under another name
//! first, in a directory that only this user can enter: nothing else is ever deserialized.

mod apart;
mod compile;
mod configure;

pub use self::apart::{compile_apart, compiler};
use self::compile::Job;
use super::budget::{self, Meter};
use super::engine::{Engines, Runtime};
use super::fault::{CallLimits, HostFault};
use super::settings::Settings;
use super::state::HostState;
use rapport_bindings::{channel, classifier, policy};
use rapport_package::{Kind, Package};
use serde::{Deserialize, Serialize};
use std::hash::{Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use wasmtime::component::Component;
use wasmtime::{Store, UpdateDeadline};

/// Why a plugin can't be used. The text is for the admin.
#[derive(Debug, thiserror::Error, Serialize, Deserialize)]
pub enum PrepareError {
    #[error("it does not load: {0}")]
    Load(String),
    #[error("it refuses its settings: {0}")]
    Settings(String),
    /// Of what an inbox gives its connector, each with its key.
    #[error("{0}")]
    Options(String),
    #[error("configuring it ended in a host fault, {0}")]
    Fault(HostFault),
}

/// A component ready to be called.
pub struct Prepared {
    pub(super) world: World,
    /// False: `configure` is called at the start of each call.
    pub frozen: bool,
    pub(super) settings: String,
}

pub(super) enum World {
    Channel(channel::ChannelConnectorPre<HostState>),
    Classifier(classifier::ClassifierPre<HostState>),
    Policy(policy::PolicyPackPre<HostState>),
    /// Compiled into the host, to measure the sandbox against.
    Native(super::native::Native),
}

/// Whether to freeze the configured instance; `Never` is for measuring what it saves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freeze {
    WhenPossible,
    Never,
}

/// Configures, freezes and compiles, or takes the result of an earlier run from the cache.
/// `settings` is JSON text that has passed the manifest's schema.
pub async fn prepare(
    engines: &Arc<Engines>,
    package: &Package,
    settings: &str,
    settings_digest: &str,
    freeze: Freeze,
) -> Result<Prepared, PrepareError> {
    let runtime = engines.runtime(package.manifest.kind);
    let key = key_of(engines, package, settings_digest);
    // A component that can't be frozen, and one that was not to be, are told apart.
    let plain = if freeze == Freeze::Never {
        "live"
    } else {
        "plain"
    };
    let place = |suffix: &str| engines.cache_dir.join(format!("{key}-{suffix}.cwasm"));
    let kept = || {
        let frozen = (freeze == Freeze::WhenPossible).then_some(("frozen", true));
        let mut all = frozen.into_iter().chain([(plain, false)]);
        all.find_map(|(suffix, frozen)| Some((load(runtime, &place(suffix))?, frozen)))
    };
    let (component, frozen) = match kept() {
        Some(kept) => kept,
        None => {
            let turn = engines.turn(&key);
            let _turn = turn.lock().await;
            match kept() {
                Some(kept) => kept,
                None => {
                    // Under another name first, so that a file with the right name is whole.
                    let unfinished = format!("{key}-{}.tmp", crate::domain::new_id());
                    let unfinished = Unfinished(engines.cache_dir.join(unfinished));
                    let into = Some(unfinished.0.clone());
                    let job = Job::new(package, settings, freeze, into);
                    let frozen = compiled(engines, package, job).await?;
                    let path = place(if frozen { "frozen" } else { plain });
                    let at = |problem| PrepareError::Load(format!("{}: {problem}", path.display()));
                    std::fs::rename(&unfinished.0, &path).map_err(|e| at(e.to_string()))?;
                    let component = load(runtime, &path);
                    (
                        component.ok_or_else(|| at("can't be read back".into()))?,
                        frozen,
                    )
                }
            }
        }
    };
    ready(engines, package, &component, frozen, settings).await
}

/// The name of what a plugin and settings come to on this engine.
fn key_of(engines: &Engines, package: &Package, settings_digest: &str) -> String {
    let engine = &engines.runtime(package.manifest.kind).engine;
    let mut hasher = std::hash::DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    format!(
        "{}-{}-{:016x}",
        &package.digest[..32],
        &settings_digest[..32],
        hasher.finish()
    )
}

/// Whether a plugin takes its settings, which have passed the manifest's schema. It is configured in an
/// instance that is thrown away, unless that went well before; nothing is kept.
pub async fn try_settings(
    engines: &Arc<Engines>,
    package: &Package,
    settings: &Settings,
) -> Result<(), PrepareError> {
    let key = key_of(engines, package, &settings.digest);
    let frozen = engines.cache_dir.join(format!("{key}-frozen.cwasm"));
    if frozen.exists() {
        return Ok(());
    }
    let job = Job::new(package, &settings.text, Freeze::WhenPossible, None);
    compiled(engines, package, job).await.map(drop)
}

/// A file that is gone unless it got another name.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// Seconds of work on the processor: in a process of its own where this one is `rapport`, in any case
/// not on a thread that others wait for, and not for many at once. Whether it is frozen.
async fn compiled(
    engines: &Arc<Engines>,
    package: &Package,
    job: Job,
) -> Result<bool, PrepareError> {
    let _room = engines.preparing.acquire().await;
    let (worker, component) = (Arc::clone(engines), package.component.clone());
    aside(move || match apart::program() {
        Some(program) => apart::run(program, &job, &component),
        None => Handle::current().block_on(job.run(&worker, &component)),
    })
    .await
}

/// On a thread of its own.
async fn aside<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PrepareError> + Send + 'static,
) -> Result<T, PrepareError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|_| PrepareError::Load("the compiler gave up on it".to_owned()))?
}

/// Links it. Of one that is configured at each call, wrong settings show now, not at the first
/// message; a frozen one has been configured.
async fn ready(
    engines: &Arc<Engines>,
    package: &Package,
    component: &Component,
    frozen: bool,
    settings: &str,
) -> Result<Prepared, PrepareError> {
    let kind = package.manifest.kind;
    let prepared = link(engines.runtime(kind), kind, component, frozen, settings)?;
    if frozen {
        return Ok(prepared);
    }
    // Each takes a place in the engine's pool meanwhile.
    let _room = engines.preparing.acquire().await;
    let (engines, memory_mb) = (Arc::clone(engines), package.manifest.limits.memory_mb);
    aside(move || {
        let tried = prepared.try_configure(engines.runtime(kind), memory_mb);
        Handle::current().block_on(tried)?;
        Ok(prepared)
    })
    .await
}

/// Sets every limit of the store. Only one of fuel and epoch is in force on an engine; either makes
/// the guest give way at short intervals. The epoch's end is counted on the meter: in the processor
/// time of the call, which has to run under [`budget::run`].
pub(super) fn arm(store: &mut Store<HostState>, limits: &CallLimits, meter: &Arc<Meter>) {
    store.limiter(|state| &mut state.limiter);
    store.set_hostcall_fuel(super::limits::OUTPUT_BYTES);
    if store.set_fuel(limits.fuel).is_ok() {
        // Only an engine without fuel refuses this.
        let _ = store.fuel_async_yield_interval(Some(super::limits::FUEL_YIELD_INTERVAL));
    }
    let longest = Duration::from_millis(limits.time_ms);
    let meter = Arc::clone(meter);
    store.set_epoch_deadline(1);
    store.epoch_deadline_callback(move |_| {
        if meter.spent() >= longest {
            return Ok(UpdateDeadline::Interrupt);
        }
        Ok(give_way())
    });
}

fn give_way() -> UpdateDeadline {
    UpdateDeadline::YieldCustom(1, Box::pin(budget::give_way()))
}

/// Checks the component against its world and what the linker offers.
fn link(
    runtime: &Runtime,
    kind: Kind,
    component: &Component,
    frozen: bool,
    settings: &str,
) -> Result<Prepared, PrepareError> {
    let load = |e: wasmtime::Error| PrepareError::Load(format!("{e:#}"));
    let pre = runtime.linker.instantiate_pre(component).map_err(load)?;
    let world = match kind {
        Kind::Channel => World::Channel(channel::ChannelConnectorPre::new(pre).map_err(load)?),
        Kind::Classifier => World::Classifier(classifier::ClassifierPre::new(pre).map_err(load)?),
        Kind::Policy => World::Policy(policy::PolicyPackPre::new(pre).map_err(load)?),
    };
    Ok(Prepared {
        world,
        frozen,
        settings: settings.to_owned(),
    })
}

/// A compiled component from the cache; none when it is not there or of another engine.
#[expect(
    unsafe_code,
    reason = "machine code from our own cache is run as it stands"
)]
fn load(runtime: &Runtime, path: &Path) -> Option<Component> {
    if !path.exists() {
        return None;
    }
    // SAFETY: machine code is run as it stands in the file. The file is in a directory that only
    // this user can enter and write to, under a name that only `prepare` gives, complete or not at all.
    match unsafe { Component::deserialize_file(&runtime.engine, path) } {
        Ok(component) => Some(component),
        Err(e) => {
            tracing::warn!(path = %path.display(), error = %e, "compiled plugin not usable; compiling again");
            None
        }
    }
}
