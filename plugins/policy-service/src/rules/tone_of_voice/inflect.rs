//! The plural and the diminutive of a noun, in Dutch and English alike.
//!
//! Rules of spelling, not a dictionary: `trut`, `trutten`, `trutje`; `teef`, `teven`; `idioot`,
//! `idioten`; `crybaby`, `crybabies`. A form too many does no harm, it is no word.

const VOWELS: &str = "aeiou";

/// The noun itself and its forms.
pub fn forms(noun: &str) -> Vec<String> {
    let mut endings = vec!["", "s", "'s", "je", "jes", "tje", "tjes"];
    let last = noun.chars().next_back().unwrap_or(' ');
    if matches!(last, 's' | 'h' | 'x' | 'z') {
        endings.push("es");
    }
    if last == 'm' {
        endings.extend(["pje", "pjes"]);
    }
    let mut all: Vec<String> = endings.iter().map(|e| format!("{noun}{e}")).collect();
    if let Some(stem) = noun.strip_suffix('y') {
        all.push(format!("{stem}ies"));
    }
    // Unstressed, so nothing is doubled: `dommeriken`.
    if noun.ends_with("ik") {
        all.push(format!("{noun}en"));
    }
    let stem = stem(noun);
    all.extend(["en", "etje", "etjes", "ie", "ies"].map(|e| format!("{stem}{e}")));
    all
}

/// What Dutch puts `-en` behind: a short vowel doubles the consonant, a long one is written once.
fn stem(noun: &str) -> String {
    let letters: Vec<char> = noun.chars().collect();
    let vowel = |c: char| VOWELS.contains(c);
    let stem: String = match letters.as_slice() {
        [.., 'e', 'l' | 'r' | 'm' | 'n'] | [.., 'w' | 'x' | 'j' | 'y'] => return noun.to_owned(),
        [head @ .., a, b, c] if a == b && vowel(*a) && !vowel(*c) => {
            head.iter().chain([a, c]).collect()
        }
        [.., a, b, c] if !vowel(*a) && vowel(*b) && !vowel(*c) => return format!("{noun}{c}"),
        [a, b] if vowel(*a) && !vowel(*b) => return format!("{noun}{b}"),
        _ => return noun.to_owned(),
    };
    match (stem.strip_suffix('f'), stem.strip_suffix('s')) {
        (Some(head), _) => format!("{head}v"),
        (_, Some(head)) => format!("{head}z"),
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plurals_and_diminutives() {
        for (noun, form) in [
            ("trut", "trutten"),
            ("klootzak", "klootzakken"),
            ("idioot", "idioten"),
            ("teef", "teven"),
            ("dwaas", "dwazen"),
            ("hond", "honden"),
            ("eikel", "eikeltjes"),
            ("kwal", "kwalletje"),
            ("dombo", "dombo's"),
            ("zeikerd", "zeikerdjes"),
            ("worm", "wormpje"),
            ("crybaby", "crybabies"),
            ("witch", "witches"),
            ("twat", "twats"),
            ("klootzak", "klootzakkies"),
            ("dommerik", "dommeriken"),
        ] {
            assert!(
                forms(noun).contains(&form.to_owned()),
                "{noun}: {:?}",
                forms(noun)
            );
        }
        assert!(!forms("eikel").contains(&"eikellen".to_owned()));
        assert!(!forms("trut").contains(&"truten".to_owned()));
    }
}
