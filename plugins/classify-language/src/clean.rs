//! What is left of a message once the parts without language are taken out: links, e-mail and web
//! addresses, @mentions, #hashtags, words with digits, emoji.
//!
//! One pass, linear in the text. Every word keeps its bytes in the original text, always on
//! character boundaries.

/// Longer words (in characters) are passed over: nobody writes them, and they cost time.
const WORD_LIMIT: usize = 40;

/// Last labels that make a word with a dot in it an address (`example.nl`).
const ADDRESS_ENDS: [&str; 18] = [
    "com", "nl", "be", "de", "fr", "org", "net", "eu", "io", "uk", "info", "app", "social", "tv",
    "me", "es", "it", "online",
];

/// One word of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// Bytes in the original text.
    pub start: usize,
    pub end: usize,
    /// Lower case, apostrophes as `'`, stretched letters brought back (see [`normalise`]).
    pub text: String,
    /// `text` with stretched letters as one (`bedaaaankt`: `bedankt`), where that differs.
    pub shortened: Option<String>,
    /// Begins with a capital and goes on without, as names do.
    pub capitalised: bool,
    /// Letters in it.
    pub letters: usize,
}

/// A text without what has no language.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cleaned {
    pub words: Vec<Word>,
    /// Letters in `words`.
    pub letters: usize,
    /// Letters of the Latin script among them.
    pub latin_letters: usize,
}

/// Takes the text apart.
pub fn clean(text: &str) -> Cleaned {
    let mut cleaned = Cleaned::default();
    let mut offset = 0;
    for chunk in text.split_inclusive(char::is_whitespace) {
        let start = offset;
        offset += chunk.len();
        if !is_languageless(chunk) {
            add_words(&mut cleaned, chunk, start);
        }
    }
    cleaned
}

/// A link, address, mention or hashtag.
fn is_languageless(chunk: &str) -> bool {
    let core = chunk
        .trim_start_matches(|c: char| !c.is_alphanumeric() && !matches!(c, '@' | '#' | '＃' | '＠'))
        .trim_end_matches(|c: char| !c.is_alphanumeric() && c != '/');
    if core.starts_with(['@', '#', '＃', '＠']) || core.contains("://") || core.contains('_') {
        return true;
    }
    let lower_start = core.get(..4).unwrap_or_default();
    if lower_start.eq_ignore_ascii_case("www.") {
        return true;
    }
    if core
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.'))
    {
        return true;
    }
    let host = core.split(['/', '?', ':']).next().unwrap_or_default();
    host.rsplit_once('.').is_some_and(|(name, end)| {
        name.ends_with(|c: char| c.is_ascii_alphanumeric())
            && ADDRESS_ENDS.contains(&end.to_ascii_lowercase().as_str())
    })
}

fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | '´' | '`')
}

/// Letters and the marks that stand on them (U+0300 to U+036F).
fn is_letter(c: char) -> bool {
    c.is_alphabetic() || matches!(c, 'Ⓐ'..='ⓩ') || ('\u{300}'..='\u{36f}').contains(&c)
}

fn is_latin(c: char) -> bool {
    matches!(c, 'a'..='z' | 'A'..='Z' | '\u{c0}'..='\u{24f}' | '\u{1e00}'..='\u{1eff}' | '\u{300}'..='\u{36f}')
}

/// Adds the words of a chunk that begins at byte `base`: runs of letters, apostrophes inside and
/// before them included. A run with a digit against it (`a1`, `3x`) is no word.
fn add_words(cleaned: &mut Cleaned, chunk: &str, base: usize) {
    let mut start = None;
    let mut has_digit = false;
    let ends = chunk
        .char_indices()
        .map(|(i, c)| (i, Some(c)))
        .chain([(chunk.len(), None)]);
    for (index, c) in ends {
        let inside = c.is_some_and(|c| is_letter(c) || is_apostrophe(c) || c.is_numeric());
        match (start, inside) {
            (None, true) => {
                start = Some(index);
                has_digit = c.is_some_and(char::is_numeric);
            }
            (Some(_), true) => has_digit |= c.is_some_and(char::is_numeric),
            (Some(from), false) => {
                if !has_digit {
                    add_run(cleaned, &chunk[from..index], base + from);
                }
                start = None;
            }
            (None, false) => {}
        }
    }
}

