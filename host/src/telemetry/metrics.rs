//! What is counted and timed, for Prometheus. Places that do the work call the functions here; what a
//! gauge shows (queues, pools, breakers) is set when somebody asks.
//!
//! Label values are ids of plugins, names of inboxes, route templates, methods, statuses and fixed
//! words; at most [`LABELS_MAX`] different ones of each open kind, further ones count as `other`.

mod registry;

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::gauge::Gauge;
use registry::{
    Inbox, InboxOutcome, METRICS, Plugin, PluginOutcome, Pool, Reason, Request, Route, State,
    Status,
};
use std::collections::BTreeSet;
use std::sync::{LazyLock, Mutex, PoisonError};
use std::time::Duration;

/// Different values that a label may have.
const LABELS_MAX: usize = 256;
/// The content type of what [`render`] gives.
pub const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// The value itself while there are few different ones, then `other`.
fn bounded(value: &str) -> String {
    static SEEN: LazyLock<Mutex<BTreeSet<String>>> = LazyLock::new(Mutex::default);
    let mut seen = SEEN.lock().unwrap_or_else(PoisonError::into_inner);
    if seen.contains(value) {
        return value.to_owned();
    }
    if seen.len() >= LABELS_MAX {
        return "other".to_owned();
    }
    seen.insert(value.to_owned());
    value.to_owned()
}

/// A request was answered. `route` is its template, never its path.
pub fn request(method: &str, route: &str, status: u16, took: Duration) {
    let method = match method {
        "GET" => "GET",
        "POST" => "POST",
        "PUT" => "PUT",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "HEAD" => "HEAD",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    };
    let route = route.to_owned();
    let timed = Route {
        route: route.clone(),
    };
    METRICS
        .request_seconds
        .get_or_create(&timed)
        .observe(took.as_secs_f64());
    let request = Request {
        method,
        route,
        status,
    };
    METRICS.requests.get_or_create(&request).inc();
}

/// Something was refused early because a limit was met.
pub fn refused(reason: &'static str) {
    METRICS.refused.get_or_create(&Reason { reason }).inc();
}

/// Counts up while it lives.
pub struct Counted(&'static Gauge);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.dec();
    }
}

/// An open connection.
pub fn connection() -> Counted {
    METRICS.connections.inc();
    Counted(&METRICS.connections)
}

/// An open stream of live changes.
pub fn stream() -> Counted {
    METRICS.streams.inc();
    Counted(&METRICS.streams)
}

/// What became of inbound events of an inbox.
pub fn events(inbox: &str, outcome: &'static str, count: u64) {
    if count > 0 {
        let labels = InboxOutcome {
            inbox: bounded(inbox),
            outcome,
        };
        METRICS.events.get_or_create(&labels).inc_by(count);
    }
}

/// How a delivery attempt ended.
pub fn delivery(inbox: &str, outcome: &'static str) {
    let labels = InboxOutcome {
        inbox: bounded(inbox),
        outcome,
    };
    METRICS.deliveries.get_or_create(&labels).inc();
}

/// A plugin call ended: `ok`, or the name of the host fault.
pub fn plugin_call(plugin: &str, outcome: &'static str, took: Duration) {
    let plugin = bounded(plugin);
    let timed = Plugin {
        plugin: plugin.clone(),
    };
    METRICS
        .plugin_seconds
        .get_or_create(&timed)
        .observe(took.as_secs_f64());
    let labels = PluginOutcome { plugin, outcome };
    METRICS.plugin_calls.get_or_create(&labels).inc();
}

/// What a call used: fuel (0 where there is none) and memory in bytes.
pub fn plugin_used(plugin: &str, fuel: u64, memory_bytes: usize) {
    let labels = Plugin {
        plugin: bounded(plugin),
    };
    if fuel > 0 {
        METRICS.plugin_fuel.get_or_create(&labels).inc_by(fuel);
    }
    let memory = i64::try_from(memory_bytes).unwrap_or(i64::MAX);
    METRICS.plugin_memory.get_or_create(&labels).set(memory);
}

/// Requests of a channel were not let out.
pub fn plugin_denials(plugin: &str, count: usize) {
    if count > 0 {
        let labels = Plugin {
            plugin: bounded(plugin),
        };
        let denials = METRICS.plugin_denials.get_or_create(&labels);
        denials.inc_by(count as u64);
    }
}

