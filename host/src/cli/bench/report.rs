//! The figures of a bench, as text and as JSON.

use serde_json::{Value, json};
use std::fmt::Write;

/// Milliseconds: p50, p95, p99.
pub type Percentiles = [f64; 3];

/// From receipt, at a steady rate.
#[derive(Debug, Default)]
pub struct Latency {
    /// Messages a second.
    pub rate: f64,
    pub count: u64,
    /// What the stream did not tell because the listener was too slow.
    pub missed: u64,
    pub stream_ms: Percentiles,
    pub decided_ms: Percentiles,
}

/// Time for a first page of 50, median.
#[derive(Debug, Default)]
pub struct Pages {
    pub inbox_ms: f64,
    pub contacts_ms: f64,
    pub contact_ms: f64,
}

#[derive(Debug, Default)]
pub struct Report {
    pub messages: u64,
    pub conversations: u64,
    pub preloaded: u64,
    pub database: &'static str,
    pub plugins: Vec<String>,
    pub messages_per_s: f64,
    pub native_messages_per_s: f64,
    pub floor_messages_per_s: f64,
    pub rows_per_message: f64,
    pub commits: usize,
    /// Microseconds a message. Receiving runs beside the other stages.
    pub stages_us: Vec<(&'static str, f64)>,
    pub latency: Latency,
    pub pages: Pages,
    pub rss_mb: Option<f64>,
}

impl Report {
    fn db_ratio(&self) -> f64 {
        self.messages_per_s / self.floor_messages_per_s
    }

    fn sandbox_ratio(&self) -> f64 {
        self.messages_per_s / self.native_messages_per_s
    }

    pub fn json(&self) -> String {
        let [p50, p95, p99] = self.latency.stream_ms.map(rounded);
        let [d50, d95, d99] = self.latency.decided_ms.map(rounded);
        let stages: serde_json::Map<String, Value> = self
            .stages_us
            .iter()
            .map(|(name, us)| ((*name).to_owned(), json!(rounded(*us))))
            .collect();
        json!({
            "messages": self.messages,
            "conversations": self.conversations,
            "preloaded": self.preloaded,
            "database": self.database,
            "plugins": self.plugins,
            "messages_per_s": rounded(self.messages_per_s),
            "p50_ms": p50,
            "p95_ms": p95,
            "p99_ms": p99,
            "decided_p50_ms": d50,
            "decided_p95_ms": d95,
            "decided_p99_ms": d99,
            "latency_rate_per_s": rounded(self.latency.rate),
            "latency_messages": self.latency.count,
            "latency_missed": self.latency.missed,
            "floor_messages_per_s": rounded(self.floor_messages_per_s),
            "native_messages_per_s": rounded(self.native_messages_per_s),
            "db_ratio": rounded(self.db_ratio()),
            "sandbox_ratio": rounded(self.sandbox_ratio()),
            "rows_per_message": rounded(self.rows_per_message),
            "commits": self.commits,
            "stages_us": stages,
            "inbox_page_ms": rounded(self.pages.inbox_ms),
            "contacts_page_ms": rounded(self.pages.contacts_ms),
            "contact_page_ms": rounded(self.pages.contact_ms),
            "rss_mb": self.rss_mb.map(rounded),
        })
        .to_string()
    }

    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a String does not fail.
        let _ = self.write(&mut out);
        out.trim_end().to_owned()
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(
            out,
            "{} messages over {} conversations on {}, {} stored before",
            self.messages, self.conversations, self.database, self.preloaded
        )?;
        writeln!(out, "Plugins: {}\n", self.plugins.join(", "))?;
        writeln!(out, "{:>10.0} messages a second", self.messages_per_s)?;
        writeln!(
            out,
            "{:>10.0} with the plugins' logic compiled in: the sandbox leaves {:.0}%",
            self.native_messages_per_s,
            self.sandbox_ratio() * 100.0
        )?;
        writeln!(
            out,
            "{:>10.0} for the same rows and commits with no processing: the pipeline reaches {:.0}%\n",
            self.floor_messages_per_s,
            self.db_ratio() * 100.0
        )?;
        let latency = &self.latency;
        writeln!(
            out,
            "At {:.0} messages a second, from receipt",
            latency.rate
        )?;
        for (name, [p50, p95, p99]) in [
            ("to decided", latency.decided_ms),
            ("to the event stream", latency.stream_ms),
        ] {
            writeln!(
                out,
                "  {name:<20} p50 {p50:.1} ms, p95 {p95:.1} ms, p99 {p99:.1} ms"
            )?;
        }
        writeln!(
            out,
            "\nMicroseconds a message ({:.1} rows)",
            self.rows_per_message
        )?;
        for (name, us) in &self.stages_us {
            writeln!(out, "  {name:<10} {us:>8.1}")?;
        }
        let pages = &self.pages;
        writeln!(
            out,
            "\nPages: inbox {:.1} ms, contacts {:.1} ms, one contact {:.1} ms",
            pages.inbox_ms, pages.contacts_ms, pages.contact_ms
        )?;
        match self.rss_mb {
            Some(mb) => writeln!(out, "Memory: {mb:.0} MB"),
            None => Ok(()),
        }
    }
}

/// Three decimals.
fn rounded(value: f64) -> f64 {
    (value * 1e3).round() / 1e3
}

/// Nearest rank; 0 of nothing.
pub fn percentile(values: &mut [f64], p: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    let rank = (values.len() as f64 * p).ceil() as usize;
    values.get(rank.max(1) - 1).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::percentile;

    #[test]
    fn percentiles_are_values_that_were_seen() {
        let mut values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
        assert_eq!(percentile(&mut values, 0.5), 50.0);
        assert_eq!(percentile(&mut values, 0.99), 99.0);
        assert_eq!(percentile(&mut [], 0.5), 0.0);
    }
}
