//! Emoji and emoticons with weights. Own table, from general knowledge.
//!
//! Only the first code point of an emoji is looked at: skin tones, genders and variation selectors
//! do not change the feeling. Deliberately absent: emoji that say nothing (📦, 🚆).

/// Emoji by weight.
const EMOJI: &[(f32, &str)] = &[
    (0.8, "😍🥰😻🤩🏆💯💖💕💗💓💞💘😘"),
    (
        0.6,
        "😀😃😄😁😊☺🙂👍💪🙌🎉🥳🤗😎❤♥💙💚💛🧡💜🤍🌟⭐✨😇👌🤝💐🌹😋✅🫶",
    ),
    (0.5, "🙏👏😉🥂🍀😆🌞🤘✌"),
    (0.15, "😂🤣😅😜😝🤪"),
    (-0.3, "😕😐😑😶🤔😬😒🙃🙄🤷😏🫤🥱😴🐌🤨"),
    (
        -0.6,
        "😞😟🙁☹😣😖😫😩😢😭😥😓😔😰😨😧😦👎💔🤦😤🤬🤮🤢😱🥺😿⛔❌🚩🤥😵",
    ),
    (-0.8, "😡😠👿🤡💩🖕🗑"),
];

/// Emoticons by weight.
const EMOTICONS: &[(f32, &[&str])] = &[
    (
        0.5,
        &[
            ":)", ":-)", "=)", ":]", "(:", ":D", ":-D", "=D", "xD", "XD", "<3", "^^", "^_^", ":')",
            ";-)", ";)", ":-P", ":P", ":p",
        ],
    ),
    (
        -0.3,
        &[":/", ":-/", ":\\", ":|", ":-|", "-_-", "-.-", ":s", ":-s"],
    ),
    (
        -0.6,
        &[
            ":(", ":-(", "=(", ":[", "):", ":'(", ":,(", "D:", "</3", ">:(", ">.<", ":-((",
        ],
    ),
];

/// Emoji and emoticons that put a question mark behind a friendly word.
pub const EYE_ROLLS: &[&str] = &["🙄", "😒", "🙃", "🤡", "🤦", "😏", "-_-", "-.-"];

/// Both tables, sorted.
#[derive(Debug, Clone, Default)]
pub struct Emoji {
    emoji: Vec<(char, f32)>,
    emoticons: Vec<(&'static str, f32)>,
}

impl Emoji {
    pub fn new() -> Self {
        let mut emoji: Vec<(char, f32)> = EMOJI
            .iter()
            .flat_map(|(w, list)| list.chars().map(move |c| (c, *w)))
            .collect();
        emoji.sort_unstable_by_key(|(c, _)| *c);
        let mut emoticons: Vec<(&str, f32)> = EMOTICONS
            .iter()
            .flat_map(|(w, list)| list.iter().map(move |e| (*e, *w)))
            .collect();
        // The longest first: `:-)` before `:-`.
        emoticons.sort_unstable_by_key(|(e, _)| (std::cmp::Reverse(e.len()), *e));
        Self { emoji, emoticons }
    }

    /// The weight of an emoji; none for other characters and emoji that say nothing.
    pub fn weight(&self, c: char) -> Option<f32> {
        let index = self.emoji.binary_search_by_key(&c, |(e, _)| *e).ok()?;
        Some(self.emoji[index].1)
    }

    /// The emoticon that a text begins with, its length in bytes and its weight.
    pub fn emoticon(&self, text: &str) -> Option<(usize, f32)> {
        let first = text.chars().next()?;
        if !matches!(
            first,
            ':' | ';' | '=' | '<' | '>' | '^' | '-' | '(' | ')' | 'x' | 'X' | 'D'
        ) {
            return None;
        }
        let (emoticon, weight) = self.emoticons.iter().find(|(e, _)| text.starts_with(e))?;
        let alone = text[emoticon.len()..]
            .chars()
            .next()
            .is_none_or(|c| !c.is_alphanumeric() && c != '/');
        alone.then_some((emoticon.len(), *weight))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_emoji_has_one_weight() {
        let table = Emoji::new();
        for pair in table.emoji.windows(2) {
            assert!(pair[0].0 < pair[1].0, "{:?} twice", pair[0].0);
        }
    }

    #[test]
    fn emoticons_stand_alone() {
        let table = Emoji::new();
        assert_eq!(table.emoticon(":-) ja"), Some((3, 0.5)));
        assert_eq!(table.emoticon(":prima"), None);
        assert_eq!(table.emoticon("://example"), None);
        assert_eq!(table.emoticon("xDe"), None);
    }
}
