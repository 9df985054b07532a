//! Words written so that a list does not find them: digits and signs for letters (`1d10t`,
//! `a$$hole`), stars (`id*ot`), letters drawn out (`idioooot`), letters apart (`i d i o t`, `i.d.i.o.t`).
//!
//! Many polite texts look so too (codes, `5*`, `*bold*`, a name spelled out), therefore only what comes
//! out as a word of a [`Vocabulary`] is read anew; all else stays as it is. A token keeps at least
//! two of its own letters and at most as many stars. Time is proportional to the text: tokens are
//! bounded, and the words are looked up by their first letter.

use crate::fold::{Folded, to_u32};
use crate::vocabulary::{
    DRAWN_OUT, MAX_TOKEN, Part, Vocabulary, is_separator, is_star, letters_of,
};

/// Fewest letters apart that are a word.
const MIN_SPELLED: usize = 3;
/// What stands between letters that are written apart.
const BETWEEN: [char; 7] = [' ', '.', '-', '_', '*', '·', '/'];

/// What was read from one place: its parts, the end of them and where reading goes on.
struct Token {
    parts: Vec<Part>,
    end: usize,
    next: usize,
}

/// The text as it is read anew, built from left to right.
struct Reading<'f, 'a> {
    folded: &'f Folded<'a>,
    text: String,
    starts: Vec<u32>,
}

impl Reading<'_, '_> {
    fn push(&mut self, c: char, origin: u32) {
        self.text.push(c);
        self.starts.resize(self.text.len(), origin);
    }

    fn copy(&mut self, from: usize, to: usize) {
        self.text
            .push_str(self.folded.text.get(from..to).unwrap_or_default());
        self.starts
            .extend(self.folded.starts.get(from..to).unwrap_or_default());
    }

    /// Writes a word in place of parts: the first letter lies at the first, the last at the last.
    fn word(&mut self, word: &[u8], parts: &[Part]) {
        let (Some(head), Some(tail)) = (parts.first(), parts.last()) else {
            return;
        };
        for (index, &letter) in word.iter().enumerate() {
            let last = index + 1 == word.len();
            self.push(
                char::from(letter),
                if last { tail.last } else { head.first },
            );
        }
    }

    /// The rest of a token behind its word: letters as they are, signs as the first that they may be.
    fn ending(&mut self, parts: &[Part]) {
        for part in parts {
            let letter = (part.letters != 0).then(|| part.letters.trailing_zeros());
            let letter = letter.and_then(|l| char::from_u32(u32::from('a') + l));
            for _ in 0..part.count {
                self.push(letter.unwrap_or(part.character), part.last);
            }
        }
    }
}

impl<'a> Folded<'a> {
    /// The text with the disguised words of a vocabulary as they were meant.
    pub fn uncovered(&self, vocabulary: &Vocabulary) -> Self {
        let mut reading = Reading {
            folded: self,
            text: String::with_capacity(self.text.len()),
            starts: Vec::with_capacity(self.starts.len()),
        };
        let (mut at, mut copied) = (0, 0);
        while let Some(c) = self.text.get(at..).and_then(|t| t.chars().next()) {
            if letters_of(c) == 0 {
                at += c.len_utf8();
                continue;
            }
            let spelled = self.spelled(at);
            let apart = spelled.parts.len() >= MIN_SPELLED;
            let token = if apart { spelled } else { self.token(at) };
            reading.copy(copied, at);
            copied = at;
            if uncover(vocabulary, &token.parts, apart, &mut reading) {
                copied = token.end;
            }
            at = token.next.max(at + c.len_utf8());
        }
        reading.copy(copied, self.text.len());
        self.reread(reading.text, reading.starts)
    }

    fn part(&self, byte: usize, character: char) -> Part {
        let origin = self.starts.get(byte).copied().unwrap_or(to_u32(byte));
        Part {
            letters: letters_of(character),
            character,
            count: 1,
            first: origin,
            last: origin,
        }
    }

    /// Single letters with the same sign or a space between each two, from here.
    fn spelled(&self, start: usize) -> Token {
        let rest = self.text.get(start..).unwrap_or_default();
        let mut characters = rest.char_indices().peekable();
        let (mut parts, mut end, mut sign) = (Vec::new(), start, None);
        while let Some((at, c)) = characters.next_if(|&(_, c)| c.is_ascii() && letters_of(c) != 0) {
            let goes_on = |&(_, next): &(usize, char)| {
                next.is_alphanumeric() || matches!(next, '$' | '@' | '+' | '|' | '\'')
            };
            if characters.peek().is_some_and(goes_on) {
                break;
            }
            parts.push(self.part(start + at, c));
            end = start + at + 1;
            let between = characters.next_if(|(_, next)| match sign {
                Some(sign) => *next == sign,
                None => BETWEEN.contains(next),
            });
            let Some((_, between)) = between else {
                break;
            };
            sign = Some(between);
        }
        Token {
            parts,
            end,
            next: end,
        }
    }

