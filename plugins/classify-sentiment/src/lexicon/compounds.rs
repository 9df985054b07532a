//! Words that are not listed but made of ones that are: hashtags (`#neveragain`, `#ziggofail`),
//! words made stronger or cursed by their beginning (`superblij`, `klotebus`), and the Dutch `-e`
//! and English `-ly` of adjectives. A few look-ups each.

use super::{Lexicon, Meaning, Reading};

/// Longest tag or word, in bytes, that is taken apart.
const LONGEST: usize = 40;
/// Least weight of a part that says something of the whole.
const TELLING: f32 = 0.3;
/// Beginnings that strengthen, and by how much.
const STRENGTHENING: &[&str] = &[
    "super", "mega", "kei", "reuze", "ultra", "hyper", "vet", "bere", "giga", "oer", "bloed",
    "steen",
];
const STRENGTH: f32 = 1.3;
/// Beginnings that curse whatever follows, and what that weighs.
const CURSES: &[&str] = &[
    "kut", "klote", "tering", "tyfus", "pokke", "prut", "flut", "bagger", "kloten", "schijt",
    "pauper",
];
const CURSE: f32 = -0.7;
/// Least letters that a curse must be followed by.
const CURSED_LETTERS: usize = 3;
/// Ends of tags that say it all, whatever the name before them.
const VERDICTS: &[(&str, f32)] = &[
    ("fail", -0.7),
    ("fails", -0.7),
    ("failure", -0.7),
    ("sucks", -0.8),
    ("faal", -0.7),
    ("faalt", -0.7),
    ("rocks", 0.7),
    ("scam", -0.9),
    ("drama", -0.8),
    ("ellende", -0.8),
    ("chaos", -0.6),
    ("awesome", 0.8),
    ("zuigt", -0.8),
    ("storing", -0.4),
    ("oplichters", -0.9),
    ("oplichting", -0.9),
];

/// Superlatives, what they weigh, and what they are said of in a tag.
const SUPERLATIVES: &[(&str, f32)] = &[
    ("worst", -0.9),
    ("slechtste", -0.9),
    ("best", 0.6),
    ("beste", 0.6),
];
const RATED: &[&str] = &[
    "service",
    "ever",
    "ooit",
    "company",
    "bedrijf",
    "airline",
    "bank",
    "team",
    "winkel",
    "shop",
    "provider",
    "klantenservice",
];
/// What a feeling at the beginning of a tag is about.
const ADDRESSED: &[&str] = &["this", "it", "you", "them", "jullie", "dit", "deze", "your"];

impl Lexicon {
    /// A hashtag of several words: a phrase, `not` or `so` and a feeling, or a name and a verdict.
    pub fn of_tag(&self, tag: &str, reading: Reading) -> Option<Meaning> {
        if tag.len() > LONGEST {
            return None;
        }
        if let Some(phrase) = self.phrase_tags.get(tag) {
            return self.meaning(phrase, reading);
        }
        for (cut, _) in tag.char_indices().skip(2) {
            let (first, last) = tag.split_at(cut);
            let Some(weight) = self.telling(last, reading) else {
                continue;
            };
            let Some(opener) = self.meaning(first, reading) else {
                continue;
            };
            return Some(weighing(match opener {
                Meaning { negator: true, .. } => weight * if weight > 0.0 { -0.8 } else { -0.4 },
                Meaning {
                    factor: Some(factor),
                    ..
                } => (weight * factor).clamp(-1.0, 1.0),
                _ => weight,
            }));
        }
        for (cut, _) in tag.char_indices().skip(4) {
            let (first, rest) = tag.split_at(cut);
            let addressed = ADDRESSED.iter().any(|a| rest.starts_with(a));
            if let Some(weight) = self.telling(first, reading).filter(|_| addressed) {
                return Some(weighing(weight));
            }
        }
        let superlative = SUPERLATIVES
            .iter()
            .find(|(first, _)| tag.starts_with(first));
        if let Some((_, weight)) = superlative
            && RATED.iter().any(|rated| tag.ends_with(rated))
        {
            return Some(weighing(*weight));
        }
        let verdict = VERDICTS.iter().find(|(end, _)| tag.ends_with(end));
        verdict.map(|(_, weight)| weighing(*weight))
    }

