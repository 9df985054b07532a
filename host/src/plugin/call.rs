//! One call of a guest, of whatever kind: room in the engine, a store with all limits set, a clock
//! that ends it, a name for what went wrong.

use super::budget::{self, Longest, Meter, Overdue};
use super::engine::Runtime;
use super::fault::{self, CallLimits, HostFault};
use super::journal::Journal;
use super::limits;
use super::places::take_all;
use super::prepare::arm;
use super::state::HostState;
use crate::telemetry::metrics;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use wasmtime::Store;

/// How long a call waits for room before it gives up as `busy`.
const ROOM_WAIT: Duration = Duration::from_secs(10);

/// A call in progress. The store is dropped with it, whatever happened inside.
pub(super) struct Call {
    pub store: Store<HostState>,
    time: CallTime,
    limits: CallLimits,
    began: Instant,
    journal: Arc<Journal>,
    _room: Vec<OwnedSemaphorePermit>,
}

/// The time that a call has. It is apart from the call, whose store is in use meanwhile.
#[derive(Clone)]
pub(super) struct CallTime {
    meter: Arc<Meter>,
    longest: Longest,
}

impl CallTime {
    /// Runs the guest within it.
    pub async fn run<T>(&self, guest: impl Future<Output = T>) -> Result<T, Overdue> {
        budget::run(&self.meter, self.longest, guest).await
    }
}

/// How many calls one plugin may have in progress, so that no plugin takes all the room by waiting.
pub(super) fn own_share() -> Arc<Semaphore> {
    Arc::new(Semaphore::new(limits::CONCURRENT_CALLS_EACH))
}

impl Call {
    /// `shares` are the plugin's own parts of the engine's room, see [`own_share`] and `places`.
    /// `longest` bounds its waiting and, apart from that, its processor time.
    pub async fn begin(
        runtime: &Runtime,
        shares: &[&Arc<Semaphore>],
        state: HostState,
        memory_mb: u32,
        fuel_ms: u32,
        longest: Duration,
    ) -> Result<Self, HostFault> {
        // The shares come first: who waits for one takes no room from others.
        let all: Vec<&Arc<Semaphore>> = shares.iter().copied().chain([&runtime.room]).collect();
        let wait = tokio::time::timeout(ROOM_WAIT, take_all(&all));
        let room = wait.await.ok().flatten();
        let room = room.ok_or(HostFault::Busy)?;
        let limits = CallLimits {
            fuel: u64::from(fuel_ms) * limits::FUEL_PER_MS,
            memory_mb,
            time_ms: longest.as_millis() as u64,
        };
        let mut store = Store::new(&runtime.engine, state);
        let meter = Arc::<Meter>::default();
        arm(&mut store, &limits, &meter);
        Ok(Self {
            store,
            time: CallTime {
                meter,
                longest: Longest {
                    waiting: longest,
                    computing: longest,
                },
            },
            limits,
            began: Instant::now(),
            journal: Arc::clone(&runtime.journal),
            _room: room,
        })
    }

    /// The time it has, to run it in.
    pub fn time(&self) -> CallTime {
        self.time.clone()
    }

    /// Time since it began, the wait for room not included.
    pub fn took(&self) -> Duration {
        self.began.elapsed()
    }

    /// Fuel used so far; 0 in the engine that has none.
    pub fn fuel_used(&self) -> u64 {
        self.limits
            .fuel
            .saturating_sub(self.store.get_fuel().unwrap_or(self.limits.fuel))
    }

    /// Names what went wrong, if anything, and passes the plugin's log on to ours.
    pub fn settle<T>(
        &self,
        plugin: &str,
        outcome: Result<wasmtime::Result<T>, Overdue>,
    ) -> Result<T, HostFault> {
        for line in &self.store.data().log {
            let text = line.text.as_str();
            self.journal.write(plugin, line.level, text);
            match line.level {
                "error" => tracing::error!(target: "plugin_log", plugin, "{text}"),
                "warn" => tracing::warn!(target: "plugin_log", plugin, "{text}"),
                "info" => tracing::info!(target: "plugin_log", plugin, "{text}"),
                _ => tracing::debug!(target: "plugin_log", plugin, "{text}"),
            }
        }
        let settled = match outcome {
            Ok(Ok(answer)) => Ok(answer),
            Ok(Err(error)) => {
                let stderr = self.store.data().stderr.contents();
                let stderr = String::from_utf8_lossy(&stderr);
                Err(fault::name(&error, &self.limits, &stderr))
            }
            Err(Overdue) => Err(HostFault::Timeout(self.limits.time_ms)),
        };
        let name = settled.as_ref().err().map(HostFault::name);
        metrics::plugin_call(plugin, name.unwrap_or("ok"), self.began.elapsed());
        let granted = self.limits.memory_mb as usize * 1024 * 1024;
        let used = granted.saturating_sub(self.store.data().limiter.free_bytes);
        metrics::plugin_used(plugin, self.fuel_used(), used);
        if let Err(fault) = &settled {
            tracing::warn!(plugin, fault = fault.name(), "host fault");
            self.journal
                .write(plugin, "error", &format!("host fault: {fault}"));
            // What a plugin said as it fell may hold what it was given.
            tracing::debug!(target: "plugin_log", plugin, detail = %fault, "host fault");
        }
        settled
    }
}
