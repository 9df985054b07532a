//! From a post to the contract's message: who, what, where in the thread, and who sought whom.
//!
//! Everything in a record is what its author chose to write, so each part is checked and what does
//! not hold is left out; the message itself stands as long as there is a post. Offsets in the text
//! are bytes of UTF-8 on this network too (`app.bsky.richtext.facet#byteSlice`).

use rapport_sdk::common::Span;
use rapport_sdk::social::{Actor, ActorKind, Mention, Message, Reach, Visibility};
use serde_json::Value;

use crate::attachment;
use crate::post::{AtUri, Post, cut, list_at, text_at};
use crate::time;

/// The contract's limits.
const CONTENT_BYTES_MAX: usize = 65_536;
const TAGS_MAX: usize = 64;
const MENTIONS_MAX: usize = 64;
/// The network's limits (lexicon `app.bsky.richtext.facet`, `app.bsky.actor.profile`).
const TAG_BYTES_MAX: usize = 640;
const NAME_BYTES_MAX: usize = 640;
const URL_BYTES_MAX: usize = 2048;
const WEB: &str = "https://bsky.app";

/// How a post came to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A notification: a mention of us or a reply to us.
    Addressed,
    /// A notification: somebody quoted a post of ours before an audience of their own.
    Quoted,
    /// The monitor with this id found it.
    Monitor(String),
}

/// The message that a post is to us (`me` is our DID). `fetched_ms` is the time of asking: nothing
/// is later than that.
pub fn message(post: &Post, source: &Source, me: &str, fetched_ms: i64) -> Option<Message> {
    let author = actor(&post.author, None)?;
    let content = cut(
        text_at(&post.record, "/text").unwrap_or_default(),
        CONTENT_BYTES_MAX,
    );
    let parent = post.parent().map(str::to_owned);
    let root = post.root().to_owned();
    let mut ancestors = Vec::new();
    if let Some(parent) = &parent {
        ancestors.push(root.clone());
        if *parent != root {
            ancestors.push(parent.clone());
        }
    }
    let mut extra = Vec::new();
    if !post.cid.is_empty() {
        extra.push(("cid".to_owned(), post.cid.clone()));
    }
    if let Some(quoted) = attachment::quoted(post) {
        extra.push(("quoted".to_owned(), quoted.to_owned()));
    }
    let rkey = AtUri::parse(&post.uri)?.rkey;
    Some(Message {
        external_id: post.uri.clone(),
        conversation_external_id: Some(root),
        in_reply_to: parent,
        ancestors,
        published: published_ms(post, fetched_ms),
        updated: None,
        title: None,
        content: content.to_owned(),
        language: post.langs().first().map(|lang| (*lang).to_owned()),
        url: Some(post_url(&author, rkey)),
        visibility: Visibility::Public,
        reach: reach(post, source, me),
        tags: tags(&post.record),
        mentions: mentions(&post.record, content, me),
        attachments: attachment::attachments(post),
        monitor: match source {
            Source::Monitor(id) => Some(id.clone()),
            _ => None,
        },
        attributed_to: author,
        extra,
    })
}

/// When it was said: what the author states, unless that lies after what the network saw.
pub fn published_ms(post: &Post, fetched_ms: i64) -> i64 {
    let latest_ms = post.indexed_ms.unwrap_or(fetched_ms);
    match text_at(&post.record, "/createdAt").and_then(time::parse_ms) {
        Some(created_ms) if created_ms <= latest_ms => created_ms,
        _ => latest_ms,
    }
}

/// A profile (`app.bsky.actor.defs#profileView…`) as an actor; `detail` is a fuller view of the
/// same profile, with the follower count. None: it has no id.
pub fn actor(profile: &Value, detail: Option<&Value>) -> Option<Actor> {
    let did = text_at(profile, "/did").filter(|d| d.starts_with("did:") && d.len() <= 512)?;
    let handle = text_at(profile, "/handle")
        .filter(|h| is_handle(h))
        .map(str::to_owned);
    let page = handle.as_deref().unwrap_or(did);
    let vouched = |field: &str| text_at(profile, field) == Some("valid");
    Some(Actor {
        external_id: did.to_owned(),
        profile_url: Some(format!("{WEB}/profile/{page}")),
        display_name: text_at(profile, "/displayName")
            .map(|name| cut(name.trim(), NAME_BYTES_MAX).to_owned())
            .filter(|name| !name.is_empty()),
        avatar_url: text_at(profile, "/avatar")
            .filter(|u| is_web_url(u))
            .map(str::to_owned),
        follower_count: detail
            .unwrap_or(profile)
            .get("followersCount")
            .and_then(Value::as_u64),
        verified: vouched("/verification/verifiedStatus")
            || vouched("/verification/trustedVerifierStatus"),
        kind: ActorKind::Unknown,
        extra: Vec::new(),
        handle,
    })
}

/// Where a person can read a post.
pub fn post_url(author: &Actor, rkey: &str) -> String {
    let page = author.handle.as_deref().unwrap_or(&author.external_id);
    format!("{WEB}/profile/{page}/post/{rkey}")
}

