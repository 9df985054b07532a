//! Hostile text in every text field of every endpoint.

use crate::channel::log_is_clean;
use crate::document::{Operation, Place, operations};
use crate::support::{Host, until};
use crate::{MARK, SOON, TOWN, controls, hostile};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Ids of things that are there, by the name of their list: `messages`, `drafts`, …
type Known = BTreeMap<String, String>;

async fn something_is_there(host: &Host) -> Known {
    let line = json!({
        "id": "create-m-1", "type": "Create", "published": "2026-03-02T08:15:00Z",
        "object": {"id": "m-1", "content": "Dit is een klacht! Ik wacht al drie weken op mijn pakket.",
            "visibility": "direct", "reach": "directed", "attributedTo": {"id": "lotte"}},
    });
    let request = host.request(Method::POST, "/webhooks/town", None);
    let response = request.body(line.to_string()).send().await.unwrap();
    assert_eq!(response.status().as_u16(), 200);
    let message = until("the message is judged", SOON, async || {
        let page = host.get("messages").await;
        page["items"][0]["id"].as_str().map(str::to_owned)
    })
    .await;
    let new = json!({"messageId": message, "content": "Dag Lotte", "author": "Sanne"});
    assert_eq!(host.post("drafts", &new).await.0, 201);
    let document = host.get("openapi.json").await;
    let mut known = Known::new();
    for path in document["paths"].as_object().unwrap().keys() {
        let Some(list) = path.strip_prefix("/api/v1/") else {
            continue;
        };
        let plain = document["paths"][path]["get"].is_object() && !list.contains('{');
        if !plain || list == "events" {
            continue;
        }
        let (status, page) = host.call(Method::GET, list, None).await;
        let items = page.get("items").unwrap_or(&page);
        if let (200, Some(id)) = (status, items[0]["id"].as_str()) {
            known.insert(list.to_owned(), id.to_owned());
        }
    }
    assert!(
        known.contains_key("messages") && known.contains_key("drafts"),
        "{known:?}"
    );
    known
}

/// The request with this text in that place, everything else in order.
fn request(
    host: &Host,
    operation: &Operation,
    known: &Known,
    place: &Place,
    text: &str,
) -> reqwest::RequestBuilder {
    let mut path = String::new();
    let mut list = "";
    for part in operation.path.trim_start_matches('/').split('/') {
        path.push('/');
        match part.strip_prefix('{').and_then(|p| p.strip_suffix('}')) {
            Some(name) if *place == Place::Path(name.to_owned()) => path += &encoded(text),
            // Nothing that is there is deleted: the rest of the run needs it.
            Some(_) if operation.method == Method::DELETE => path += "none",
            Some(_) => path += known.get(list).map_or("none", String::as_str),
            None => {
                path += part;
                list = part;
            }
        }
    }
    if let Place::Query(name) = place {
        path += &format!("?{}={}", encoded(name), encoded(text));
    }
    let body = operation.body.clone().map(|mut body| {
        fill_ids(&mut body, known);
        if let Place::Body(pointer) = place
            && let Some(field) = body.pointer_mut(pointer)
        {
            *field = json!(text);
        }
        body
    });
    let mut request = host.request(operation.method.clone(), &path, body.as_ref());
    if let Place::Header(name) = place {
        // What can't stand in a header can't be sent in one.
        let text: String = text
            .chars()
            .filter(|c| c.is_ascii() && !c.is_control())
            .collect();
        request = request.header(name, text);
    }
    request
}

/// `messageId` becomes the id of a message that is there, and so on.
fn fill_ids(body: &mut Value, known: &Known) {
    let Value::Object(fields) = body else { return };
    for (name, value) in fields {
        let id = name
            .strip_suffix("Id")
            .and_then(|thing| known.get(&format!("{thing}s")));
        if let (Some(id), true) = (id, value.is_string()) {
            *value = json!(id);
        }
    }
}

/// Everything but letters and digits as `%XX`.
fn encoded(text: &str) -> String {
    let bytes = text.bytes().map(|byte| match byte.is_ascii_alphanumeric() {
        true => (byte as char).to_string(),
        false => format!("%{byte:02X}"),
    });
    bytes.collect()
}

