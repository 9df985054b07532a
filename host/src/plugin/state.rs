//! What a guest's store holds: WASI, limits, the log, and for a connector its inbox.
//!
//! A store lives for one call. What a connector changes in its memory is handed out with the call's
//! answer, for the caller to commit or to forget.

use super::egress::EgressHooks;
use super::fault::Limit;
use super::limits;
use super::secrets::SecretStore;
use super::stand_in::Still;
use crate::domain::TimestampMs;
use rapport_bindings::{common, host};
use std::collections::BTreeMap;
use std::sync::Arc;
use wasmtime::component::ResourceTable;
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::random::Deterministic;
use wasmtime_wasi::{WasiCtx, WasiCtxBuilder, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// A line that a plugin wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub level: &'static str,
    pub text: String,
}

/// A connector's memory: what was stored, and what this call changed (none: deleted).
#[derive(Debug, Clone, Default)]
pub struct InboxState {
    pub stored: Arc<BTreeMap<String, Vec<u8>>>,
    pub changed: BTreeMap<String, Option<Vec<u8>>>,
}

impl InboxState {
    fn get(&self, key: &str) -> Option<&Vec<u8>> {
        match self.changed.get(key) {
            Some(changed) => changed.as_ref(),
            None => self.stored.get(key),
        }
    }

    fn size_bytes(&self) -> usize {
        let kept = self
            .stored
            .iter()
            .filter(|(k, _)| !self.changed.contains_key(*k));
        let changed = self
            .changed
            .iter()
            .filter_map(|(k, v)| Some((k, v.as_ref()?)));
        kept.chain(changed).map(|(k, v)| k.len() + v.len()).sum()
    }
}

/// The inbox that a connector's call is for.
#[derive(Clone)]
pub struct InboxScope {
    pub inbox_id: String,
    pub settings: Arc<serde_json::Value>,
    pub secrets: Arc<SecretStore>,
    pub state: InboxState,
    /// What the clock says; none: the time. Only under test.
    pub now: Option<TimestampMs>,
}

/// The data of a store.
pub struct HostState {
    wasi: WasiCtx,
    table: ResourceTable,
    http: WasiHttpCtx,
    pub(super) egress: EgressHooks,
    pub(super) limiter: Limiter,
    pub(super) log: Vec<LogLine>,
    log_lines: u32,
    log_bytes: usize,
    host_calls: u32,
    pub(super) stderr: MemoryOutputPipe,
    pub(super) inbox: Option<InboxScope>,
}

/// Clock and randomness of pure plugins: always the same.
struct Stopped;

impl wasmtime_wasi::HostWallClock for Stopped {
    fn resolution(&self) -> std::time::Duration {
        std::time::Duration::from_secs(1)
    }
    fn now(&self) -> std::time::Duration {
        std::time::Duration::ZERO
    }
}

impl wasmtime_wasi::HostMonotonicClock for Stopped {
    fn resolution(&self) -> u64 {
        1
    }
    fn now(&self) -> u64 {
        0
    }
}

impl HostState {
    /// For a pure plugin, or for any plugin while it is configured.
    pub(super) fn pure(memory_mb: u32) -> Self {
        let mut wasi = WasiCtxBuilder::new();
        wasi.wall_clock(Stopped)
            .monotonic_clock(Stopped)
            .secure_random(Deterministic::new(vec![0x5a]))
            .insecure_random(Deterministic::new(vec![0x5a]))
            .insecure_random_seed(0x5a5a);
        Self::new(wasi, memory_mb, EgressHooks::none(), None)
    }

    /// For a connector's call.
    pub(super) fn connector(memory_mb: u32, egress: EgressHooks, inbox: InboxScope) -> Self {
        let mut wasi = WasiCtxBuilder::new();
        if let Some(now) = inbox.now {
            wasi.wall_clock(Still(now));
        }
        Self::new(wasi, memory_mb, egress, Some(inbox))
    }

