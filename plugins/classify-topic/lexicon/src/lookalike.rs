//! Letters that look like Latin ones: `і` (Cyrillic) like `i`, `Ν` (Greek) like `N`.
//!
//! Source: the confusables and default ignorable code points of Unicode Technical Standard #39, with
//! small capitals and the negative squared and circled letters, which it leaves out. A skeleton
//! confounds ASCII letters too (`rn` and `m`, `I` and `l`), so it is asked about other letters only,
//! and only in a word that mixes scripts or stands alone in a Latin text.

use unicode_normalization::char::is_combining_mark;
use unicode_security::confusable_detection::skeleton;

/// Small capitals of a to z; `x` and `q` have none of their own.
const SMALL_CAPITALS: &str = "ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘꞯʀꜱᴛᴜᴠᴡxʏᴢ";

/// Code points that are not shown. Of letters only the Hangul fillers are such; there are none among
/// the first characters but the soft hyphen, and none among the pictographs.
pub fn is_ignorable(c: char) -> bool {
    match c {
        '\u{0}'..='\u{2FF}' => c == '\u{AD}',
        '\u{115F}' | '\u{1160}' | '\u{3164}' | '\u{FFA0}' => true,
        '\u{1F000}'..='\u{DFFFF}' => false,
        _ if c.is_alphabetic() => false,
        _ => skeleton(c.encode_utf8(&mut [0; 4])).next().is_none(),
    }
}

/// At least half of the letters are plain Latin ones.
pub fn mostly_latin(text: &str) -> bool {
    let (mut latin, mut others) = (0_usize, 0_usize);
    for c in text.chars().filter(|c| c.is_alphabetic()) {
        let plain = c.is_ascii() || squared(c).is_some() || small_capital(c).is_some();
        *(if plain { &mut latin } else { &mut others }) += 1;
    }
    latin >= others
}

/// The letters that a text begins with, and the invisible characters among them.
pub fn letters(text: &str) -> &str {
    let end = text.find(|c: char| {
        let inside = c.is_alphabetic() || is_combining_mark(c) || squared(c).is_some();
        !(inside || is_ignorable(c))
    });
    text.get(..end.unwrap_or(text.len())).unwrap_or_default()
}

/// A run of letters holds letters of other scripts in place of Latin ones.
pub fn is_disguised(run: &str, mostly_latin: bool) -> bool {
    if run.is_ascii() {
        return false;
    }
    let mut letters = run.chars().filter(|c| !is_invisible_in(*c));
    run.chars().any(|c| c.is_ascii()) || (mostly_latin && letters.all(|c| latin(c).is_some()))
}

fn is_invisible_in(c: char) -> bool {
    is_combining_mark(c) || is_ignorable(c)
}

/// The Latin letter, in lower case, that a letter looks like.
pub fn latin(c: char) -> Option<char> {
    if c.is_ascii() {
        return c.is_ascii_alphabetic().then(|| c.to_ascii_lowercase());
    }
    if let Some(letter) = squared(c).or_else(|| small_capital(c)) {
        return Some(letter);
    }
    let own = prototype(c);
    // `I` and `l` have one prototype; the lower-case letters tell which it is.
    if own == Some('l') && c.is_uppercase() {
        return c.to_lowercase().next().and_then(prototype).or(own);
    }
    own.or_else(|| c.to_uppercase().next().and_then(prototype))
}

/// The only letter of a character's skeleton, if it is ASCII.
fn prototype(c: char) -> Option<char> {
    let mut buffer = [0; 4];
    let mut parts = skeleton(c.encode_utf8(&mut buffer)).filter(|p| !is_combining_mark(*p));
    let first = parts.next().filter(char::is_ascii_alphabetic)?;
    parts.next().is_none().then(|| first.to_ascii_lowercase())
}

fn small_capital(c: char) -> Option<char> {
    if !matches!(c, 'x' | '\u{250}'..='\u{2FF}' | '\u{1D00}'..='\u{1D7F}' | '\u{A730}'..='\u{A7FF}')
    {
        return None;
    }
    SMALL_CAPITALS
        .chars()
        .zip('a'..='z')
        .find(|&(s, _)| s == c)
        .map(|(_, letter)| letter)
}

fn squared(c: char) -> Option<char> {
    let offset = match c {
        '\u{1F150}'..='\u{1F169}' => u32::from(c) - 0x1F150,
        '\u{1F170}'..='\u{1F189}' => u32::from(c) - 0x1F170,
        _ => return None,
    };
    char::from_u32(u32::from('a') + offset)
}
