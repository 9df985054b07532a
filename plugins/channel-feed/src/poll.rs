//! One poll: asks the feeds that are due, hands over what changed, remembers the rest.
//!
//! Every feed stands for itself: whatever one answers or fails at is logged, noted as its standing
//! and stops no other. Nothing here returns an error, because an error would drop what was learnt of
//! all feeds. Validators are kept only when everything in a whole document was handed over, and the
//! host stores them in the same commit; so a 304 never hides an entry.

use std::collections::BTreeMap;

use rapport_sdk::channel::{Monitor, Page};
use rapport_sdk::social::{Activity, ActivityObject};

use crate::changes::{Changes, Context, changes, entry_key, foreign_targets};
use crate::feed;
use crate::fetch::{Answer, REST_MAX_MS, ask};
use crate::host::{Host, Level, Response};
use crate::identity::{hash_hex, message_id};
use crate::memory::{self, Index, Record, Seen, Standing};
use crate::monitor::Query;
use crate::settings::{Settings, Source};

/// Most activities of a page (the contract's limit).
pub const PAGE_MAX: usize = 500;
/// Text of a page, in bytes, beyond which it is ended.
const PAGE_MAX_BYTES: usize = 4 * 1024 * 1024;
/// No further feed is asked in this call after so long; one request may take as long as the host
/// allows.
const TIME_BUDGET_MS: i64 = 15_000;
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
    let mut round = Round::begin(settings, host, cursor.is_none(), monitors, started_ms);
    let mut due: Vec<usize> = (0..settings.sources.len())
        .filter(|i| round.is_due(*i))
        .collect();
    due.sort_by_key(|i| (round.standings[*i].due_ms, *i));
    for index in due {
        let late = host.now_ms().saturating_sub(started_ms) >= TIME_BUDGET_MS;
        if late || round.is_full() {
            break;
        }
        round.visit(host, index);
    }
    let more = (0..settings.sources.len()).any(|i| round.is_due(i));
    let waiting = round.standings.iter().filter(|s| !s.gone).map(|s| s.due_ms);
    let next = waiting
        .min()
        .map_or(REST_MAX_MS, |due| due.saturating_sub(started_ms));
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

struct Round<'a> {
    settings: &'a Settings,
    queries: Vec<Query>,
    /// As `settings.sources`.
    standings: Vec<Standing>,
    page: Vec<Activity>,
    page_bytes: usize,
    now_ms: i64,
}

