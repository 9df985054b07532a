//! What an inbox listens for: words and quoted phrases, all of which an entry must have.
//!
//! Words match whole words, whatever their case; `#tag` matches the word. Deliberately absent:
//! alternatives, exclusion, stems. A query without any word matches nothing.

use rapport_sdk::channel::Monitor;

/// Longest query looked at, in bytes (the contract's limit).
const QUERY_MAX_BYTES: usize = 256;

#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub id: String,
    /// Lower case, each one or more words with a space before, between and behind.
    terms: Vec<String>,
}

impl Query {
    pub fn parse(monitor: &Monitor) -> Self {
        let query = crate::text::cut(&monitor.query, QUERY_MAX_BYTES);
        let mut terms = Vec::new();
        // Every other piece is between quotation marks.
        for (index, piece) in query.replace(['“', '”', '„'], "\"").split('"').enumerate() {
            if index % 2 == 1 {
                terms.push(haystack(piece));
            } else {
                terms.extend(piece.split_whitespace().map(haystack));
            }
        }
        terms.retain(|term| !term.trim().is_empty());
        Self {
            id: monitor.id.clone(),
            terms,
        }
    }

    /// `haystack` is what [`haystack`] made of the text.
    pub fn matches(&self, haystack: &str) -> bool {
        !self.terms.is_empty()
            && self
                .terms
                .iter()
                .all(|term| haystack.contains(term.as_str()))
    }
}

/// Lower-case words with one space before and behind each: letters, digits and the marks that stand
/// inside words stay, everything else separates.
pub fn haystack(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push(' ');
    for word in text.split(|c: char| !is_word(c)) {
        let word = word.trim_matches(['\'', '’', '.', '-', '_']);
        if !word.is_empty() {
            out.push_str(&word.to_lowercase().replace('’', "'"));
            out.push(' ');
        }
    }
    out
}

fn is_word(c: char) -> bool {
    // Combining marks and joiners belong to the letter before.
    c.is_alphanumeric()
        || matches!(
            c,
            '\'' | '’' | '.' | '-' | '_' | '\u{300}'..='\u{36f}' | '\u{200c}' | '\u{200d}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(query: &str, text: &str) -> bool {
        let monitor = Monitor {
            id: "m".into(),
            query: query.into(),
        };
        Query::parse(&monitor).matches(&haystack(text))
    }

    #[test]
    fn all_words_in_any_case_and_order() {
        assert!(matches("fiets accu", "Mijn ACCU van de Fiets is stuk."));
        assert!(!matches("fiets accu", "Mijn accu is stuk"));
        assert!(!matches("kat", "katoen"));
        assert!(matches("#Voorbeeldmerk", "Dag voorbeeldmerk!"));
        assert!(matches("café", "in het CAFÉ."));
    }

    #[test]
    fn phrases_stand_together() {
        assert!(matches("\"lege accu\"", "Weer een lege\naccu."));
        assert!(!matches("\"lege accu\"", "De accu is een lege"));
        assert!(matches("fiets “lege accu”", "lege accu, fiets weg"));
        assert!(matches("\"out of stock", "It is out of stock"));
    }

    #[test]
    fn nothing_asked_matches_nothing() {
        for query in ["", "  ", "\"\"", "!!"] {
            assert!(!matches(query, "iets"), "{query}");
        }
    }

    #[test]
    fn word_marks_stay_inside_words() {
        assert!(matches("node.js", "Wij doen Node.js."));
        assert!(matches("e-mail", "per e-mail, graag"));
        assert!(matches("foto's", "de foto’s"));
    }
}