    fn new(
        mut wasi: WasiCtxBuilder,
        memory_mb: u32,
        egress: EgressHooks,
        inbox: Option<InboxScope>,
    ) -> Self {
        let stderr = MemoryOutputPipe::new(limits::STDIO_BYTES);
        wasi.stdout(MemoryOutputPipe::new(limits::STDIO_BYTES))
            .stderr(stderr.clone())
            .max_random_size(limits::RANDOM_BYTES)
            .allow_tcp(false)
            .allow_udp(false)
            .allow_ip_name_lookup(false);
        let mut table = ResourceTable::new();
        table.set_max_capacity(limits::RESOURCES);
        Self {
            wasi: wasi.build(),
            table,
            http: WasiHttpCtx::new(),
            egress,
            limiter: Limiter {
                free_bytes: memory_mb as usize * 1024 * 1024,
            },
            log: Vec::new(),
            log_lines: 0,
            log_bytes: 0,
            host_calls: 0,
            stderr,
            inbox,
        }
    }

    fn count_host_call(&mut self) -> wasmtime::Result<()> {
        self.host_calls += 1;
        if self.host_calls > limits::HOST_CALLS {
            return Err(wasmtime::Error::from(Limit::HostCalls));
        }
        Ok(())
    }
}

impl WasiView for HostState {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for HostState {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.egress,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// Ends a call that asks for more memory than it may have, with an error that names it. All memories
/// of the call's instances count together.
pub(super) struct Limiter {
    pub(super) free_bytes: usize,
}

impl wasmtime::ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // Memories only grow, and a store ends with its call.
        let Some(left) = self.free_bytes.checked_sub(desired.saturating_sub(current)) else {
            return Err(wasmtime::Error::from(Limit::Memory));
        };
        self.free_bytes = left;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        _current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        Ok(desired <= limits::TABLE_ELEMENTS)
    }
}

impl host::log::Host for HostState {
    fn write(&mut self, level: host::log::Level, message: String) -> wasmtime::Result<()> {
        self.count_host_call()?;
        self.log_lines += 1;
        self.log_bytes += message.len();
        if self.log_lines > limits::LOG_FLOOD_LINES || self.log_bytes > limits::LOG_FLOOD_BYTES {
            return Err(wasmtime::Error::from(Limit::LogFlood));
        }
        if self.log.len() < limits::LOG_LINES {
            let level = match level {
                host::log::Level::Debug => "debug",
                host::log::Level::Info => "info",
                host::log::Level::Warn => "warn",
                host::log::Level::Error => "error",
            };
            let mut text = message;
            super::sanitize::cut(&mut text, limits::LOG_LINE_BYTES);
            text.retain(|c| !c.is_control());
            text.shrink_to_fit();
            self.log.push(LogLine { level, text });
        }
        Ok(())
    }
}

impl host::config::Host for HostState {
    fn inbox_id(&mut self) -> wasmtime::Result<String> {
        self.count_host_call()?;
        Ok(self
            .inbox
            .as_ref()
            .map(|inbox| inbox.inbox_id.clone())
            .unwrap_or_default())
    }

    fn setting(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        self.count_host_call()?;
        Ok(self
            .inbox
            .as_ref()
            .and_then(|inbox| inbox.settings.get(&name))
            .map(|value| value.to_string()))
    }
}

impl host::secrets::Host for HostState {
    fn reference(&mut self, name: String) -> wasmtime::Result<Option<String>> {
        self.count_host_call()?;
        Ok(self
            .inbox
            .as_ref()
            .and_then(|inbox| inbox.secrets.reference(&name)))
    }
}

impl host::state::Host for HostState {
    fn get(&mut self, key: String) -> wasmtime::Result<Option<Vec<u8>>> {
        self.count_host_call()?;
        Ok(self
            .inbox
            .as_ref()
            .and_then(|inbox| inbox.state.get(&key).cloned()))
    }

