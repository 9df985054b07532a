//! Looks at delivered posts again: an edited post becomes an update, a deleted one a tombstone.
//!
//! Each time the latest 25, where deletions are most likely, and the next 25 of the others in turn.
//! The listing leaves a post out for many reasons (a block, a service that lags behind), so a post
//! counts as deleted only when its repository says that the record is not there.

use std::collections::BTreeMap;

use rapport_sdk::social::{Activity, ActivityObject, Tombstone};
use serde_json::Value;

use crate::memory::{Watch, Watched};
use crate::message::{message, published_ms};
use crate::net::Level;
use crate::post::{AtUri, Post};
use crate::rkey::short_hash;
use crate::session::Session;
use crate::xrpc::{CallError, retry};

/// Posts a call of `getPosts`; the network's maximum.
pub const BATCH: usize = 25;
/// Repositories asked in one check; what is missing beyond that waits for the next.
const CONFIRMATIONS_MAX: usize = 10;

/// Looks at some of the posts; at most two listings and ten confirmations.
pub fn check(session: &Session, watch: &mut Watch) -> Vec<Activity> {
    let mut activities = Vec::new();
    let mut confirmations = CONFIRMATIONS_MAX;
    for batch in choose(watch) {
        match check_batch(session, watch, &batch, &mut confirmations) {
            Ok(found) => activities.extend(found),
            Err(error) => {
                session
                    .net
                    .log(Level::Info, &format!("watched posts: {error}"));
                break;
            }
        }
    }
    activities
}

/// The latest posts, and the next of the others.
fn choose(watch: &mut Watch) -> Vec<Vec<Watched>> {
    let older = watch.posts.len().saturating_sub(BATCH);
    let latest: Vec<_> = watch.posts.iter().skip(older).cloned().collect();
    let start = if watch.next < older { watch.next } else { 0 };
    let others: Vec<_> = watch
        .posts
        .iter()
        .take(older)
        .skip(start)
        .take(BATCH)
        .cloned()
        .collect();
    watch.next = start + others.len();
    [latest, others]
        .into_iter()
        .filter(|batch| !batch.is_empty())
        .collect()
}

fn check_batch(
    session: &Session,
    watch: &mut Watch,
    batch: &[Watched],
    confirmations: &mut usize,
) -> Result<Vec<Activity>, CallError> {
    let now_ms = session.net.now_ms();
    let shown = posts(session, batch.iter().map(|post| post.uri.as_str()))?;
    let mut activities = Vec::new();
    for watched in batch {
        let Some(post) = shown.get(&watched.uri) else {
            if *confirmations == 0 {
                continue;
            }
            *confirmations -= 1;
            if is_deleted(session, &watched.uri)? {
                watch.remove(&watched.uri);
                activities.push(tombstone(&watched.uri, now_ms));
            }
            continue;
        };
        let hash = short_hash(&post.cid);
        let Some(source) = watched.via.source() else {
            continue;
        };
        if post.cid.is_empty() || hash == watched.cid_hash {
            continue;
        }
        if let Some(entry) = watch
            .posts
            .iter_mut()
            .find(|entry| entry.uri == watched.uri)
        {
            entry.cid_hash = hash;
        }
        let me = &session.account.did;
        if let Some(mut message) = message(post, &source, me, now_ms) {
            message.updated = Some(now_ms.max(published_ms(post, now_ms)));
            activities.push(Activity {
                id: format!("{}#{}", post.uri, post.cid),
                published: now_ms,
                object: ActivityObject::Update(message),
            });
        }
    }
    Ok(activities)
}

/// Posts by address, as the network shows them now; at most [`BATCH`] addresses. What it does not
/// show is not among them.
pub fn posts<'u>(
    session: &Session,
    uris: impl Iterator<Item = &'u str>,
) -> Result<BTreeMap<String, Post>, CallError> {
    let parameters: Vec<_> = uris.take(BATCH).map(|uri| ("uris", uri)).collect();
    let answer = session.get("app.bsky.feed.getPosts", &parameters)?;
    let Some(shown) = answer.get("posts").and_then(Value::as_array) else {
        // Nothing follows from it, least of all that the posts are gone.
        return Err(retry("the server's answer has no list of posts"));
    };
    let posts = shown.iter().filter_map(Post::from_view);
    Ok(posts.map(|post| (post.uri.clone(), post)).collect())
}

/// Its repository says that it is not there.
fn is_deleted(session: &Session, uri: &str) -> Result<bool, CallError> {
    let Some(at) = AtUri::parse(uri) else {
        return Ok(false);
    };
    let parameters = [
        ("repo", at.authority),
        ("collection", at.collection),
        ("rkey", at.rkey),
    ];
    match session.get("com.atproto.repo.getRecord", &parameters) {
        Ok(_) => Ok(false),
        Err(CallError::Refused(refusal)) => Ok(refusal.is_gone()),
        Err(error) => Err(error),
    }
}

fn tombstone(uri: &str, now_ms: i64) -> Activity {
    Activity {
        id: format!("{uri}#deleted"),
        published: now_ms,
        object: ActivityObject::Delete(Tombstone {
            external_id: uri.to_owned(),
            deleted: now_ms,
        }),
    }
}
