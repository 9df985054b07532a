//! What the lists do not tell and a few more calls do: pictures on a mention, the whole chain that
//! a reply stands in, followers of an author.
//!
//! None of it may cost a message: a call that fails is logged and what it would have told is left
//! out. Calls are bounded, and stop when time runs out or the network asks us to wait.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::attachment;
use crate::message::Source;
use crate::net::Level;
use crate::post::{AtUri, Post, list_at, text_at};
use crate::session::Session;
use crate::watch::{self, BATCH};
use crate::xrpc::CallError;

/// The contract's limit.
const ANCESTORS_MAX: usize = 64;
/// Threads looked up in one poll; other replies name the root and the answered post.
const THREADS_MAX: usize = 20;
/// Profiles a call; the network's maximum.
const PROFILES: usize = 25;
/// Profile calls in one poll.
const PROFILE_CALLS_MAX: usize = 6;
/// After this long in one poll no more is looked up, in milliseconds.
const PATIENCE_MS: i64 = 25_000;

/// A post on its way to become a message.
#[derive(Debug, Clone)]
pub struct Found {
    pub post: Post,
    pub source: Source,
    /// The chain above it, where it was looked up.
    pub ancestors: Option<Vec<String>>,
}

/// There is time for calls that are not needed.
pub fn is_patient(session: &Session) -> bool {
    session.elapsed_ms() < PATIENCE_MS && session.pause_ms().is_none()
}

/// Fills in the embeds of posts that came without.
pub fn embeds(session: &Session, found: &mut [Found]) {
    let mut wanting: Vec<&mut Found> = found
        .iter_mut()
        .filter(|f| attachment::needs_view(&f.post))
        .collect();
    for batch in wanting.chunks_mut(BATCH) {
        if !is_patient(session) {
            return;
        }
        let uris: Vec<String> = batch.iter().map(|f| f.post.uri.clone()).collect();
        match watch::posts(session, uris.iter().map(String::as_str)) {
            Ok(mut views) => {
                for found in batch {
                    if let Some(view) = views.remove(&found.post.uri) {
                        found.post.embed = view.embed;
                    }
                }
            }
            Err(error) => return log(session, "attachments", &error),
        }
    }
}

/// Fills in the chains of replies that stand deeper in a thread; from the last, because lists run
/// from new to old and an older chain helps a newer one.
pub fn threads(session: &Session, found: &mut [Found]) {
    let mut known: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut calls = 0;
    for found in found
        .iter_mut()
        .rev()
        .filter(|f| f.post.has_unknown_ancestors())
    {
        let parent = found.post.parent().unwrap_or_default().to_owned();
        let chain = match known.get(&parent) {
            Some(above) => {
                let mut chain = above.clone();
                chain.push(parent.clone());
                bounded(chain, found.post.root())
            }
            None if calls == THREADS_MAX || !is_patient(session) => continue,
            None => {
                calls += 1;
                match thread(session, &found.post) {
                    Ok(chain) if chain.last() == Some(&parent) => chain,
                    Ok(_) => continue,
                    Err(error @ CallError::Refused(_)) => {
                        log(session, "a thread", &error);
                        continue;
                    }
                    Err(error) => return log(session, "threads", &error),
                }
            }
        };
        known.insert(found.post.uri.clone(), chain.clone());
        found.ancestors = Some(chain);
    }
}

/// The addresses above a post, from the thread's first to the answered one.
fn thread(session: &Session, post: &Post) -> Result<Vec<String>, CallError> {
    let height = ANCESTORS_MAX.to_string();
    let parameters = [
        ("uri", post.uri.as_str()),
        ("depth", "0"),
        ("parentHeight", &height),
    ];
    let answer = session.get("app.bsky.feed.getPostThread", &parameters)?;
    Ok(bounded(chain(&answer), post.root()))
}

/// The chain in an answer of `getPostThread`. A deleted or blocked post has its address only, and
/// nothing above it is told.
pub fn chain(answer: &Value) -> Vec<String> {
    let mut above = answer.pointer("/thread/parent");
    let mut chain = Vec::new();
    while let Some(node) = above {
        let uri = text_at(node, "/post/uri").or_else(|| text_at(node, "/uri"));
        match uri.filter(|u| AtUri::parse(u).is_some()) {
            Some(uri) => chain.push(uri.to_owned()),
            None => break,
        }
        above = node.get("parent");
    }
    chain.reverse();
    chain
}

/// Begins with the root and has at most [`ANCESTORS_MAX`] entries; the nearest stay.
fn bounded(mut chain: Vec<String>, root: &str) -> Vec<String> {
    let excess = chain.len().saturating_sub(ANCESTORS_MAX - 1);
    if chain.first().is_some_and(|first| first == root) && excess <= 1 {
        return chain;
    }
    chain.drain(..excess);
    chain.insert(0, root.to_owned());
    chain
}

/// Full profiles by DID, for as many as the bounds allow; `dids` in order of importance.
pub fn profiles(session: &Session, dids: &[&str]) -> BTreeMap<String, Value> {
    let mut wanted: Vec<&str> = Vec::new();
    for did in dids {
        if wanted.len() < PROFILES * PROFILE_CALLS_MAX && !wanted.contains(did) {
            wanted.push(did);
        }
    }
    let mut profiles = BTreeMap::new();
    for batch in wanted.chunks(PROFILES) {
        if !is_patient(session) {
            break;
        }
        let parameters: Vec<_> = batch.iter().map(|did| ("actors", *did)).collect();
        match session.get("app.bsky.actor.getProfiles", &parameters) {
            Ok(answer) => profiles.extend(list_at(&answer, "/profiles").iter().filter_map(|p| {
                let did = text_at(p, "/did")?;
                Some((did.to_owned(), p.clone()))
            })),
            Err(error) => {
                log(session, "profiles", &error);
                break;
            }
        }
    }
    profiles
}

fn log(session: &Session, what: &str, error: &CallError) {
    session.net.log(
        Level::Info,
        &format!("{what} could not be looked up: {error}"),
    );
}
