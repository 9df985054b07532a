//! The two engines, and the linkers that say what a guest can reach.
//!
//! Pure (classifiers, policies): fuel, canonical NaNs, WASI with a stopped clock and fixed
//! randomness, no network. Connector: epoch deadline, real clock, `wasi:http` through our egress. A
//! third one with fuel is for connectors while they are configured: what judges them then is their own
//! work, however busy the machine.
//! Both run guests on fibers of the async runtime and make them give way, the one after some fuel,
//! the other at every tick of its epoch, so a long call never blocks the event loop.

use super::journal::{Journal, JournalLine};
use super::limits;
use super::places::PluginPlaces;
use super::quota::Quotas;
use super::state::HostState;
use anyhow::Result;
use rapport_bindings::host;
use rapport_package::Kind;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::Semaphore;
use wasmtime::component::{HasSelf, Linker};
use wasmtime::{Config, Engine, InstanceAllocationStrategy, PoolingAllocationConfig};

/// The engines, shared by all plugins of a host.
pub struct Engines {
    pub(super) pure: Runtime,
    pub(super) connector: Runtime,
    /// Where connectors are configured once, to be frozen.
    configuring: Runtime,
    /// So many are configured and compiled at a time.
    pub(super) preparing: Semaphore,
    /// By the name of what they prepare: the same is prepared once, and whoever else wants it waits.
    turns: Mutex<BTreeMap<String, Weak<tokio::sync::Mutex<()>>>>,
    /// Where compiled components are kept. Only this host writes there.
    pub(super) cache_dir: PathBuf,
    /// What connectors have asked of the network.
    pub(super) quotas: Quotas,
    /// How many calls each plugin has in progress.
    pub(super) places: PluginPlaces,
    /// Authorities that are trusted beside the system's.
    roots: Vec<reqwest::Certificate>,
    ticker: std::sync::mpsc::Sender<()>,
}

/// One engine with its linker and its room.
pub(super) struct Runtime {
    pub engine: Engine,
    pub linker: Linker<HostState>,
    pub room: Arc<Semaphore>,
    /// What its plugins log.
    pub journal: Arc<Journal>,
}

impl Engines {
    /// Starts both engines. `cache_dir` is made, readable by this user alone.
    pub fn new(cache_dir: &Path) -> Result<Self> {
        make_private_dir(cache_dir)?;
        Self::looking_at(cache_dir)
    }

    /// The same, but makes nothing: for whoever keeps nothing there.
    pub fn looking_at(cache_dir: &Path) -> Result<Self> {
        let mut config = base_config(limits::CONCURRENT_CALLS);
        config
            .consume_fuel(true)
            .cranelift_nan_canonicalization(true)
            .relaxed_simd_deterministic(true);
        let pure = Runtime::new(&config, Kind::Classifier)?;
        let mut config = base_config(limits::CONNECTOR_CALLS);
        config.epoch_interruption(true);
        let connector = Runtime::new(&config, Kind::Channel)?;
        let mut config = base_config(limits::CONNECTOR_CALLS);
        config
            .consume_fuel(true)
            .allocation_strategy(InstanceAllocationStrategy::OnDemand);
        let configuring = Runtime::new(&config, Kind::Channel)?;

        let (ticker, stopped) = std::sync::mpsc::channel::<()>();
        let engine = connector.engine.clone();
        std::thread::Builder::new()
            .name("epoch".into())
            .spawn(move || {
                use std::sync::mpsc::RecvTimeoutError::Timeout;
                while stopped.recv_timeout(limits::EPOCH_TICK) == Err(Timeout) {
                    engine.increment_epoch();
                }
            })?;
        Ok(Self {
            pure,
            connector,
            configuring,
            preparing: Semaphore::new(at_once()),
            turns: Mutex::default(),
            cache_dir: cache_dir.to_owned(),
            quotas: Quotas::default(),
            places: PluginPlaces::default(),
            roots: Vec::new(),
            ticker,
        })
    }

    /// The same, with connectors that trust these authorities beside the system's.
    pub fn trusting(mut self, roots: Vec<reqwest::Certificate>) -> Self {
        self.roots = roots;
        self
    }

    /// Authorities that are trusted beside the system's.
    pub fn roots(&self) -> &[reqwest::Certificate] {
        &self.roots
    }

    /// Takes what plugins have logged since it was last taken.
    pub fn take_log(&self) -> Vec<JournalLine> {
        let mut lines = self.pure.journal.take();
        lines.extend(self.connector.journal.take());
        lines
    }

