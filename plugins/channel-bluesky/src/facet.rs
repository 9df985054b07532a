//! Links, mentions and hashtags in a text that is to go out. The network does not read the text:
//! what is to be a link must be marked by its byte range (`app.bsky.richtext.facet`).
//!
//! The rules follow the network's own client (`detectFacets` of its library @atproto/api): a mark
//! begins at the start of the text, after white space or after `(`; punctuation at its end does not
//! belong to it. A domain alone is a link too when it ends in a top-level domain that there is,
//! in lower case: `example.com` is one, `end.Next`, `d.w.z.` and `1.2.3` are none, and `README.md` is
//! one because Moldova has `.md`. Ranges never overlap.
//!
//! Deliberately not as there: of several signs of punctuation at a link's end all are left out, not
//! one; `www.` begins a link whatever follows; what goes on with `@` is an address of mail. Deliberately absent: `$` before a share's ticker.

use serde_json::{Value, json};
use unicode_segmentation::UnicodeSegmentation;

use crate::message::is_handle;

/// Limits of the lexicon.
pub const GRAPHEMES_MAX: usize = 300;
pub const BYTES_MAX: usize = 3000;
const TAG_GRAPHEMES_MAX: usize = 64;
const TAG_BYTES_MAX: usize = 640;

/// What a range of the text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Feature {
    /// The address to open.
    Link(String),
    /// A handle, without `@`, lower case, not yet resolved.
    Mention(String),
    /// A hashtag, without `#`.
    Tag(String),
}

/// A marked range of bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mark {
    pub start: usize,
    pub end: usize,
    pub feature: Feature,
}

/// Why the text is too long to be a post, with figures; none when it fits.
pub fn too_long(text: &str) -> Option<String> {
    let graphemes = text.graphemes(true).count();
    if graphemes > GRAPHEMES_MAX {
        return Some(format!("{graphemes} graphemes, at most {GRAPHEMES_MAX}"));
    }
    (text.len() > BYTES_MAX).then(|| format!("{} bytes, at most {BYTES_MAX}", text.len()))
}

/// All marks in the text, in order.
pub fn marks(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut offset = 0;
    for word in text.split_inclusive(char::is_whitespace) {
        marks_in_word(word.trim_end(), offset, &mut marks);
        offset += word.len();
    }
    marks
}

/// Marks that begin where the word does, or after `(` in it.
fn marks_in_word(word: &str, offset: usize, marks: &mut Vec<Mark>) {
    let mut from = 0;
    loop {
        let at_start = word[..from].bytes().all(|b| b == b'(');
        if let Some((length, feature)) = mark_at(&word[from..], at_start) {
            let start = offset + from;
            marks.push(Mark {
                start,
                end: start + length,
                feature,
            });
            from += length;
        }
        match word[from..].find('(') {
            Some(at) => from += at + 1,
            None => return,
        }
    }
}

/// What a token (without white space) begins with: its length in bytes and what it is. Hashtags
/// begin at a word's start only.
fn mark_at(token: &str, at_start: bool) -> Option<(usize, Feature)> {
    if let Some(rest) = token.strip_prefix('@') {
        return mention(rest).map(|(length, feature)| (length + 1, feature));
    }
    if let Some(rest) = token.strip_prefix(['#', '＃']) {
        let sign = token.len() - rest.len();
        let tag = tag(rest).filter(|_| at_start);
        return tag.map(|(length, feature)| (sign + length, feature));
    }
    link(token)
}

fn mention(rest: &str) -> Option<(usize, Feature)> {
    let end = rest
        .find(|c: char| !(c.is_ascii_alphanumeric() || c == '.' || c == '-'))
        .unwrap_or(rest.len());
    let handle = rest[..end].trim_end_matches(['.', '-']);
    // `@name@server` is a name on another network.
    let foreign = rest[handle.len()..].starts_with('@');
    (is_handle(handle) && !foreign)
        .then(|| (handle.len(), Feature::Mention(handle.to_ascii_lowercase())))
}