    /// The token that begins here: up to white space, a comma and the like, without what closes it.
    fn token(&self, start: usize) -> Token {
        let rest = self.text.get(start..).unwrap_or_default();
        let ends = |c: char| letters_of(c) == 0 && !is_star(c) && !is_separator(c) && c != '\'';
        let whole = rest
            .get(..rest.find(ends).unwrap_or(rest.len()))
            .unwrap_or_default();
        let closes = |c: char| !c.is_alphanumeric() && !matches!(c, '$' | '@' | '+' | '€');
        let token = whole.trim_end_matches(closes);
        let mut parts: Vec<Part> = Vec::new();
        let looked_at = if is_plain(token) { "" } else { token };
        for (at, c) in looked_at.char_indices() {
            let part = self.part(start + at, c);
            match parts.last_mut() {
                Some(p) if p.stands_for_the_same(&part) => {
                    p.count += 1;
                    p.last = part.first;
                }
                _ => parts.push(part),
            }
            if parts.len() > MAX_TOKEN {
                parts.clear();
                break;
            }
        }
        Token {
            parts,
            end: start + token.len(),
            next: start + whole.len(),
        }
    }
}

/// Letters only, none drawn out: most words.
fn is_plain(token: &str) -> bool {
    let letters = token.as_bytes();
    let drawn_out = |w: &[u8]| w.iter().all(|l| Some(l) == w.first());
    letters.iter().all(u8::is_ascii_lowercase) && !letters.windows(DRAWN_OUT).any(drawn_out)
}

/// Writes parts as they were meant; false when they are no disguised word.
fn uncover(
    vocabulary: &Vocabulary,
    parts: &[Part],
    apart: bool,
    reading: &mut Reading<'_, '_>,
) -> bool {
    let own = parts.iter().filter(|p| p.is_letter()).count();
    let stars: usize = parts
        .iter()
        .filter(|p| is_star(p.character))
        .map(|p| p.count)
        .sum();
    if own < 2 || stars > own {
        return false;
    }
    for start in 0..parts.len() {
        if let Some((entry, taken)) = vocabulary.begins(&parts[start..], apart, start > 0) {
            let end = start + taken;
            reading.ending(&parts[..start]);
            if apart && start > 0 {
                reading.push(' ', parts[start].first);
            }
            reading.word(&entry.letters, &parts[start..end]);
            if apart && end < parts.len() {
                reading.push(' ', parts[end].first);
            }
            reading.ending(&parts[end..]);
            return true;
        }
        if !parts[start].is_letter() {
            return false;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const WORDS: [&str; 8] = [
        "*idioot",
        "idiot",
        "kut",
        "kutklant*",
        "klootzak",
        "rot op",
        "loser",
        "asshole",
    ];

    fn read(text: &str) -> String {
        Folded::new(text)
            .uncovered(&Vocabulary::new(&WORDS))
            .text()
            .to_owned()
    }

    #[test]
    fn disguises_of_listed_words_are_seen_through() {
        for (text, meant) in [
            ("an id1ot, an 1D10T", "an idiot, an idiot"),
            ("id1oooot! idi00000t. Looooser", "idioot! idioot. loser"),
            ("a$$hole or 4ssh0l3", "asshole or asshole"),
            ("id*ot k*t kl**tzak kl#otzak", "idiot kut klootzak klootzak"),
            ("an i d i o t.", "an idiot."),
            ("i.d.i.o.o.t k-u-t k_u_t", "idioot kut kut"),
            (
                "kutkl4nten, r0t op, supperidi00t",
                "kutklanten, rot op, supperidioot",
            ),
            ("kut-klant idiot's id1ot's", "kutklant idiot's idiot's"),
        ] {
            assert_eq!(read(text), meant);
        }
    }

    #[test]
    fn all_else_stays_as_it_is() {
        for text in [
            "5* and 4*-hotels, *idiot*, **kut**",
            "b1t0 k4t2 k*** 1 2 3 * 4",
            "uw naam is j a n s e n, kenteken a b 1 2 3 c",
            "a looser fit, e-mail, ok!!!! hmmmm",
            "k.u.n.s.t en s.v.p. o.a. a.u.b.",
        ] {
            assert_eq!(read(text), text);
        }
    }

    #[test]
    fn what_was_disguised_is_found_where_it_stood() {
        let text = "É, wat een ｉd1ооt zeg";
        let folded = Folded::new(text).uncovered(&Vocabulary::new(&WORDS));
        let at = folded.text().find("idioot").unwrap();
        let (start, end) = folded.origin(at, at + 6);
        assert_eq!(&text[start as usize..end as usize], "ｉd1ооt");
    }

    proptest! {
        #[test]
        fn offsets_stay_sound(text in "\\PC{0,60}|[idotk1!* .$é'-]{0,80}") {
            let folded = Folded::new(&text).uncovered(&Vocabulary::new(&WORDS));
            for w in folded.words() {
                let (start, end) = folded.origin(w.start, w.end);
                prop_assert!(text.get(start as usize..end as usize).is_some_and(|t| !t.is_empty()));
            }
            prop_assert!(folded.starts.is_sorted());
        }
    }
}
