//! Enclosures and Media RSS: files that belong to an entry; keywords and categories of Media RSS and
//! iTunes.

use url::Url;

use crate::feed::{
    Attachment, TITLE_MAX_BYTES, push_attachment, push_keywords, push_tag, resolve, title_text,
};
use crate::xml::{Element, Ns};

/// Longest text that describes a file, in bytes.
const ALT_MAX_BYTES: usize = 1024;

/// An RSS `enclosure`. A length of 0 is what generators write when they don't know.
pub fn enclosure(element: &Element, base: &Url) -> Option<Attachment> {
    let address = element
        .attribute("url")
        .or(element.attribute("rdf:resource"))?;
    Some(Attachment {
        url: resolve(address, base)?.into(),
        media_type: element.attribute("type").and_then(media_type),
        size_bytes: element
            .attribute("length")
            .and_then(|n| n.parse().ok())
            .filter(|n| *n > 0),
        ..Attachment::default()
    })
}

/// Everything of Media RSS in an entry: contents, alone and in groups, and thumbnails where there
/// is nothing else.
pub fn read(entry: &Element, base: &Url, attachments: &mut Vec<Attachment>) {
    let mut scopes = vec![entry];
    scopes.extend(entry.all(Ns::Media, "group"));
    for scope in &scopes {
        for content in scope.all(Ns::Media, "content") {
            if let Some(attachment) = media_content(content, scope, base) {
                push_attachment(attachments, attachment);
            }
        }
    }
    if !attachments.is_empty() {
        return;
    }
    for scope in &scopes {
        for thumbnail in scope.all(Ns::Media, "thumbnail") {
            let url = thumbnail.attribute("url").and_then(|u| resolve(u, base));
            if let Some(url) = url {
                let medium = Some("image".to_owned());
                push_attachment(
                    attachments,
                    Attachment {
                        url: url.into(),
                        medium,
                        ..Attachment::default()
                    },
                );
            }
        }
    }
}

/// Keywords and categories of an entry, of its media and of the groups and contents these stand in.
pub fn tags(entry: &Element, tags: &mut Vec<String>) {
    let mut scopes = vec![entry];
    scopes.extend(entry.all(Ns::Media, "group"));
    let contents: Vec<&Element> = scopes
        .iter()
        .flat_map(|s| s.all(Ns::Media, "content"))
        .collect();
    scopes.extend(contents);
    for scope in scopes {
        for keywords in scope.all(Ns::Media, "keywords") {
            push_keywords(tags, &keywords.text());
        }
        for category in scope.all(Ns::Media, "category") {
            let text = category.text();
            push_tag(tags, category.attribute("label").unwrap_or(&text));
        }
    }
    for keywords in entry.all(Ns::Itunes, "keywords") {
        push_keywords(tags, &keywords.text());
    }
    itunes_categories(entry, tags, 0);
}

/// Categories in categories, as iTunes has them.
fn itunes_categories(element: &Element, tags: &mut Vec<String>, depth: usize) {
    for category in element.all(Ns::Itunes, "category") {
        let text = category.text();
        push_tag(tags, category.attribute("text").unwrap_or(&text));
        if depth < 2 {
            itunes_categories(category, tags, depth + 1);
        }
    }
}

fn media_content(content: &Element, scope: &Element, base: &Url) -> Option<Attachment> {
    let text = |name: &str, max: usize| {
        let own = content.child_text(Ns::Media, name);
        let own = own.or_else(|| scope.child_text(Ns::Media, name));
        own.and_then(|t| title_text(&t, max))
    };
    Some(Attachment {
        url: resolve(content.attribute("url")?, base)?.into(),
        media_type: content.attribute("type").and_then(media_type),
        title: text("title", TITLE_MAX_BYTES),
        alt_text: text("description", ALT_MAX_BYTES),
        size_bytes: content
            .attribute("fileSize")
            .and_then(|n| n.parse().ok())
            .filter(|n| *n > 0),
        medium: content.attribute("medium").map(str::to_ascii_lowercase),
    })
}

/// A media type in lower case, without parameters; none for what has not its shape.
pub fn media_type(source: &str) -> Option<String> {
    let bare = source.split(';').next()?.trim().to_ascii_lowercase();
    let (kind, subtype) = bare.split_once('/')?;
    let token = |t: &str| {
        !t.is_empty()
            && t.bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    (bare.len() <= 127 && token(kind) && token(subtype)).then_some(bare)
}
