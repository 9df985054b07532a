//! Running `configure`: in an instrumented instance whose memory is then frozen, or in one that is
//! thrown away, to see that the settings are taken.
//!
//! What ends it is its own work and its own waiting, never the machine's load.

mod reader;

use self::reader::Reader;
use super::compile::Job;
use super::{PrepareError, Prepared, World, arm};
use crate::plugin::budget::{self, Longest, Meter, Overdue};
use crate::plugin::engine::Runtime;
use crate::plugin::fault::{self, CallLimits, HostFault};
use crate::plugin::limits;
use crate::plugin::sanitize;
use crate::plugin::state::HostState;
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::Component;

/// Runs `configure` in an instrumented instance and writes its memory into a new component. None
/// when this component can't be frozen (several memories, unusual layout).
pub(super) async fn snapshot(
    runtime: &Runtime,
    job: &Job,
    component: &[u8],
) -> Result<Option<Vec<u8>>, PrepareError> {
    let memory_mb = job.memory_mb;
    let (mut store, meter) = store_for(runtime, memory_mb);
    let run = freeze(runtime, job, component, &mut store, &meter);
    // The component is a stranger's: what its making did not foresee is an error like any other.
    let run = AssertUnwindSafe(budget::run(&meter, LONGEST, run)).catch_unwind();
    let error = match run.await {
        Ok(Err(Overdue)) => return Err(waits()),
        Ok(Ok(Ok(Ok(component)))) => return Ok(Some(component)),
        Ok(Ok(Ok(Err(said)))) => return Err(PrepareError::Settings(sanitize::text(said))),
        Ok(Ok(Err(error))) => error,
        Err(_) => wasmtime::Error::msg("it is made in a way that was not foreseen"),
    };
    let trapped = error.downcast_ref::<wasmtime::Trap>().is_some()
        || error.downcast_ref::<fault::Limit>().is_some();
    if trapped {
        let stderr = String::from_utf8_lossy(&store.data().stderr.contents()).into_owned();
        let limits = configure_limits(memory_mb);
        return Err(PrepareError::Fault(fault::name(&error, &limits, &stderr)));
    }
    tracing::info!(plugin = %job.id, error = %format!("{error:#}"),
        "can't be frozen; it will be configured at each call");
    Ok(None)
}

/// The frozen component, or why it refuses its settings.
async fn freeze(
    runtime: &Runtime,
    job: &Job,
    component: &[u8],
    store: &mut Store<HostState>,
    meter: &Meter,
) -> wasmtime::Result<Result<Vec<u8>, String>> {
    let wizer = wasmtime_wizer::Wizer::new();
    let (context, instrumented) = wizer.instrument_component(component)?;
    let component = Component::new(&runtime.engine, &instrumented)?;
    drop(instrumented);
    // Compiling it is no work of the guest.
    meter.restart();
    let linker = &runtime.linker;
    let instance = linker.instantiate_async(&mut *store, &component).await?;
    let configure =
        instance.get_typed_func::<(&str,), (Result<(), String>,)>(&mut *store, "configure")?;
    let (said,) = configure
        .call_async(&mut *store, (job.settings.as_str(),))
        .await?;
    if let Err(said) = said {
        return Ok(Err(said));
    }
    let (mut reader, failed) = Reader::new(store, instance, job.memory_mb);
    tokio::select! {
        biased;
        frozen = wizer.snapshot_component(&context, &mut reader) => frozen.map(Ok),
        Ok(error) = failed => Err(error),
    }
}

fn configure_limits(memory_mb: u32) -> CallLimits {
    CallLimits {
        fuel: limits::CONFIGURE_FUEL_MS * limits::FUEL_PER_MS,
        memory_mb,
        time_ms: limits::CONFIGURE_FUEL_MS,
    }
}

const LONGEST: Longest = Longest {
    waiting: limits::CONFIGURE_WAIT,
    computing: limits::CONFIGURE_COMPUTING,
};

fn waits() -> PrepareError {
    let wait_ms = limits::CONFIGURE_WAIT.as_millis() as u64;
    PrepareError::Fault(HostFault::Timeout(wait_ms))
}

/// A store in which `configure` can run, and its meter: no network, no inbox.
fn store_for(runtime: &Runtime, memory_mb: u32) -> (Store<HostState>, Arc<Meter>) {
    let mut store = Store::new(&runtime.engine, HostState::pure(memory_mb));
    let meter = Arc::<Meter>::default();
    arm(&mut store, &configure_limits(memory_mb), &meter);
    (store, meter)
}

impl Prepared {
    /// Calls `configure` in a throw-away instance.
    pub(super) async fn try_configure(
        &self,
        runtime: &Runtime,
        memory_mb: u32,
    ) -> Result<(), PrepareError> {
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
        let outcome = budget::run(&meter, LONGEST, run).await;
        let limits = configure_limits(memory_mb);
        let error = match outcome {
            Err(Overdue) => return Err(waits()),
            Ok(Ok(Ok(()))) => return Ok(()),
            Ok(Ok(Err(said))) => return Err(PrepareError::Settings(sanitize::text(said))),
            Ok(Err(error)) => error,
        };
        let stderr = String::from_utf8_lossy(&store.data().stderr.contents()).into_owned();
        Err(PrepareError::Fault(fault::name(&error, &limits, &stderr)))
    }
}
