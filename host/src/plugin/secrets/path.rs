//! Paths of requests as a server may read them.
//!
//! Servers differ in which spellings they take for the same: escapes, doubled slashes, dots,
//! parameters, case, a suffix for the representation. What decides on secrets goes by the loosest
//! reading, so that no spelling gets by.

/// Suffixes that ask for a representation of the same resource.
const REPRESENTATIONS: [&str; 11] = [
    ".json", ".jsonp", ".xml", ".yaml", ".yml", ".txt", ".html", ".csv", ".js", ".cbor", ".rss",
];
/// Escapes within escapes that are undone.
const LAYERS: usize = 4;

/// The path with escapes of unreserved characters undone (RFC 3986, section 6.2.2) and doubled slashes
/// made one: what is sent where a secret goes.
pub fn canonical(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(c) = rest.chars().next() {
        match escaped(rest) {
            Some(byte) if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) => {
                out.push(char::from(byte));
                rest = &rest[3..];
            }
            _ => {
                if !(c == '/' && out.ends_with('/')) {
                    out.push(c);
                }
                rest = &rest[c.len_utf8()..];
            }
        }
    }
    out
}

/// The byte that an escape at the start stands for.
fn escaped(text: &str) -> Option<u8> {
    let digits = text.strip_prefix('%')?.get(..2)?;
    let hex = digits.bytes().all(|b| b.is_ascii_hexdigit());
    hex.then(|| u8::from_str_radix(digits, 16).ok()).flatten()
}

/// The loosest reading: two paths that some server takes for the same have the same.
pub(super) fn loosest(path: &str) -> String {
    let mut text = path.to_owned();
    for _ in 0..LAYERS {
        let mut bytes = Vec::with_capacity(text.len());
        let mut rest = text.as_str();
        while let Some(c) = rest.chars().next() {
            if let Some(byte) = escaped(rest) {
                bytes.push(byte);
                rest = &rest[3..];
            } else {
                bytes.extend_from_slice(&rest.as_bytes()[..c.len_utf8()]);
                rest = &rest[c.len_utf8()..];
            }
        }
        let undone = String::from_utf8_lossy(&bytes).into_owned();
        if undone == text {
            break;
        }
        text = undone;
    }
    text.retain(|c| !c.is_control() && !c.is_whitespace());
    let text = text.replace('\\', "/").to_lowercase();
    let mut segments: Vec<&str> = Vec::new();
    for segment in text.split(['?', '#']).next().unwrap_or_default().split('/') {
        match segment.split(';').next().unwrap_or_default() {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let mut loosest = segments.join("/");
    loop {
        let shorter = loosest.trim_end_matches('.');
        let suffix = REPRESENTATIONS.iter().find(|s| shorter.ends_with(**s));
        let shorter = shorter.len() - suffix.map_or(0, |s| s.len());
        if shorter == loosest.len() {
            return loosest;
        }
        loosest.truncate(shorter);
    }
}

/// Whether a path is under a prefix, as it stands and in the loosest reading.
pub(super) fn is_under(path: &str, prefix: &str) -> bool {
    path.starts_with(prefix) && loosest(path).starts_with(&loosest(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_path_have_one_reading() {
        for same in [
            "/xrpc/com.example.logIn",
            "/xrpc//com.example.logIn",
            "//xrpc/com.example.login/",
            "/xrpc/./com.example.logIn",
            "/xrpc/x/../com.example.logIn",
            "/xrpc/x/..%2fcom.example.logIn",
            "/xrpc/com%2Eexample%2elogIn",
            "/xrpc/com%252eexample.logIn",
            "/xrpc/com.example.logIn;v=1",
            "/xrpc/com.example.logIn.json",
            "/xrpc/com.example.logIn%20",
            "/xrpc/com.example.logIn%00",
            "/xrpc%5ccom.example.logIn",
            "/xrpc/com.example.logIn%3fa=b",
            "/xrpc/COM.example.logIn.",
        ] {
            assert_eq!(loosest(same), "xrpc/com.example.login", "{same}");
        }
        for other in [
            "/xrpc/com.example.logIn2",
            "/xrpc/com.example",
            "/com.example.logIn",
        ] {
            assert_ne!(loosest(other), "xrpc/com.example.login", "{other}");
        }
    }

    #[test]
    fn the_canonical_path_keeps_what_means_something() {
        assert_eq!(
            canonical("/a//b/%61%2D%7e%2fc%C3%A9%"),
            "/a/b/a-~%2fc%C3%A9%"
        );
        assert_eq!(canonical("/group%2Fproject/%zz"), "/group%2Fproject/%zz");
        assert!(is_under("/xrpc/a.b", "/xrpc/"));
        assert!(!is_under("/xrpc/..%2fadmin", "/xrpc/"));
        assert!(!is_under("/XRPC/a.b", "/xrpc/"));
    }
}
