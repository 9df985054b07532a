//! Running `configure`: in an instrumented instance whose memory is then frozen, or in one that is
//! thrown away, to see that the settings are taken.
//!
//! What ends it is its own work and its own waiting, never the machine's load.

use super::{PrepareError, Prepared, World, arm};
use crate::plugin::budget::{self, Longest, Meter, Overdue};
use crate::plugin::engine::Runtime;
use crate::plugin::fault::{self, CallLimits, HostFault};
use crate::plugin::limits;
use crate::plugin::sanitize;
use crate::plugin::state::HostState;
use rapport_package::Package;
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::Val;

/// Runs `configure` in an instrumented instance and writes its memory into a new component. None
/// when this component can't be frozen (several memories, unusual layout).
pub(super) async fn snapshot(
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
    let outcome = budget::run(&meter, LONGEST, run).await;
    let limits = configure_limits(memory_mb);
    let error = match outcome {
        Err(Overdue) => return Err(waits()),
        Ok(Ok((component, returned))) => {
            return match returned.first() {
                Some(Val::Result(Ok(_))) => Ok(Some(component)),
                Some(Val::Result(Err(Some(said)))) => match said.as_ref() {
                    Val::String(text) => Err(PrepareError::Settings(sanitize::text(text.clone()))),
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
