//! Words that give a language away: function words and the small talk of customer service.
//!
//! Own lists in `words/`, from general knowledge; a line `[code]` opens a language's list. A word
//! that several languages share stands in each of their lists: what counts is which languages do
//! *not* have it. The languages after [`SELECTABLE`] are never an answer; their most frequent words
//! are here so that Danish or Afrikaans is not mistaken for German or Dutch. Deliberately absent:
//! names, brands, and words that the network's users share in every language (ok, lol, app, online).

/// A set of languages: bit `i` is `CODES[i]`.
pub type Mask = u64;

/// Languages with a list: ISO 639, two letters where there are two, else three.
pub const CODES: [&str; 44] = [
    "nl", "en", "de", "fr", "es", "it", "pt", "sv", "da", "no", "af", "fy", "pl", "tr", "ca", "ro",
    "ga", "gd", "cy", "br", "oc", "gl", "eu", "ht", "pap", "srn", "lb", "nds", "is", "fi", "et",
    "hr", "cs", "hu", "lt", "lv", "sq", "id", "tl", "sw", "eo", "vi", "la", "pcm",
];

/// How many of [`CODES`], from the first, an admin may choose.
pub const SELECTABLE: usize = 7;

/// Languages that share most of their words with another: the short list of the first says little
/// about which words of the second it lacks.
const RELATIVES: [(&str, &str); 15] = [
    ("af", "nl"),
    ("fy", "nl"),
    ("nds", "nl"),
    ("nds", "de"),
    ("lb", "de"),
    ("lb", "fr"),
    ("oc", "fr"),
    ("br", "fr"),
    ("ht", "fr"),
    ("ca", "es"),
    ("gl", "pt"),
    ("gl", "es"),
    ("oc", "es"),
    ("pap", "es"),
    ("pcm", "en"),
];

const LISTS: [&str; 5] = [
    include_str!("words/nl.txt"),
    include_str!("words/en.txt"),
    include_str!("words/de.txt"),
    include_str!("words/fr.txt"),
    include_str!("words/others.txt"),
];

/// The lists as one table, sorted for binary search.
#[derive(Debug, Clone, Default)]
pub struct Lexicon {
    entries: Vec<(&'static str, Mask)>,
}

impl Lexicon {
    pub fn new() -> Self {
        let mut words: Vec<(&'static str, Mask)> = lists()
            .flat_map(|(code, line)| {
                let mask = mask(&[code]);
                line.split_whitespace().map(move |word| (word, mask))
            })
            .collect();
        words.sort_unstable();
        let mut entries: Vec<(&'static str, Mask)> = Vec::with_capacity(words.len());
        for (word, mask) in words {
            match entries.last_mut() {
                Some(last) if last.0 == word => last.1 |= mask,
                _ => entries.push((word, mask)),
            }
        }
        Self { entries }
    }

    /// The languages that have this lower-case word; 0 when no list has it.
    pub fn languages(&self, word: &str) -> Mask {
        match self.entries.binary_search_by(|(w, _)| (*w).cmp(word)) {
            Ok(index) => self.entries[index].1,
            Err(_) => 0,
        }
    }
}

/// Lines of words with the code of their language.
fn lists() -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut code = "";
    let lines = LISTS.iter().flat_map(|list| list.lines());
    lines.filter_map(
        move |line| match line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            Some(opened) => {
                code = opened;
                None
            }
            None => Some((code, line)),
        },
    )
}

/// The set of these languages.
pub fn mask(codes: &[&str]) -> Mask {
    let known = CODES.iter().enumerate();
    known
        .filter(|(_, code)| codes.contains(code))
        .fold(0, |mask, (index, _)| mask | 1 << index)
}

/// For each language those to which it is a relative.
pub fn relatives() -> [Mask; CODES.len()] {
    CODES.map(|code| {
        let of = RELATIVES.iter().filter(|(relative, _)| *relative == code);
        of.fold(0, |sum, (_, other)| sum | mask(&[other]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_word_names_all_its_languages() {
        let lexicon = Lexicon::new();
        let (nl, en, de) = (1, 2, 4);
        assert_eq!(lexicon.languages("niet"), nl);
        assert_eq!(lexicon.languages("was") & (nl | en | de), nl | en | de);
        assert_eq!(lexicon.languages("xyzzy"), 0);
    }

    #[test]
    fn words_are_as_the_text_is_read() {
        for (code, line) in lists() {
            for word in line.split_whitespace() {
                assert_eq!(word, word.to_lowercase(), "lists are in lower case");
                assert!(
                    !word.contains('’'),
                    "{code} {word}: apostrophes are read as '"
                );
            }
        }
    }

    #[test]
    fn every_language_has_a_list() {
        for code in CODES {
            let words: usize = lists()
                .filter(|(c, _)| *c == code)
                .map(|(_, line)| line.split_whitespace().count())
                .sum();
            assert!(words >= 20, "{code}: {words}");
        }
        assert!(lists().all(|(code, _)| CODES.contains(&code)));
    }
}
