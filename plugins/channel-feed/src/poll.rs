//! One poll: asks the feeds that are due, hands over what changed, remembers the rest.
//!
//! Every feed stands for itself: whatever one answers or fails at is logged, noted as its standing,
//! reported as the inbox's problem and stops no other. Nothing here returns an error, because an error
//! would drop what was learnt of all feeds; where none works, the state says so. Where the host lets us ask no more, the feeds that are left
//! stay due and come first the next time. Validators are kept only when everything in a whole document was handed over, and the
//! host stores them in the same commit; so a 304 never hides an entry.

use rapport_sdk::channel::{Monitor, Page};
use rapport_sdk::monitor::Query;
use rapport_sdk::problem;
use rapport_sdk::social::Activity;

use crate::fetch::{Answer, REST_MAX_MS, ask};
use crate::host::{Host, Level};
use crate::identity::hash_hex;
use crate::memory::{self, Index, Standing};
use crate::settings::{Settings, Source};
use crate::tally::{Added, Tally};
use crate::text::cut;

mod absorb;

/// Most activities of a page (the contract's limit).
pub const PAGE_MAX: usize = 500;
/// Text of a page, in bytes, beyond which it is ended.
const PAGE_MAX_BYTES: usize = 4 * 1024 * 1024;
/// No further feed is asked in this call after so long; one request may take as long as the host
/// allows.
const TIME_BUDGET_MS: i64 = 15_000;
/// No further feed is asked in this call after so many requests; the host allows 200.
const REQUESTS_MAX: usize = 150;
/// Requests for rest in a row after which the feed counts as one that can't be read.
const RESTS_MAX: u32 = 3;
/// Failures after which the wait grows no longer.
const DOUBLINGS_MAX: u32 = 7;

/// Polls. `cursor`: none makes a new start, in which everything in the feeds is handed over again
/// with the ids it had.
pub fn poll(
    settings: &Settings,
    host: &mut impl Host,
    cursor: Option<&str>,
    monitors: &[Monitor],
) -> Page {
    let started_ms = host.now_ms();
    let before = memory::load_index(host);
    let known = settings.known_as(&before.feeds);
    let index = index_of(settings, &known, monitors);
    let settings = &known;
    let anew = cursor.is_none();
    let mut round = Round::begin(settings, host, anew, monitors, started_ms, &before, &index);
    let mut due: Vec<usize> = (0..settings.sources.len())
        .filter(|i| round.is_due(*i))
        .collect();
    due.sort_by_key(|i| (round.standings[*i].due_ms, *i));
    for index in due {
        let late = host.now_ms().saturating_sub(started_ms) >= TIME_BUDGET_MS;
        if late || round.is_full() || round.limited_ms.is_some() || round.requests >= REQUESTS_MAX {
            break;
        }
        round.visit(host, index);
    }
    round.report(host);
    round.count(host, monitors);
    let left = (0..settings.sources.len()).any(|i| round.is_due(i));
    let more = left && round.limited_ms.is_none();
    let waiting = round.standings.iter().filter(|s| !s.gone).map(|s| s.due_ms);
    let next = waiting
        .min()
        .map_or(REST_MAX_MS, |due| due.saturating_sub(started_ms))
        .max(round.limited_ms.unwrap_or(0));
    round.page.sort_by_key(|activity| activity.published);
    Page {
        activities: round.page,
        cursor: format!("1:{started_ms}"),
        more,
        next_poll_ms: u64::try_from(next.clamp(1000, REST_MAX_MS))
            .ok()
            .filter(|_| !more),
    }
}

/// What the memory is for: the feeds under the ids that they are known by, the list as the admin wrote
/// it, the monitors.
fn index_of(listed: &Settings, known: &Settings, monitors: &[Monitor]) -> Index {
    let ids: Vec<&str> = listed.sources.iter().map(|s| s.id.as_str()).collect();
    let words = monitors.iter().flat_map(|m| [m.id.as_str(), &m.query]);
    let words: Vec<&str> = words.collect();
    Index {
        feeds: known.sources.iter().map(|s| s.id.clone()).collect(),
        settings: hash_hex(&ids, 8),
        monitors: hash_hex(&words, 8),
    }
}

struct Round<'a> {
    settings: &'a Settings,
    queries: Vec<Query>,
    /// As `settings.sources`.
    standings: Vec<Standing>,
    page: Vec<Activity>,
    page_bytes: usize,
    now_ms: i64,
    requests: usize,
    /// The host lets us ask no more for so long.
    limited_ms: Option<i64>,
    added: Added,
}

