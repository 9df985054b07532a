//! What the connector remembers between calls, in the inbox's state: which happenings it has
//! delivered lately, whichever list showed them, and which posts it watches. What was read of each
//! list is in `reading`.
//!
//! All of it is a convenience: without it activities come again (harmless), and deletions go
//! unseen. Each entry has one writer, because a poll and a send may run at the same time: `poll`
//! writes `seen` and `watch`, `send` writes `sent`.

use std::collections::{BTreeSet, VecDeque};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::message::Source;
use crate::net::{Level, Net};
use crate::rkey::short_hash;

const SEEN_KEY: &str = "seen";
const WATCH_KEY: &str = "watch";
const WATCH_NEXT_KEY: &str = "watch-next";
const SENT_KEY: &str = "sent";
/// 19 bytes each.
const SEEN_MAX: usize = 2500;
const SENT_MAX: usize = 100;
/// A state value has at most 65536 bytes.
const WATCH_BYTES_MAX: usize = 60_000;

/// Ids of happenings delivered lately, as hashes, oldest first.
#[derive(Debug, Default)]
pub struct Seen {
    order: VecDeque<String>,
    known: BTreeSet<String>,
}

impl Seen {
    pub fn load(net: &dyn Net) -> Self {
        let order: VecDeque<String> = read(net, SEEN_KEY);
        let known = order.iter().cloned().collect();
        Self { order, known }
    }

    pub fn contains(&self, id: &str) -> bool {
        self.known.contains(&short_hash(id))
    }

    pub fn insert(&mut self, id: &str) {
        let hash = short_hash(id);
        if self.known.insert(hash.clone()) {
            self.order.push_back(hash);
        }
    }

    pub fn save(mut self, net: &dyn Net) {
        let excess = self.order.len().saturating_sub(SEEN_MAX);
        self.order.drain(..excess);
        write(net, SEEN_KEY, &self.order);
    }
}

/// How a watched post came to us.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Via {
    #[serde(rename = "a")]
    Addressed,
    #[serde(rename = "q")]
    Quoted,
    #[serde(rename = "m")]
    Monitor(String),
    /// We sent it.
    #[serde(rename = "o")]
    Own,
}

impl Via {
    /// None: it is ours.
    pub fn source(&self) -> Option<Source> {
        match self {
            Via::Addressed => Some(Source::Addressed),
            Via::Quoted => Some(Source::Quoted),
            Via::Monitor(id) => Some(Source::Monitor(id.clone())),
            Via::Own => None,
        }
    }
}

impl From<&Source> for Via {
    fn from(source: &Source) -> Self {
        match source {
            Source::Addressed => Via::Addressed,
            Source::Quoted => Via::Quoted,
            Source::Monitor(id) => Via::Monitor(id.clone()),
        }
    }
}

/// A post that is looked at again for edits and deletion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Watched {
    #[serde(rename = "u")]
    pub uri: String,
    /// Hash of the content id last seen; empty when not known.
    #[serde(rename = "c")]
    pub cid_hash: String,
    #[serde(rename = "v")]
    pub via: Via,
}

/// The watched posts, oldest first.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Watch {
    /// Where the round through the older posts goes on; kept apart, because it changes often.
    #[serde(skip)]
    pub next: usize,
    /// Posts of ours are taken over from `sent` up to here, in milliseconds.
    own_ms: i64,
    pub posts: VecDeque<Watched>,
}

impl Watch {
    pub fn load(net: &dyn Net) -> Self {
        Self {
            next: read(net, WATCH_NEXT_KEY),
            ..read(net, WATCH_KEY)
        }
    }

    /// Takes over the posts that were sent since the last time.
    pub fn absorb_own(&mut self, net: &dyn Net) {
        let sent: Vec<(String, i64)> = read(net, SENT_KEY);
        let since_ms = self.own_ms;
        for (uri, at_ms) in sent {
            if at_ms > since_ms {
                self.own_ms = self.own_ms.max(at_ms);
                self.add(Watched {
                    uri,
                    cid_hash: String::new(),
                    via: Via::Own,
                });
            }
        }
    }

    pub fn add(&mut self, post: Watched) {
        if !self.posts.iter().any(|known| known.uri == post.uri) {
            self.posts.push_back(post);
        }
    }

