//! HTML to plain text: blocks become lines, links keep their text, quotations get `> `, scripts,
//! styles and other machinery vanish. Tokenising follows the WHATWG standard (html5gum), so broken
//! markup comes out as a browser would read it, and nothing fails.
//!
//! Feeds often escape too often; markup that is still there after one reading is read again, except
//! in code samples that stand in real markup.
//! Deliberately absent: styles, tables drawn with lines, addresses of links.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use crate::text;

/// Longest text made, in bytes, before it is tidied; the rest of the input is not read.
const OUTPUT_MAX_BYTES: usize = 160 * 1024;
/// Most readings of text that turns out to be markup.
const READINGS_MAX: usize = 3;
/// Deepest quotation marked.
const QUOTE_DEPTH_MAX: usize = 4;

/// Elements whose content is not for readers.
const SKIPPED: &[&str] = &[
    "head", "iframe", "math", "noembed", "noframes", "noscript", "object", "script", "select",
    "style", "svg", "template", "textarea",
];
/// Elements that stand on lines of their own, with a blank line around them.
const PARAGRAPHS: &[&str] = &[
    "article",
    "aside",
    "blockquote",
    "details",
    "dl",
    "fieldset",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "main",
    "nav",
    "ol",
    "p",
    "pre",
    "section",
    "table",
    "ul",
];
/// Elements that stand on lines of their own.
const LINES: &[&str] = &[
    "address",
    "body",
    "caption",
    "center",
    "dd",
    "div",
    "dt",
    "figcaption",
    "html",
    "legend",
    "li",
    "option",
    "summary",
    "tbody",
    "tfoot",
    "thead",
    "title",
    "tr",
];
/// Further elements by which markup is known from text with a `<` in it.
const INLINE: &[&str] = &[
    "a", "abbr", "acronym", "audio", "b", "big", "br", "cite", "code", "del", "em", "embed",
    "font", "i", "img", "input", "ins", "kbd", "label", "link", "mark", "meta", "picture", "q",
    "s", "samp", "small", "source", "span", "strike", "strong", "sub", "sup", "td", "th", "time",
    "tt", "u", "var", "video", "wbr",
];
const CODE: &[&str] = &["code", "kbd", "pre", "samp", "tt", "xmp"];

/// Text of a field that may hold HTML, or plain text, or either escaped too often.
pub fn to_text(source: &str) -> String {
    let source = text::clean(source);
    if has_tag(&source) {
        return finish(convert(&source, false));
    }
    let once = text::clean(&text::unescape(&source));
    if has_tag(&once) {
        return finish(convert(&once, false));
    }
    let twice = text::clean(&text::unescape(&once));
    if has_tag(&twice) {
        return finish(convert(&twice, true));
    }
    finish(Converted {
        text: once,
        escaped_markup: false,
        has_code: false,
    })
}

/// Reads on as long as there is markup that is no code sample; what still looks like a tag after
/// that loses its `<`.
fn finish(mut converted: Converted) -> String {
    for _ in 0..READINGS_MAX {
        let out = text::tidy(&text::unescape_no_markup(&converted.text));
        if !converted.escaped_markup && (converted.has_code || !has_tag(&out)) {
            return out;
        }
        converted = convert(&out, true);
    }
    text::tidy(&converted.text).replace('<', "‹")
}

/// There is an HTML tag, comment or doctype in it; `a < b` and `<3` are none.
pub fn has_tag(source: &str) -> bool {
    source.match_indices('<').any(|(at, _)| {
        let rest = &source.as_bytes()[at + 1..];
        if rest.starts_with(b"!--")
            || rest
                .get(..8)
                .is_some_and(|d| d.eq_ignore_ascii_case(b"!doctype"))
        {
            return true;
        }
        let rest = rest.strip_prefix(b"/").unwrap_or(rest);
        let len = rest
            .iter()
            .take(12)
            .take_while(|b| b.is_ascii_alphanumeric())
            .count();
        let ends = rest
            .get(len)
            .is_none_or(|b| b.is_ascii_whitespace() || matches!(b, b'>' | b'/'));
        ends && is_element(&String::from_utf8_lossy(&rest[..len]).to_ascii_lowercase())
    })
}

fn is_element(name: &str) -> bool {
    [SKIPPED, PARAGRAPHS, LINES, INLINE]
        .iter()
        .any(|names| names.contains(&name))
}

/// The address, perhaps relative, that a page names as its feed (`<link rel="alternate">`).
pub fn feed_link(page: &str) -> Option<String> {
    let kinds = ["rss+xml", "atom+xml", "feed+json"];
    for Ok(token) in Tokenizer::new(page) {
        let Token::StartTag(tag) = token else {
            continue;
        };
        let value = |name: &str| {
            let value = tag.attributes.get(name.as_bytes())?;
            Some(String::from_utf8_lossy(value).to_string())
        };
        let lower = |name: &str| value(name).unwrap_or_default().to_ascii_lowercase();
        let kind = lower("type");
        if tag.name.as_slice() == b"link"
            && lower("rel").split_whitespace().any(|r| r == "alternate")
            && kinds.iter().any(|k| kind.contains(k))
        {
            return value("href");
        }
    }
    None
}

struct Converted {
    text: String,
    /// Outside code samples there is text that is itself markup.
    escaped_markup: bool,
    /// There are code samples, in which text may look like markup.
    has_code: bool,
}