impl<'a> Round<'a> {
    fn begin(
        settings: &'a Settings,
        host: &mut impl Host,
        anew: bool,
        monitors: &[Monitor],
        now_ms: i64,
        before: &Index,
        index: &Index,
    ) -> Self {
        for gone in before.feeds.iter().filter(|id| !index.feeds.contains(id)) {
            memory::forget(host, gone);
        }
        let mut standings = Vec::with_capacity(settings.sources.len());
        for source in &settings.sources {
            let mut standing = memory::load_standing(host, &source.id);
            if anew {
                standing = start_anew(host, source, &standing);
            }
            if index.settings != before.settings && standing.gone {
                standing = standing.anew();
            }
            if index.monitors != before.monitors {
                standing.drop_validators();
                standing.counted = false;
                // One that asked for rest gets it.
                if standing.failures == 0 {
                    standing.due_ms = standing.due_ms.min(now_ms);
                }
            }
            if (anew || index != before)
                && let Err(e) = memory::save_standing(host, &source.id, &standing)
            {
                host.log(Level::Error, &format!("{}: state: {e}", source.label()));
            }
            standings.push(standing);
        }
        if anew || index.monitors != before.monitors {
            memory::forget_tally(host);
        }
        if index != before
            && let Err(e) = memory::save_index(host, index)
        {
            host.log(Level::Error, &format!("state: {e}"));
        }
        let queries: Vec<Query> = monitors.iter().map(Query::parse).collect();
        if anew || index.monitors != before.monitors {
            tell_deaf(host, &queries, monitors);
        }
        Self {
            settings,
            queries,
            standings,
            page: Vec::new(),
            page_bytes: 0,
            now_ms,
            requests: 0,
            limited_ms: None,
            added: Added::default(),
        }
    }

    /// A time further away than we ever wait comes from a clock that was wrong.
    fn is_due(&self, index: usize) -> bool {
        let waits = self.now_ms..=self.now_ms.saturating_add(REST_MAX_MS);
        let standing = self.standings.get(index).filter(|s| !s.gone);
        standing.is_some_and(|s| s.due_ms <= self.now_ms || !waits.contains(&s.due_ms))
    }

    fn is_full(&self) -> bool {
        self.page.len() >= PAGE_MAX || self.page_bytes >= PAGE_MAX_BYTES
    }

    /// Asks one feed and takes what it says.
    fn visit(&mut self, host: &mut impl Host, index: usize) {
        let settings = self.settings;
        let (Some(source), Some(mut standing)) = (
            settings.sources.get(index),
            self.standings.get(index).cloned(),
        ) else {
            return;
        };
        let asked = ask(host, source, &standing);
        self.requests += asked.requests;
        let outcome = match &asked.answer {
            Answer::Document(response) => {
                let absorbed = self.absorb(host, index, &asked, &mut standing, response);
                absorbed.map_err(|reason| (None, reason, Level::Warn))
            }
            Answer::Unchanged => {
                standing.due_ms = self.now_ms + settings.poll_interval_ms;
                Ok(())
            }
            Answer::Gone => {
                standing = Standing {
                    gone: true,
                    ..standing.anew()
                };
                let reason = "answers 410, gone for good: take it off the list; it is not asked again until the list changes";
                standing.fail(Some(reason));
                host.log(Level::Warn, &format!("{}: {reason}", source.label()));
                self.keep(host, index, source, standing);
                return;
            }
            Answer::Limited(wait_ms, reason) => {
                self.limited_ms = Some(*wait_ms);
                let message = format!("{}: not asked yet: {reason}", source.label());
                host.log(Level::Info, &cut(&message, 1500));
                return;
            }
            Answer::Busy(rest_ms, reason) => Err((*rest_ms, reason.clone(), Level::Info)),
            Answer::Failed { reason, permanent } => {
                let level = if *permanent {
                    Level::Error
                } else {
                    Level::Warn
                };
                Err((None, reason.clone(), level))
            }
        };
        match outcome {
            Ok(()) => {
                if standing.succeed(asked.moved.as_ref().map(|m| m.as_str())) {
                    let to = crate::settings::label(&asked.url);
                    let message = format!(
                        "{}: moved for good to {to}, which is asked from now on; put it in the settings when you change them",
                        source.label()
                    );
                    host.log(Level::Info, &message);
                }
            }
            Err((rest_ms, reason, level)) => {
                let reason = match asked.url == source.url {
                    true => reason,
                    false => format!("{reason} (asked at {})", crate::settings::label(&asked.url)),
                };
                self.fail(host, source, &mut standing, rest_ms, &reason, level);
            }
        }
        self.keep(host, index, source, standing);
    }

