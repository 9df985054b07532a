//! Rude words of which little more than the first letter is left (`f*** you`), or that look like a
//! handle (`you @sshole`): too little to read a word from, so the words beside them decide.
//!
//! `Room A***`, `J*** de V***`, a 5*** hotel and the handle at the head of an answer are none.

use rapport_sdk::annotation::Evidence;

use super::address::is;
use crate::reason::MAX_EVIDENCE;

/// First letter, and what follows the word.
const STARRED: [(char, &str); 6] = [
    (
        'f',
        "you u ya off yourself yourselves up this that your him her them it all je jou jullie dit die",
    ),
    ('s', "head heads face faces"),
    ('a', "hole holes"),
    ('b', "head heads"),
    (
        'k',
        "wijf wijven klant klanten mens mensen volk zooi kop koppen vent",
    ),
    ('d', "head heads"),
];
/// Behind an `@` that stands for an `a`.
const HANDLES: &str = "sshole ssholes rsehole rseholes sshat sshats sswipe sswipes ss-hole sshol";
/// Before it, where nobody's handle is meant.
const BEFORE: &str = "you you're youre ur an a are such big the real complete total absolute u jij je een what fucking \
    stupid dumb little";
/// Fewest stars.
const STARS: usize = 2;

/// Adds what is found, in the order of the text.
pub fn find(text: &str, found: &mut Vec<Evidence>) {
    let before = found.len();
    let words: Vec<(usize, &str)> = text
        .split_whitespace()
        .map(|word| (word.as_ptr() as usize - text.as_ptr() as usize, word))
        .collect();
    for (index, (start, word)) in words.iter().enumerate() {
        if found.len() >= MAX_EVIDENCE {
            break;
        }
        let near = |index: Option<usize>| index.and_then(|i| words.get(i)).map_or("", |w| w.1);
        let next = plain(near(Some(index + 1)));
        let previous = plain(near(index.checked_sub(1)));
        let masked = is_starred(word, &next) || is_handle(word, &previous);
        let span = (u32::try_from(*start), u32::try_from(start + word.len()));
        if let (true, (Ok(start), Ok(end))) = (masked, span)
            && found.iter().all(|e| e.end <= start || end <= e.start)
        {
            found.push(Evidence {
                start,
                end,
                note: "insult".to_owned(),
            });
        }
    }
    if found.len() > before {
        found.sort_by_key(|e| e.start);
    }
}

fn is_starred(word: &str, next: &str) -> bool {
    let mut letters = word.trim_start_matches(['"', '(', '\'', '“', '‘']).chars();
    let first = letters.next().unwrap_or(' ').to_ascii_lowercase();
    let rest = letters.as_str();
    let stars = rest
        .chars()
        .take_while(|c| matches!(c, '*' | '#' | '•'))
        .count();
    let listed = |(letter, words): &(char, &str)| *letter == first && is(next, words);
    stars >= STARS && stars == rest.chars().count() && STARRED.iter().any(listed)
}

fn is_handle(word: &str, previous: &str) -> bool {
    let name = word.strip_prefix('@').map(plain);
    name.is_some_and(|name| is(&name, HANDLES)) && is(previous, BEFORE)
}

/// In small letters, without punctuation around it.
fn plain(word: &str) -> String {
    let outer = |c: char| !c.is_alphanumeric();
    word.trim_matches(outer).replace('’', "'").to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_it_decides() {
        for (text, found) in [
            ("Oh, F*** you.", "F***"),
            ("just f### off!", "f###"),
            ("s*** head", "s***"),
            ("You are @sshole.", "@sshole."),
            ("@sshole good morning", ""),
            ("Room f*** and s*** are free", ""),
            ("J*** de V***, 5*** you", ""),
            ("f* you", ""),
        ] {
            let mut evidence = Vec::new();
            find(text, &mut evidence);
            let words = evidence
                .iter()
                .map(|e| &text[e.start as usize..e.end as usize]);
            assert_eq!(words.collect::<String>(), found, "{text}");
        }
    }
}
