//! From a plugin file and its settings to something that can be called: configured once, frozen,
//! compiled ahead of time, kept on disk.
//!
//! `configure` runs once and the instance's memory becomes part of a new component (wasmtime-wizer),
//! so that a fresh instance starts configured. A component that can't be frozen is configured at the
//! start of each call instead: slower, and otherwise the same. Files are named by digest of the
//! component, digest of the settings and the engine's compatibility hash, written under another name
//! first, in a directory that only this user can enter: nothing else is ever deserialized.

use super::budget::{self, Meter};
use super::engine::{Engines, Runtime};
use super::fault::{self, CallLimits, HostFault};
use super::limits;
use super::state::HostState;
use rapport_bindings::{channel, classifier, policy};
use rapport_package::{Kind, Package};
use std::hash::{Hash, Hasher};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use wasmtime::component::{Component, Val};
use wasmtime::{Store, UpdateDeadline};

/// Why a plugin can't be used. The text is for the admin.
#[derive(Debug, thiserror::Error)]
pub enum PrepareError {
    #[error("it does not load: {0}")]
    Load(String),
    #[error("it refuses its settings: {0}")]
    Settings(String),
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
    let mut hasher = std::hash::DefaultHasher::new();
    runtime
        .engine
        .precompile_compatibility_hash()
        .hash(&mut hasher);
    let key = format!(
        "{}-{}-{:016x}",
        &package.digest[..32],
        &settings_digest[..32],
        hasher.finish()
    );
    // A component that can't be frozen, and one that was not to be, are told apart.
    let plain = if freeze == Freeze::Never {
        "live"
    } else {
        "plain"
    };
    for (suffix, frozen) in [("frozen", true), (plain, false)] {
        let wanted = freeze == Freeze::WhenPossible || !frozen;
        let path = engines.cache_dir.join(format!("{key}-{suffix}.cwasm"));
        if wanted && let Some(component) = load(runtime, &path) {
            return ready(runtime, package, &component, frozen, settings).await;
        }
    }
    // Seconds of work on the processor: not on a thread that others wait for.
    let (worker, plugin) = (Arc::clone(engines), package.clone());
    let with = settings.to_owned();
    let compiling = tokio::task::spawn_blocking(move || {
        let compiled = compile(worker.runtime(plugin.manifest.kind), plugin, &with, freeze);
        Handle::current().block_on(compiled)
    });
    let (compiled, frozen) = compiling
        .await
        .map_err(|e| PrepareError::Load(e.to_string()))??;
    let suffix = if frozen { "frozen" } else { plain };
    let path = engines.cache_dir.join(format!("{key}-{suffix}.cwasm"));
    store(&path, &compiled).map_err(|e| PrepareError::Load(format!("{}: {e}", path.display())))?;
    let component = load(runtime, &path)
        .ok_or_else(|| PrepareError::Load(format!("{} can't be read back", path.display())))?;
    ready(runtime, package, &component, frozen, settings).await
}

/// The machine code, and whether it is that of a frozen instance.
async fn compile(
    runtime: &Runtime,
    package: Package,
    settings: &str,
    freeze: Freeze,
) -> Result<(Vec<u8>, bool), PrepareError> {
    let snapshot = match freeze {
        Freeze::WhenPossible => snapshot(runtime, &package, settings).await?,
        Freeze::Never => None,
    };
    let frozen = snapshot.is_some();
    let bytes = snapshot.unwrap_or(package.component);
    let compiled = runtime.engine.precompile_component(&bytes);
    let compiled = compiled.map_err(|e| PrepareError::Load(format!("{e:#}")))?;
    Ok((compiled, frozen))
}

/// Links it. Of one that is configured at each call, wrong settings show now, not at the first
/// message; a frozen one has been configured.
async fn ready(
    runtime: &Runtime,
    package: &Package,
    component: &Component,
    frozen: bool,
    settings: &str,
) -> Result<Prepared, PrepareError> {
    let prepared = link(runtime, package, component, frozen, settings)?;
    if !frozen {
        prepared.try_configure(runtime, package).await?;
    }
    Ok(prepared)
}

