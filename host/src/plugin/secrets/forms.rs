//! The ways in which a value may be written in what a server answers or a plugin says.

use data_encoding::{BASE64_NOPAD, BASE64URL_NOPAD, HEXLOWER, HEXUPPER};

/// Each form with what it is called. Some may be the same.
pub fn forms(value: &str) -> Vec<(String, &'static str)> {
    let escaped = |all: bool, upper: bool| -> String {
        let escape = |b: u8| match (all || !b.is_ascii_alphanumeric(), upper) {
            (false, _) => char::from(b).to_string(),
            (true, true) => format!("%{b:02X}"),
            (true, false) => format!("%{b:02x}"),
        };
        value.bytes().map(escape).collect()
    };
    // Left as they are by most: RFC 3986, section 2.3.
    let usual = |upper: bool| {
        let mut text = escaped(false, upper);
        for (code, c) in [("%2d", "-"), ("%2e", "."), ("%5f", "_"), ("%7e", "~")] {
            text = text.replace(code, c).replace(&code.to_uppercase(), c);
        }
        text
    };
    let quoted = serde_json::Value::from(value).to_string();
    let quoted = quoted[1..quoted.len() - 1].to_owned();
    let html = value
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;");
    let mut forms = vec![
        (value.to_owned(), "as it is"),
        (quoted.replace('/', "\\/"), "quoted"),
        (quoted, "quoted"),
        (html.replace('\'', "&#39;"), "quoted"),
        (html, "quoted"),
        (usual(true), "percent-encoded"),
        (usual(false), "percent-encoded"),
        (escaped(false, true), "percent-encoded"),
        (escaped(false, false), "percent-encoded"),
        (escaped(true, true), "percent-encoded"),
        (escaped(true, false), "percent-encoded"),
        (HEXLOWER.encode(value.as_bytes()), "in hexadecimal digits"),
        (HEXUPPER.encode(value.as_bytes()), "in hexadecimal digits"),
    ];
    for before in 0..3 {
        let mut bytes = vec![0; before];
        bytes.extend_from_slice(value.as_bytes());
        // Characters that what stands beside it has a part in.
        let first = [0, 2, 3][before];
        let last = usize::from(bytes.len() % 3 != 0);
        for encoding in [&BASE64_NOPAD, &BASE64URL_NOPAD] {
            let text = encoding.encode(&bytes);
            let inner = text.get(first..text.len() - last).unwrap_or_default();
            forms.push((inner.to_owned(), "in base64"));
        }
    }
    forms
}
