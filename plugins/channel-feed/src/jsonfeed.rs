//! JSON Feed 1.0 and 1.1 (jsonfeed.org), leniently: numbers serve for ids, unknown versions are
//! read as far as they go, a malformed member is as one that is absent.

use serde_json::Value;
use url::Url;

use crate::feed::{
    Attachment, ENTRIES_MAX, Entry, Feed, Person, TITLE_MAX_BYTES, body_text, id_link,
    language_tag, push_attachment, push_tag, resolve, title_text,
};
use crate::{date, media, text};

/// Reads a document. The error is for the admin.
pub fn parse(source: &str, base: &Url) -> Result<Feed, String> {
    let document: Value =
        serde_json::from_str(source).map_err(|e| format!("neither XML nor valid JSON: {e}"))?;
    let Some(items) = document.get("items").and_then(Value::as_array) else {
        return Err("JSON without `items`: not a JSON Feed".into());
    };
    let language = string(&document, "language").and_then(|l| language_tag(&l));
    let entries = items.iter().filter(|i| i.is_object()).take(ENTRIES_MAX);
    Ok(Feed {
        title: string(&document, "title").and_then(|t| text::one_line(&t, TITLE_MAX_BYTES)),
        site: link(&document, "home_page_url", base),
        language,
        authors: authors(&document, base),
        entries: entries.map(|item| read_item(item, base)).collect(),
        ..Feed::default()
    })
}

fn read_item(item: &Value, base: &Url) -> Entry {
    let html = string(item, "content_html")
        .map(|h| body_text(&h))
        .filter(|t| !t.is_empty());
    let plain = || {
        string(item, "content_text")
            .map(|t| plain_text(&t))
            .filter(|t| !t.is_empty())
    };
    let summary = || string(item, "summary").map(|t| plain_text(&t));
    let mut entry = Entry {
        id: string(item, "id"),
        link: link(item, "url", base)
            .or_else(|| id_link(&string(item, "id")?, base))
            .or_else(|| link(item, "external_url", base)),
        title: string(item, "title").and_then(|t| title_text(&t, TITLE_MAX_BYTES)),
        content: html.or_else(plain).or_else(summary).unwrap_or_default(),
        published: date_of(item, "date_published").or_else(|| date_of(item, "date_modified")),
        updated: date_of(item, "date_modified"),
        authors: authors(item, base),
        language: string(item, "language").and_then(|l| language_tag(&l)),
        ..Entry::default()
    };
    for tag in array(item, "tags").iter().filter_map(Value::as_str) {
        push_tag(&mut entry.tags, tag);
    }
    for file in array(item, "attachments") {
        let Some(url) = link(file, "url", base) else {
            continue;
        };
        let attachment = Attachment {
            url: url.into(),
            media_type: string(file, "mime_type").and_then(|t| media::media_type(&t)),
            title: string(file, "title").and_then(|t| text::one_line(&t, TITLE_MAX_BYTES)),
            size_bytes: file
                .get("size_in_bytes")
                .and_then(Value::as_u64)
                .filter(|n| *n > 0),
            ..Attachment::default()
        };
        push_attachment(&mut entry.attachments, attachment);
    }
    if let Some(url) = link(item, "image", base) {
        let medium = Some("image".to_owned());
        let attachment = Attachment {
            url: url.into(),
            medium,
            ..Attachment::default()
        };
        push_attachment(&mut entry.attachments, attachment);
    }
    entry
}

/// `content_text` is plain by definition: `<` in it is a sign.
fn plain_text(source: &str) -> String {
    text::cut(&text::tidy(source), crate::feed::CONTENT_MAX_BYTES)
}

/// `authors` (1.1) or `author` (1.0).
fn authors(value: &Value, base: &Url) -> Vec<Person> {
    let listed = array(value, "authors").iter().chain(value.get("author"));
    let people = listed.filter_map(|author| {
        let person = Person {
            name: None,
            email: string(author, "url").and_then(|u| crate::person::email_address(&u)),
            url: link(author, "url", base),
            avatar: link(author, "avatar", base),
        };
        let person = person.named(string(author, "name").as_deref());
        (person != Person::default()).then_some(person)
    });
    people.collect()
}

fn array<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value
        .get(name)
        .and_then(Value::as_array)
        .map_or(&[], Vec::as_slice)
}

/// A string, or a number written out; none where empty.
fn string(value: &Value, name: &str) -> Option<String> {
    let text = match value.get(name)? {
        Value::String(text) => text.trim().to_owned(),
        Value::Number(number) => number.to_string(),
        _ => return None,
    };
    (!text.is_empty()).then_some(text)
}

fn link(value: &Value, name: &str, base: &Url) -> Option<Url> {
    resolve(&string(value, name)?, base)
}

fn date_of(item: &Value, name: &str) -> Option<i64> {
    date::parse(&string(item, name)?)
}
