//! RSS 0.90 to 2.0 and RSS 1.0 (RDF), with the modules that real feeds carry: content, Dublin Core,
//! slash, threading, Media RSS, iTunes, elements of Atom. Links are relative to the channel's page, or
//! to `xml:base` where there is one.
//!
//! Sources: RSS 2.0 and the RSS Best Practices Profile of the RSS Advisory Board; RSS 1.0 with its
//! content and Dublin Core modules; RFC 4685.

use url::Url;

use crate::feed::{
    ENTRIES_MAX, Entry, Feed, Person, TITLE_MAX_BYTES, base_of, body_text, id_link, language_tag,
    push_attachment, push_tag, resolve, title_text,
};
use crate::xml::{Element, Ns};
use crate::{atom, date, media};

/// Reads an `rss`, `rdf:RDF` or bare `channel` element.
pub fn read(root: &Element, base: &Url) -> Feed {
    let channel = root.first(Ns::Rss, "channel").unwrap_or(root);
    let mut scopes = vec![root];
    if !std::ptr::eq(root, channel) {
        scopes.push(channel);
    }
    let base = &scopes
        .iter()
        .fold(base.clone(), |base, scope| base_of(scope, &base));
    let has_base = scopes
        .iter()
        .any(|scope| scope.attribute("xml:base").is_some());
    let site = link(channel, base);
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
    let site = feed.site.as_ref().filter(|_| !has_base).unwrap_or(base);
    feed.entries = items.map(|item| read_item(item, site)).collect();
    feed
}

/// The RSS link of a channel or item.
fn link(element: &Element, base: &Url) -> Option<Url> {
    let mut links = element.all(Ns::Rss, "link");
    links.find_map(|link| resolve(&link.trimmed()?, &base_of(link, base)))
}

fn first_text(element: &Element, names: &[(Ns, &str)]) -> Option<String> {
    names
        .iter()
        .find_map(|(ns, name)| element.child_text(*ns, name))
}

fn read_item(item: &Element, base: &Url) -> Entry {
    let base = &base_of(item, base);
    let guid = item.child_text(Ns::Rss, "guid");
    let atom_link = || atom::alternate_link(item, base);
    let id = guid.or_else(|| item.attribute("rdf:about").map(str::to_owned));
    let id = id.or_else(|| item.child_text(Ns::Atom, "id"));
    // Also where it is said to be no permanent link: it is the only one.
    let id_link = || id_link(id.as_deref()?, base);
    let title = first_text(
        item,
        &[
            (Ns::Rss, "title"),
            (Ns::Dc, "title"),
            (Ns::Atom, "title"),
            (Ns::Itunes, "title"),
            (Ns::Media, "title"),
        ],
    );
    let updated = first_date(
        item,
        &[
            (Ns::Atom, "updated"),
            (Ns::Dc, "modified"),
            (Ns::Rss, "updated"),
        ],
    );
    let mut entry = Entry {
        link: link(item, base).or_else(atom_link).or_else(id_link),
        id,
        title: title.and_then(|t| title_text(&t, TITLE_MAX_BYTES)),
        content: content(item),
        published: first_date(
            item,
            &[
                (Ns::Rss, "pubDate"),
                (Ns::Dc, "date"),
                (Ns::Dc, "issued"),
                (Ns::Dc, "created"),
                (Ns::Dc, "available"),
                (Ns::Dc, "dateSubmitted"),
                (Ns::Atom, "published"),
                (Ns::Atom, "issued"),
                (Ns::Atom, "pubDate"),
                (Ns::Rss, "published"),
                (Ns::Rss, "date"),
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
    media::tags(item, &mut entry.tags);
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
        (Ns::Atom, "content"),
        (Ns::Rss, "description"),
        (Ns::Dc, "description"),
        (Ns::Dc, "abstract"),
        (Ns::Atom, "summary"),
        (Ns::Itunes, "summary"),
        (Ns::Itunes, "description"),
        (Ns::Media, "description"),
        (Ns::Itunes, "subtitle"),
        (Ns::Rss, "content"),
        (Ns::Rss, "summary"),
    ];
    let group = item.first(Ns::Media, "group");
    let of_group = group.and_then(|g| g.child_text(Ns::Media, "description"));
    let mut texts = sources
        .iter()
        .flat_map(|(ns, name)| item.all(*ns, name))
        .filter_map(atom::text_of);
    let text = texts.next();
    text.or_else(|| of_group.map(|text| body_text(&text)))
        .unwrap_or_default()
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
        .flat_map(|text| Person::all_from_text(&text))
        .collect();
    people.extend(
        element
            .all(Ns::Atom, "author")
            .filter_map(|a| atom::person(a, None)),
    );
    if people.is_empty() {
        let named = rss_names.iter().flat_map(|name| element.all(Ns::Rss, name));
        let texts = named.filter_map(Element::trimmed);
        people.extend(texts.flat_map(|text| Person::all_from_text(&text)));
    }
    if people.is_empty() {
        let texts = element
            .all(Ns::Itunes, "author")
            .filter_map(Element::trimmed);
        people.extend(texts.flat_map(|text| Person::all_from_text(&text)));
    }
    people
}
