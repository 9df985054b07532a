//! Answers a webhook request: a POST whose body has one activity a line, see [`crate::line`].
//!
//! Invariants: all lines are taken or none; a refusal is `application/problem+json` (RFC 9457) with
//! the line, the field and the remedy. Empty lines are skipped but counted. Deliberately absent:
//! recognising an activity seen before (the host does, by its id).

use rapport_sdk::channel::{Header, Page, WebhookResponse, WebhookResult};
use rapport_sdk::social::Activity;
use serde_json::{Value, json};

use crate::line::{self, Fault};

/// Most activities in one request, from the contract.
const ACTIVITIES: usize = 500;

/// A page with nothing in it that leaves the cursor where it was.
pub fn empty_page(cursor: Option<String>) -> Page {
    Page {
        activities: Vec::new(),
        cursor: cursor.unwrap_or_default(),
        more: false,
        next_poll_ms: None,
    }
}

/// The whole of `receive`. Never fails: what is wrong with the request is in the answer.
pub fn receive(method: &str, body: &[u8]) -> WebhookResult {
    if method != "POST" {
        let problem = json!({
            "title": "Method not allowed",
            "status": 405,
            "detail": "Activities are taken by POST, one JSON object a line.",
        });
        let mut response = answer(405, "application/problem+json", &problem);
        response.headers.push(header("allow", "POST"));
        return WebhookResult {
            activities: Vec::new(),
            response,
        };
    }
    match activities(body) {
        Ok(activities) => {
            let accepted = json!({ "accepted": activities.len() });
            WebhookResult {
                response: answer(200, "application/json", &accepted),
                activities,
            }
        }
        Err((line, fault)) => WebhookResult {
            activities: Vec::new(),
            response: refusal(line, &fault),
        },
    }
}

/// Every line's activity, or the first line that has a fault (counted from 1) with it.
fn activities(body: &[u8]) -> Result<Vec<Activity>, (usize, Fault)> {
    let text = std::str::from_utf8(body).map_err(|error| {
        let before = body.get(..error.valid_up_to()).unwrap_or_default();
        let line = before.iter().filter(|&&byte| byte == b'\n').count() + 1;
        (line, whole_line("is not UTF-8", "send the body in UTF-8"))
    })?;
    let mut activities = Vec::new();
    for (index, text) in text
        .lines()
        .enumerate()
        .filter(|(_, text)| !text.trim().is_empty())
    {
        if activities.len() == ACTIVITIES {
            let remedy = format!("send at most {ACTIVITIES} activities in one request");
            return Err((index + 1, whole_line("is one too many", &remedy)));
        }
        activities.push(line::parse(text).map_err(|fault| (index + 1, fault))?);
    }
    Ok(activities)
}

fn whole_line(message: &str, remedy: &str) -> Fault {
    Fault {
        field: String::new(),
        message: message.to_owned(),
        remedy: remedy.to_owned(),
    }
}

fn refusal(line: usize, fault: &Fault) -> WebhookResponse {
    let place = if fault.field.is_empty() {
        String::new()
    } else {
        format!(" {}:", fault.field)
    };
    let problem = json!({
        "title": "Malformed activity",
        "status": 400,
        "detail": format!("Line {line}:{place} {}. To do: {}.", fault.message, fault.remedy),
        "line": line,
        "field": fault.field,
        "remedy": fault.remedy,
    });
    answer(400, "application/problem+json", &problem)
}

fn answer(status: u16, media_type: &str, body: &Value) -> WebhookResponse {
    WebhookResponse {
        status,
        headers: vec![header("content-type", media_type)],
        body: body.to_string().into_bytes(),
    }
}

fn header(name: &str, value: &str) -> Header {
    Header {
        name: name.to_owned(),
        value: value.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(id: &str) -> String {
        format!(
            r#"{{"id":"{id}","type":"Create","published":"2026-03-02T08:15:00Z","object":{{"id":"m-{id}","attributedTo":{{"id":"p"}},"content":"Waar blijft mijn monteur?"}}}}"#
        )
    }

    fn posted(body: &[u8]) -> (u16, Vec<String>, Value) {
        let result = receive("POST", body);
        let ids = result.activities.into_iter().map(|a| a.id).collect();
        (
            result.response.status,
            ids,
            serde_json::from_slice(&result.response.body).unwrap(),
        )
    }

    #[test]
    fn takes_all_lines_in_order() {
        let body = format!("{}\r\n\n{}\n", line("a"), line("b"));
        let (status, ids, answer) = posted(body.as_bytes());
        assert_eq!((status, ids), (200, vec!["a".to_owned(), "b".to_owned()]));
        assert_eq!(answer, json!({"accepted": 2}));
    }

    #[test]
    fn an_empty_body_is_no_activities() {
        assert_eq!(posted(b""), (200, Vec::new(), json!({"accepted": 0})));
    }

    #[test]
    fn one_bad_line_refuses_all_and_is_named() {
        let bad = line("b").replace("2026-03-02", "2 maart");
        let (status, ids, answer) =
            posted(format!("{}\n\n{bad}\n{}", line("a"), line("c")).as_bytes());
        assert_eq!((status, ids.len()), (400, 0));
        assert_eq!(answer["line"], 3);
        assert_eq!(answer["field"], "published");
        assert!(answer["remedy"].as_str().unwrap().contains("RFC 3339"));
        assert!(
            answer["detail"]
                .as_str()
                .unwrap()
                .starts_with("Line 3: published:")
        );
    }

    #[test]
    fn bytes_that_are_not_text_are_placed() {
        let mut body = line("a").into_bytes();
        body.extend_from_slice(b"\n\xff\xfe");
        let (status, ids, answer) = posted(&body);
        assert_eq!((status, ids.len(), &answer["line"]), (400, 0, &json!(2)));
    }

    #[test]
    fn more_than_the_contract_allows_is_refused() {
        let body = |count: usize| {
            (0..count)
                .map(|i| line(&i.to_string()) + "\n")
                .collect::<String>()
        };
        assert_eq!(posted(body(500).as_bytes()).0, 200);
        let (status, ids, answer) = posted(body(501).as_bytes());
        assert_eq!((status, ids.len(), &answer["line"]), (400, 0, &json!(501)));
    }

    #[test]
    fn only_post_is_allowed() {
        for method in ["GET", "PUT", "DELETE", "post", ""] {
            let result = receive(method, line("a").as_bytes());
            assert_eq!((result.response.status, result.activities.len()), (405, 0));
            assert!(
                result
                    .response
                    .headers
                    .iter()
                    .any(|h| h.name == "allow" && h.value == "POST")
            );
        }
    }
}
