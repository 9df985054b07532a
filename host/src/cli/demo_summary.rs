//! What the demo shows: live figures while it plays, and the summary.

use crate::domain::effects::Verdict;
use crate::domain::outbound::Draft;
use crate::pipeline::Pipeline;
use crate::pipeline::outbound::Outcome;
use crate::telemetry::shown::shown;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::sync::atomic::Ordering;

/// Figures of a played week.
#[derive(Debug, Default)]
pub struct Summary {
    pub duplicates: usize,
    pub closed: usize,
    pub gone: usize,
    pub held: usize,
    /// What stood in the way of drafts, by rule and effect.
    held_by: BTreeMap<(String, &'static str), HeldBy>,
    pub seconds: f64,
    messages: u64,
    deleted: u64,
    contacts: u64,
    conversations: Vec<(String, u64)>,
    cases: Vec<(String, u64)>,
    classifications: u64,
    decisions: u64,
    sent: u64,
    failed: u64,
    languages: Vec<(String, u64)>,
    sentiments: Vec<(String, u64)>,
    intents: Vec<(String, u64)>,
    plugins_share: f64,
    database_share: f64,
}

/// How often a rule held drafts back, with the first of them: why, and what it said.
#[derive(Debug)]
struct HeldBy {
    count: usize,
    why: String,
    said: String,
}

/// Longest line of a text that is shown, in characters.
const LINE_CHARS: usize = 88;

fn line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= LINE_CHARS {
        return text;
    }
    let cut: String = text.chars().take(LINE_CHARS - 1).collect();
    format!("{cut}…")
}

/// A language by its English name, where it is one of those that Rapport tells apart.
fn language(code: &str) -> &str {
    match code {
        "nl" => "Dutch",
        "en" => "English",
        "de" => "German",
        "fr" => "French",
        other => other,
    }
}

fn total(rows: &[(String, u64)]) -> u64 {
    rows.iter().map(|(_, n)| n).sum()
}

fn list(rows: &[(String, u64)]) -> String {
    rows.iter()
        .map(|(name, n)| format!("{name} {n}"))
        .collect::<Vec<_>>()
        .join("  ")
}

impl Summary {
    /// Counts what became of a draft.
    pub fn count(&mut self, draft: &Draft, outcome: &Outcome) {
        if outcome.verdict == Verdict::Allow {
            return;
        }
        self.held += 1;
        let mut counted = BTreeSet::new();
        for decision in &outcome.decisions {
            let effect = decision.effect.as_str();
            let stands_in_the_way = matches!(effect, "hold" | "deny" | "rewrite");
            if !stands_in_the_way || !counted.insert((&decision.rule, effect)) {
                continue;
            }
            let english = decision.reason.iter().find(|r| r.language == "en");
            let why = english.or(decision.reason.first()).map(|r| line(&r.text));
            let by = (decision.rule.clone(), effect);
            let held = self.held_by.entry(by).or_insert_with(|| HeldBy {
                count: 0,
                why: why.unwrap_or_default(),
                said: line(&draft.content),
            });
            held.count += 1;
        }
    }

    /// Reads the figures from the store.
    pub async fn collect(&mut self, pipeline: &Pipeline) -> Result<()> {
        let db = &pipeline.db;
        self.messages = total(
            &db.count_by("message", "direction", "direction = 'inbound'")
                .await?,
        );
        self.deleted = total(
            &db.count_by("message", "direction", "deleted IS NOT NULL")
                .await?,
        );
        self.contacts = total(&db.count_by("contact", "'all'", "TRUE").await?);
        self.cases = db.count_by("customer_case", "kind", "TRUE").await?;
        self.classifications = total(&db.count_by("classification", "plugin", "TRUE").await?);
        self.decisions = total(&db.count_by("decision", "effect", "TRUE").await?);
        self.languages = db
            .count_by("classification", "label", "dimension = 'language'")
            .await?;
        self.sentiments = db
            .count_by("classification", "label", "dimension = 'sentiment'")
            .await?;
        self.intents = db
            .count_by("classification", "label", "dimension = 'intent'")
            .await?;
        self.conversations = db.count_by("conversation", "status", "TRUE").await?;
        let outbox = db.count_by("outbox_item", "status", "TRUE").await?;
        let with = |status: &str| {
            outbox
                .iter()
                .find(|(s, _)| s == status)
                .map_or(0, |(_, n)| *n)
        };
        self.sent = with("sent");
        self.failed = with("dead") + db.event_counts().await?.1;
        let share = |ns: &std::sync::atomic::AtomicU64| {
            ns.load(Ordering::Relaxed) as f64 / 1e9 / self.seconds.max(1e-9)
        };
        self.plugins_share = share(&pipeline.times.plugins_ns);
        self.database_share = share(&pipeline.times.database_ns);
        Ok(())
    }

