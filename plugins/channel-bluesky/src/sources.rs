//! Reading the two sources of a poll: notifications, and the searches of monitors in turn.
//!
//! A source that fails keeps its position and holds up no other; only a failure of the
//! notifications' first page, or of the credentials, fails the poll. What is taken is bounded by
//! [`ITEMS_MAX`]; what does not fit waits with its position (`scan`).

use rapport_sdk::channel::Monitor;
use rapport_sdk::common::PluginError;
use serde_json::Value;

use crate::cursor::{Cursor, MONITORS_MAX, Position, monitor_key};
use crate::enrich::{self, Found};
use crate::memory::Seen;
use crate::message::{Source, actor};
use crate::net::Level;
use crate::post::{AtUri, Post, text_at};
use crate::reading::Reading;
use crate::scan::{Item, Listing, OVERLAP_MS, PAGE_SIZE, Scan, first_scan, scan};
use crate::session::Session;
use crate::time;
use crate::trouble::Trouble;
use crate::xrpc::{CallError, retry};

/// New items a poll; the contract takes 500 activities, and changes of watched posts come on top.
const ITEMS_MAX: usize = 400;
/// Searches a poll.
const MONITORS_PER_POLL: usize = 10;
/// Names what was read of the notifications (`reading`); monitors have keys of their own.
pub const NOTIFICATIONS_KEY: &str = "notifications";
/// When the network asks us to wait without saying how long, in milliseconds.
const PAUSE_MS: u64 = 60_000;

/// What somebody did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReactionKind {
    Like,
    Repost,
    Follow,
}

/// Something done to a post of ours, or to our account.
pub struct Reacted {
    pub id: String,
    pub at_ms: i64,
    pub author: Value,
    pub kind: ReactionKind,
    /// What was liked or reposted.
    pub object: String,
}

/// What one poll brings in.
pub struct Intake<'a> {
    pub session: Session<'a>,
    /// There was no cursor.
    pub first: bool,
    pub old: Cursor,
    pub new: Cursor,
    pub seen: Seen,
    pub found: Vec<Found>,
    pub reacted: Vec<Reacted>,
    /// Something is waiting beyond what was read.
    pub more: bool,
    /// How long a source asked us to wait.
    pub pause_ms: Option<u64>,
    /// Items that could not be used.
    pub skipped: usize,
    pub trouble: Trouble,
}