    pub fn remove(&mut self, uri: &str) {
        self.posts.retain(|post| post.uri != uri);
    }

    /// Keeps the latest posts that fit.
    pub fn save(mut self, net: &dyn Net, posts_max: usize) {
        let excess = self.posts.len().saturating_sub(posts_max);
        self.posts.drain(..excess);
        let size = |posts: &VecDeque<Watched>| serde_json::to_vec(posts).map_or(0, |v| v.len());
        while size(&self.posts) > WATCH_BYTES_MAX {
            let some = self.posts.len().div_ceil(10);
            self.posts.drain(..some);
        }
        write(net, WATCH_KEY, &self);
        write(net, WATCH_NEXT_KEY, &self.next);
    }
}

/// Notes a post of ours, for the next poll to watch.
pub fn note_own(net: &dyn Net, uri: &str) {
    let mut sent: VecDeque<(String, i64)> = read(net, SENT_KEY);
    if sent.iter().any(|(known, _)| known == uri) {
        return;
    }
    sent.push_back((uri.to_owned(), net.now_ms()));
    let excess = sent.len().saturating_sub(SENT_MAX);
    sent.drain(..excess);
    write(net, SENT_KEY, &sent);
}

/// An entry that is absent or unreadable is empty.
pub fn read<T: DeserializeOwned + Default>(net: &dyn Net, key: &str) -> T {
    net.state_get(key)
        .and_then(|bytes| serde_json::from_slice(&bytes).ok())
        .unwrap_or_default()
}

/// Keeps an entry; one that can't be kept is logged and stays as it was.
pub fn write<T: Serialize>(net: &dyn Net, key: &str, value: &T) {
    let bytes = serde_json::to_vec(value).unwrap_or_default();
    if net.state_get(key).as_ref() == Some(&bytes) {
        return;
    }
    if let Err(reason) = net.state_set(key, bytes) {
        net.log(
            Level::Warn,
            &format!("state `{key}` could not be kept: {reason}"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fake::{Fake, answer};

    fn post(index: usize, bytes: usize) -> Watched {
        let uri = format!("at://did:plc:a/app.bsky.feed.post/{index:0bytes$}");
        Watched {
            uri,
            cid_hash: "0123456789abcdef".into(),
            via: Via::Monitor("m".repeat(36)),
        }
    }

    #[test]
    fn stays_within_the_size_of_a_state_value() {
        let net = Fake::new(|_| Ok(answer(500, "")));
        let mut watch = Watch::default();
        (0..600).for_each(|i| watch.add(post(i, 13)));
        watch.save(&net, 400);
        let watch = Watch::load(&net);
        assert_eq!(watch.posts.len(), 400, "that many fit");
        assert_eq!(watch.posts[399], post(599, 13), "the latest stay");
        let mut watch = Watch::default();
        (0..400).for_each(|i| watch.add(post(i, 450)));
        watch.save(&net, 400);
        assert!(Watch::load(&net).posts.len() > 50);
        let mut seen = Seen::default();
        (0..10_000).for_each(|i| seen.insert(&format!("at://{i}")));
        seen.save(&net);
        let seen = Seen::load(&net);
        assert!(seen.contains("at://9999") && !seen.contains("at://1"));
    }

    #[test]
    fn own_posts_are_taken_over_once() {
        let net = Fake::new(|_| Ok(answer(500, "")));
        note_own(&net, "at://did:plc:me/app.bsky.feed.post/1");
        note_own(&net, "at://did:plc:me/app.bsky.feed.post/1");
        let mut watch = Watch::default();
        watch.absorb_own(&net);
        assert_eq!(watch.posts.len(), 1);
        watch.remove("at://did:plc:me/app.bsky.feed.post/1");
        watch.absorb_own(&net);
        assert!(watch.posts.is_empty());
    }

    #[test]
    fn broken_state_is_empty_state() {
        let net = Fake::new(|_| Ok(answer(500, "")));
        net.state_set("watch", b"{\"posts\": 7".to_vec()).unwrap();
        net.state_set("seen", vec![0xff, 0xfe]).unwrap();
        assert!(Watch::load(&net).posts.is_empty());
        assert!(!Seen::load(&net).contains("x"));
    }
}
