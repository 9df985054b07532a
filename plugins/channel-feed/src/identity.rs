//! Ids that stay the same: of feeds, entries, authors and conversations.
//!
//! Ids of messages and activities begin with the feed's own id, so two feeds never collide. Ids of
//! conversations are addresses of pages where there are any, so that a post and its comments meet
//! in one conversation although they come by different feeds.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use url::Url;

use crate::feed::{Entry, Feed, Person, ReplyTarget};

mod address;
mod entry;

use address::page;
pub use entry::{EntryId, Habits, Known, entry_ids, entry_key};

/// Longest id of an entry taken as it is, in bytes; a longer one is replaced by its hash. With the
/// feed's id before it and the mark of an edit behind it, it stays within the contract's 512.
const ENTRY_ID_MAX_BYTES: usize = 440;
/// Longest id of anything else, in bytes.
const ID_MAX_BYTES: usize = 500;

/// SHA-256 over the parts, each ended so that no two lists of parts are alike.
fn digest(parts: &[&str]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.len().to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hasher.finalize().into()
}

/// The first `2 * bytes` hexadecimal digits of the hash.
pub fn hash_hex(parts: &[&str], bytes: usize) -> String {
    digest(parts)
        .iter()
        .take(bytes)
        .map(|b| format!("{b:02x}"))
        .collect()
}

/// The first eight bytes of the hash as a number.
pub fn hash64(parts: &[&str]) -> u64 {
    let [a, b, c, d, e, f, g, h, ..] = digest(parts);
    u64::from_le_bytes([a, b, c, d, e, f, g, h])
}

/// A feed's id: 12 hexadecimal digits.
pub fn feed_id(address: &str) -> String {
    hash_hex(&["feed", address], 6)
}

/// External id of a message: the feed's id, a colon, the entry's id.
pub fn message_id(feed_id: &str, entry_id: &str) -> String {
    format!("{feed_id}:{}", short(entry_id, ENTRY_ID_MAX_BYTES))
}

/// The text, or its hash where it is too long or has anything invisible in it.
fn short(text: &str, max_bytes: usize) -> String {
    if text.len() <= max_bytes && !text.chars().any(char::is_control) {
        return text.to_owned();
    }
    format!("sha256:{}", hash_hex(&[text], 16))
}

/// What must differ for an entry to count as edited. Attachments are left out: their addresses
/// often hold a signature that is new every day.
pub fn content_hash(entry: &Entry) -> u64 {
    hash64(&[entry.title.as_deref().unwrap_or_default(), &entry.content])
}

/// External id of an author: the address of the author's page, a hash of the mail address, or the
/// name on that site. An author page that is the site itself tells nobody from another.
pub fn author_id(person: &Person, site: &Url) -> String {
    let host = site.host_str().unwrap_or_default();
    let page = person.url.as_ref().filter(|url| {
        person.name.is_none()
            || url.path() != "/"
            || url.query().is_some()
            || url.host_str() != Some(host)
    });
    if let Some(url) = page {
        return short(url.as_str().trim_end_matches('/'), ID_MAX_BYTES);
    }
    if let Some(email) = &person.email {
        return format!("email-sha256:{}", hash_hex(&["email", email], 16));
    }
    let name = person.name.as_deref().unwrap_or_default().to_lowercase();
    if name.is_empty() {
        host.to_owned()
    } else {
        short(&format!("{host}/{name}"), ID_MAX_BYTES)
    }
}

/// The page of a thread: the address without the mark of one comment on it. Knows the marks that
/// blogs and forums use, and the addresses of two forums' single posts (phpBB, Discourse).
pub fn thread_page(link: &Url) -> Url {
    let mut page = link.clone();
    if page.fragment().is_some_and(is_comment_mark) {
        page.set_fragment(None);
    }
    if page.path().ends_with("/viewtopic.php") {
        let topic = page
            .query_pairs()
            .find(|(name, _)| name == "t")
            .map(|(_, id)| id.into_owned());
        if let Some(topic) = topic {
            page.set_query(Some(&format!("t={topic}")));
        }
    }
    let segments: Vec<&str> = page.path().trim_end_matches('/').split('/').collect();
    let number = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    if let [.., "t", slug, topic, post] = segments.as_slice()
        && number(topic)
        && number(post)
        && !number(slug)
    {
        let path = segments[..segments.len() - 1].join("/");
        page.set_path(&path);
    }
    // Blogger shows one comment with `?showComment=…`.
    if page
        .query()
        .is_some_and(|q| q.starts_with("showComment=") && !q.contains('&'))
    {
        page.set_query(None);
    }
    page
}

