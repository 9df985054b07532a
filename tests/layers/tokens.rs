//! As much of Rust's lexer as it takes to find paths: names, `::`, and other signs one by one, with
//! comments, texts and characters left out.

/// A name or a sign, and the line that it stands on.
#[derive(Debug)]
pub struct Token {
    pub text: String,
    pub line: usize,
}

/// The tokens of a file.
pub fn tokens(source: &str) -> Vec<Token> {
    let chars: Vec<char> = source.chars().collect();
    let mut found = Vec::new();
    let (mut i, mut line) = (0, 1);
    while i < chars.len() {
        let end = skip(&chars, i);
        if end > i {
            line += count_lines(&chars[i..end]);
            i = end;
            continue;
        }
        let end = i + token_len(&chars[i..]);
        if !chars[i].is_whitespace() {
            found.push(Token {
                text: chars[i..end].iter().collect(),
                line,
            });
        }
        line += count_lines(&chars[i..end]);
        i = end;
    }
    found
}

fn count_lines(chars: &[char]) -> usize {
    chars.iter().filter(|c| **c == '\n').count()
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn token_len(chars: &[char]) -> usize {
    if is_name(chars[0]) {
        chars.iter().take_while(|c| is_name(**c)).count()
    } else if chars.starts_with(&[':', ':']) {
        2
    } else {
        1
    }
}

/// Where the comment, text or character that begins at `i` ends; `i` when none does.
fn skip(chars: &[char], i: usize) -> usize {
    let rest = &chars[i..];
    let inside_name = i > 0 && is_name(chars[i - 1]);
    if rest.starts_with(&['/', '/']) {
        return i + rest.iter().take_while(|c| **c != '\n').count();
    }
    if rest.starts_with(&['/', '*']) {
        return i + block_len(rest);
    }
    if rest[0] == '"' {
        return i + quoted_len(rest, '"');
    }
    // A lifetime has no second quote right behind its first letter.
    if rest[0] == '\'' && (rest.get(1) == Some(&'\\') || rest.get(2) == Some(&'\'')) {
        return i + quoted_len(rest, '\'');
    }
    if rest[0] == 'r' && !inside_name {
        let hashes = rest[1..].iter().take_while(|c| **c == '#').count();
        if rest.get(1 + hashes) == Some(&'"') {
            return i + raw_len(rest, hashes);
        }
    }
    i
}

/// Comments nest.
fn block_len(rest: &[char]) -> usize {
    let (mut depth, mut i) = (0_usize, 0);
    while i < rest.len() {
        if rest[i..].starts_with(&['/', '*']) {
            depth += 1;
            i += 2;
        } else if rest[i..].starts_with(&['*', '/']) {
            depth -= 1;
            i += 2;
            if depth == 0 {
                break;
            }
        } else {
            i += 1;
        }
    }
    i
}

fn quoted_len(rest: &[char], quote: char) -> usize {
    let mut i = 1;
    while i < rest.len() && rest[i] != quote {
        i += if rest[i] == '\\' { 2 } else { 1 };
    }
    (i + 1).min(rest.len())
}

fn raw_len(rest: &[char], hashes: usize) -> usize {
    let mut end = vec!['"'];
    end.extend(std::iter::repeat_n('#', hashes));
    let start = 2 + hashes;
    let found = rest[start..].windows(end.len()).position(|w| w == end);
    found.map_or(rest.len(), |at| start + at + end.len())
}