/// One hostile request; what is wrong with the answer.
async fn attack(request: reqwest::RequestBuilder) -> Result<u16, String> {
    let response = request.send().await.map_err(|error| error.to_string())?;
    let status = response.status().as_u16();
    for (name, value) in response.headers() {
        let value = String::from_utf8_lossy(value.as_bytes());
        if name == "x-evil" || value.contains(MARK) {
            return Err(format!("{status} has the header {name}: {value}"));
        }
    }
    let kind = response.headers().get("content-type");
    let kind = kind.map(|kind| String::from_utf8_lossy(kind.as_bytes()).into_owned());
    let body = response.text().await.map_err(|error| error.to_string())?;
    if status >= 500 {
        return Err(format!("{status} {body}"));
    }
    let kind = kind.unwrap_or_default();
    match kind.split(';').next() {
        Some("application/json" | "application/problem+json") => {
            let parsed: Result<Value, _> = serde_json::from_str(&body);
            parsed
                .map(|_| status)
                .map_err(|error| format!("{status}, {error}: {body}"))
        }
        Some("application/x-ndjson") | Some("") if body.is_empty() => Ok(status),
        Some("application/x-ndjson") => Ok(status),
        Some("text/csv") => cells_are_harmless(&body).map(|()| status),
        _ => Err(format!("{status} is {kind:?}: {body}")),
    }
}

/// No cell that a spreadsheet takes for a formula.
fn cells_are_harmless(body: &str) -> Result<(), String> {
    let mut rows = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .from_reader(body.as_bytes());
    for row in rows.records() {
        for cell in &row.map_err(|error| error.to_string())? {
            let number = cell.parse::<f64>().is_ok();
            if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !number {
                return Err(format!("a spreadsheet runs {cell:?}"));
            }
        }
    }
    Ok(())
}

#[tokio::test]
async fn no_text_in_any_field_of_any_endpoint_does_harm() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let known = something_is_there(&host).await;
    let before = host.get(&format!("messages/{}", known["messages"])).await;
    let document = host.get("openapi.json").await;
    let operations = operations(&document);
    assert!(operations.len() > 20, "the document was not understood");
    let texts: Vec<String> = hostile().into_iter().chain(controls()).collect();
    let (mut count, mut wrong) = (0, Vec::new());
    let mut accepted = 0;
    for operation in &operations {
        for place in &operation.places {
            for text in &texts {
                count += 1;
                match attack(request(&host, operation, &known, place, text)).await {
                    Ok(status) if status < 300 => accepted += 1,
                    Ok(_) => {}
                    Err(problem) => {
                        let Operation { method, path, .. } = operation;
                        wrong.push(format!("{method} {path} {place:?} {text:?}: {problem}"));
                    }
                }
            }
        }
    }
    println!(
        "{count} requests to {} operations, {accepted} accepted",
        operations.len()
    );
    let shown = wrong.len().min(30);
    assert!(
        wrong.is_empty(),
        "{} answers are wrong:\n{}",
        wrong.len(),
        wrong[..shown].join("\n")
    );
    log_is_clean(&host);
    let after = host.get(&format!("messages/{}", known["messages"])).await;
    assert_eq!(
        after["content"], before["content"],
        "the message is as it was"
    );
    assert!(host.terminate().await.success());
}

#[tokio::test]
async fn hostile_text_that_is_accepted_is_given_back_as_it_was_written() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start(TOWN, dir.path()).await;
    let known = something_is_there(&host).await;
    for text in hostile() {
        let new = json!({"messageId": known["messages"], "content": text, "author": "Sanne"});
        let (status, draft) = host.post("drafts", &new).await;
        assert_eq!(status, 201, "{draft:#}");
        let path = format!("drafts/{}", draft["id"].as_str().unwrap());
        assert_eq!(host.get(&path).await["content"], text.as_str());
        let (status, edited) = host
            .call(
                Method::PATCH,
                &path,
                Some(&json!({"content": format!("{text} {text}")})),
            )
            .await;
        assert_eq!(status, 200, "{edited:#}");
        assert_eq!(edited["content"], format!("{text} {text}").as_str());
        assert_eq!(
            host.post(&format!("{path}/check"), &Value::Null).await.0,
            200
        );
        let inbox = &known["inboxes"];
        let new = json!({"inboxId": inbox, "query": text});
        let (status, monitor) = host.post("monitors", &new).await;
        assert_eq!(
            (status, &monitor["query"]),
            (201, &json!(text)),
            "{monitor:#}"
        );
    }
    log_is_clean(&host);
}
