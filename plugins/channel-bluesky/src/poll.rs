//! One poll: notifications, then monitors in turn (`sources`), what more they need (`enrich`), then
//! a look at the posts that are watched (`watch`), and all of it as activities, oldest first.

use rapport_sdk::channel::{Monitor, Page};
use rapport_sdk::common::PluginError;
use rapport_sdk::social::{Activity, ActivityObject, Reaction};
use serde_json::Value;

use crate::cursor::{Cursor, monitor_key};
use crate::enrich;
use crate::memory::{Seen, Via, Watch, Watched};
use crate::message::{actor, message, published_ms};
use crate::net::{Level, Net};
use crate::post::text_at;
use crate::rkey::short_hash;
use crate::session::Session;
use crate::settings::Settings;
use crate::sources::{Intake, NOTIFICATIONS_KEY, ReactionKind};
use crate::trouble::Trouble;
use crate::watch;

/// What happened since the cursor.
pub fn poll(
    net: &dyn Net,
    settings: &Settings,
    cursor: Option<&str>,
    monitors: &[Monitor],
) -> Result<Page, PluginError> {
    let session = Session::open(net, settings)?;
    let old = cursor.and_then(Cursor::parse);
    if cursor.is_some() && old.is_none() {
        net.log(Level::Warn, "the cursor can't be read: beginning anew");
    }
    let first = old.is_none();
    let seen = if first {
        Seen::default()
    } else {
        Seen::load(net)
    };
    let mut intake = Intake {
        session,
        first,
        old: old.unwrap_or_default(),
        new: Cursor::default(),
        seen,
        found: Vec::new(),
        reacted: Vec::new(),
        more: false,
        pause_ms: None,
        skipped: 0,
        trouble: Trouble::load(net, |key| {
            key == NOTIFICATIONS_KEY || monitors.iter().any(|m| monitor_key(m) == key)
        }),
    };
    intake.notifications()?;
    intake.monitors(monitors)?;
    Ok(finish(intake))
}

/// Looks up what is still missing and makes the page.
fn finish(mut intake: Intake) -> Page {
    if intake.skipped > 0 {
        let text = format!("{} items were malformed and left out", intake.skipped);
        intake.session.net.log(Level::Warn, &text);
    }
    enrich::embeds(&intake.session, &mut intake.found);
    enrich::threads(&intake.session, &mut intake.found);
    let mut activities = activities(&intake);
    activities
        .iter()
        .for_each(|activity| intake.seen.insert(&activity.id));
    watch_posts(&intake, &mut activities);
    activities.sort_by(|a, b| (a.published, &a.id).cmp(&(b.published, &b.id)));
    let pause_ms = intake.pause_ms.max(intake.session.pause_ms());
    intake.trouble.report(intake.session.net);
    intake.seen.save(intake.session.net);
    Page {
        activities,
        cursor: intake.new.to_text(),
        more: intake.more && pause_ms.is_none(),
        next_poll_ms: pause_ms,
    }
}

/// The new items as activities.
fn activities(intake: &Intake) -> Vec<Activity> {
    let me = &intake.session.account.did;
    let now_ms = intake.session.net.now_ms();
    let reacting = intake
        .reacted
        .iter()
        .filter_map(|r| text_at(&r.author, "/did"));
    let writing = intake.found.iter().filter_map(|f| f.post.author_did());
    let people: Vec<&str> = writing.chain(reacting).collect();
    let profiles = enrich::profiles(&intake.session, &people);
    let who = |author: &Value| {
        let detail = text_at(author, "/did").and_then(|did| profiles.get(did));
        actor(author, detail)
    };
    let created = intake.found.iter().filter_map(|found| {
        let mut message = message(&found.post, &found.source, me, now_ms)?;
        message.attributed_to = who(&found.post.author)?;
        if let Some(ancestors) = &found.ancestors {
            message.ancestors.clone_from(ancestors);
        }
        Some(Activity {
            id: found.post.uri.clone(),
            published: published_ms(&found.post, now_ms),
            object: ActivityObject::Create(message),
        })
    });
    let reacted = intake.reacted.iter().filter_map(|reacted| {
        let attributed_to = who(&reacted.author)?;
        let object = reacted.object.clone();
        let object = match reacted.kind {
            ReactionKind::Like => ActivityObject::Like(Reaction {
                attributed_to,
                object,
            }),
            ReactionKind::Repost => ActivityObject::Announce(Reaction {
                attributed_to,
                object,
            }),
            ReactionKind::Follow => ActivityObject::Follow(attributed_to),
        };
        Some(Activity {
            id: reacted.id.clone(),
            published: reacted.at_ms,
            object,
        })
    });
    created.chain(reacted).collect()
}

/// Looks at watched posts, unless new ones are waiting, and watches the new ones too.
fn watch_posts(intake: &Intake, activities: &mut Vec<Activity>) {
    let net = intake.session.net;
    let posts_max = intake.session.settings.watched_posts;
    if posts_max == 0 {
        return;
    }
    let mut watch = Watch::load(net);
    watch.absorb_own(net);
    let idle = !intake.first && !intake.more && intake.pause_ms.is_none();
    if idle && enrich::is_patient(&intake.session) {
        activities.extend(watch::check(&intake.session, &mut watch));
    }
    for found in &intake.found {
        watch.add(Watched {
            uri: found.post.uri.clone(),
            cid_hash: short_hash(&found.post.cid),
            via: Via::from(&found.source),
        });
    }
    watch.save(net, posts_max);
}
