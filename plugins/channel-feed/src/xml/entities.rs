//! Entities that a document declares for itself: `<!ENTITY name "text">` in its DOCTYPE (XML 1.0,
//! section 4.2), as text. Bounded in number, size, depth and in what they add to a document, so that
//! none can grow. Deliberately absent: external and parameter entities, which nothing is fetched for.

use std::collections::BTreeMap;

/// Most entities of a document, and the longest name and text, in bytes.
const ENTITIES_MAX: usize = 256;
const NAME_MAX_BYTES: usize = 64;
const TEXT_MAX_BYTES: usize = 2048;
/// Deepest entity in an entity.
const DEPTH_MAX: usize = 4;
/// Most text that all of a document's references stand for, in bytes; those beyond stay references.
const EXPANSION_MAX_BYTES: usize = 256 * 1024;
/// These mean what they mean everywhere.
const PREDEFINED: [&str; 5] = ["amp", "lt", "gt", "quot", "apos"];

#[derive(Debug, Default)]
pub struct Entities {
    texts: BTreeMap<String, String>,
    expanded_bytes: usize,
}

impl Entities {
    /// Those that a document type declaration declares. Of two with the same name the first counts.
    pub fn declared(doctype: &str) -> Self {
        let mut texts = BTreeMap::new();
        for declaration in doctype.split("<!ENTITY").skip(1) {
            if texts.len() >= ENTITIES_MAX {
                break;
            }
            if let Some((name, text)) = read(declaration) {
                texts
                    .entry(name.to_owned())
                    .or_insert_with(|| text.to_owned());
            }
        }
        Self {
            texts,
            expanded_bytes: 0,
        }
    }

    /// The text with the references to declared entities resolved; others stay as they are.
    pub fn resolve(&mut self, text: &str) -> String {
        if self.texts.is_empty() || !text.contains('&') {
            return text.to_owned();
        }
        let mut left = EXPANSION_MAX_BYTES.saturating_sub(self.expanded_bytes);
        let before = left;
        let mut out = String::with_capacity(text.len());
        expand(&self.texts, text, 0, &mut left, &mut out);
        self.expanded_bytes += before - left;
        out
    }
}

/// Name and text of a declaration, behind `<!ENTITY`.
fn read(declaration: &str) -> Option<(&str, &str)> {
    let rest = declaration.strip_prefix(char::is_whitespace)?.trim_start();
    let (name, rest) = rest.split_once(char::is_whitespace)?;
    let rest = rest.trim_start();
    let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = rest.get(1..)?.split_once(quote)?.0;
    let named = name.len() <= NAME_MAX_BYTES && !name.contains(['%', '&', ';', '"', '\'']);
    (named && text.len() <= TEXT_MAX_BYTES && !PREDEFINED.contains(&name)).then_some((name, text))
}

/// Appends the text with its references resolved, as far as `left` bytes last.
fn expand(
    texts: &BTreeMap<String, String>,
    text: &str,
    depth: usize,
    left: &mut usize,
    out: &mut String,
) {
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest
            .bytes()
            .take(NAME_MAX_BYTES + 2)
            .position(|b| b == b';');
        let found = end.and_then(|end| texts.get(&rest[1..end]));
        match (found, end) {
            (Some(found), Some(end)) if depth < DEPTH_MAX && found.len() <= *left => {
                *left -= found.len();
                expand(texts, found, depth + 1, left, out);
                rest = &rest[end + 1..];
            }
            _ => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resolves_what_the_document_declares() {
        let mut entities = Entities::declared(
            "<!DOCTYPE rss [<!ENTITY merk \"Zonnewind BV\">\n<!ENTITY groet 'Hallo &merk;, caf&#233;'>\
             <!ENTITY merk \"Ander\"><!ENTITY amp \"x\"><!ENTITY % deel \"y\"><!ENTITY ver SYSTEM \"file:///etc/x\">\
             <!ENTITY>< !ENTITY a \"b\"><!ENTITY half \"c",
        );
        assert_eq!(
            entities.resolve("&groet; &amp; &ver; &deel; &half; &a; &merk"),
            "Hallo Zonnewind BV, caf&#233; &amp; &ver; &deel; &half; &a; &merk"
        );
    }

    #[test]
    fn nothing_grows() {
        let mut laughs = "<!DOCTYPE x [<!ENTITY l0 \"lach\">".to_owned();
        for i in 1..20 {
            let inner = format!("&l{};", i - 1).repeat(10);
            laughs.push_str(&format!("<!ENTITY l{i} \"{inner}\">"));
        }
        laughs.push_str("<!ENTITY rond \"&rond;&rond;\">]>");
        let mut entities = Entities::declared(&laughs);
        let out = entities.resolve(&"&l19; &rond;".repeat(1000));
        assert!(out.len() < 2_000_000, "{}", out.len());
        assert!(entities.expanded_bytes <= EXPANSION_MAX_BYTES);
        assert_eq!(entities.resolve("&l19;"), "&l19;");
    }
}
