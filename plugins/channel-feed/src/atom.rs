//! Atom 1.0 (RFC 4287) and its 0.3 draft, with the threading extension (RFC 4685) and deleted
//! entries (RFC 6721). `xml:base` and `xml:lang` count where they stand on the feed, the entry or
//! its content. Generators write markup in texts of every type, so every text is read as what it
//! looks like.

use url::Url;

use crate::feed::{
    self, ADDRESS_MAX_BYTES, Attachment, Deleted, ENTRIES_MAX, Entry, Feed, Person, ReplyTarget,
    TITLE_MAX_BYTES, base_of, id_link, language_tag, push_attachment, push_tag, resolve,
    title_text,
};
use crate::xml::{Element, Ns};
use crate::{date, media, text};

/// Reads a `feed` element. One without any namespace is read as Atom too.
pub fn read(root: &Element, base: &Url) -> Feed {
    let ns = if root.ns == Ns::Rss {
        Ns::Rss
    } else {
        Ns::Atom
    };
    let base = &base_of(root, base);
    let mut feed = Feed {
        title: root
            .first(ns, "title")
            .and_then(|t| title_text(&t.markup(), TITLE_MAX_BYTES)),
        site: link_with(root, ns, base, &["alternate"]),
        language: root.attribute("xml:lang").and_then(language_tag),
        authors: root
            .all(ns, "author")
            .filter_map(|a| person(a, Some(base)))
            .collect(),
        ..Feed::default()
    };
    let entries = root.all(ns, "entry").take(ENTRIES_MAX);
    feed.entries = entries.map(|entry| read_entry(entry, ns, base)).collect();
    feed.deleted = root
        .all(Ns::Tombstone, "deleted-entry")
        .take(ENTRIES_MAX)
        .filter_map(deleted)
        .collect();
    feed
}

/// Reads a document that is one entry.
pub fn read_single(entry: &Element, base: &Url) -> Feed {
    Feed {
        entries: vec![read_entry(entry, Ns::Atom, base)],
        ..Feed::default()
    }
}

fn deleted(element: &Element) -> Option<Deleted> {
    let id = element.attribute("ref")?.to_owned();
    Some(Deleted {
        id,
        at: element.attribute("when").and_then(date::parse),
    })
}

fn read_entry(element: &Element, ns: Ns, base: &Url) -> Entry {
    let base = &base_of(element, base);
    let source = element.first(ns, "source");
    let mut authors: Vec<Person> = element
        .all(ns, "author")
        .filter_map(|a| person(a, Some(base)))
        .collect();
    if let (true, Some(source)) = (authors.is_empty(), source) {
        authors = source
            .all(ns, "author")
            .filter_map(|a| person(a, Some(base)))
            .collect();
    }
    // Dublin Core's and RSS's names too, which some feeds mix in.
    let date_of = |names: &[&str]| {
        let spaces = [ns, Ns::Dc, Ns::Rss];
        let mut all = spaces
            .iter()
            .flat_map(|ns| names.iter().map(move |n| (*ns, *n)));
        all.find_map(|(ns, name)| date::parse(&element.child_text(ns, name)?))
    };
    let content = element
        .first(ns, "content")
        .filter(|c| c.attribute("src").is_none());
    let language = [content, Some(element)]
        .into_iter()
        .flatten()
        .find_map(|e| e.attribute("xml:lang"));
    let title = element.first(ns, "title").map(Element::markup);
    let updated = date_of(&["updated", "modified"]);
    let id = element.child_text(ns, "id");
    let id_link = || id_link(id.as_deref()?, base);
    let published = [
        "published",
        "issued",
        "created",
        "pubDate",
        "date",
        "available",
    ];
    let mut entry = Entry {
        link: link_with(element, ns, base, &["alternate", "self", "related"]).or_else(id_link),
        id,
        title: title.and_then(|t| title_text(&t, TITLE_MAX_BYTES)),
        content: body(element, ns),
        published: date_of(&published).or(updated),
        updated,
        authors,
        language: language.and_then(language_tag),
        comments: comments_page(element, ns, base),
        comment_count: element
            .child_text(Ns::Thread, "total")
            .and_then(|n| n.parse().ok()),
        in_reply_to: reply_target(element, base),
        ..Entry::default()
    };
    for category in element.all(ns, "category") {
        let tag = category
            .attribute("label")
            .or(category.attribute("term"))
            .unwrap_or_default();
        push_tag(&mut entry.tags, tag);
    }
    for tag in element.all(Ns::Dc, "subject") {
        push_tag(&mut entry.tags, &tag.text());
    }
    media::tags(element, &mut entry.tags);
    for link in element
        .all(ns, "link")
        .filter(|l| l.attribute("rel") == Some("enclosure"))
    {
        if let Some(attachment) = enclosure(link, base) {
            push_attachment(&mut entry.attachments, attachment);
        }
    }
    media::read(element, base, &mut entry.attachments);
    entry
}

