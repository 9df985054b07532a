//! A feed, whatever its format: what the three families have in common, already as plain text.
//!
//! Reading bounds what it keeps ([`ENTRIES_MAX`] and the limits of the contract) but knows nothing
//! of ids, memory or the clock. An entry that lacks everything but a title is an entry.

use rapport_sdk::http::coding;
use url::Url;

use crate::{atom, encoding, html, jsonfeed, rss, text, xml};

/// Largest answer read, in bytes.
pub const BODY_MAX_BYTES: usize = 8 * 1024 * 1024;
/// Most entries of one document looked at, from the top.
pub const ENTRIES_MAX: usize = 5000;
/// Longest content, in bytes (the contract's limit).
pub const CONTENT_MAX_BYTES: usize = 65_536;
/// Longest title, in bytes (the contract's limit).
pub const TITLE_MAX_BYTES: usize = 1024;
/// Longest tag, in bytes.
pub const TAG_MAX_BYTES: usize = 128;
/// Most tags and attachments (the contract's limits), and most authors looked at.
pub const TAGS_MAX: usize = 64;
pub const ATTACHMENTS_MAX: usize = 32;
/// Longest address kept, in bytes.
pub const ADDRESS_MAX_BYTES: usize = 2048;

#[derive(Debug, Default, PartialEq)]
pub struct Feed {
    pub title: Option<String>,
    /// The page that the feed belongs to.
    pub site: Option<Url>,
    pub language: Option<String>,
    pub authors: Vec<Person>,
    /// In the order of the document.
    pub entries: Vec<Entry>,
    /// Entries that were withdrawn (RFC 6721).
    pub deleted: Vec<Deleted>,
    /// The document broke off: entries may be missing.
    pub truncated: bool,
}

#[derive(Debug, Default, Clone, PartialEq)]
pub struct Entry {
    /// `guid`, `id`, `rdf:about`.
    pub id: Option<String>,
    pub link: Option<Url>,
    pub title: Option<String>,
    /// Plain text.
    pub content: String,
    /// Milliseconds since 1970, as the feed says.
    pub published: Option<i64>,
    pub updated: Option<i64>,
    pub authors: Vec<Person>,
    pub tags: Vec<String>,
    pub attachments: Vec<Attachment>,
    pub language: Option<String>,
    /// The page where the entry is discussed.
    pub comments: Option<Url>,
    pub comment_count: Option<u64>,
    /// What the entry answers (RFC 4685).
    pub in_reply_to: Option<ReplyTarget>,
}

#[derive(Debug, Default, Clone, PartialEq)]
pub struct ReplyTarget {
    /// Id of the answered entry.
    pub id: Option<String>,
    pub link: Option<Url>,
}

#[derive(Debug, Default, Clone, PartialEq)]
pub struct Person {
    pub name: Option<String>,
    pub email: Option<String>,
    pub url: Option<Url>,
    pub avatar: Option<Url>,
}