/// Runs `configure` in an instrumented instance and writes its memory into a new component. None
/// when this component can't be frozen (several memories, unusual layout).
async fn snapshot(
    runtime: &Runtime,
    package: &Package,
    settings: &str,
) -> Result<Option<Vec<u8>>, PrepareError> {
    let memory_mb = package.manifest.limits.memory_mb;
    let (mut store, meter) = store_for(runtime, memory_mb);
    let mut wizer = wasmtime_wizer::Wizer::new();
    wizer.init_func(format!("configure({})", wave_string(settings)));
    let run = wizer.run_component(&mut store, &package.component, async |store, component| {
        // Compiling it is no work of the guest.
        meter.restart();
        runtime.linker.instantiate_async(store, component).await
    });
    let outcome = budget::run(&meter, limits::CONFIGURE_TIMEOUT, run).await;
    let limits = configure_limits(memory_mb);
    let error = match outcome {
        Err(_) => return Err(PrepareError::Fault(HostFault::Timeout(limits.time_ms))),
        Ok(Ok((component, returned))) => {
            return match returned.first() {
                Some(Val::Result(Ok(_))) => Ok(Some(component)),
                Some(Val::Result(Err(Some(said)))) => match said.as_ref() {
                    Val::String(text) => {
                        Err(PrepareError::Settings(super::sanitize::text(text.clone())))
                    }
                    _ => Err(PrepareError::Settings("without a reason".into())),
                },
                _ => Err(PrepareError::Load("`configure` has the wrong type".into())),
            };
        }
        Ok(Err(error)) => error,
    };
    let stderr = String::from_utf8_lossy(&store.data().stderr.contents()).into_owned();
    let trapped = error.downcast_ref::<wasmtime::Trap>().is_some()
        || error.downcast_ref::<fault::Limit>().is_some();
    if trapped {
        return Err(PrepareError::Fault(fault::name(&error, &limits, &stderr)));
    }
    tracing::info!(plugin = %package.manifest.id, error = %format!("{error:#}"),
        "can't be frozen; it will be configured at each call");
    Ok(None)
}

/// A text as the WAVE encoding of a string (component model's value encoding).
fn wave_string(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn configure_limits(memory_mb: u32) -> CallLimits {
    CallLimits {
        fuel: limits::CONFIGURE_FUEL_MS * limits::FUEL_PER_MS,
        memory_mb,
        time_ms: limits::CONFIGURE_TIMEOUT.as_millis() as u64,
    }
}

/// A store in which `configure` can run: no network, no inbox.
fn store_for(runtime: &Runtime, memory_mb: u32) -> (Store<HostState>, Arc<Meter>) {
    let mut store = Store::new(&runtime.engine, HostState::pure(memory_mb));
    let meter = Arc::<Meter>::default();
    arm(&mut store, &configure_limits(memory_mb), &meter);
    (store, meter)
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
        Ok(UpdateDeadline::YieldCustom(
            1,
            Box::pin(tokio::task::yield_now()),
        ))
    });
}

impl Prepared {
    /// Calls `configure` in a throw-away instance.
    async fn try_configure(
        &self,
        runtime: &Runtime,
        package: &Package,
    ) -> Result<(), PrepareError> {
        let memory_mb = package.manifest.limits.memory_mb;
        let (mut store, meter) = store_for(runtime, memory_mb);
        let settings = &self.settings;
        let run = async {
            match &self.world {
                World::Channel(pre) => {
                    let guest = pre.instantiate_async(&mut store).await?;
                    guest.call_configure(&mut store, settings).await
                }
                World::Classifier(pre) => {
                    let guest = pre.instantiate_async(&mut store).await?;
                    guest.call_configure(&mut store, settings).await
                }
                World::Policy(pre) => {
                    let guest = pre.instantiate_async(&mut store).await?;
                    guest.call_configure(&mut store, settings).await
                }
                World::Native(_) => Ok(Ok(())),
            }
        };
        let outcome = budget::run(&meter, limits::CONFIGURE_TIMEOUT, run).await;
        let limits = configure_limits(memory_mb);
        let error = match outcome {
            Err(_) => return Err(PrepareError::Fault(HostFault::Timeout(limits.time_ms))),
            Ok(Ok(Ok(()))) => return Ok(()),
            Ok(Ok(Err(said))) => return Err(PrepareError::Settings(super::sanitize::text(said))),
            Ok(Err(error)) => error,
        };
        let stderr = String::from_utf8_lossy(&store.data().stderr.contents()).into_owned();
        Err(PrepareError::Fault(fault::name(&error, &limits, &stderr)))
    }
}

/// Checks the component against its world and what the linker offers.
fn link(
    runtime: &Runtime,
    package: &Package,
    component: &Component,
    frozen: bool,
    settings: &str,
) -> Result<Prepared, PrepareError> {
    let load = |e: wasmtime::Error| PrepareError::Load(format!("{e:#}"));
    let pre = runtime.linker.instantiate_pre(component).map_err(load)?;
    let world = match package.manifest.kind {
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
    // this user can enter and write to, under a name that only `store` gives, complete or not at all.
    match unsafe { Component::deserialize_file(&runtime.engine, path) } {
        Ok(component) => Some(component),
        Err(e) => {
            tracing::warn!(path = %path.display(), error = %e, "compiled plugin not usable; compiling again");
            None
        }
    }
}

/// Writes under another name first, so that a file with the right name is whole.
fn store(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let temporary = path.with_extension(format!("{}.tmp", crate::domain::new_id()));
    std::fs::write(&temporary, bytes)?;
    std::fs::rename(&temporary, path)
}

#[cfg(test)]
mod tests {
    #[test]
    fn settings_survive_the_wave_encoding() {
        let settings = serde_json::json!({"a": "quote \" back \\ line\n é {} \u{1}"}).to_string();
        let encoded = super::wave_string(&settings);
        assert!(encoded.starts_with('"') && encoded.ends_with('"'));
        assert!(!encoded.contains('\n'));
    }
}