/// The page of the answers (RFC 4685, section 4); the feed of the answers is none.
fn comments_page(entry: &Element, ns: Ns, base: &Url) -> Option<Url> {
    let page = entry.all(ns, "link").find(|link| {
        link.attribute("rel") == Some("replies")
            && link.attribute("type").is_none_or(|t| t.contains("html"))
    })?;
    resolve(page.attribute("href")?, base)
}

/// Content, or the summary where there is none or none that is text.
fn body(entry: &Element, ns: Ns) -> String {
    let own = ["content", "summary"]
        .into_iter()
        .flat_map(|name| entry.all(ns, name));
    let media = || {
        let group = entry
            .first(Ns::Media, "group")?
            .child_text(Ns::Media, "description")?;
        Some(feed::body_text(&group))
    };
    let mut texts = own.filter_map(text_of);
    texts.next().or_else(media).unwrap_or_default()
}

/// The text of a text construct; none where it is empty, of another medium or elsewhere.
pub fn text_of(element: &Element) -> Option<String> {
    let kind = element.attribute("type").unwrap_or("text");
    let other_media = kind.contains('/') && !kind.starts_with("text/") && !kind.ends_with("xml");
    if other_media || element.attribute("src").is_some() {
        return None;
    }
    Some(feed::body_text(&element.markup())).filter(|text| !text.is_empty())
}

/// The first link with one of these relations, in their order; no relation means `alternate`.
fn link_with(element: &Element, ns: Ns, base: &Url, relations: &[&str]) -> Option<Url> {
    relations.iter().find_map(|relation| {
        let links = element.all(ns, "link");
        let mut fitting = links.filter(|l| l.attribute("rel").unwrap_or("alternate") == *relation);
        fitting.find_map(|l| resolve(l.attribute("href")?, &base_of(l, base)))
    })
}

/// The link of an Atom element inside an RSS item.
pub fn alternate_link(item: &Element, base: &Url) -> Option<Url> {
    link_with(item, Ns::Atom, base, &["alternate"])
}

fn enclosure(link: &Element, base: &Url) -> Option<Attachment> {
    Some(Attachment {
        url: resolve(link.attribute("href")?, base)?.into(),
        media_type: link.attribute("type").and_then(media::media_type),
        title: link
            .attribute("title")
            .and_then(|t| text::one_line(t, TITLE_MAX_BYTES)),
        size_bytes: link
            .attribute("length")
            .and_then(|n| n.parse().ok())
            .filter(|n| *n > 0),
        ..Attachment::default()
    })
}

/// `thr:in-reply-to` in an entry or item.
pub fn reply_target(entry: &Element, base: &Url) -> Option<ReplyTarget> {
    let element = entry.first(Ns::Thread, "in-reply-to")?;
    let target = ReplyTarget {
        id: element
            .attribute("ref")
            .filter(|r| r.len() <= ADDRESS_MAX_BYTES)
            .map(str::to_owned),
        link: element.attribute("href").and_then(|h| resolve(h, base)),
    };
    (target.id.is_some() || target.link.is_some()).then_some(target)
}

/// A person construct; also with the names that RSS feeds use inside `atom:author`.
pub fn person(element: &Element, base: Option<&Url>) -> Option<Person> {
    let text = |name: &str| {
        element
            .elements()
            .find(|e| e.name == name)
            .and_then(Element::trimmed)
    };
    let url_of = |link: &str| {
        base.map_or_else(
            || Url::parse(link).ok().and_then(|u| resolve(u.as_str(), &u)),
            |b| resolve(link, b),
        )
    };
    let avatar = element
        .elements()
        .find(|e| e.name == "image")
        .and_then(|e| e.attribute("src"));
    let person = Person {
        name: None,
        email: text("email").and_then(|e| crate::person::email_address(&e)),
        url: text("uri").or_else(|| text("url")).and_then(|u| url_of(&u)),
        avatar: avatar.and_then(url_of),
    };
    let person = person.named(text("name").as_deref());
    if person == Person::default() {
        return Person::from_text(&element.trimmed()?);
    }
    Some(person)
}