#[derive(Debug, Default, Clone, PartialEq)]
pub struct Attachment {
    pub url: String,
    pub media_type: Option<String>,
    pub title: Option<String>,
    pub alt_text: Option<String>,
    pub size_bytes: Option<u64>,
    /// `image`, `audio`, `video` where the feed says so beside the media type.
    pub medium: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Deleted {
    pub id: String,
    pub at: Option<i64>,
}

/// Reads a feed from an answer. `base` is the feed's address, for relative links. The error is for
/// the admin: what came instead of a feed.
pub fn parse(body: &[u8], content_type: Option<&str>, base: &Url) -> Result<Feed, String> {
    if body.len() > BODY_MAX_BYTES {
        return Err(format!(
            "{} bytes, at most {BODY_MAX_BYTES} are read",
            body.len()
        ));
    }
    // Files that a server hands out as they lie there, compressed, without saying so.
    if let Some(coding) = coding::sniff(body) {
        let unpacked = coding::decode(body.to_vec(), coding, BODY_MAX_BYTES)?;
        return read(&unpacked, content_type, base);
    }
    read(body, content_type, base)
}

fn read(body: &[u8], content_type: Option<&str>, base: &Url) -> Result<Feed, String> {
    let source = encoding::decode(body, content_type);
    let source =
        source.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\0');
    if source.is_empty() {
        return Err("the answer is empty".into());
    }
    if source.starts_with(['{', '[']) {
        return jsonfeed::parse(source, base);
    }
    let document = xml::parse(source);
    let found = find_root(&document.top, base, 0);
    let mut feed = found.ok_or_else(|| no_feed(source, content_type, base))?;
    feed.truncated = document.truncated;
    Ok(feed)
}

/// What came instead of a feed.
fn no_feed(source: &str, content_type: Option<&str>, base: &Url) -> String {
    let named = content_type.is_some_and(|t| t.to_ascii_lowercase().contains("html"));
    if !named && !html::has_tag(source) {
        return "neither RSS, Atom nor JSON Feed: look whether the address is right".into();
    }
    match html::feed_link(source).and_then(|link| resolve(&link, base)) {
        Some(link) => format!(
            "a web page, not a feed; it names {} as its feed: put that in the settings",
            crate::settings::label(&link)
        ),
        None => "a web page, not a feed: look for the feed's own address".into(),
    }
}

/// The feed's element, at the top or, where something strays around it, just below.
fn find_root(parent: &xml::Element, base: &Url, depth: usize) -> Option<Feed> {
    let found = parent
        .elements()
        .find_map(|e| match e.name.to_ascii_lowercase().as_str() {
            "feed" => Some(atom::read(e, base)),
            "entry" if e.ns == xml::Ns::Atom => Some(atom::read_single(e, base)),
            "rss" | "rdf" | "channel" => Some(rss::read(e, base)),
            _ => None,
        });
    if found.is_some() || depth >= 3 {
        return found;
    }
    parent
        .elements()
        .find_map(|e| find_root(e, base, depth + 1))
}

/// An absolute web address from a link that may be relative; none for other schemes.
pub fn resolve(link: &str, base: &Url) -> Option<Url> {
    let link = link.trim();
    if link.is_empty() || link.len() > ADDRESS_MAX_BYTES {
        return None;
    }
    let url = base.join(link).ok()?;
    let web = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
    (web && url.as_str().len() <= ADDRESS_MAX_BYTES).then_some(url)
}

/// The base of the links in an element (`xml:base`), within the one around it.
pub fn base_of(element: &xml::Element, base: &Url) -> Url {
    let inner = element.attribute("xml:base").and_then(|b| resolve(b, base));
    inner.unwrap_or_else(|| base.clone())
}

/// The address that an id is, where it is one of the web: it serves as link where there is none.
pub fn id_link(id: &str, base: &Url) -> Option<Url> {
    let (scheme, _) = id.split_once("://")?;
    let web = scheme.eq_ignore_ascii_case("http") || scheme.eq_ignore_ascii_case("https");
    web.then(|| resolve(id, base))?
}

/// Body text from HTML or from plain text with stray markup, at most [`CONTENT_MAX_BYTES`].
pub fn body_text(source: &str) -> String {
    text::cut(&html::to_text(source), CONTENT_MAX_BYTES)
}

/// A title or name on one line, markup and references resolved.
pub fn title_text(source: &str, max_bytes: usize) -> Option<String> {
    if source.contains(['<', '&']) {
        return text::one_line(&html::to_text(source), max_bytes);
    }
    text::one_line(source, max_bytes)
}

/// A language tag (BCP 47) in its usual shape; none for what can't be one.
pub fn language_tag(source: &str) -> Option<String> {
    let tag = source.trim().replace('_', "-");
    let mut parts = tag.split('-');
    let primary = parts
        .next()
        .filter(|p| (2..=3).contains(&p.len()))?
        .to_ascii_lowercase();
    let valid =
        |p: &str| (1..=8).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_alphanumeric());
    if tag.len() > 35 || !valid(&primary) || !parts.clone().all(valid) {
        return None;
    }
    let rest = parts.map(|p| match p.len() {
        2 => p.to_ascii_uppercase(),
        _ => p.to_ascii_lowercase(),
    });
    Some(
        std::iter::once(primary)
            .chain(rest)
            .collect::<Vec<_>>()
            .join("-"),
    )
}

/// Adds the tags of a list with commas.
pub fn push_keywords(tags: &mut Vec<String>, source: &str) {
    for tag in source.split([',', ';', '\n']) {
        push_tag(tags, tag);
    }
}

/// Adds a tag, without `#`, unless it is there already.
pub fn push_tag(tags: &mut Vec<String>, source: &str) {
    let Some(tag) = title_text(source, TAG_MAX_BYTES) else {
        return;
    };
    let tag = tag.trim_start_matches('#').trim();
    let known = tags.iter().any(|t| t.to_lowercase() == tag.to_lowercase());
    if !tag.is_empty() && !known && tags.len() < TAGS_MAX {
        tags.push(tag.to_owned());
    }
}

/// Adds an attachment unless its address is there already.
pub fn push_attachment(attachments: &mut Vec<Attachment>, attachment: Attachment) {
    let known = attachments.iter().any(|a| a.url == attachment.url);
    if !known && attachments.len() < ATTACHMENTS_MAX {
        attachments.push(attachment);
    }
}
