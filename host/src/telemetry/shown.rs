//! What others wrote (a vendor, a plugin, a server, a customer, the store), as it is shown: the one place
//! that decides what may reach a terminal or a line of the log.
//!
//! What would steer a terminal, turn text around or hide in it is written as JSON writes it: `\u001b`.
//! So JSON stays JSON, with the same value. Letters of every language, their marks and emoji stay as they
//! are. Deliberately absent: letters that look like others; those are read, and nothing is decided by it.

/// A text as a part of one line: no line break either, so that it can't put a line of its own beside ours.
pub fn shown(text: &str) -> String {
    written(text, |_| false)
}

/// A text of lines: breaks (`\n`) and tabs stay. For what is put together from parts that were [`shown`].
pub fn lines(text: &str) -> String {
    written(text, |c| matches!(c, '\n' | '\t'))
}

fn written(text: &str, stays: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_flag = false;
    for c in text.chars() {
        // The flags of England, Scotland and Wales are a black flag with tags behind it.
        in_flag = c == '\u{1f3f4}' || (in_flag && is_tag(c));
        if stays(c) || in_flag || !(steers(c) || hides(c)) {
            out.push(c);
        } else {
            escape(&mut out, c);
        }
    }
    out
}

/// What a terminal acts on, breaks a line or changes in what order others are shown: control characters,
/// the separators that some viewers break lines at, and all of Unicode's `Bidi_Control`.
fn steers(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        )
        || matches!(c, '\u{2066}'..='\u{2069}')
}

/// What is not seen and that no writing needs. Joiners (Persian, emoji), variation selectors (emoji) and
/// the soft hyphen are not among them.
fn hides(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{180e}' | '\u{2060}'..='\u{2065}' | '\u{206a}'..='\u{206f}' | '\u{feff}')
        || matches!(c, '\u{3164}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}')
        || is_tag(c)
}

fn is_tag(c: char) -> bool {
    matches!(c, '\u{e0000}'..='\u{e007f}')
}

/// As a string of JSON has it (RFC 8259, section 7).
fn escape(out: &mut String, c: char) {
    let short = match c {
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => "",
    };
    if !short.is_empty() {
        out.push_str(short);
        return;
    }
    for unit in c.encode_utf16(&mut [0; 2]) {
        out.push_str(&format!("\\u{unit:04x}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn honest_writing_stays_as_it_is() {
        for honest in [
            "Eén coöperatie, naïef geïnd: € 5 – 'prima' …",
            "e\u{301}e\u{301}n",
            "👩\u{200d}👩\u{200d}👧 ❤\u{fe0f} 🇳🇱 👍🏽",
            "🏴\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}!",
            "می\u{200c}خواهم, שלום, 日本語, ไทย",
            "Zonne\u{ad}box\u{a0}Pro",
            r"C:\new\u0041",
        ] {
            assert_eq!(shown(honest), honest);
            assert_eq!(lines(honest), honest);
        }
    }

    #[test]
    fn nothing_steers_a_terminal_turns_text_around_or_hides() {
        let wild = "a\u{1b}]0;x\u{7}\u{9b}2J\u{7f}\u{8}\r\u{0}\u{85}\u{90}\u{9d}\
                    \u{61c}\u{200e}\u{200f}\u{202a}\u{202d}\u{202e}\u{2066}\u{2069}\u{2028}\u{2029}\
                    \u{200b}\u{2060}\u{feff}\u{3164}\u{e0041}\u{1f3f4}z\u{e0041}";
        let shown = shown(wild);
        assert!(shown.starts_with("a\\u001b]0;x\\u0007\\u009b2J\\u007f\\u0008\\r\\u0000"));
        assert!(
            shown.ends_with("\\udb40\\udc41\u{1f3f4}z\\udb40\\udc41"),
            "{shown}"
        );
        let left: Vec<char> = shown.chars().filter(|c| !c.is_ascii()).collect();
        assert_eq!(left, ['\u{1f3f4}']);
        assert!(!shown.contains(|c: char| c.is_control()));
    }

    #[test]
    fn only_lines_of_our_own_break() {
        assert_eq!(shown("a\ngranted\tyes"), "a\\ngranted\\tyes");
        assert_eq!(lines("a\n\tb\rc"), "a\n\tb\\rc");
    }

    #[test]
    fn json_stays_json_with_the_same_value() {
        let value = serde_json::json!({ "a\u{202e}": "x\u{9b}\u{7f}\n\u{1b}[2J\u{e0041}é" });
        let printed = lines(&value.to_string());
        assert!(!printed.contains(['\u{202e}', '\u{9b}', '\u{7f}', '\u{e0041}']));
        let read: serde_json::Value = serde_json::from_str(&printed).unwrap();
        assert_eq!(read, value);
    }
}
