//! What can go wrong in a call, told apart: host faults (the plugin misbehaved; no plugin can
//! construct one) and plugin errors (the plugin says so itself).

use rapport_bindings::common;
use serde::{Deserialize, Serialize};
use std::time::Duration;
use wasmtime::Trap;

/// A plugin misbehaved, or the host had no room. Each has a name of its own.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
pub enum HostFault {
    #[error("trap: {0}")]
    Trap(String),
    #[error("timeout: the call took longer than {0} ms")]
    Timeout(u64),
    #[error("out-of-fuel: the call used more than its {0} units of fuel")]
    OutOfFuel(u64),
    #[error("memory: the call asked for more than {0} MiB")]
    Memory(u32),
    #[error("stack-overflow: the call's stack grew beyond its limit")]
    StackOverflow,
    #[error("output-too-large: {0}")]
    OutputTooLarge(String),
    #[error("log-flood: more than {0} log lines, or {max} bytes of them, in one call",
        max = super::limits::LOG_FLOOD_BYTES)]
    LogFlood(u32),
    #[error("host-calls: more than {0} host calls in one call")]
    HostCalls(u32),
    #[error("egress-denied: {0}")]
    EgressDenied(String),
    /// Why, and when to come again.
    #[error("egress-quota: {0}")]
    EgressQuota(String, Duration),
    #[error("contract: {0}")]
    Contract(String),
    #[error("breaker-open: {0} faults in a row; tried again in {1} s")]
    BreakerOpen(u32, u64),
    #[error("busy: no free instance")]
    Busy,
    #[error("not-loaded: {0}")]
    NotLoaded(String),
}

impl HostFault {
    /// The fault's name, as in metrics, decisions and tests.
    pub fn name(&self) -> &'static str {
        match self {
            HostFault::Trap(_) => "trap",
            HostFault::Timeout(_) => "timeout",
            HostFault::OutOfFuel(_) => "out-of-fuel",
            HostFault::Memory(_) => "memory",
            HostFault::StackOverflow => "stack-overflow",
            HostFault::OutputTooLarge(_) => "output-too-large",
            HostFault::LogFlood(_) => "log-flood",
            HostFault::HostCalls(_) => "host-calls",
            HostFault::EgressDenied(_) => "egress-denied",
            HostFault::EgressQuota(..) => "egress-quota",
            HostFault::Contract(_) => "contract",
            HostFault::BreakerOpen(..) => "breaker-open",
            HostFault::Busy => "busy",
            HostFault::NotLoaded(_) => "not-loaded",
        }
    }
}

/// What a plugin itself says went wrong. Delays are in milliseconds, at most one day.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PluginError {
    #[error("try again later: {message}")]
    RetryAfter {
        delay_ms: Option<u64>,
        message: String,
    },
    #[error("rate limited: {message}")]
    RateLimited {
        delay_ms: Option<u64>,
        message: String,
    },
    #[error("credentials refused: {0}")]
    AuthExpired(String),
    #[error("{0}")]
    InvalidInput(String),
    #[error("{0}")]
    Unsupported(String),
    #[error("refused for good: {0}")]
    Permanent(String),
}

const DAY_MS: u64 = 24 * 3600 * 1000;

impl From<common::PluginError> for PluginError {
    fn from(error: common::PluginError) -> Self {
        use super::sanitize::text;
        let delay = |d: common::Delay| (d.delay_ms.map(|ms| ms.min(DAY_MS)), text(d.message));
        match error {
            common::PluginError::RetryAfter(d) => {
                let (delay_ms, message) = delay(d);
                PluginError::RetryAfter { delay_ms, message }
            }
            common::PluginError::RateLimited(d) => {
                let (delay_ms, message) = delay(d);
                PluginError::RateLimited { delay_ms, message }
            }
            common::PluginError::AuthExpired(m) => PluginError::AuthExpired(text(m)),
            common::PluginError::InvalidInput(m) => PluginError::InvalidInput(text(m)),
            common::PluginError::Unsupported(m) => PluginError::Unsupported(text(m)),
            common::PluginError::Permanent(m) => PluginError::Permanent(text(m)),
        }
    }
}

/// Why a call gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CallError {
    #[error("host fault {0}")]
    Fault(#[from] HostFault),
    #[error(transparent)]
    Plugin(#[from] PluginError),
}

/// Errors that the host's own limiters raise inside a guest, recognised again outside.
#[derive(Debug, thiserror::Error)]
pub(super) enum Limit {
    #[error("memory limit")]
    Memory,
    #[error("log flood")]
    LogFlood,
    #[error("host calls")]
    HostCalls,
}

/// What the limits of the failed call were, for the message.
pub(super) struct CallLimits {
    pub fuel: u64,
    pub memory_mb: u32,
    pub time_ms: u64,
}

/// Names the fault behind an error of the engine. `stderr` is what the guest printed, if anything.
pub(super) fn name(error: &wasmtime::Error, limits: &CallLimits, stderr: &str) -> HostFault {
    if let Some(limit) = error.downcast_ref::<Limit>() {
        return match limit {
            Limit::Memory => HostFault::Memory(limits.memory_mb),
            Limit::LogFlood => HostFault::LogFlood(super::limits::LOG_FLOOD_LINES),
            Limit::HostCalls => HostFault::HostCalls(super::limits::HOST_CALLS),
        };
    }
    if error
        .downcast_ref::<wasmtime::PoolConcurrencyLimitError>()
        .is_some()
    {
        return HostFault::Busy;
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::OutOfFuel) => HostFault::OutOfFuel(limits.fuel),
        Some(Trap::Interrupt) => HostFault::Timeout(limits.time_ms),
        Some(Trap::StackOverflow) => HostFault::StackOverflow,
        Some(trap) => {
            let said = stderr
                .lines()
                .find(|line| !line.trim().is_empty())
                .unwrap_or_default();
            HostFault::Trap(super::sanitize::text(
                format!("{trap} {said}").trim().to_owned(),
            ))
        }
        None => {
            let text = format!("{error:#}");
            // The engine's error for this has no public type.
            if text.contains("fuel allocated for hostcalls") {
                HostFault::OutputTooLarge(format!(
                    "more than {} bytes in one call",
                    super::limits::OUTPUT_BYTES
                ))
            } else {
                HostFault::Trap(super::sanitize::text(text))
            }
        }
    }
}