/// A handle that leads to its account (atproto.com/specs/handle). The network writes
/// `handle.invalid` for one that does not.
pub fn is_handle(text: &str) -> bool {
    let labels: Vec<&str> = text.split('.').collect();
    let label = |l: &&str| {
        (1..=63).contains(&l.len())
            && l.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !l.starts_with('-')
            && !l.ends_with('-')
    };
    text.len() <= 253
        && labels.len() >= 2
        && labels.iter().all(label)
        && labels
            .last()
            .is_some_and(|l| l.starts_with(|c: char| c.is_ascii_alphabetic()))
        && text != "handle.invalid"
}

pub fn is_web_url(text: &str) -> bool {
    text.len() <= URL_BYTES_MAX
        && (text.starts_with("https://") || text.starts_with("http://"))
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Directed: it mentions us, or stands in reply to us or in a thread that we began. A quote speaks
/// of us to others.
fn reach(post: &Post, source: &Source, me: &str) -> Reach {
    let ours = |uri: &str| AtUri::parse(uri).is_some_and(|u| u.authority == me);
    let mentioned = features(&post.record)
        .any(|(_, feature)| is_type(feature, "mention") && text_at(feature, "/did") == Some(me));
    let answers_us = post
        .parent()
        .is_some_and(|parent| ours(parent) || ours(post.root()));
    match source {
        _ if mentioned || answers_us => Reach::Directed,
        Source::Addressed => Reach::Directed,
        Source::Quoted => Reach::ThirdParty,
        Source::Monitor(_) => Reach::Searched,
    }
}

/// The features of all facets, each with its facet's byte range as stated.
fn features(record: &Value) -> impl Iterator<Item = (Option<(u64, u64)>, &Value)> {
    list_at(record, "/facets").iter().flat_map(|facet| {
        let edge = |pointer| facet.pointer(pointer).and_then(Value::as_u64);
        let range = edge("/index/byteStart").zip(edge("/index/byteEnd"));
        list_at(facet, "/features")
            .iter()
            .map(move |feature| (range, feature))
    })
}

fn is_type(feature: &Value, name: &str) -> bool {
    text_at(feature, "/$type")
        .and_then(|t| t.strip_prefix("app.bsky.richtext.facet#"))
        .is_some_and(|t| t == name)
}

/// Addresses that the text links to.
pub fn links(record: &Value) -> impl Iterator<Item = &str> {
    features(record)
        .filter(|(_, feature)| is_type(feature, "link"))
        .filter_map(|(_, feature)| text_at(feature, "/uri"))
        .filter(|uri| is_web_url(uri))
}

/// Hashtags in the text and beside it, each once whatever its case.
fn tags(record: &Value) -> Vec<String> {
    let in_text = features(record)
        .filter(|(_, feature)| is_type(feature, "tag"))
        .filter_map(|(_, feature)| text_at(feature, "/tag"));
    let beside = list_at(record, "/tags").iter().filter_map(Value::as_str);
    let mut tags: Vec<String> = Vec::new();
    let mut known: Vec<String> = Vec::new();
    for tag in in_text.chain(beside) {
        let tag = tag.trim().trim_start_matches(['#', '＃']);
        let folded = tag.to_lowercase();
        if tag.is_empty() || tag.len() > TAG_BYTES_MAX || known.contains(&folded) {
            continue;
        }
        known.push(folded);
        tags.push(tag.to_owned());
        if tags.len() == TAGS_MAX {
            break;
        }
    }
    tags
}

/// The first mentions that fit; one of us is among them wherever it stands.
fn mentions(record: &Value, content: &str, me: &str) -> Vec<Mention> {
    let mut mentions: Vec<Mention> = features(record)
        .filter(|(_, feature)| is_type(feature, "mention"))
        .filter_map(|(range, feature)| {
            let did =
                text_at(feature, "/did").filter(|d| d.starts_with("did:") && d.len() <= 512)?;
            let span = range.and_then(|(start, end)| span_in(content, start, end));
            let handle = span
                .and_then(|s| content.get(s.start as usize..s.end as usize))
                .and_then(|text| text.strip_prefix('@'))
                .filter(|handle| is_handle(handle));
            Some(Mention {
                actor_external_id: did.to_owned(),
                handle: handle.map(str::to_owned),
                span,
            })
        })
        .collect();
    let ours = mentions.iter().position(|m| m.actor_external_id == me);
    if let Some(place) = ours.filter(|place| *place >= MENTIONS_MAX) {
        mentions.swap(MENTIONS_MAX - 1, place);
    }
    mentions.truncate(MENTIONS_MAX);
    mentions
}

/// A range as a span, if it is one of this text.
fn span_in(content: &str, start: u64, end: u64) -> Option<Span> {
    let (start, end) = (u32::try_from(start).ok()?, u32::try_from(end).ok()?);
    let text = content.get(start as usize..end as usize)?;
    (!text.is_empty()).then_some(Span { start, end })
}