/// One reading. `keep_lines`: line ends of the source count (it was plain text once).
fn convert(source: &str, keep_lines: bool) -> Converted {
    let mut emitter = DefaultEmitter::default();
    emitter.naively_switch_states(true);
    let mut writer = Writer {
        keep_lines,
        ..Writer::default()
    };
    for Ok(token) in Tokenizer::new_with_emitter(source, emitter) {
        match token {
            Token::StartTag(tag) => writer.start(&tag),
            Token::EndTag(tag) => writer.end(&String::from_utf8_lossy(&tag.name)),
            Token::String(string) => writer.text(&String::from_utf8_lossy(&string)),
            _ => {}
        }
        if writer.out.len() > OUTPUT_MAX_BYTES {
            break;
        }
    }
    Converted {
        text: writer.out,
        escaped_markup: writer.escaped_markup,
        has_code: writer.has_code,
    }
}

#[derive(Default)]
struct Writer {
    out: String,
    keep_lines: bool,
    /// Line ends due before the next text.
    breaks: usize,
    space: bool,
    /// The skipped element that is open, and how many of its name.
    skipping: Option<(String, usize)>,
    preformatted: usize,
    code: usize,
    quotes: usize,
    escaped_markup: bool,
    has_code: bool,
}

impl Writer {
    fn start(&mut self, tag: &StartTag<()>) {
        let name = String::from_utf8_lossy(&tag.name);
        let name = name.as_ref();
        if let Some((skipped, depth)) = &mut self.skipping {
            if skipped == "head" && name == "body" {
                self.skipping = None;
            } else {
                *depth += usize::from(skipped == name && !tag.self_closing);
                return;
            }
        }
        if SKIPPED.contains(&name) {
            if !tag.self_closing {
                self.skipping = Some((name.to_owned(), 1));
            }
            return;
        }
        if CODE.contains(&name) {
            self.code += 1;
            self.has_code = true;
        }
        if PARAGRAPHS.contains(&name) {
            self.break_lines(2);
        } else if LINES.contains(&name) {
            self.break_lines(1);
        }
        match name {
            "br" => self.hard_break(),
            "li" => self.write("- "),
            "td" | "th" => self.space = true,
            "pre" => self.preformatted += 1,
            "blockquote" => self.quotes += 1,
            "img" => self.image(tag),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        if let Some((skipped, depth)) = &mut self.skipping {
            if skipped == name {
                *depth -= 1;
                if *depth == 0 {
                    self.skipping = None;
                }
            }
            return;
        }
        if CODE.contains(&name) {
            self.code = self.code.saturating_sub(1);
        }
        match name {
            "br" => self.hard_break(),
            "pre" => self.preformatted = self.preformatted.saturating_sub(1),
            _ => {}
        }
        if PARAGRAPHS.contains(&name) {
            self.break_lines(2);
        } else if LINES.contains(&name) {
            self.break_lines(1);
        }
        if name == "blockquote" {
            self.quotes = self.quotes.saturating_sub(1);
        }
    }

    /// An image's alternative text where it stands for a sign (a smiley), not for a picture.
    fn image(&mut self, tag: &StartTag<()>) {
        let alt = tag.attributes.get(b"alt".as_slice());
        let alt = alt
            .map(|alt| String::from_utf8_lossy(alt).into_owned())
            .unwrap_or_default();
        let sign = alt.chars().count() <= 12
            && (alt.chars().all(|c| !c.is_alphanumeric())
                || (alt.starts_with(':') && alt.ends_with(':')));
        if sign && self.skipping.is_none() {
            self.write(&alt);
        }
    }

    fn text(&mut self, source: &str) {
        if self.skipping.is_some() {
            return;
        }
        self.escaped_markup |= self.code == 0 && has_tag(source);
        let lines = self.preformatted > 0 || self.keep_lines;
        let mut rest = source;
        while let Some(c) = rest.chars().next() {
            if c == '\n' && lines {
                self.hard_break();
                rest = &rest[1..];
            } else if c.is_ascii_whitespace() && self.preformatted == 0 {
                self.space = true;
                rest = &rest[1..];
            } else {
                let stop =
                    |c: char| c == '\n' || (c.is_ascii_whitespace() && self.preformatted == 0);
                let end = rest.find(stop).unwrap_or(rest.len());
                self.write(&rest[..end]);
                rest = &rest[end..];
            }
        }
    }

    fn break_lines(&mut self, count: usize) {
        self.breaks = self.breaks.max(count);
        self.space = false;
    }

    /// A line end that adds up: two of them make a blank line.
    fn hard_break(&mut self) {
        self.breaks = (self.breaks + 1).min(2);
        self.space = false;
    }

    fn write(&mut self, word: &str) {
        let quotes = self.quotes.min(QUOTE_DEPTH_MAX);
        if self.out.is_empty() {
            self.out.push_str(&"> ".repeat(quotes));
        } else if self.breaks > 0 {
            for _ in 0..self.breaks {
                self.out.push('\n');
            }
            self.out.push_str(&"> ".repeat(quotes));
        } else if self.space && !self.out.ends_with([' ', '\n']) {
            self.out.push(' ');
        }
        self.breaks = 0;
        self.space = false;
        self.out.push_str(word);
    }
}

#[cfg(test)]
mod tests;