    /// A word that is made from a listed one.
    pub fn of_compound(&self, word: &str, reading: Reading) -> Option<Meaning> {
        if word.len() > LONGEST || word.len() < 5 {
            return None;
        }
        if reading != Reading::English {
            if let Some(rest) = STRENGTHENING.iter().find_map(|s| word.strip_prefix(s))
                && let Some(weight) = self.telling(rest, reading)
            {
                return Some(weighing((weight * STRENGTH).clamp(-1.0, 1.0)));
            }
            let cursed = CURSES.iter().find_map(|curse| word.strip_prefix(curse));
            if cursed.is_some_and(|rest| rest.chars().count() >= CURSED_LETTERS) {
                return Some(weighing(CURSE));
            }
            let inflected = word.strip_suffix('e').map(stems);
            if let Some(weight) = inflected.and_then(|stems| self.first(&stems, Reading::Dutch)) {
                return Some(weighing(weight));
            }
        }
        if reading != Reading::Dutch {
            let adjective = word.strip_suffix("ly")?;
            return self
                .first(&[adjective.to_owned()], Reading::English)
                .map(weighing);
        }
        None
    }

    fn first(&self, words: &[String], reading: Reading) -> Option<f32> {
        words.iter().find_map(|word| self.telling(word, reading))
    }

    /// The weight of a word of four letters or more that has a clear one.
    fn telling(&self, word: &str, reading: Reading) -> Option<f32> {
        if word.len() < 4 {
            return None;
        }
        let weight = self.meaning(word, reading)?.weight?;
        (weight.abs() >= TELLING).then_some(weight)
    }
}

fn weighing(weight: f32) -> Meaning {
    Meaning {
        weight: Some(weight),
        ..Meaning::default()
    }
}

/// What a Dutch adjective may be without its `-e`: `slecht`, `gaaf` for `gav`, `boos` for `boz`,
/// `tof` for `toff`.
fn stems(stem: &str) -> Vec<String> {
    let mut chars: Vec<char> = stem.chars().collect();
    let mut stems = vec![stem.to_owned()];
    let [.., before, last] = &mut chars[..] else {
        return stems;
    };
    if before == last {
        chars.pop();
        stems.push(chars.into_iter().collect());
        return stems;
    }
    *last = match *last {
        'v' => 'f',
        'z' => 's',
        other => other,
    };
    let vowel = *before;
    stems.push(chars.iter().collect());
    if matches!(vowel, 'a' | 'e' | 'o' | 'u') {
        chars.insert(chars.len() - 1, vowel);
        stems.push(chars.into_iter().collect());
    }
    stems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lexicon::OwnWords;

    fn weight(found: Option<Meaning>) -> f32 {
        found.and_then(|m| m.weight).unwrap_or_default()
    }

    #[test]
    fn tags_are_taken_apart() {
        let lexicon = Lexicon::new(&OwnWords::new(), &OwnWords::new());
        for tag in [
            "neveragain",
            "epicfail",
            "nothappy",
            "ziggofail",
            "nooitmeer",
            "wasteoftime",
            "worstairlineever",
        ] {
            assert!(weight(lexicon.of_tag(tag, Reading::Both)) < -0.3, "{tag}");
        }
        for tag in [
            "sohappy",
            "supertrots",
            "besteservice",
            "lovethisapp",
            "dankjewel",
        ] {
            assert!(weight(lexicon.of_tag(tag, Reading::Both)) > 0.3, "{tag}");
        }
        for tag in ["vakantie", "goodmorning", "amsterdam", "monday"] {
            assert_eq!(weight(lexicon.of_tag(tag, Reading::Both)), 0.0, "{tag}");
        }
    }

    #[test]
    fn unlisted_words_are_made_of_listed_ones() {
        let lexicon = Lexicon::new(&OwnWords::new(), &OwnWords::new());
        for word in ["megatraag", "klotebus", "kutprovider", "steenkoud"] {
            assert!(
                weight(lexicon.of_compound(word, Reading::Dutch)) < -0.3,
                "{word}"
            );
        }
        assert!(weight(lexicon.of_compound("keigoed", Reading::Dutch)) > 0.5);
        for word in ["supermarkt", "tafel", "lange", "prutje", "vette"] {
            assert_eq!(
                weight(lexicon.of_compound(word, Reading::Dutch)),
                0.0,
                "{word}"
            );
        }
        assert_eq!(stems("waardeloz"), ["waardeloz", "waardelos", "waardeloos"]);
        assert_eq!(stems("toff"), ["toff", "tof"]);
    }
}
