//! What a network does to a connector: every answer can come broken, huge, refused, or as an echo of
//! what was asked.
//!
//! Each twist is the same every time, so that a failure comes back.

use super::network::Asked;
use super::script::Reply;
use rapport_package::fixture::Response;
use serde_json::json;

/// Larger than what the host lets through, in bytes.
const HUGE_BYTES: usize = 50 * 1024 * 1024;
/// A body just below that.
const LARGE_BYTES: usize = 7 * 1024 * 1024;
/// How deep the deep one is.
const DEPTH: usize = 200_000;

#[derive(Debug, Clone, PartialEq)]
pub enum Twist {
    Empty,
    Cut,
    Random,
    OtherTypes,
    OtherLeaves,
    Deep,
    Large,
    Huge,
    ServerError,
    NotFound,
    Redirect,
    Hangup,
    /// 401.
    Unauthorized,
    /// This status, with this `Retry-After`.
    Wait(u16, String),
    /// This status, and the request in the answer's body and headers.
    Echo(u16),
}

impl Twist {
    /// What may come instead of any answer.
    pub const BROKEN: [Twist; 12] = [
        Twist::Empty,
        Twist::Cut,
        Twist::Random,
        Twist::OtherTypes,
        Twist::OtherLeaves,
        Twist::Deep,
        Twist::Large,
        Twist::Huge,
        Twist::ServerError,
        Twist::NotFound,
        Twist::Redirect,
        Twist::Hangup,
    ];

    /// What a failure calls it.
    pub fn name(&self) -> String {
        match self {
            Twist::Empty => "an empty body".to_owned(),
            Twist::Cut => "half of the body".to_owned(),
            Twist::Random => "random bytes".to_owned(),
            Twist::OtherTypes => "outer values of other types".to_owned(),
            Twist::OtherLeaves => "inner values of other types".to_owned(),
            Twist::Deep => format!("{DEPTH} levels of nesting"),
            Twist::Large => format!("{} MiB of white space after it", LARGE_BYTES >> 20),
            Twist::Huge => format!("a body of {} MiB", HUGE_BYTES >> 20),
            Twist::ServerError => "status 500".to_owned(),
            Twist::NotFound => "status 404".to_owned(),
            Twist::Redirect => "a redirect".to_owned(),
            Twist::Hangup => "a connection that breaks in mid-body".to_owned(),
            Twist::Unauthorized => "status 401".to_owned(),
            Twist::Wait(status, after) => format!("status {status} with `Retry-After: {after}`"),
            Twist::Echo(status) => format!("status {status} with the request in it"),
        }
    }

    /// The answer that comes instead of the recorded one.
    pub fn reply(&self, recorded: &Response, asked: &Asked) -> Reply {
        let body = recorded.body.clone().into_bytes();
        let headers = recorded.headers.iter();
        let headers = headers.map(|(n, v)| (n.clone(), v.clone())).collect();
        let mut reply = Reply {
            status: recorded.status,
            headers,
            body,
            ..Reply::default()
        };
        match self {
            Twist::Empty => reply.body.clear(),
            Twist::Cut => reply.body.truncate(reply.body.len() / 2),
            Twist::Random => reply.body = random(4096),
            Twist::OtherTypes => reply.body = other_types(&recorded.body, false),
            Twist::OtherLeaves => reply.body = other_types(&recorded.body, true),
            Twist::Deep => reply.body = deep(&recorded.body),
            Twist::Large => reply.padding = LARGE_BYTES.saturating_sub(reply.body.len()),
            Twist::Huge => reply.padding = HUGE_BYTES,
            Twist::Hangup => {
                reply.missing = reply.body.len() + 1000;
                reply.body.truncate(reply.body.len() / 2);
            }
            Twist::ServerError => return plain(500, "Internal Server Error"),
            Twist::NotFound => return plain(404, "Not Found"),
            Twist::Unauthorized => return plain(401, "Unauthorized"),
            Twist::Redirect => {
                let mut reply = plain(302, "Found");
                let place = "https://elsewhere.example/".to_owned();
                reply.headers.push(("location".to_owned(), place));
                return reply;
            }
            Twist::Wait(status, after) => {
                let mut reply = plain(*status, "Wait");
                reply
                    .headers
                    .push(("retry-after".to_owned(), after.clone()));
                return reply;
            }
            Twist::Echo(status) => return echo(*status, asked),
        }
        // A status that has no body would leave nothing of it.
        if matches!(reply.status, 204 | 304) {
            reply.status = 200;
        }
        reply
    }
}