impl Intake<'_> {
    fn room(&self) -> usize {
        ITEMS_MAX.saturating_sub(self.found.len() + self.reacted.len())
    }

    /// Reads on in a list, the first time when there is no position.
    fn read_on(
        &self,
        key: &str,
        previous: Option<&Position>,
        pages_max: usize,
        fetch: impl FnMut(Option<&str>) -> Result<Listing, CallError>,
    ) -> Result<(Scan, Reading), CallError> {
        let now_ms = self.session.net.now_ms();
        let Some(previous) = previous else {
            let mut reading = Reading::default();
            let scanned = first_scan(&mut reading, pages_max, now_ms, fetch)?;
            return Ok((scanned, reading));
        };
        let lost = || Reading::lost(previous.newest_ms.saturating_sub(OVERLAP_MS));
        let mut reading = Reading::load(self.session.net, key).unwrap_or_else(lost);
        let scanned = scan(previous, &mut reading, pages_max, now_ms, fetch)?;
        Ok((scanned, reading))
    }

    /// Reads on in the notifications.
    pub fn notifications(&mut self) -> Result<(), PluginError> {
        let session = &self.session;
        let previous = self.old.notifications.clone();
        let size = PAGE_SIZE.to_string();
        let (scanned, mut reading) = self.read_on(
            NOTIFICATIONS_KEY,
            previous.as_ref(),
            session.settings.max_pages,
            |cursor| {
                // `priority` is said outright: the account may have a filter on.
                let mut parameters = vec![("limit", size.as_str()), ("priority", "false")];
                parameters.extend(cursor.map(|c| ("cursor", c)));
                let answer = session.get("app.bsky.notification.listNotifications", &parameters)?;
                listing(&answer, "/notifications")
            },
        )?;
        self.more |= !scanned.complete && previous.as_ref() != Some(&scanned.position);
        self.new.notifications = Some(scanned.position);
        for item in scanned.items {
            if !self.seen.contains(&item.id) && self.take_notification(&item.value).is_none() {
                self.skipped += 1;
                reading.mark_as_shown(&item);
            }
        }
        reading.save(self.session.net, NOTIFICATIONS_KEY);
        self.note_end(NOTIFICATIONS_KEY, "notifications", scanned.interrupted)
    }

    /// None: it can't be used.
    fn take_notification(&mut self, value: &Value) -> Option<()> {
        let reason = text_at(value, "/reason")?;
        let source = match reason {
            "mention" | "reply" => Source::Addressed,
            "quote" => Source::Quoted,
            "like" => return self.take_reaction(value, ReactionKind::Like),
            "repost" => return self.take_reaction(value, ReactionKind::Repost),
            "follow" => return self.take_reaction(value, ReactionKind::Follow),
            // Verifications, starter packs, likes of a repost: nothing that concerns a contact.
            _ => return Some(()),
        };
        let post = Post::from_view(value)?;
        self.take_post(post, source);
        Some(())
    }

    fn take_reaction(&mut self, value: &Value, kind: ReactionKind) -> Option<()> {
        if !self.session.settings.reactions {
            return Some(());
        }
        let id = text_at(value, "/uri").filter(|uri| AtUri::parse(uri).is_some())?;
        let author = value.get("author")?.clone();
        actor(&author, None)?;
        let object = match kind {
            ReactionKind::Follow => String::new(),
            _ => {
                let uri = text_at(value, "/record/subject/uri")
                    .or_else(|| text_at(value, "/reasonSubject"))?;
                // A liked feed or list is no message.
                if !AtUri::parse(uri)?.is_post() {
                    return Some(());
                }
                uri.to_owned()
            }
        };
        let at_ms = text_at(value, "/indexedAt").and_then(time::parse_ms);
        let at_ms = at_ms.unwrap_or_else(|| self.session.net.now_ms());
        self.reacted.push(Reacted {
            id: id.to_owned(),
            at_ms,
            author,
            kind,
            object,
        });
        Some(())
    }

    /// Takes a post once, also when several sources show it.
    fn take_post(&mut self, post: Post, source: Source) {
        if post.author_did() == Some(self.session.account.did.as_str()) {
            return;
        }
        if !self.found.iter().any(|known| known.post.uri == post.uri) {
            self.found.push(Found {
                post,
                source,
                ancestors: None,
            });
        }
    }

    /// Searches for the monitors whose turn it is; the round goes on at the next poll.
    pub fn monitors(&mut self, monitors: &[Monitor]) -> Result<(), PluginError> {
        if monitors.len() > MONITORS_MAX {
            let text = format!("{} monitors, at most {MONITORS_MAX}", monitors.len());
            self.session.net.log(
                Level::Warn,
                &format!("{text}: the others are not searched for"),
            );
        }
        let monitors = &monitors[..monitors.len().min(MONITORS_MAX)];
        for key in monitors.iter().map(monitor_key) {
            if let Some(position) = self.old.monitors.remove(&key) {
                self.new.monitors.insert(key, position);
            }
        }
        // Those that are left belong to monitors that are no more.
        for key in self.old.monitors.keys() {
            Reading::forget(self.session.net, key);
        }
        let start = if self.old.turn < monitors.len() {
            self.old.turn
        } else {
            0
        };
        for (index, monitor) in monitors.iter().enumerate().skip(start) {
            let full = self.room() < PAGE_SIZE || index - start == MONITORS_PER_POLL;
            // One is searched for in any case, lest a slow server keep all of them waiting.
            let tired = index > start && !enrich::is_patient(&self.session);
            let paused = self.pause_ms.is_some() || self.session.pause_ms().is_some();
            if full || paused || tired {
                self.new.turn = index;
                self.more = true;
                return Ok(());
            }
            self.monitor(monitor)?;
        }
        self.new.turn = 0;
        Ok(())
    }

    fn monitor(&mut self, monitor: &Monitor) -> Result<(), PluginError> {
        let key = monitor_key(monitor);
        let session = &self.session;
        let previous = self.new.monitors.get(&key).cloned();
        let pages_max = session.settings.max_pages.min(self.room() / PAGE_SIZE);
        let size = PAGE_SIZE.to_string();
        let query = monitor.query.as_str();
        let scanned = self.read_on(&key, previous.as_ref(), pages_max, |cursor| {
            let mut parameters = vec![("q", query), ("sort", "latest"), ("limit", &size)];
            parameters.extend(cursor.map(|c| ("cursor", c)));
            let answer = session.get("app.bsky.feed.searchPosts", &parameters)?;
            listing(&answer, "/posts")
        });
        let what = format!("monitor {} (“{query}”)", monitor.id);
        let (scanned, mut reading) = match scanned {
            Ok(scanned) => scanned,
            Err(error) => return self.note_end(&key, &what, Some(error)),
        };
        self.more |= !scanned.complete && previous.as_ref() != Some(&scanned.position);
        self.new.monitors.insert(key.clone(), scanned.position);
        for item in scanned.items {
            match Post::from_view(&item.value) {
                None => {
                    self.skipped += 1;
                    reading.mark_as_shown(&item);
                }
                Some(post) if self.seen.contains(&post.uri) => {}
                Some(post) if !self.session.settings.takes_languages(&post.langs()) => {}
                Some(post) => self.take_post(post, Source::Monitor(monitor.id.clone())),
            }
        }
        reading.save(self.session.net, &key);
        self.note_end(&key, &what, scanned.interrupted)
    }

    /// What the end of reading a source means for the poll: the credentials fail it, all else is noted.
    fn note_end(
        &mut self,
        key: &str,
        what: &str,
        error: Option<CallError>,
    ) -> Result<(), PluginError> {
        let Some(error) = error else {
            self.trouble.end(key);
            return Ok(());
        };
        self.session
            .net
            .log(Level::Warn, &format!("{what}: {error}"));
        match error {
            CallError::Fault(fault @ PluginError::AuthExpired(_)) => Err(fault),
            CallError::Fault(PluginError::RateLimited(delay)) => {
                self.pause_ms = self.pause_ms.max(Some(delay.delay_ms.unwrap_or(PAUSE_MS)));
                Ok(())
            }
            error => {
                self.trouble.add(key, &format!("{what}: {error}"));
                Ok(())
            }
        }
    }
}

