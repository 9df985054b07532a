//! Names of products and titles that contain a word of feeling: `Angry Birds`, `Breaking Bad`.
//!
//! Two words with a capital side by side within a sentence are read as a name. At the start of a
//! sentence, where every word has a capital, only words that names are made of (`Happy Socks`) are.
//! A text that writes nearly every word with a capital says nothing with them.

use crate::tokens::{Kind, Token};

/// Feelings of persons, which people seldom write about a service and often name things after.
const NAMING: &[&str] = &[
    "angry", "happy", "sad", "lucky", "mad", "ugly", "hungry", "crazy", "evil", "dead", "lost",
    "wicked", "nasty", "grumpy", "proud", "brave", "dirty", "lazy", "sweet", "lovely", "broken",
    "breaking", "worst", "bad", "blue", "dumb",
];

/// Which tokens belong to a name.
pub fn names(tokens: &[Token]) -> Vec<bool> {
    let mut names = vec![false; tokens.len()];
    let words = || tokens.iter().filter(|t| t.kind == Kind::Word);
    let capitalised = words().filter(|t| t.capitalised).count();
    if capitalised < 2 || capitalised * 4 > words().count() * 3 {
        return names;
    }
    let is_title = |index: usize| {
        let token = tokens.get(index);
        token.is_some_and(|t| t.kind == Kind::Word && t.capitalised)
    };
    let opens = |index: usize| {
        let before = tokens[..index].iter().rev();
        let mut before = before.skip_while(|t| t.kind == Kind::Quote);
        before.next().is_none_or(|t| matches!(t.kind, Kind::End(_)))
    };
    for first in 0..tokens.len().saturating_sub(1) {
        if !is_title(first) || !is_title(first + 1) {
            continue;
        }
        let goes_on = tokens.get(first + 2).is_some_and(|t| t.kind == Kind::Word);
        let named = goes_on && NAMING.contains(&tokens[first].text.as_str());
        if !opens(first) || named {
            names[first] = true;
            names[first + 1] = true;
        } else if is_title(first + 2) {
            // `Watching Breaking Bad`: the last two.
            names[first + 1] = true;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tokens::tokenise;

    fn named(text: &str) -> Vec<String> {
        let tokens = tokenise(text);
        let names = names(&tokens);
        let kept = tokens.into_iter().zip(names).filter(|(_, name)| *name);
        kept.map(|(token, _)| token.text).collect()
    }

    #[test]
    fn two_capitals_within_a_sentence_are_a_name() {
        assert_eq!(named("Ik heb Angry Birds gekocht"), ["angry", "birds"]);
        assert_eq!(
            named("Watching Breaking Bad on my tablet"),
            ["breaking", "bad"]
        );
        assert_eq!(named("Happy Socks zijn op"), ["happy", "socks"]);
    }

    #[test]
    fn ordinary_capitals_are_none() {
        for text in [
            "Great service from Tom today",
            "Great Service from you all",
            "Worst Customer Service Ever",
            "Slechte service. Nooit meer",
            "BAD SERVICE from them",
        ] {
            assert!(named(text).is_empty(), "{text} {:?}", named(text));
        }
    }
}
