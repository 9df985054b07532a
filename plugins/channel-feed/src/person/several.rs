//! A text that names several authors, taken apart: only where at least two of the pieces have a mail
//! address of their own, because commas and "and" stand within names too.

use super::is_address;
use crate::feed::TAGS_MAX;
use crate::text;

/// Longest text taken apart, in bytes.
const TEXT_MAX_BYTES: usize = 4096;
/// Between two authors, beside commas and semicolons.
const AND: &str = "and & en und et y e och og |";

/// The pieces, each with one author; the whole text where it has one.
pub fn split(text: &str) -> Vec<String> {
    let source = text::unescape(&text::cut(text.trim(), TEXT_MAX_BYTES));
    let mut people: Vec<String> = Vec::new();
    let mut open = String::new();
    for piece in pieces(&source) {
        // A name behind a bare address belongs to it, any other to the address that follows.
        let bare = people.last().is_some_and(|p| is_address(p));
        match people.last_mut().filter(|_| bare && !has_address(&piece)) {
            Some(last) if open.is_empty() => *last = format!("{piece} <{last}>"),
            _ => {
                open = match open.is_empty() {
                    true => piece,
                    false => format!("{open}, {piece}"),
                };
                if has_address(&open) {
                    people.push(std::mem::take(&mut open));
                }
            }
        }
    }
    if people.len() < 2 {
        return vec![text.to_owned()];
    }
    people.extend(Some(open).filter(|rest| !rest.is_empty()));
    people.truncate(TAGS_MAX);
    people
}

/// What stands between separators that no bracket or quotation mark holds.
fn pieces(source: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let (mut depth, mut quoted) = (0usize, false);
    for word in source.split_inclusive(|c: char| c.is_whitespace() || ",;".contains(c)) {
        let bare = word.trim_end_matches(|c: char| c.is_whitespace() || ",;".contains(c));
        let outside = depth == 0 && !quoted;
        let follows = pieces
            .last()
            .is_some_and(|p| p.trim_end().ends_with(')') && has_address(p));
        let is_and = !bare.is_empty() && AND.split(' ').any(|and| and.eq_ignore_ascii_case(bare));
        if outside && (is_and || (follows && is_address(bare))) {
            pieces.push(String::new());
        }
        for c in bare.chars() {
            match c {
                '(' | '<' | '[' => depth += 1,
                ')' | '>' | ']' => depth = depth.saturating_sub(1),
                '"' => quoted = !quoted,
                _ => {}
            }
        }
        let ends = depth == 0 && !quoted && word.ends_with([',', ';', '\n']);
        if let Some(last) = pieces.last_mut().filter(|_| !(outside && is_and)) {
            last.push_str(if ends { bare } else { word });
        }
        if ends {
            pieces.push(String::new());
        }
    }
    let trimmed = pieces.iter().map(|piece| piece.trim().to_owned());
    trimmed.filter(|piece| !piece.is_empty()).collect()
}

fn has_address(piece: &str) -> bool {
    let ends = |c: char| c.is_whitespace() || "()<>[],;\"".contains(c);
    piece.split(ends).any(is_address)
}

#[cfg(test)]
mod tests {
    use crate::feed::Person;

    #[test]
    fn authors_with_addresses_are_taken_apart() {
        for (text, names) in [
            ("a@x.example (An), b@x.example (Bob)", "An|Bob"),
            ("a@x.example (An) b@x.example (Bob)", "An|Bob"),
            (
                "a@x.example (An); b@x.example (Bob); c@x.example (Cas)",
                "An|Bob|Cas",
            ),
            ("An <a@x.example>, Bob <b@x.example>", "An|Bob"),
            ("An (a@x.example) and Bob (b@x.example)", "An|Bob"),
            ("An <a@x.example> &amp; Bob <b@x.example>", "An|Bob"),
            ("a@x.example, An, b@x.example, Bob", "An|Bob"),
            (
                "Bos, An <a@x.example>, Dam, Bob <b@x.example>",
                "Bos, An|Dam, Bob",
            ),
            (
                "\"Bos, An\" <a@x.example>, b@x.example (Bob)",
                "Bos, An|Bob",
            ),
            ("noreply@x.example (An), noreply@x.example (Bob)", "An|Bob"),
            (
                "a@x.example (An, redactie), b@x.example (Bob)",
                "An, redactie|Bob",
            ),
            // One author, or names that nothing tells apart.
            ("Bos, An", "Bos, An"),
            ("An en Bob", "An en Bob"),
            ("An and Bob <redactie@x.example>", "An and Bob"),
            ("a@x.example (An, Bob)", "An, Bob"),
            ("An <a@x.example>, An <a@x.example>", "An"),
        ] {
            let people = Person::all_from_text(text);
            let found: Vec<&str> = people.iter().filter_map(|p| p.name.as_deref()).collect();
            assert_eq!(found.join("|"), names, "{text}");
        }
        let two = Person::all_from_text("a@x.example, b@x.example");
        let mails: Vec<_> = two.iter().filter_map(|p| p.email.as_deref()).collect();
        assert_eq!(mails, ["a@x.example", "b@x.example"]);
    }
}