    fn set(&mut self, key: String, value: Vec<u8>) -> wasmtime::Result<Result<(), String>> {
        self.count_host_call()?;
        let Some(inbox) = &mut self.inbox else {
            return Ok(Err("no inbox".into()));
        };
        if key.len() > limits::STATE_KEY_BYTES || value.len() > limits::STATE_VALUE_BYTES {
            return Ok(Err(format!(
                "keys have at most {} bytes, values {}",
                limits::STATE_KEY_BYTES,
                limits::STATE_VALUE_BYTES
            )));
        }
        if key.contains('\0') {
            return Ok(Err("a key with NUL".to_owned()));
        }
        let replaced = inbox.state.get(&key).map_or(0, |old| key.len() + old.len());
        let size = inbox.state.size_bytes() - replaced + key.len() + value.len();
        if size > limits::STATE_BYTES {
            return Ok(Err(format!("at most {} bytes in all", limits::STATE_BYTES)));
        }
        inbox.state.changed.insert(key, Some(value));
        Ok(Ok(()))
    }

    fn delete(&mut self, key: String) -> wasmtime::Result<()> {
        self.count_host_call()?;
        if let Some(InboxScope { state, .. }) = &mut self.inbox {
            // A key that was never stored leaves no trace: a guest has no end of those.
            if state.stored.contains_key(&key) {
                state.changed.insert(key, None);
            } else {
                state.changed.remove(&key);
            }
        }
        Ok(())
    }
}

impl host::clock::Host for HostState {
    fn now(&mut self) -> wasmtime::Result<common::TimestampMs> {
        self.count_host_call()?;
        let now = self.inbox.as_ref().and_then(|inbox| inbox.now);
        Ok(now.unwrap_or_else(crate::domain::now_ms))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use host::state::Host;

    fn scope() -> HostState {
        let stored = BTreeMap::from([("old".to_owned(), vec![1])]);
        HostState::connector(
            1,
            EgressHooks::none(),
            InboxScope {
                inbox_id: "i".into(),
                settings: Arc::new(serde_json::json!({})),
                secrets: Arc::new(SecretStore::default()),
                state: InboxState {
                    stored: Arc::new(stored),
                    changed: BTreeMap::new(),
                },
                now: None,
            },
        )
    }

    #[test]
    fn state_overlays_and_has_limits() {
        let mut state = scope();
        assert_eq!(state.get("old".into()).unwrap(), Some(vec![1]));
        state.delete("old".into()).unwrap();
        assert_eq!(state.get("old".into()).unwrap(), None);
        for i in 0..15 {
            let value = vec![0; limits::STATE_VALUE_BYTES];
            assert_eq!(state.set(format!("k{i}"), value).unwrap(), Ok(()));
        }
        let refused = state
            .set("k15".into(), vec![0; limits::STATE_VALUE_BYTES])
            .unwrap();
        assert!(refused.unwrap_err().contains("in all"));
        let replaced = state
            .set("k0".into(), vec![0; limits::STATE_VALUE_BYTES])
            .unwrap();
        assert_eq!(replaced, Ok(()), "replacing takes no more room");
        assert!(
            state
                .set("k".into(), vec![0; limits::STATE_VALUE_BYTES + 1])
                .unwrap()
                .is_err()
        );
        for i in 0..15 {
            state.delete(format!("k{i}")).unwrap();
        }
        let changed = state.inbox.unwrap().state.changed;
        assert_eq!(
            changed,
            BTreeMap::from([("old".to_owned(), None)]),
            "what came and went is gone"
        );
    }

    #[test]
    fn memories_count_together() {
        use wasmtime::ResourceLimiter;
        const MIB: usize = 1024 * 1024;
        let mut limiter = Limiter {
            free_bytes: 3 * MIB,
        };
        assert!(limiter.memory_growing(0, MIB, None).unwrap());
        assert!(limiter.memory_growing(0, MIB, None).unwrap());
        assert!(limiter.memory_growing(MIB, 2 * MIB, None).unwrap());
        assert!(limiter.memory_growing(MIB, MIB + 1, None).is_err());
    }
}
