//! Text of an XML document made fit for a strict tokeniser: characters that XML forbids go, a `<`
//! that begins nothing is escaped, the DOCTYPE is taken out. CDATA sections and comments are left as
//! they are.

/// The repaired document, and its document type declaration, which is not in it.
pub fn repair(source: &str) -> (String, &str) {
    let mut out = String::with_capacity(source.len() + 64);
    let mut rest = source;
    // One only: looking for the end of many would take time in the square of their number.
    let mut doctype = None;
    while let Some(at) = rest.find('<') {
        push_allowed(&rest[..at], &mut out);
        rest = &rest[at..];
        if let Some(length) = verbatim_length(rest) {
            push_allowed(&rest[..length], &mut out);
            rest = &rest[length..];
        } else if let Some(length) = doctype_length(rest, doctype.is_some()) {
            doctype = rest.get(..length);
            rest = &rest[length..];
        } else {
            out.push_str(if begins_markup(&rest[1..]) {
                "<"
            } else {
                "&lt;"
            });
            rest = &rest[1..];
        }
    }
    push_allowed(rest, &mut out);
    (out, doctype.unwrap_or_default())
}

/// Length of a CDATA section or comment at the beginning, to the end of the text where unclosed.
fn verbatim_length(text: &str) -> Option<usize> {
    for (open, close) in [("<![CDATA[", "]]>"), ("<!--", "-->")] {
        if let Some(body) = text.strip_prefix(open) {
            let end = body.find(close).map(|at| open.len() + at + close.len());
            return Some(end.unwrap_or(text.len()));
        }
    }
    None
}

/// Length of a document type declaration at the beginning, internal subset included.
fn doctype_length(text: &str, seen: bool) -> Option<usize> {
    if seen || !text.get(..9)?.eq_ignore_ascii_case("<!doctype") {
        return None;
    }
    let Some(end) = text.find('>') else {
        return Some(text.len());
    };
    match text[..end].find('[') {
        Some(subset) => {
            let inner = &text[subset..];
            let close = subset_end(inner).or_else(|| inner.find(']'));
            let close = close.map_or(end, |at| subset + at);
            Some(
                text[close..]
                    .find('>')
                    .map_or(text.len(), |at| close + at + 1),
            )
        }
        None => Some(end + 1),
    }
}

/// Where the `]` of an internal subset is; one in quotation marks or a comment is none.
fn subset_end(subset: &str) -> Option<usize> {
    let mut at = 0;
    loop {
        let rest = subset.get(at..)?;
        at += rest.find([']', '"', '\'', '<'])?;
        let rest = subset.get(at..)?;
        at += match rest.as_bytes().first()? {
            b']' => return Some(at),
            b'<' if rest.starts_with("<!--") => rest.find("-->")? + 3,
            b'<' => 1,
            quote => 2 + rest.get(1..)?.find(char::from(*quote))?,
        };
    }
}

/// What follows a `<` that begins a tag or a processing instruction.
fn begins_markup(after: &str) -> bool {
    let name = |c: char| c.is_alphabetic() || matches!(c, '_' | ':');
    match after.strip_prefix(['/', '?']) {
        Some(rest) => rest.starts_with(name),
        None => after.starts_with(name),
    }
}

/// Characters that XML 1.0 allows (production 2, `Char`).
fn push_allowed(text: &str, out: &mut String) {
    let forbidden = |c: char| matches!(c, '\0'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    for piece in text.split(forbidden) {
        out.push_str(piece);
    }
}
