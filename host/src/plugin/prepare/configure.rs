//! Running `configure`: in an instrumented instance whose memory is then frozen, or in one that is
//! thrown away, to see that the settings are taken.
//!
//! What ends it is its own work and its own waiting, never the machine's load.

use super::{PrepareError, Prepared, World, arm, give_way};
use crate::plugin::engine::Runtime;
use crate::plugin::fault::{self, CallLimits, HostFault};
use crate::plugin::limits;
use crate::plugin::sanitize;
use crate::plugin::state::HostState;
use rapport_package::Package;
use std::future::poll_fn;
use std::pin::pin;
use std::time::{Duration, Instant};
use wasmtime::component::Val;
use wasmtime::{Store, UpdateDeadline};

/// Runs `configure` in an instrumented instance and writes its memory into a new component. None
/// when this component can't be frozen (several memories, unusual layout).
pub(super) async fn snapshot(
    runtime: &Runtime,
    package: &Package,
    settings: &str,
) -> Result<Option<Vec<u8>>, PrepareError> {
    let memory_mb = package.manifest.limits.memory_mb;
    let mut store = store_for(runtime, memory_mb);
    let mut wizer = wasmtime_wizer::Wizer::new();
    wizer.init_func(format!("configure({})", wave_string(settings)));
    let run = wizer.run_component(&mut store, &package.component, async |store, component| {
        runtime.linker.instantiate_async(store, component).await
    });
    let outcome = while_it_works(run).await;
    let limits = configure_limits(memory_mb);
    let error = match outcome {
        None => return Err(waits()),
        Some(Ok((component, returned))) => {
            return match returned.first() {
                Some(Val::Result(Ok(_))) => Ok(Some(component)),
                Some(Val::Result(Err(Some(said)))) => match said.as_ref() {
                    Val::String(text) => Err(PrepareError::Settings(sanitize::text(text.clone()))),
                    _ => Err(PrepareError::Settings("without a reason".into())),
                },
                _ => Err(PrepareError::Load("`configure` has the wrong type".into())),
            };
        }
        Some(Err(error)) => error,
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

fn waits() -> PrepareError {
    let wait_ms = limits::CONFIGURE_WAIT.as_millis() as u64;
    PrepareError::Fault(HostFault::Timeout(wait_ms))
}

/// Lets a guest work to its end: its fuel, or its epochs, bound that. None when it has waited longer
/// than it may. Time that it is being run, or waits for a processor meanwhile, is no wait of its own:
/// a busy machine ends nothing.
async fn while_it_works<F: Future>(run: F) -> Option<F::Output> {
    let mut run = pin!(run);
    let (mut waited, mut left_off) = (Duration::ZERO, None::<Instant>);
    loop {
        let left = limits::CONFIGURE_WAIT.checked_sub(waited)?;
        let polled = poll_fn(|context| {
            waited += left_off.map_or(Duration::ZERO, |at| at.elapsed());
            let polled = run.as_mut().poll(context);
            left_off = Some(Instant::now());
            polled
        });
        if let Ok(done) = tokio::time::timeout(left, polled).await {
            return Some(done);
        }
    }
}

/// A store in which `configure` can run: no network, no inbox.
fn store_for(runtime: &Runtime, memory_mb: u32) -> Store<HostState> {
    let mut store = Store::new(&runtime.engine, HostState::pure(memory_mb));
    arm(&mut store, &configure_limits(memory_mb));
    // Where epochs count, each stands for the time of a tick at most, however long the machine took.
    let mut left = limits::CONFIGURE_FUEL_MS / limits::EPOCH_TICK.as_millis() as u64;
    store.epoch_deadline_callback(move |_| {
        left = left.saturating_sub(1);
        Ok(match left {
            0 => UpdateDeadline::Interrupt,
            _ => give_way(),
        })
    });
    store
}

impl Prepared {
    /// Calls `configure` in a throw-away instance.
    pub(super) async fn try_configure(
        &self,
        runtime: &Runtime,
        package: &Package,
    ) -> Result<(), PrepareError> {
        let memory_mb = package.manifest.limits.memory_mb;
        let mut store = store_for(runtime, memory_mb);
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
        let outcome = while_it_works(run).await;
        let limits = configure_limits(memory_mb);
        let error = match outcome {
            None => return Err(waits()),
            Some(Ok(Ok(()))) => return Ok(()),
            Some(Ok(Err(said))) => return Err(PrepareError::Settings(sanitize::text(said))),
            Some(Err(error)) => error,
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
