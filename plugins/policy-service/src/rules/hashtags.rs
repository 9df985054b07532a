//! `hashtags`: a standard hashtag that is nearly right is put right.
//!
//! Nearly: the same letters and digits in the canonical form of `rapport_lexicon` (other capitals,
//! accents, look-alikes, `_` and `-`), or a few letters away (optimal string alignment distance, at
//! most a quarter of the tag's letters). A hashtag that is standard itself is never changed.

use rapport_lexicon::{Folded, is_invisible};
use rapport_sdk::annotation::Evidence;
use rapport_sdk::policy::{Effect, EffectKind, Moment, PolicyCase};

use crate::reason::{clip, effect, quoted};
use crate::settings::Hashtags;

pub const ID: &str = "hashtags";

/// Longest hashtag that is compared, in characters; bounds the time.
const MAX_TAG_CHARS: usize = 64;
/// Most standard hashtags, and most hashtags looked at in one text.
const MAX_STANDARD: usize = 100;
const MAX_TAGS: usize = 256;

/// The standard hashtags without `#`, each with its letters in the canonical form.
#[derive(Debug)]
pub struct Standard(Vec<(String, String)>);

impl Standard {
    /// Refuses what is no hashtag.
    pub fn new(settings: &Hashtags) -> Result<Self, String> {
        if settings.standard.len() > MAX_STANDARD {
            return Err(format!("{ID}.standard: at most {MAX_STANDARD}"));
        }
        let mut tags = Vec::new();
        for (index, tag) in settings.standard.iter().enumerate() {
            let bare = tag.strip_prefix('#').unwrap_or(tag);
            let length = bare.chars().count();
            if !(1..=MAX_TAG_CHARS).contains(&length) || !bare.chars().all(in_tag) {
                return Err(format!("{ID}.standard[{index}]: `{tag}` is no hashtag"));
            }
            tags.push((bare.to_owned(), letters(bare)));
        }
        Ok(Self(tags))
    }

    /// The standard hashtag that was meant, unless it is there already or none is near.
    fn meant(&self, tag: &str, max_distance: usize) -> Option<&str> {
        if self.0.iter().any(|(standard, _)| standard == tag) {
            return None;
        }
        let tag = letters(tag);
        let length = tag.chars().count();
        let mut best: Option<(usize, &str)> = None;
        for (standard, standard_letters) in &self.0 {
            let standard_length = standard_letters.chars().count();
            let allowed = max_distance.min(standard_length / 4);
            if length > MAX_TAG_CHARS || length.abs_diff(standard_length) > allowed {
                continue;
            }
            let distance = strsim::osa_distance(&tag, standard_letters);
            if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
                best = Some((distance, standard));
            }
        }
        best.map(|(_, standard)| standard)
    }
}

/// The letters and digits of a hashtag in the canonical form.
fn letters(tag: &str) -> String {
    let folded = Folded::whole(tag);
    let own = folded.text().chars();
    own.filter(|c| c.is_alphanumeric()).collect()
}

/// Adds what the rule asks for: one rewrite with every hashtag put right.
pub fn decide(
    settings: &Hashtags,
    standard: &Standard,
    case: &PolicyCase,
    effects: &mut Vec<Effect>,
) {
    let (Moment::Outbound, Some(draft)) = (case.moment, &case.draft) else {
        return;
    };
    if standard.0.is_empty() {
        return;
    }
    let text = draft.content.as_str();
    let mut rewritten = String::with_capacity(text.len());
    let mut evidence = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut copied = 0;
    for (start, end) in hashtags(text) {
        let hash = text
            .get(start..)
            .and_then(|t| t.chars().next())
            .map_or(1, char::len_utf8);
        let tag = text.get(start + hash..end).unwrap_or_default();
        // A hyphen ends a hashtag, but not one that was written with hyphens by mistake.
        let hyphened = hyphened(text, end);
        let longer = text.get(start + hash..hyphened).unwrap_or_default();
        let whole = (hyphened > end)
            .then(|| standard.meant(longer, 0))
            .flatten();
        let end = if whole.is_some() { hyphened } else { end };
        let Some(meant) = whole.or_else(|| standard.meant(tag, settings.max_distance)) else {
            continue;
        };
        rewritten.push_str(text.get(copied..start).unwrap_or_default());
        rewritten.push('#');
        rewritten.push_str(meant);
        copied = end;
        evidence.push(Evidence {
            start: clip(start),
            end: clip(end),
            note: format!("#{meant}"),
        });
        let name = format!("#{meant}");
        if !names.contains(&name) {
            names.push(name);
        }
    }
    if evidence.is_empty() {
        return;
    }
    rewritten.push_str(text.get(copied..).unwrap_or_default());
    let (wrong, right) = (quoted(text, &evidence), names.join(", "));
    let nl = format!("{wrong} is niet onze hashtag. Schrijf {right}.");
    let en = format!("{wrong} is not our hashtag. Write {right}.");
    effects.push(effect(
        ID,
        EffectKind::Rewrite(rewritten),
        &nl,
        &en,
        evidence,
    ));
}