/// Adds one run of letters and apostrophes; French elisions (`l'`, `qu'`) become words of their own.
fn add_run(cleaned: &mut Cleaned, run: &str, base: usize) {
    let trimmed = run.trim_end_matches(is_apostrophe);
    if trimmed.is_empty() {
        return;
    }
    let elided = trimmed
        .char_indices()
        .find(|(_, c)| is_apostrophe(*c))
        .and_then(|(i, c)| {
            let head = trimmed[..i].to_lowercase();
            let cut = i + c.len_utf8();
            let is_elision = matches!(
                head.as_str(),
                "l" | "d" | "j" | "n" | "s" | "c" | "m" | "t" | "qu"
            );
            // `s'il` but not the English or Dutch `'s`; `m'appelle` but not the Dutch `m'n`.
            (is_elision && trimmed[cut..].chars().filter(|c| is_letter(*c)).count() > 1)
                .then_some(cut)
        });
    match elided {
        Some(cut) => {
            add_word(cleaned, &trimmed[..cut], base);
            add_word(cleaned, &trimmed[cut..], base + cut);
        }
        None => add_word(cleaned, trimmed, base),
    }
}

fn add_word(cleaned: &mut Cleaned, word: &str, base: usize) {
    // 'hello' in quotes loses them; 't and 'n keep theirs.
    let start = if word.chars().count() > 3 {
        word.len() - word.trim_start_matches(is_apostrophe).len()
    } else {
        0
    };
    let core = &word[start..];
    let letters = core.chars().filter(|c| is_letter(*c)).count();
    if letters == 0 || letters > WORD_LIMIT {
        return;
    }
    let plain: String = core.chars().map(plain_letter).collect();
    cleaned.letters += letters;
    cleaned.latin_letters += plain.chars().filter(|c| is_latin(*c)).count();
    let (text, short) = (normalise(&plain, false), normalise(&plain, true));
    let mut cases = plain.chars().filter(|c| is_letter(*c));
    cleaned.words.push(Word {
        start: base + start,
        end: base + word.len(),
        shortened: (short != text).then_some(short),
        text,
        capitalised: cases.next().is_some_and(char::is_uppercase)
            && cases.next().is_some_and(char::is_lowercase),
        letters,
    });
}

/// Letters of another style as what they stand for: `𝓑`, `Ｂ` and `Ⓑ` are B (Unicode's
/// compatibility decomposition, for the Latin letters).
fn plain_letter(c: char) -> char {
    let (first, index) = match u32::from(c) {
        code @ 0x1d400..=0x1d6a3 => ('A', (code - 0x1d400) % 52),
        code @ 0xff21..=0xff3a => ('A', code - 0xff21),
        code @ 0xff41..=0xff5a => ('a', code - 0xff41),
        code @ 0x24b6..=0x24e9 => ('A', code - 0x24b6),
        _ => return c,
    };
    // 26 capitals and then 26 small letters, which in ASCII have six signs between them.
    let gap = if index >= 26 { 6 } else { 0 };
    char::from_u32(u32::from(first) + index + gap).unwrap_or(c)
}

/// Lower case, plain apostrophes. A letter repeated three times or more becomes two where it is a
/// vowel that Dutch and English write double (`heeeel`: `heel`) and `single` is not asked for, and
/// one otherwise (`superrrr`).
fn normalise(word: &str, single: bool) -> String {
    let mut out = String::with_capacity(word.len());
    let mut run = 0;
    let mut last = '\0';
    for c in word.chars().flat_map(char::to_lowercase) {
        let c = if is_apostrophe(c) { '\'' } else { c };
        run = if c == last { run + 1 } else { 1 };
        last = c;
        if run == 3 && (single || !matches!(c, 'a' | 'e' | 'o' | 'u')) {
            out.pop();
        }
        if run < 3 {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn words(text: &str) -> Vec<String> {
        clean(text).words.into_iter().map(|w| w.text).collect()
    }

    #[test]
    fn takes_out_what_has_no_language() {
        let text = "@klm wanneer (https://example.nl/x?y) #vertraging jan@example.nl naar example.com/a 3x a1 😀!";
        assert_eq!(words(text), ["wanneer", "naar"]);
        assert_eq!(
            words("name.bsky.social hallo snake_case www.x.y"),
            ["hallo"]
        );
    }

    #[test]
    fn keeps_words_as_people_write_them() {
        assert_eq!(
            words("Heeeel goed,zo’n 'kans' !!!"),
            ["heel", "goed", "zo'n", "kans"]
        );
        assert_eq!(
            words("C'est l’été, 't is m'n auto's"),
            ["c'", "est", "l'", "été", "'t", "is", "m'n", "auto's"]
        );
        assert_eq!(words("pleaseeee nooooo"), ["pleasee", "noo"]);
    }

    #[test]
    fn counts_scripts() {
        let cleaned = clean("Привет wereld");
        assert_eq!((cleaned.letters, cleaned.latin_letters), (12, 6));
    }

    proptest! {
        #[test]
        fn words_stand_where_they_say(text in "\\PC{0,200}") {
            for word in clean(&text).words {
                prop_assert!(text.get(word.start..word.end).is_some());
            }
        }
    }
}