    /// The turn to prepare what has this name.
    pub(super) fn turn(&self, name: &str) -> Arc<tokio::sync::Mutex<()>> {
        let mut turns = self.turns.lock().unwrap_or_else(PoisonError::into_inner);
        turns.retain(|_, turn| turn.strong_count() > 0);
        if let Some(turn) = turns.get(name).and_then(Weak::upgrade) {
            return turn;
        }
        let turn = Arc::default();
        turns.insert(name.to_owned(), Arc::downgrade(&turn));
        turn
    }

    /// Where a plugin's `configure` runs to be frozen: an engine that counts its work in fuel.
    pub(super) fn configuring(&self, kind: Kind) -> &Runtime {
        match kind {
            Kind::Channel => &self.configuring,
            Kind::Classifier | Kind::Policy => &self.pure,
        }
    }

    pub(super) fn runtime(&self, kind: Kind) -> &Runtime {
        match kind {
            Kind::Channel => &self.connector,
            Kind::Classifier | Kind::Policy => &self.pure,
        }
    }
}

impl Drop for Engines {
    fn drop(&mut self) {
        let _ = self.ticker.send(());
    }
}

/// The largest memory of one instance.
const MEMORY_CEILING_BYTES: usize =
    rapport_package::manifest::MEMORY_CEILING_MB as usize * 1024 * 1024;

/// A processor each; but one that computes to its limit must not keep all others waiting.
fn at_once() -> usize {
    std::thread::available_parallelism()
        .map_or(1, usize::from)
        .max(limits::PREPARED_AT_ONCE)
}

fn base_config(calls: usize) -> Config {
    let mut pool = PoolingAllocationConfig::new();
    let calls = calls as u32;
    pool.total_component_instances(calls)
        .total_core_instances(calls * 8)
        .total_memories(calls * 2)
        .total_tables(calls * 8)
        .total_stacks(calls)
        .max_core_instances_per_component(limits::CORE_INSTANCES_PER_COMPONENT)
        .max_memories_per_component(limits::MEMORIES_PER_COMPONENT)
        .max_tables_per_component(limits::TABLES_PER_COMPONENT)
        .max_memory_size(MEMORY_CEILING_BYTES)
        .table_elements(limits::TABLE_ELEMENTS)
        .max_unused_warm_slots(limits::CONCURRENT_CALLS as u32);
    let mut config = Config::new();
    config
        .allocation_strategy(InstanceAllocationStrategy::Pooling(pool))
        // Always an image that is mapped: one that is copied piece by piece would take its time at the
        // start of each call, outside of what the call may use.
        .memory_guaranteed_dense_image_size(MEMORY_CEILING_BYTES as u64)
        .max_wasm_stack(limits::WASM_STACK_BYTES)
        .async_stack_size(limits::WASM_STACK_BYTES * 4)
        .wasm_component_model(true);
    config
}

impl Runtime {
    fn new(config: &Config, kind: Kind) -> Result<Self> {
        let engine = Engine::new(config).map_err(|e| {
            anyhow::anyhow!(
                "the plugin engine does not start: {e:#}; it reserves address space for its pool, \
                 so check that no limit is set on virtual memory (ulimit -v)"
            )
        })?;
        let mut linker = Linker::new(&engine);
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
        host::log::add_to_linker::<_, HasSelf<HostState>>(&mut linker, |s| s)?;
        if kind == Kind::Channel {
            wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
            host::config::add_to_linker::<_, HasSelf<HostState>>(&mut linker, |s| s)?;
            host::secrets::add_to_linker::<_, HasSelf<HostState>>(&mut linker, |s| s)?;
            host::state::add_to_linker::<_, HasSelf<HostState>>(&mut linker, |s| s)?;
            host::clock::add_to_linker::<_, HasSelf<HostState>>(&mut linker, |s| s)?;
        }
        Ok(Self {
            engine,
            linker,
            room: Arc::new(Semaphore::new(match kind {
                Kind::Channel => limits::CONNECTOR_CALLS,
                Kind::Classifier | Kind::Policy => limits::CONCURRENT_CALLS,
            })),
            journal: Arc::default(),
        })
    }
}

/// Makes a directory that only this user can enter.
fn make_private_dir(dir: &Path) -> Result<()> {
    use anyhow::Context;
    std::fs::create_dir_all(dir).with_context(|| format!("making {}", dir.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(dir, std::fs::Permissions::from_mode(0o700))
            .with_context(|| format!("protecting {}", dir.display()))?;
    }
    Ok(())
}