fn tag(rest: &str) -> Option<(usize, Feature)> {
    // `#️⃣` is a picture of a key.
    if rest.starts_with('\u{fe0f}') {
        return None;
    }
    let end = rest.find(is_invisible).unwrap_or(rest.len());
    let name = rest[..end].trim_end_matches(is_punctuation);
    let says_something = name.chars().any(|c| !c.is_numeric() && !is_punctuation(c));
    let short = name.len() <= TAG_BYTES_MAX && name.graphemes(true).count() <= TAG_GRAPHEMES_MAX;
    (says_something && short).then(|| (name.len(), Feature::Tag(name.to_owned())))
}

fn link(token: &str) -> Option<(usize, Feature)> {
    let lower = cut_lower(token);
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|s| lower.starts_with(s));
    let address = without_punctuation(token);
    let is_link = match scheme {
        Some(scheme) => host_labels(address.get(scheme.len()..)?) >= 1,
        None => is_domain(address) || (lower.starts_with("www.") && host_labels(address) >= 3),
    };
    let uri = match scheme {
        Some(_) => address.to_owned(),
        None => format!("https://{address}"),
    };
    is_link.then_some((address.len(), Feature::Link(uri)))
}

/// Without the punctuation after it. A `)` stays when its `(` is in the token.
fn without_punctuation(token: &str) -> &str {
    let mut address = token;
    while let Some(last) = address.chars().next_back() {
        let closes = last == ')' && address.matches(')').count() > address.matches('(').count();
        if !closes && !".,;:!?…'\"»”’]".contains(last) {
            break;
        }
        address = &address[..address.len() - last.len_utf8()];
    }
    address
}

/// How many labels the host has that an address begins with; 0 when it begins with none.
fn host_labels(address: &str) -> usize {
    let host = address.split(['/', '?', '#']).next().unwrap_or_default();
    if !host.starts_with(char::is_alphanumeric) {
        return 0;
    }
    host.split('.').filter(|l| !l.is_empty()).count()
}

/// Begins with a domain whose end is a top-level domain: `[a-z][a-z0-9]*(\.[a-z0-9]+)+`, as far as
/// that goes.
fn is_domain(address: &str) -> bool {
    let labels = address.find(|c: char| !(c.is_ascii_alphanumeric() || c == '.'));
    let (labels, rest) = address.split_at(labels.unwrap_or(address.len()));
    let whole = labels.find("..").map_or(labels, |end| &labels[..end]);
    let domain = whole.strip_suffix('.').unwrap_or(whole);
    let last = domain.rsplit_once('.').map(|(_, last)| last);
    domain.starts_with(|c: char| c.is_ascii_alphabetic())
        && last.is_some_and(tld::exist)
        && !rest.starts_with('@')
}

/// The first bytes in lower case, enough to tell a scheme.
fn cut_lower(token: &str) -> String {
    token
        .chars()
        .take(8)
        .collect::<String>()
        .to_ascii_lowercase()
}

/// Characters without a shape that end a hashtag.
fn is_invisible(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{2060}' | '\u{200a}'..='\u{200d}' | '\u{20e2}'
    )
}

fn is_punctuation(c: char) -> bool {
    c.is_ascii_punctuation()
        || matches!(c, '¡' | '¿' | '«' | '»' | '§' | '¶' | '·'
            | '\u{2010}'..='\u{2027}' | '\u{2030}'..='\u{205e}'
            | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}'
            | '\u{ff01}'..='\u{ff0f}' | '\u{ff1a}'..='\u{ff20}')
}

/// The marks as facets. `resolve` tells the DID of a handle; a mention of nobody stays plain text.
pub fn facets<E>(
    marks: &[Mark],
    mut resolve: impl FnMut(&str) -> Result<Option<String>, E>,
) -> Result<Vec<Value>, E> {
    let mut facets = Vec::new();
    for mark in marks {
        let feature = match &mark.feature {
            Feature::Link(uri) => json!({"$type": "app.bsky.richtext.facet#link", "uri": uri}),
            Feature::Tag(tag) => json!({"$type": "app.bsky.richtext.facet#tag", "tag": tag}),
            Feature::Mention(handle) => match resolve(handle)? {
                Some(did) => json!({"$type": "app.bsky.richtext.facet#mention", "did": did}),
                None => continue,
            },
        };
        facets.push(json!({
            "index": {"byteStart": mark.start, "byteEnd": mark.end},
            "features": [feature],
        }));
    }
    Ok(facets)
}

#[cfg(test)]
#[path = "facet_tests.rs"]
mod tests;