    fn messages_per_s(&self) -> f64 {
        self.messages as f64 / self.seconds.max(1e-9)
    }

    /// One JSON object.
    pub fn json(&self) -> String {
        serde_json::json!({
            "messages": self.messages,
            "contacts": self.contacts,
            "cases": total(&self.cases),
            "classifications": self.classifications,
            "decisions": self.decisions,
            "held": self.held,
            "sent": self.sent,
            "duplicates": self.duplicates,
            "failed": self.failed,
            "seconds": (self.seconds * 1000.0).round() / 1000.0,
            "messages_per_s": (self.messages_per_s() * 10.0).round() / 10.0,
        })
        .to_string()
    }

    /// For the terminal.
    pub fn text(&self) -> String {
        let mut out = String::new();
        self.said(&mut out);
        self.done(&mut out);
        self.held_back(&mut out);
        let _ = writeln!(
            out,
            "\nPlayed in {:.1} s: {:.0} messages a second (plugins {:.0}%, database {:.0}%).",
            self.seconds,
            self.messages_per_s(),
            self.plugins_share * 100.0,
            self.database_share * 100.0
        );
        out.trim_end().to_owned()
    }

    // Writing to a String can't fail.
    fn said(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "A week at Zonnewind, an invented energy supplier: {} messages of {} contacts\n\
             ({} repeats of a network were ignored, {} messages were deleted by their authors).\n\n\
             What was said",
            self.messages, self.contacts, self.duplicates, self.deleted
        );
        let languages = self.languages.iter();
        let languages: Vec<_> = languages
            .map(|(code, n)| (language(code).to_owned(), *n))
            .collect();
        let _ = writeln!(out, "  in         {}", list(&languages));
        let _ = writeln!(out, "  mood       {}", list(&self.sentiments));
        let _ = writeln!(out, "  wish       {}", list(&self.intents));
    }

    fn done(&self, out: &mut String) {
        let _ = writeln!(
            out,
            "\nWhat was done\n  \
             conversations  {} ({})\n  \
             cases          {} opened ({}), {} closed\n  \
             answers        {} sent, {} held back{}\n  \
             decisions      {}, each with its reason, on {} classifications",
            total(&self.conversations),
            list(&self.conversations),
            total(&self.cases),
            list(&self.cases),
            self.closed,
            self.sent,
            self.held,
            match self.gone {
                0 => String::new(),
                gone => format!(", {gone} not given because the message was gone"),
            },
            self.decisions,
            self.classifications
        );
        if self.failed > 0 {
            let _ = writeln!(out, "  failed         {}", self.failed);
        }
    }

    fn held_back(&self, out: &mut String) {
        if self.held_by.is_empty() {
            return;
        }
        let _ = writeln!(out, "\nWhat was held back, and why (the first of each)");
        for ((rule, effect), held) in &self.held_by {
            let _ = writeln!(
                out,
                "  {} × {rule} ({effect}): {}",
                held.count,
                shown(&held.why)
            );
            let _ = writeln!(out, "      “{}”", shown(&held.said));
        }
    }
}

