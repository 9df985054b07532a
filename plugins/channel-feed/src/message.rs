//! An entry as the contract's message: limits kept, ids given, everything public and on somebody
//! else's ground.

use rapport_sdk::social::{
    Actor, ActorKind, Attachment, AttachmentKind, Message, Reach, Visibility,
};
use url::Url;

use crate::feed::{self, ADDRESS_MAX_BYTES, Entry, Feed, Person, TITLE_MAX_BYTES};
use crate::identity::author_id;
use crate::text;

/// Longest name shown, in bytes.
const NAME_MAX_BYTES: usize = 256;
/// Most authors named, and the longest list of their names, in bytes.
const AUTHORS_MAX: usize = 32;
const AUTHORS_MAX_BYTES: usize = 1024;

/// What the message can't take from the entry.
pub struct Place {
    pub external_id: String,
    pub conversation: Option<String>,
    pub in_reply_to: Option<String>,
    pub ancestors: Vec<String>,
    pub published_ms: i64,
    pub updated_ms: Option<i64>,
}

/// `base` is the feed's address.
pub fn message(entry: &Entry, feed: &Feed, base: &Url, place: Place) -> Message {
    let content = match &entry.title {
        Some(title) if entry.content.is_empty() => title.clone(),
        _ => entry.content.clone(),
    };
    let mut extra = Vec::new();
    if let Some(title) = &feed.title {
        extra.push(("feed-title".to_owned(), title.clone()));
    }
    if let Some(count) = entry.comment_count {
        extra.push(("comment-count".to_owned(), count.to_string()));
    }
    let mut author = author(entry, feed, base);
    if let Some(names) = all_authors(entry) {
        // A message has one author: the first, by whose name the others are read.
        if author.display_name.is_some() {
            author.display_name = Some(text::cut(&names, NAME_MAX_BYTES));
        }
        extra.push(("authors".to_owned(), names));
    }
    Message {
        external_id: place.external_id,
        conversation_external_id: place.conversation,
        in_reply_to: place.in_reply_to,
        ancestors: place.ancestors,
        attributed_to: author,
        published: place.published_ms,
        updated: place.updated_ms,
        title: entry
            .title
            .as_deref()
            .map(|t| text::cut(t, TITLE_MAX_BYTES)),
        content: text::cut(&content, feed::CONTENT_MAX_BYTES),
        language: entry.language.clone().or_else(|| feed.language.clone()),
        url: entry.link.as_ref().map(|l| l.as_str().to_owned()),
        visibility: Visibility::Public,
        reach: Reach::ThirdParty,
        tags: entry.tags.clone(),
        mentions: Vec::new(),
        attachments: entry.attachments.iter().map(attachment).collect(),
        monitor: None,
        extra,
    }
}

/// The names of all authors, where there are several.
fn all_authors(entry: &Entry) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in entry.authors.iter().filter_map(|a| a.name.as_deref()) {
        if !names.contains(&name) && names.len() < AUTHORS_MAX {
            names.push(name);
        }
    }
    (names.len() > 1).then(|| text::cut(&names.join(", "), AUTHORS_MAX_BYTES))
}

/// The entry's first author, else the feed's, else the feed itself.
fn author(entry: &Entry, feed: &Feed, base: &Url) -> Actor {
    let site = feed.site.as_ref().unwrap_or(base);
    let person = entry.authors.first().or_else(|| feed.authors.first());
    let (person, kind) = match person {
        Some(person) => (person.clone(), ActorKind::Unknown),
        None => (Person::default(), ActorKind::Service),
    };
    let name = person.name.clone().or_else(|| match kind {
        ActorKind::Service => feed.title.clone(),
        _ => None,
    });
    let page = person.url.as_ref().or(match kind {
        ActorKind::Service => feed.site.as_ref(),
        _ => None,
    });
    Actor {
        external_id: author_id(&person, site),
        handle: None,
        display_name: name.map(|n| text::cut(&n, NAME_MAX_BYTES)),
        profile_url: page.map(|u| u.as_str().to_owned()),
        avatar_url: person.avatar.map(Into::into),
        follower_count: None,
        verified: false,
        kind,
        extra: Vec::new(),
    }
}

fn attachment(source: &feed::Attachment) -> Attachment {
    let kind = source
        .media_type
        .as_deref()
        .and_then(|t| t.split('/').next());
    let kind = match kind.or(source.medium.as_deref()) {
        Some("image") => AttachmentKind::Image,
        Some("video") => AttachmentKind::Video,
        Some("audio") => AttachmentKind::Audio,
        Some(_) => AttachmentKind::Document,
        None => AttachmentKind::Link,
    };
    Attachment {
        kind,
        url: text::cut(&source.url, ADDRESS_MAX_BYTES),
        media_type: source.media_type.clone(),
        alt_text: source.alt_text.clone(),
        title: source.title.clone(),
        size_bytes: source.size_bytes,
    }
}
