//! Answers a webhook request: a POST whose body has one activity a line, see [`crate::line`], or is
//! written as senders write it (`body`).
//!
//! Invariants: all activities are taken or none; a refusal is `application/problem+json` (RFC 9457)
//! with the place, the field and the remedy. Deliberately absent: recognising an activity seen before
//! (the host does, by its id).

use rapport_sdk::channel::{Header, Page, WebhookResponse, WebhookResult};
use serde_json::{Value, json};

use crate::body::{Place, activities};
use crate::line::Fault;

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
            "detail": "Activities are taken by POST, as JSON objects or an array of them.",
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
        Err((place, fault)) => WebhookResult {
            activities: Vec::new(),
            response: refusal(place, &fault),
        },
    }
}

fn refusal(place: Place, fault: &Fault) -> WebhookResponse {
    let field = if fault.field.is_empty() {
        String::new()
    } else {
        format!(" {}:", fault.field)
    };
    let mut problem = json!({
        "title": "Malformed activity",
        "status": 400,
        "detail": format!("{place}:{field} {}. To do: {}.", fault.message, fault.remedy),
        "line": place.line,
        "field": fault.field,
        "remedy": fault.remedy,
    });
    if let Some(element) = place.element {
        problem["element"] = element.into();
    }
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
    fn one_bad_element_refuses_all_and_is_named() {
        let bad = line("b").replace(r#""content":"Waar blijft mijn monteur?""#, "\"content\": 7");
        let body = format!("[\n{},\n{bad}]", line("a"));
        let (status, ids, answer) = posted(body.as_bytes());
        assert_eq!((status, ids.len()), (400, 0));
        assert_eq!(answer["element"], 2);
        assert_eq!(answer["field"], "object.content");
        let detail = answer["detail"].as_str().unwrap();
        assert!(
            detail.starts_with("Element 2 of the array in line 1: object.content:"),
            "{detail}"
        );
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