/// Requests of a channel were let out, with so many bytes in their bodies and in those of the answers.
pub fn plugin_traffic(plugin: &str, requests: u64, sent_bytes: u64, received_bytes: u64) {
    if requests > 0 {
        let labels = Plugin {
            plugin: bounded(plugin),
        };
        let all = [
            (&METRICS.plugin_requests, requests),
            (&METRICS.plugin_sent, sent_bytes),
            (&METRICS.plugin_received, received_bytes),
        ];
        for (counter, count) in all {
            counter.get_or_create(&labels).inc_by(count);
        }
    }
}

/// A commit succeeded.
pub fn commit(took: Duration) {
    METRICS.commit_seconds.observe(took.as_secs_f64());
}

/// Whether a plugin is left alone now.
pub fn set_breaker(plugin: &str, open: bool) {
    let labels = Plugin {
        plugin: bounded(plugin),
    };
    METRICS.plugin_open.get_or_create(&labels).set(open.into());
}

/// The inbound queue as it is now.
pub fn set_queue(waiting: u64, failed: u64, oldest_age: Duration) {
    for (status, count) in [("waiting", waiting), ("failed", failed)] {
        let status = status.to_owned();
        let gauge = METRICS.waiting.get_or_create_owned(&Status { status });
        gauge.set(to_gauge(count));
    }
    METRICS.oldest_seconds.set(to_gauge(oldest_age.as_secs()));
}

/// Unfinished outbox items with this status.
pub fn set_outbox(status: &str, count: u64) {
    let labels = Status {
        status: bounded(status),
    };
    METRICS.outbox.get_or_create(&labels).set(to_gauge(count));
}

/// How many inboxes stand so.
pub fn set_inboxes(state: &str, count: u64) {
    let labels = State {
        state: bounded(state),
    };
    METRICS.inboxes.get_or_create(&labels).set(to_gauge(count));
}

/// How one inbox stands, and how often in a row its channel failed or said that something is wrong.
pub fn set_inbox(inbox: &str, state: &str, failures: u32) {
    let labels = Inbox {
        inbox: bounded(inbox),
    };
    let trouble = !matches!(state, "ready" | "preparing");
    let gauge = METRICS.inbox_trouble.get_or_create_owned(&labels);
    gauge.set(trouble.into());
    let gauge = METRICS.inbox_failures.get_or_create_owned(&labels);
    gauge.set(failures.into());
}

/// A connection pool as it is now.
pub fn set_pool(pool: &'static str, size: u32, idle: usize) {
    let busy = u64::from(size).saturating_sub(idle as u64);
    for (state, count) in [("idle", idle as u64), ("busy", busy)] {
        let gauge = METRICS.pools.get_or_create_owned(&Pool { pool, state });
        gauge.set(to_gauge(count));
    }
}

fn to_gauge(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Everything in the OpenMetrics text format; the process's own figures are read now.
pub fn render() -> String {
    if let Some(bytes) = resident_bytes() {
        METRICS.rss_bytes.set(to_gauge(bytes));
    }
    if let Ok(fds) = std::fs::read_dir("/proc/self/fd") {
        METRICS.open_fds.set(to_gauge(fds.count() as u64));
    }
    let mut text = String::new();
    // Writing to a text does not fail.
    let _ = encode(&mut text, &METRICS.registry);
    text
}

/// Resident memory in bytes, where /proc tells (proc(5), VmRSS in kB).
pub fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kib: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    kib.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_is_in_the_text_and_labels_are_bounded() {
        request(
            "BREW",
            "/api/v1/messages/{id}",
            200,
            Duration::from_millis(3),
        );
        events("town", "new", 2);
        for i in 0..(LABELS_MAX + 10) {
            plugin_call(&format!("plugin-{i}"), "ok", Duration::ZERO);
        }
        let text = render();
        assert!(text.contains("rapport_http_requests_total{method=\"other\",route=\"/api/v1/messages/{id}\",status=\"200\"} 1"), "{text}");
        assert!(text.contains("rapport_events_total{inbox=\"town\",outcome=\"new\"} 2"));
        assert!(text.contains("plugin=\"other\""));
        assert!(text.matches("rapport_plugin_calls_total{").count() <= LABELS_MAX + 1);
        assert!(text.contains("rapport_build_info{version="));
        assert!(text.ends_with("# EOF\n"));
    }
}