/// A page of a list: each element under its `uri`, at its `indexedAt`. Elements without an address
/// are named by all of themselves, and counted as malformed. An answer without the list, or with one
/// of which nothing can be read, is no empty page: taken for one, it would end a scan that has not
/// been through.
fn listing(answer: &Value, pointer: &str) -> Result<Listing, CallError> {
    let Some(values) = answer.pointer(pointer).and_then(Value::as_array) else {
        return Err(retry(format!("the server's answer has no list {pointer}")));
    };
    let named = |value: &Value| text_at(value, "/uri").is_some();
    if !values.is_empty() && !values.iter().any(named) {
        return Err(retry(format!(
            "nothing in the server's list {pointer} has an address"
        )));
    }
    let cursor = match answer.get("cursor") {
        None | Some(Value::Null) => None,
        Some(Value::String(cursor)) => Some(cursor.clone()).filter(|c| !c.is_empty()),
        Some(_) => return Err(retry("the server's position of the next page is no text")),
    };
    let items = values.iter().take(PAGE_SIZE).map(|value| Item {
        id: text_at(value, "/uri").map_or_else(|| value.to_string(), str::to_owned),
        at_ms: text_at(value, "/indexedAt").and_then(time::parse_ms),
        value: value.clone(),
    });
    Ok(Listing {
        items: items.collect(),
        cursor,
    })
}