/// Figures on the terminal while the week is played.
pub mod live {
    use super::{Result, Summary, list, total};
    use crate::pipeline::Pipeline;
    use indicatif::{ProgressBar, ProgressStyle};
    use std::cell::Cell;
    use std::time::{Duration, Instant};

    /// How often figures are read from the store; reading takes time from the playing.
    const REFRESH: Duration = Duration::from_millis(250);

    /// How often it is shown what is waited for.
    pub const PREPARING_EVERY: Duration = Duration::from_millis(500);
    /// How often a line says so where nothing can be drawn.
    const LINE_EVERY: Duration = Duration::from_secs(10);

    /// While plugins are compiled, the first time.
    pub struct Preparing {
        spinner: ProgressBar,
        start: Instant,
        quiet: bool,
        line_at: Cell<Instant>,
    }

    impl Preparing {
        pub fn start(quiet: bool) -> Self {
            let spinner = match quiet {
                true => ProgressBar::hidden(),
                false => ProgressBar::new_spinner(),
            };
            spinner.set_message("preparing plugins (compiled the first time, then kept)");
            spinner.enable_steady_tick(Duration::from_millis(100));
            let now = Instant::now();
            Self {
                spinner,
                start: now,
                quiet,
                line_at: Cell::new(now),
            }
        }

        /// Says what is still to come, and for how long it has been waited for.
        pub fn waits_for(&self, names: &[String]) {
            let seconds = self.start.elapsed().as_secs();
            let text = format!(
                "preparing plugins (compiled the first time, then kept), {seconds} s: {}",
                names.join(", ")
            );
            if self.spinner.is_hidden() && !self.quiet && self.line_at.get().elapsed() > LINE_EVERY
            {
                self.line_at.set(Instant::now());
                errln!("{text}");
            }
            self.spinner.set_message(text);
        }

        pub fn finish(&self) {
            self.spinner.finish_and_clear();
        }
    }

    /// A bar with figures under it; hidden when standard error is no terminal.
    pub struct Live {
        bar: ProgressBar,
        start: Instant,
        shown: Cell<Instant>,
    }

    impl Live {
        pub fn start(lines: usize, quiet: bool) -> Self {
            let bar = if quiet {
                ProgressBar::hidden()
            } else {
                ProgressBar::new(lines as u64)
            };
            if let Ok(style) =
                ProgressStyle::with_template("playing a week {bar:32} {pos}/{len}\n{msg}")
            {
                bar.set_style(style);
            }
            Self {
                bar,
                start: Instant::now(),
                shown: Cell::new(Instant::now()),
            }
        }

        pub fn step(&self) {
            self.bar.inc(1);
        }

        pub fn seconds(&self) -> f64 {
            self.start.elapsed().as_secs_f64()
        }

        pub async fn update(&self, pipeline: &Pipeline, summary: &Summary) -> Result<()> {
            if self.bar.is_hidden() || self.shown.get().elapsed() < REFRESH {
                return Ok(());
            }
            self.shown.set(Instant::now());
            let db = &pipeline.db;
            let messages = total(
                &db.count_by("message", "direction", "direction = 'inbound'")
                    .await?,
            );
            let contacts = total(&db.count_by("contact", "'all'", "TRUE").await?);
            let languages = db
                .count_by("classification", "label", "dimension = 'language'")
                .await?;
            let sentiments = db
                .count_by("classification", "label", "dimension = 'sentiment'")
                .await?;
            let cases = db.count_by("customer_case", "kind", "TRUE").await?;
            let sent = total(
                &db.count_by("outbox_item", "status", "status = 'sent'")
                    .await?,
            );
            self.bar.set_message(format!(
                "messages {messages}  contacts {contacts}  {:.0} a second\nlanguages {}\nsentiment {}\ncases {}\nsent {sent}  held {}",
                messages as f64 / self.seconds().max(1e-9),
                list(&languages),
                list(&sentiments),
                list(&cases),
                summary.held,
            ));
            Ok(())
        }

        pub fn finish(&self) {
            self.bar.finish_and_clear();
        }
    }
}
