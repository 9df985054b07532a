//! Posts as the network shows them, before they become messages: parsed once, tolerant of
//! everything that is not needed. A post without id, author or record is no post.
//!
//! Also at-URIs (atproto.com/specs/at-uri-scheme), the ids of everything here.

use serde_json::{Value, json};

use crate::time;

pub const POST: &str = "app.bsky.feed.post";
/// The contract's limit for ids.
const ID_BYTES_MAX: usize = 512;

/// `at://authority/collection/rkey`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AtUri<'a> {
    pub authority: &'a str,
    pub collection: &'a str,
    pub rkey: &'a str,
}

impl<'a> AtUri<'a> {
    /// None when it is not the address of a record, or too long to be an id of ours.
    pub fn parse(text: &'a str) -> Option<Self> {
        let graphic = text.bytes().all(|b| b.is_ascii_graphic());
        if text.len() > ID_BYTES_MAX || !graphic || text.contains(['#', '?']) {
            return None;
        }
        let mut parts = text.strip_prefix("at://")?.split('/');
        let uri = Self {
            authority: parts.next()?,
            collection: parts.next()?,
            rkey: parts.next()?,
        };
        let whole = parts.next().is_none()
            && [uri.authority, uri.collection, uri.rkey]
                .iter()
                .all(|p| !p.is_empty());
        whole.then_some(uri)
    }

    pub fn is_post(&self) -> bool {
        self.collection == POST
    }
}

/// A text in a JSON value; none when absent or of another type.
pub fn text_at<'v>(value: &'v Value, pointer: &str) -> Option<&'v str> {
    value.pointer(pointer).and_then(Value::as_str)
}

/// The elements of a list in a JSON value; none of them when absent or of another type.
pub fn list_at<'v>(value: &'v Value, pointer: &str) -> &'v [Value] {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A post, from a post view (`app.bsky.feed.defs#postView`) or a notification.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    pub uri: String,
    pub cid: String,
    /// `app.bsky.actor.defs#profileViewBasic` or more.
    pub author: Value,
    /// `app.bsky.feed.post`.
    pub record: Value,
    /// The embed as shown, with the addresses of images. Notifications don't have it.
    pub embed: Option<Value>,
    /// When the network says it happened: the earlier of written and indexed.
    pub indexed_ms: Option<i64>,
}

impl Post {
    /// None: not a post that we can use.
    pub fn from_view(view: &Value) -> Option<Self> {
        let uri = text_at(view, "/uri")?;
        if !AtUri::parse(uri)?.is_post() {
            return None;
        }
        let post = Self {
            uri: uri.to_owned(),
            cid: text_at(view, "/cid")
                .filter(|c| c.len() <= 256)
                .unwrap_or_default()
                .to_owned(),
            author: view.get("author")?.clone(),
            record: view.get("record").filter(|r| r.is_object())?.clone(),
            embed: view.get("embed").filter(|e| e.is_object()).cloned(),
            indexed_ms: text_at(view, "/indexedAt").and_then(time::parse_ms),
        };
        let did = post.author_did()?;
        (did.starts_with("did:") && did.len() <= ID_BYTES_MAX).then_some(post)
    }

    pub fn author_did(&self) -> Option<&str> {
        text_at(&self.author, "/did")
    }

    /// The post answered.
    pub fn parent(&self) -> Option<&str> {
        let uri = text_at(&self.record, "/reply/parent/uri")?;
        AtUri::parse(uri).map(|_| uri)
    }

    /// The first post of the thread; the post itself when it answers none.
    pub fn root(&self) -> &str {
        text_at(&self.record, "/reply/root/uri")
            .filter(|uri| AtUri::parse(uri).is_some())
            .or_else(|| self.parent())
            .unwrap_or(&self.uri)
    }

    /// Whether it stands deeper in a thread than its own references tell.
    pub fn has_unknown_ancestors(&self) -> bool {
        self.parent().is_some_and(|parent| parent != self.root())
    }

    /// BCP 47 tags that the author stated, those that look like one.
    pub fn langs(&self) -> Vec<&str> {
        list_at(&self.record, "/langs")
            .iter()
            .filter_map(Value::as_str)
            .filter(|lang| is_language(lang))
            .collect()
    }
}