impl<'a> Round<'a> {
    fn begin(
        settings: &'a Settings,
        host: &mut impl Host,
        anew: bool,
        monitors: &[Monitor],
        now_ms: i64,
    ) -> Self {
        let ids: Vec<&str> = settings.sources.iter().map(|s| s.id.as_str()).collect();
        let words: Vec<&str> = monitors
            .iter()
            .flat_map(|m| [m.id.as_str(), &m.query])
            .collect();
        let index = Index {
            feeds: ids.iter().map(|id| (*id).to_owned()).collect(),
            settings: hash_hex(&ids, 8),
            monitors: hash_hex(&words, 8),
        };
        let before = memory::load_index(host);
        for gone in before.feeds.iter().filter(|id| !index.feeds.contains(id)) {
            memory::forget(host, gone);
        }
        let mut standings = Vec::with_capacity(ids.len());
        for source in &settings.sources {
            let mut standing = memory::load_standing(host, &source.id);
            if anew {
                standing = start_anew(host, source, &standing);
            }
            if index.settings != before.settings && standing.gone {
                standing = Standing {
                    seen: standing.seen,
                    ..Standing::default()
                };
            }
            if index.monitors != before.monitors {
                standing.drop_validators();
                // One that asked for rest gets it.
                standing.due_ms = if standing.failures == 0 {
                    0
                } else {
                    standing.due_ms
                };
            }
            if (anew || index != before)
                && let Err(e) = memory::save_standing(host, &source.id, &standing)
            {
                host.log(Level::Error, &format!("{}: state: {e}", source.label()));
            }
            standings.push(standing);
        }
        if index != before
            && let Err(e) = memory::save_index(host, &index)
        {
            host.log(Level::Error, &format!("state: {e}"));
        }
        let queries = monitors.iter().map(Query::parse).collect();
        Self {
            settings,
            queries,
            standings,
            page: Vec::new(),
            page_bytes: 0,
            now_ms,
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
        match ask(host, source, &standing) {
            Answer::Document(response) => {
                match self.absorb(host, index, source, &mut standing, &response) {
                    Ok(()) => standing.failures = 0,
                    Err(reason) => {
                        self.fail(host, source, &mut standing, None, &reason, Level::Warn)
                    }
                }
            }
            Answer::Unchanged => {
                standing.failures = 0;
                standing.due_ms = self.now_ms + settings.poll_interval_ms;
            }
            Answer::Gone => {
                standing = Standing {
                    gone: true,
                    seen: standing.seen,
                    ..Standing::default()
                };
                let message =
                    "answers 410, gone for good; not asked again until the list of feeds changes";
                host.log(Level::Warn, &format!("{}: {message}", source.label()));
            }
            Answer::Busy(rest_ms, reason) => {
                self.fail(host, source, &mut standing, rest_ms, &reason, Level::Info);
            }
            Answer::Failed { reason, permanent } => {
                let level = if permanent { Level::Error } else { Level::Warn };
                self.fail(host, source, &mut standing, None, &reason, level);
            }
        }
        if let Err(e) = memory::save_standing(host, &source.id, &standing) {
            host.log(Level::Error, &format!("{}: state: {e}", source.label()));
        }
        if let Some(slot) = self.standings.get_mut(index) {
            *slot = standing;
        }
    }

    /// Notes a failure: the next try comes after the rest asked for, else after twice as long as
    /// the time before.
    fn fail(
        &self,
        host: &mut impl Host,
        source: &Source,
        standing: &mut Standing,
        rest_ms: Option<i64>,
        reason: &str,
        level: Level,
    ) {
        standing.failures = standing.failures.saturating_add(1);
        let doublings = (standing.failures - 1).min(DOUBLINGS_MAX);
        let backoff = (self.settings.poll_interval_ms << doublings).min(REST_MAX_MS);
        let wait = rest_ms.unwrap_or(backoff).max(1000);
        standing.due_ms = self.now_ms + wait;
        let minutes = (wait + 59_999) / 60_000;
        let reason = crate::text::cut(reason, 1200);
        host.log(
            level,
            &format!("{}: {reason}; asked again in {minutes} min", source.label()),
        );
    }

    /// Reads the document and hands over what changed, as far as the page has room.
    fn absorb(
        &mut self,
        host: &mut impl Host,
        index: usize,
        source: &Source,
        standing: &mut Standing,
        response: &Response,
    ) -> Result<(), String> {
        let feed = feed::parse(&response.body, response.header("content-type"), &source.url)?;
        let mut seen = memory::load_seen(host, &source.id);
        let others = self
            .standings
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != index);
        let allowed = memory::allowance(others.map(|(_, s)| s.seen));
        let elsewhere = self.find_elsewhere(host, &source.id, foreign_targets(&feed));
        let found = changes(
            &feed,
            &Context {
                feed_id: &source.id,
                url: &source.url,
                seen: &seen,
                queries: &self.queries,
                now_ms: self.now_ms,
                elsewhere: &elsewhere,
                allowed,
            },
        );
        if found.left_out > 0 {
            let message = format!(
                "{}: {} oldest entries left out, at most {allowed} are read",
                source.label(),
                found.left_out
            );
            host.log(Level::Info, &message);
        }
        let (noted, all) = self.take(found);
        seen.note(&noted, allowed);
        standing.seen = seen.len();
        let stored = memory::save_seen(host, &source.id, &seen);
        let whole = all && !feed.truncated && stored.is_ok();
        if whole {
            standing.keep_validators(response.header("etag"), response.header("last-modified"));
        } else {
            standing.drop_validators();
        }
        // What did not fit is asked for again at once; where memory fails that would never end.
        let wait = if all || stored.is_err() {
            self.settings.poll_interval_ms
        } else {
            0
        };
        standing.due_ms = self.now_ms + wait;
        if feed.truncated {
            host.log(
                Level::Warn,
                &format!(
                    "{}: the document breaks off; read as far as it goes",
                    source.label()
                ),
            );
        }
        stored.map_err(|e| format!("state: {e}"))
    }

    /// Moves changes to the page. What is to be remembered, and whether everything fitted.
    fn take(&mut self, found: Changes) -> (Vec<Record>, bool) {
        let mut noted = found.known;
        for (activity, record) in found.activities {
            if self.is_full() {
                return (noted, false);
            }
            self.page_bytes += size_bytes(&activity);
            self.page.push(activity);
            noted.push(record);
        }
        (noted, true)
    }

    /// External ids of answered entries that another feed of the inbox brought.
    fn find_elsewhere(
        &self,
        host: &mut impl Host,
        own: &str,
        mut wanted: Vec<String>,
    ) -> BTreeMap<String, String> {
        let mut found = BTreeMap::new();
        for (source, standing) in self.settings.sources.iter().zip(&self.standings) {
            if wanted.is_empty() {
                break;
            }
            if source.id == own || standing.seen == 0 {
                continue;
            }
            let seen: Seen = memory::load_seen(host, &source.id);
            wanted.retain(|id| {
                let here = seen.get(entry_key(id)).is_some();
                if here {
                    found.insert(id.clone(), message_id(&source.id, id));
                }
                !here
            });
        }
        found
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
    Standing {
        seen: standing.seen,
        ..Standing::default()
    }
}

/// About how much of the page an activity takes.
fn size_bytes(activity: &Activity) -> usize {
    match &activity.object {
        ActivityObject::Create(message) | ActivityObject::Update(message) => {
            let files: usize = message.attachments.iter().map(|a| a.url.len() + 512).sum();
            let tags: usize = message.tags.iter().map(String::len).sum();
            message.content.len() + files + tags + 2048
        }
        _ => 1024,
    }
}

#[cfg(test)]
mod tests;
