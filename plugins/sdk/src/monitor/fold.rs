//! One spelling for what readers take for the same: by compatibility decomposition (UAX 15) and full
//! case folding, without accents and invisible characters.

use caseless::Caseless;
use unicode_normalization::UnicodeNormalization;

/// The text in one spelling: case folded (`ß` is `ss`), compatibility forms resolved (full width,
/// ligatures, mathematical letters), accents of alphabets and characters that nobody sees left out,
/// apostrophes of all kinds `'`, runs of white space and hyphens one space. Marks that make another
/// letter (Indic vowels, kana) stay. Folding twice changes nothing.
pub fn fold(text: &str) -> String {
    let mut chars = text.chars().peekable();
    let symbols = std::iter::from_fn(move || {
        let c = chars.next()?;
        let emoji = chars.peek() == Some(&'\u{fe0f}');
        Some(spell(c, emoji))
    });
    let folded = symbols
        .flatten()
        .nfkd()
        .filter(|c| !is_left_out(*c))
        .default_case_fold()
        .flat_map(|c| base_letters(c).chars().chain(is_own_base(c).then_some(c)))
        .nfkd()
        .filter(|c| !is_left_out(*c))
        .nfc();
    let mut out = String::with_capacity(text.len());
    for c in folded {
        if !c.is_whitespace() && !is_dash(c) {
            out.push(match c {
                '’' | '‘' | '‛' | 'ʼ' | 'ʻ' | '′' | '`' => '\'',
                c => c,
            });
        } else if !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out
}

/// What must not become a letter or digit of the word beside it: trade marks, footnotes, keycaps and
/// signs shown as emoji. The acute accent that is typed for an apostrophe.
fn spell(c: char, emoji: bool) -> impl Iterator<Item = char> {
    let (before, c) = match c {
        '™' | '℠' => (None, ' '),
        '0'..='9' | '\u{2139}' | 'Ⓜ' if emoji => (None, ' '),
        '¹' | '²' | '³' | '\u{2070}' | '\u{2074}'..='\u{2079}' => (Some(' '), c),
        '´' => (None, '\''),
        c => (None, c),
    };
    before.into_iter().chain([c])
}

/// Accents of Latin, Greek, Cyrillic, Arabic and Hebrew, and what is invisible by default
/// (`Default_Ignorable_Code_Point`), joiners and the Arabic stretch included.
fn is_left_out(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{487}' | '\u{591}'..='\u{5bd}' | '\u{5bf}'
        | '\u{5c1}'..='\u{5c2}' | '\u{5c4}'..='\u{5c5}' | '\u{5c7}' | '\u{610}'..='\u{61a}'
        | '\u{640}' | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1ab0}'..='\u{1aff}'
        | '\u{1dc0}'..='\u{1dff}' | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{ad}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
        | '\u{e0000}'..='\u{e0fff}')
}

/// Letters that Unicode does not decompose although its collation (UTS 10, DUCET) sorts them as others
/// with a stroke or as two.
fn base_letters(c: char) -> &'static str {
    match c {
        'ø' => "o",
        'ł' => "l",
        'đ' => "d",
        'ħ' => "h",
        'ŧ' => "t",
        'ı' => "i",
        'æ' => "ae",
        'œ' => "oe",
        _ => "",
    }
}

fn is_own_base(c: char) -> bool {
    base_letters(c).is_empty()
}

/// Hyphens and dashes (the property `Dash`).
fn is_dash(c: char) -> bool {
    matches!(c,
        '-' | '\u{58a}' | '\u{5be}' | '\u{1400}' | '\u{1806}' | '\u{2010}'..='\u{2015}' | '\u{2053}'
        | '\u{207b}' | '\u{208b}' | '\u{2212}' | '\u{2e17}' | '\u{2e1a}' | '\u{2e3a}'..='\u{2e3b}'
        | '\u{2e40}' | '\u{2e5d}' | '\u{301c}' | '\u{3030}' | '\u{30a0}' | '\u{10ead}')
}
