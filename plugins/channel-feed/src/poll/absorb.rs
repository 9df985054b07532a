//! A document that a feed answered with: read, compared with the memory, handed over as far as the
//! page has room.

use std::collections::BTreeMap;

use rapport_sdk::social::{Activity, ActivityObject};

use super::Round;
use crate::changes::{Changes, Context, changes, foreign_targets};
use crate::feed;
use crate::fetch::Asked;
use crate::host::{Host, Level, Response};
use crate::identity::{EntryId, message_id};
use crate::memory::{self, Record, Seen, Standing};

impl Round<'_> {
    /// Reads the document and hands over what changed, as far as the page has room. Errors with why it
    /// is none.
    pub(super) fn absorb(
        &mut self,
        host: &mut impl Host,
        index: usize,
        asked: &Asked,
        standing: &mut Standing,
        response: &Response,
    ) -> Result<(), String> {
        let settings = self.settings;
        let source = settings.sources.get(index).ok_or("no such feed")?;
        let feed = feed::parse(&response.body, response.header("content-type"), &asked.url)?;
        let mut seen = memory::load_seen(host, &source.id);
        let others = self
            .standings
            .iter()
            .enumerate()
            .filter(|(i, _)| *i != index);
        let allowed = memory::allowance(others.map(|(_, s)| s.seen));
        let elsewhere =
            self.find_elsewhere(host, &source.id, foreign_targets(&feed, &standing.habits));
        let found = changes(
            &feed,
            &Context {
                feed_id: &source.id,
                url: &source.url,
                seen: &seen,
                habits: &standing.habits,
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
        standing.habits = found.habits.clone();
        let counted = std::mem::replace(&mut standing.counted, true);
        let left_out = found.withheld.iter().filter(|(_, new)| *new || !counted);
        self.added
            .left_out
            .extend(left_out.map(|(title, _)| title.clone()));
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
            if let ActivityObject::Create(message) = &activity.object
                && let Some(monitor) = &message.monitor
            {
                *self.added.taken.entry(monitor.clone()).or_default() += 1;
            }
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
                let known = EntryId::referred(id, &standing.habits).find(&seen, || None);
                if let Some(known) = &known {
                    found.insert(id.clone(), message_id(&source.id, &known.spelling));
                }
                known.is_none()
            });
        }
        found
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