fn plain(status: u16, text: &str) -> Reply {
    let body = json!({ "error": text, "message": text });
    Reply {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
        ..Reply::default()
    }
}

/// What was asked, wherever an error's text is looked for.
fn echo(status: u16, asked: &Asked) -> Reply {
    let headers = asked.headers.iter();
    let headers: Vec<String> = headers.map(|(n, v)| format!("{n}: {v}")).collect();
    let body = String::from_utf8_lossy(&asked.body);
    let text = format!("refused: {} {} {body}", asked.line(), headers.join(" "));
    let said = json!({
        "error": text, "message": text, "detail": text, "title": text, "id": text, "cursor": text,
        "error_description": text, "errors": [{ "message": text }],
    });
    let one_line: String = text.chars().filter(|c| c.is_ascii_graphic()).collect();
    Reply {
        status,
        headers: vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("etag".to_owned(), format!("\"{one_line}\"")),
            ("www-authenticate".to_owned(), one_line),
        ],
        body: said.to_string().into_bytes(),
        ..Reply::default()
    }
}

/// The same bytes each time, of a small congruential generator.
fn random(count: usize) -> Vec<u8> {
    let mut state = 0x5a5a_1234_u32;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..count).map(next).collect()
}

fn is_json(body: &str) -> bool {
    serde_json::from_str::<serde_json::Value>(body).is_ok()
}

/// The values of a JSON document, its outermost or its innermost, of other types; of any other
/// document the same elements with nonsense in them.
fn other_types(body: &str, leaves: bool) -> Vec<u8> {
    use serde_json::Value;
    fn other(value: &Value, leaves: bool) -> Value {
        match value {
            Value::Null => json!(true),
            Value::Bool(_) => json!("maybe"),
            Value::Number(_) => json!("many"),
            Value::String(_) => json!(7),
            Value::Array(items) if leaves => items.iter().map(|v| other(v, true)).collect(),
            Value::Array(_) => json!({ "list": "no" }),
            Value::Object(fields) if leaves => {
                let fields = fields.iter();
                Value::Object(fields.map(|(k, v)| (k.clone(), other(v, true))).collect())
            }
            Value::Object(_) => json!(["no", "object"]),
        }
    }
    match serde_json::from_str::<Value>(body) {
        Ok(Value::Object(fields)) => {
            let fields = fields.iter();
            let fields = fields.map(|(k, v)| (k.clone(), other(v, leaves))).collect();
            Value::Object(fields).to_string().into_bytes()
        }
        Ok(value) => other(&value, leaves).to_string().into_bytes(),
        Err(_) => {
            let mut inside = false;
            let swap = body.chars().map(|c| {
                inside = (inside || c == '<') && c != '>';
                if !inside && c.is_alphanumeric() {
                    '7'
                } else {
                    c
                }
            });
            swap.collect::<String>().into_bytes()
        }
    }
}

/// Lists in lists, or elements in elements, never closed.
fn deep(body: &str) -> Vec<u8> {
    match is_json(body) {
        true => "[{\"a\":".repeat(DEPTH / 2).into_bytes(),
        false => "<a>".repeat(DEPTH).into_bytes(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twists_are_what_they_are_called() {
        let text = r#"{"a": [1], "b": "x"}"#;
        let types = |leaves| String::from_utf8(other_types(text, leaves)).unwrap();
        assert_eq!(types(false), r#"{"a":{"list":"no"},"b":7}"#);
        assert_eq!(types(true), r#"{"a":["many"],"b":7}"#);
        let xml = String::from_utf8(other_types("<a b=\"c\">Hallo</a>", false)).unwrap();
        assert_eq!(xml, "<a b=\"c\">77777</a>");
        assert_eq!(random(64), random(64));
        assert!(std::str::from_utf8(&random(64)).is_err());
        assert!(deep(text).starts_with(b"[{\"a\":[") && deep("<a/>").starts_with(b"<a><a>"));
    }
}