    fn keep(&mut self, host: &mut impl Host, index: usize, source: &Source, standing: Standing) {
        if let Err(e) = memory::save_standing(host, &source.id, &standing) {
            host.log(Level::Error, &format!("{}: state: {e}", source.label()));
        }
        if let Some(slot) = self.standings.get_mut(index) {
            *slot = standing;
        }
    }

    /// Notes a failure: the next try comes after the rest asked for, else after twice as long as
    /// the time before. A wish for rest is no problem unless it goes on.
    fn fail(
        &self,
        host: &mut impl Host,
        source: &Source,
        standing: &mut Standing,
        rest_ms: Option<i64>,
        reason: &str,
        level: Level,
    ) {
        let patient = matches!(level, Level::Info) && standing.failures + 1 < RESTS_MAX;
        standing.fail(Some(reason).filter(|_| !patient));
        let doublings = (standing.failures - 1).min(DOUBLINGS_MAX);
        let backoff = (self.settings.poll_interval_ms << doublings).min(REST_MAX_MS);
        let wait = rest_ms.unwrap_or(backoff).max(1000);
        standing.due_ms = self.now_ms + wait;
        let minutes = (wait + 59_999) / 60_000;
        let reason = cut(reason, 1200);
        host.log(
            level,
            &format!("{}: {reason}; asked again in {minutes} min", source.label()),
        );
    }

    /// Reports the feeds that can't be read as the inbox's problem, and the inbox as failing when they
    /// are all that were ever tried.
    fn report(&self, host: &mut impl Host) {
        let pairs = self.settings.sources.iter().zip(&self.standings);
        let failing: Vec<String> = pairs
            .filter_map(|(source, standing)| {
                let reason = standing.problem.as_ref()?;
                Some(format!("{}: {reason}", source.label()))
            })
            .collect();
        let (count, all) = (failing.len(), self.settings.sources.len());
        let text = match (count, all) {
            (0, _) => None,
            (_, 1) => Some(failing.join("")),
            _ => Some(format!(
                "{count} of {all} feeds can't be read. {}",
                failing.join("; ")
            )),
        };
        let text = text.map(|text| problem::bounded(&text).into_bytes());
        tell(host, problem::KEY, text);
        let mut tried = self.standings.iter().filter(|s| s.is_tried());
        let failing = count > 0 && tried.all(|s| s.problem.is_some());
        let failing = failing.then(|| problem::FAILING.to_vec());
        tell(host, problem::FAILING_KEY, failing);
    }

    /// Tells what the monitors read.
    fn count(&mut self, host: &mut impl Host, monitors: &[Monitor]) {
        if monitors.is_empty() {
            return;
        }
        let mut tally = memory::load_tally(host);
        if tally.since_ms == 0 {
            tally = Tally::new(self.now_ms);
        }
        let query_of = |id: &str| {
            let monitor = monitors.iter().find(|m| m.id == id);
            cut(monitor.map_or(id, |m| &m.query), 60)
        };
        let Some(line) = tally.add(std::mem::take(&mut self.added), query_of) else {
            return;
        };
        host.log(Level::Info, &line);
        if let Err(e) = memory::save_tally(host, &tally) {
            host.log(Level::Error, &format!("state: {e}"));
        }
    }
}

/// Writes one of the reserved keys, where it says something new.
fn tell(host: &mut impl Host, key: &str, value: Option<Vec<u8>>) {
    if value == host.state_get(key) {
        return;
    }
    let stored = match value {
        Some(value) => host.state_set(key, &value),
        None => {
            host.state_delete(key);
            Ok(())
        }
    };
    if let Err(e) = stored {
        host.log(Level::Error, &format!("state: {e}"));
    }
}

/// Says which monitors can match nothing.
fn tell_deaf(host: &mut impl Host, queries: &[Query], monitors: &[Monitor]) {
    let pairs = queries.iter().zip(monitors);
    for (_, monitor) in pairs.filter(|(query, _)| query.matches_nothing()) {
        let query = cut(&monitor.query, 60);
        let message = format!(
            "monitor `{query}` can match nothing: it has neither a letter, a digit nor an emoji; change it or take it away"
        );
        host.log(Level::Warn, &message);
    }
}

/// Forgets when and how the feed was asked and what was handed over, not when entries were first
/// seen.
fn start_anew(host: &mut impl Host, source: &Source, standing: &Standing) -> Standing {
    let mut seen = memory::load_seen(host, &source.id);
    if seen.len() > 0 {
        seen.withhold_all();
        if let Err(e) = memory::save_seen(host, &source.id, &seen) {
            host.log(Level::Error, &format!("{}: state: {e}", source.label()));
        }
    }
    standing.anew()
}

#[cfg(test)]
mod tests;