/// `comment-12`, `c12`, `p345`, `comments`: marks of a comment or of the place for comments.
fn is_comment_mark(fragment: &str) -> bool {
    let words = fragment
        .trim_end_matches(|c: char| c.is_ascii_digit())
        .trim_end_matches(['-', '_']);
    let places = [
        "comments",
        "comment",
        "respond",
        "reply",
        "replies",
        "comment-form",
    ];
    let marks = [
        "c",
        "p",
        "comment",
        "post",
        "msg",
        "message",
        "reply",
        "div-comment",
        "disqus_thread",
        "isso",
    ];
    let numbered = words.len() < fragment.len();
    places.contains(&fragment)
        || (numbered && marks.contains(&words))
        || fragment == "disqus_thread"
}

/// Where entries stand in the document, by their ids as the feed writes them and in one spelling. Of
/// several with the same id the first counts.
pub fn positions<'a>(feed: &'a Feed, ids: &'a [EntryId]) -> BTreeMap<&'a str, usize> {
    let written = feed.entries.iter().map(|entry| entry.id.as_deref());
    let spelled = ids.iter().map(|id| Some(id.id.as_str()));
    let both = written.enumerate().chain(spelled.enumerate());
    let mut index = BTreeMap::new();
    for (position, id) in both {
        if let Some(id) = id {
            index.entry(id).or_insert(position);
        }
    }
    index
}

/// Where the answered entry stands.
pub fn position(target: &ReplyTarget, index: &BTreeMap<&str, usize>) -> Option<usize> {
    let id = target.id.as_deref()?;
    let spelled = || EntryId::referred(id, &Habits::default()).id;
    let found = index.get(id).or_else(|| index.get(spelled().as_str()));
    found.copied()
}

/// A thread's page as the id of its conversation.
fn conversation(link: &Url) -> String {
    page(&thread_page(link))
}

/// External ids of the conversations of a feed's entries, in their order. None: the entry starts a
/// conversation of its own.
pub fn conversation_ids(feed: &Feed, ids: &[EntryId], base: &Url) -> Vec<Option<String>> {
    let index = positions(feed, ids);
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    for link in feed.entries.iter().filter_map(|e| e.link.as_ref()) {
        *used.entry(link.as_str()).or_default() += 1;
    }
    let keys = feed.entries.iter().map(|entry| {
        let mut current = entry;
        for _ in 0..64 {
            let Some(target) = &current.in_reply_to else {
                break;
            };
            if let Some(link) = &target.link {
                return Some(conversation(link));
            }
            let parent = position(target, &index);
            match parent.and_then(|i| feed.entries.get(i)) {
                Some(parent) => current = parent,
                None => return target.id.as_deref().map(page_of_id),
            }
        }
        let own = || {
            let link = current.link.as_ref()?;
            let shared = used.get(link.as_str()).is_some_and(|n| *n > 1);
            let ours = link.host_str() == feed.site.as_ref().unwrap_or(base).host_str()
                || link.host_str() == base.host_str();
            (ours && !shared && link.path() != "/").then(|| conversation(link))
        };
        current.comments.as_ref().map(conversation).or_else(own)
    });
    keys.map(|key: Option<String>| Some(short(&key?, ID_MAX_BYTES)))
        .collect()
}

/// The page that an id stands for where it is an address, else the id.
fn page_of_id(id: &str) -> String {
    match Url::parse(id) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => conversation(&url),
        _ => id.to_owned(),
    }
}

#[cfg(test)]
mod tests;