/// Where a post stands in its thread: what it answers and the thread's first post, each by address
/// and content hash (`app.bsky.feed.post#replyRef`). None: the answered record tells too little.
pub fn reply_reference(uri: &str, cid: &str, answered: &Value) -> Option<Value> {
    let parent = json!({"uri": uri, "cid": cid});
    let root = match answered.pointer("/reply/root") {
        Some(root) => {
            let root_uri = root.get("uri")?.as_str()?;
            AtUri::parse(root_uri)?;
            json!({"uri": root_uri, "cid": root.get("cid")?.as_str()?})
        }
        None => parent.clone(),
    };
    Some(json!({"root": root, "parent": parent}))
}

/// Looks like a BCP 47 tag.
pub fn is_language(text: &str) -> bool {
    text.len() <= 35
        && text.split('-').enumerate().all(|(index, part)| {
            let sizes = if index == 0 { 2..=8 } else { 1..=8 };
            sizes.contains(&part.len())
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphabetic() || (index > 0 && b.is_ascii_digit()))
        })
}

/// Cuts a text to a number of bytes, on a character boundary.
pub fn cut(text: &str, bytes_max: usize) -> &str {
    &text[..text.floor_char_boundary(bytes_max)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_uris() {
        let uri = AtUri::parse("at://did:plc:abc/app.bsky.feed.post/3kaaaaaaaaa22").unwrap();
        assert_eq!(
            (uri.authority, uri.rkey, uri.is_post()),
            ("did:plc:abc", "3kaaaaaaaaa22", true)
        );
        for bad in [
            "",
            "at://",
            "at://a/b",
            "at://a//c",
            "at://a/b/c/d",
            "https://a/b/c",
            "at://a b/c/d",
            "at://a/b/é",
        ] {
            assert_eq!(AtUri::parse(bad), None, "{bad}");
        }
        assert_eq!(AtUri::parse(&format!("at://a/b/{}", "c".repeat(600))), None);
    }

    #[test]
    fn thread_references() {
        let mut view = json!({
            "uri": "at://did:plc:a/app.bsky.feed.post/1", "author": {"did": "did:plc:a"},
            "record": {"text": "hoi"},
        });
        let post = Post::from_view(&view).unwrap();
        assert_eq!(
            (post.root(), post.parent()),
            ("at://did:plc:a/app.bsky.feed.post/1", None)
        );
        view["record"]["reply"] = json!({
            "root": {"uri": "at://did:plc:b/app.bsky.feed.post/0"},
            "parent": {"uri": "at://did:plc:c/app.bsky.feed.post/9"},
        });
        let post = Post::from_view(&view).unwrap();
        assert_eq!(post.root(), "at://did:plc:b/app.bsky.feed.post/0");
        assert!(post.has_unknown_ancestors());
        view["record"]["reply"]["root"] = json!(["broken"]);
        let post = Post::from_view(&view).unwrap();
        assert_eq!(post.root(), "at://did:plc:c/app.bsky.feed.post/9");
    }

    #[test]
    fn what_is_no_post() {
        for view in [
            json!(null),
            json!([]),
            json!({"uri": 5}),
            json!({"uri": "at://did:plc:a/app.bsky.feed.like/1", "author": {"did": "did:plc:a"}, "record": {}}),
            json!({"uri": "at://did:plc:a/app.bsky.feed.post/1", "author": {"did": "nobody"}, "record": {}}),
            json!({"uri": "at://did:plc:a/app.bsky.feed.post/1", "author": {"did": "did:plc:a"}, "record": "x"}),
        ] {
            assert_eq!(Post::from_view(&view), None, "{view}");
        }
    }

    #[test]
    fn languages_and_cuts() {
        assert!(is_language("nl") && is_language("en-GB") && is_language("zh-Hans-CN"));
        assert!(
            !is_language("") && !is_language("n") && !is_language("nl_NL") && !is_language("nl-")
        );
        assert_eq!(cut("aé", 2), "a");
        assert_eq!(cut("aé", 3), "aé");
        assert_eq!(cut("aé", 99), "aé");
    }
}
