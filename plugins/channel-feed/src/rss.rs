//! RSS 0.90 to 2.0 and RSS 1.0 (RDF), with the modules that real feeds carry: content, Dublin Core,
//! slash, threading, Media RSS.
//!
//! Sources: RSS 2.0 and the RSS Best Practices Profile of the RSS Advisory Board; RSS 1.0 with its
//! content and Dublin Core modules; RFC 4685.

use url::Url;

use crate::feed::{
    ENTRIES_MAX, Entry, Feed, Person, TITLE_MAX_BYTES, body_text, language_tag, push_attachment,
    push_tag, resolve, title_text,
};
use crate::xml::{Element, Ns};
use crate::{atom, date, media};

/// Reads an `rss`, `rdf:RDF` or bare `channel` element.
pub fn read(root: &Element, base: &Url) -> Feed {
    let channel = root.first(Ns::Rss, "channel").unwrap_or(root);
    let site = channel
        .child_text(Ns::Rss, "link")
        .and_then(|link| resolve(&link, base));
    let mut feed = Feed {
        title: channel
            .child_text(Ns::Rss, "title")
            .and_then(|t| title_text(&t, TITLE_MAX_BYTES)),
        language: first_text(channel, &[(Ns::Rss, "language"), (Ns::Dc, "language")])
            .and_then(|l| language_tag(&l)),
        authors: people(channel, &["managingEditor", "author"]),
        site,
        ..Feed::default()
    };
    // Where an editor's address serves for a person, the entry's own author is better; a
    // webmaster wrote nothing.
    let beside = root
        .all(Ns::Rss, "item")
        .filter(|_| !std::ptr::eq(root, channel));
    let items = channel.all(Ns::Rss, "item").chain(beside).take(ENTRIES_MAX);
    feed.entries = items
        .map(|item| read_item(item, feed.site.as_ref().unwrap_or(base)))
        .collect();
    feed
}

fn first_text(element: &Element, names: &[(Ns, &str)]) -> Option<String> {
    names
        .iter()
        .find_map(|(ns, name)| element.child_text(*ns, name))
}

fn read_item(item: &Element, base: &Url) -> Entry {
    let guid = item.first(Ns::Rss, "guid");
    let guid_text = guid.and_then(Element::trimmed);
    let permalink = guid.is_some_and(|g| g.attribute("isPermaLink") != Some("false"));
    let own = item
        .child_text(Ns::Rss, "link")
        .and_then(|link| resolve(&link, base));
    let atom_link = || atom::alternate_link(item, base);
    let guid_link = || {
        let absolute = guid_text
            .as_deref()
            .filter(|g| permalink && g.starts_with("http"));
        absolute.and_then(|g| resolve(g, base))
    };
    let title = first_text(
        item,
        &[(Ns::Rss, "title"), (Ns::Dc, "title"), (Ns::Media, "title")],
    );
    let updated = first_date(item, &[(Ns::Atom, "updated"), (Ns::Dc, "modified")]);
    let mut entry = Entry {
        id: guid_text
            .clone()
            .or_else(|| item.attribute("rdf:about").map(str::to_owned)),
        link: own.or_else(atom_link).or_else(guid_link),
        title: title.and_then(|t| title_text(&t, TITLE_MAX_BYTES)),
        content: content(item),
        published: first_date(
            item,
            &[
                (Ns::Rss, "pubDate"),
                (Ns::Dc, "date"),
                (Ns::Dc, "created"),
                (Ns::Atom, "published"),
            ],
        )
        .or(updated),
        updated,
        authors: people(item, &["author"]),
        comments: item
            .child_text(Ns::Rss, "comments")
            .and_then(|link| resolve(&link, base)),
        comment_count: item
            .child_text(Ns::Slash, "comments")
            .and_then(|n| n.parse().ok()),
        language: item
            .child_text(Ns::Dc, "language")
            .and_then(|l| language_tag(&l)),
        in_reply_to: atom::reply_target(item, base),
        ..Entry::default()
    };
    for tag in item
        .all(Ns::Rss, "category")
        .chain(item.all(Ns::Dc, "subject"))
    {
        push_tag(&mut entry.tags, &tag.text());
    }
    for enclosure in item.all(Ns::Rss, "enclosure") {
        if let Some(attachment) = media::enclosure(enclosure, base) {
            push_attachment(&mut entry.attachments, attachment);
        }
    }
    media::read(item, base, &mut entry.attachments);
    entry
}

/// The longest way in which the item says what it says: whole content before a summary.
fn content(item: &Element) -> String {
    let sources = [
        (Ns::Content, "encoded"),
        (Ns::Rss, "description"),
        (Ns::Dc, "description"),
        (Ns::Atom, "summary"),
        (Ns::Itunes, "summary"),
        (Ns::Media, "description"),
    ];
    for (ns, name) in sources {
        for element in item.all(ns, name) {
            let text = body_text(&element.markup());
            if !text.is_empty() {
                return text;
            }
        }
    }
    String::new()
}

/// The first of these dates that can be read.
fn first_date(item: &Element, names: &[(Ns, &str)]) -> Option<i64> {
    names
        .iter()
        .find_map(|(ns, name)| date::parse(&item.child_text(*ns, name)?))
}

/// `dc:creator` before the RSS elements, which hold a mail address first.
fn people(element: &Element, rss_names: &[&str]) -> Vec<Person> {
    let creators = element.all(Ns::Dc, "creator").filter_map(Element::trimmed);
    let mut people: Vec<Person> = creators
        .filter_map(|text| Person::from_text(&text))
        .collect();
    people.extend(
        element
            .all(Ns::Atom, "author")
            .filter_map(|a| atom::person(a, None)),
    );
    if people.is_empty() {
        let texts = rss_names
            .iter()
            .filter_map(|name| element.child_text(Ns::Rss, name));
        people.extend(texts.filter_map(|text| Person::from_text(&text)));
    }
    if people.is_empty() {
        let text = element.child_text(Ns::Itunes, "author");
        people.extend(text.and_then(|text| Person::from_text(&text)));
    }
    people
}