fn in_tag(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The number sign in each of its widths.
fn is_hash(c: char) -> bool {
    matches!(c, '#' | '＃' | '﹟')
}

/// The end of what goes on behind a hashtag with hyphens between.
fn hyphened(text: &str, end: usize) -> usize {
    let rest = text.get(end..).unwrap_or_default();
    let rest = rest
        .char_indices()
        .nth(MAX_TAG_CHARS)
        .map_or(rest, |(at, _)| rest.get(..at).unwrap_or_default());
    let length = rest.find(|c| !(in_tag(c) || c == '-'));
    let whole = rest.get(..length.unwrap_or(rest.len()));
    end + whole.map_or(0, |w| w.trim_end_matches('-').len())
}

/// Byte ranges of the hashtags, `#` included. A `#` inside a word or a link's fragment is none.
fn hashtags(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut previous = ' ';
    let mut characters = text.char_indices().peekable();
    while let Some((start, c)) = characters.next() {
        let begins = is_hash(c)
            && !(in_tag(previous) || is_hash(previous) || matches!(previous, '/' | '&' | '='));
        previous = c;
        if !begins {
            continue;
        }
        let begin = start + c.len_utf8();
        let mut end = begin;
        while let Some((at, c)) = characters.next_if(|&(_, c)| in_tag(c) || is_invisible(c)) {
            // What is not shown at the end of a hashtag is not of it.
            if in_tag(c) {
                end = at + c.len_utf8();
            }
            previous = c;
        }
        if end > begin {
            found.push((start, end));
        }
        if found.len() == MAX_TAGS {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn standard(tags: &[&str]) -> Standard {
        let standard = tags.iter().map(|t| (*t).to_owned()).collect();
        Standard::new(&Hashtags {
            standard,
            ..Hashtags::default()
        })
        .unwrap()
    }

    #[test]
    fn the_nearest_standard_is_meant() {
        let s = standard(&["#ZonnewindHelpt", "win", "WijHelpen"]);
        assert_eq!(s.meant("zonnewindhelpt", 2), Some("ZonnewindHelpt"));
        assert_eq!(s.meant("ZonewindHelpt", 2), Some("ZonnewindHelpt"));
        assert_eq!(s.meant("ZonnewindHelp", 2), Some("ZonnewindHelpt"));
        assert_eq!(s.meant("ZonnewindHelpt", 2), None);
        assert_eq!(s.meant("ZonnewindHulde", 2), None);
        assert_eq!(s.meant("wit", 2), None);
        assert_eq!(s.meant("WIN", 2), Some("win"));
        assert_eq!(s.meant("wijhelpn", 0), None);
    }

    #[test]
    fn spellings_of_a_standard_are_the_same() {
        let s = standard(&["#ZonnewindHelpt"]);
        for tag in [
            "Zonnewind_Helpt",
            "ZÓNNEWINDHELPT",
            "Zonnеwindнelpt",
            "Ｚｏｎｎｅｗｉｎｄhelpt",
            "Zonne\u{200b}windHelpt",
            "ZonnewindHelpt\u{301}",
        ] {
            assert_eq!(s.meant(tag, 0), Some("ZonnewindHelpt"), "{tag}");
        }
    }

    #[test]
    fn what_a_hashtag_is() {
        let text = "#een, a#b https://x.test/#frag (#Drie) ##vier # #";
        let tags: Vec<&str> = hashtags(text).iter().map(|&(s, e)| &text[s..e]).collect();
        assert_eq!(tags, ["#een", "#Drie"]);
        let text = "＃Een\u{200b}Twee\u{200b} #a\u{301}b";
        let tags: Vec<&str> = hashtags(text).iter().map(|&(s, e)| &text[s..e]).collect();
        assert_eq!(tags, ["＃Een\u{200b}Twee", "#a\u{301}b"]);
        assert!(
            Standard::new(&Hashtags {
                standard: vec!["a b".into()],
                ..Hashtags::default()
            })
            .is_err()
        );
    }
}
