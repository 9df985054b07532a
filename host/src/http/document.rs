//! Completes the OpenAPI document with what handlers do not say of themselves: the answers that every
//! operation can give before it begins (see `limits`), those that follow from its rule (see `rules`)
//! or its body, and the media type of errors. What a handler says itself stays.

use super::rules::{RULES, Rule};
use utoipa::openapi::path::Operation;
use utoipa::openapi::{ContentBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder};

const PROBLEM: &str = "application/problem+json";

/// Statuses, and what they say.
type Answers = &'static [(&'static str, &'static str)];

/// Of operations that have a body.
const OF_BODIES: Answers = &[
    ("400", "Not JSON"),
    ("413", "Too large"),
    ("415", "Not application/json"),
    ("422", "Not as described"),
];
/// Of operations that are not for everybody.
const OF_CALLERS: Answers = &[
    ("401", "Nobody, or nobody any more"),
    (
        "403",
        "Not with these permissions, or without the CSRF token",
    ),
];
const OF_ALL: Answers = &[
    ("400", "The request is not well formed"),
    ("408", "The body did not come in time"),
    ("413", "The body is too large"),
    (
        "429",
        "The caller asks too often; Retry-After says how long to wait",
    ),
    ("431", "The head of the request is too large"),
    ("503", "The store did not answer; nothing was changed"),
];

/// All operations.
pub fn complete(document: &mut OpenApi) {
    for (path, item) in &mut document.paths.paths {
        let operations = [
            ("GET", &mut item.get),
            ("POST", &mut item.post),
            ("PUT", &mut item.put),
            ("PATCH", &mut item.patch),
            ("DELETE", &mut item.delete),
        ];
        for (method, operation) in operations {
            let Some(operation) = operation else { continue };
            let rule = RULES.iter().find(|(of, at, _)| *of == method && at == path);
            complete_one(operation, rule.map(|(_, _, rule)| *rule));
        }
    }
}

fn complete_one(operation: &mut Operation, rule: Option<Rule>) {
    if let Some(Rule::Known | Rule::Person | Rule::Needs(_)) = rule {
        add(operation, OF_CALLERS);
    } else {
        operation.security = Some(Vec::new());
    }
    if operation.request_body.is_some() {
        add(operation, OF_BODIES);
    }
    add(operation, OF_ALL);
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(response)) = (status.as_str() >= "400", response)
            && let Some(content) = response.content.shift_remove("application/json")
        {
            response.content.insert(PROBLEM.to_owned(), content);
        }
    }
}

/// The first word on a status counts.
fn add(operation: &mut Operation, answers: Answers) {
    for (status, text) in answers {
        let responses = &mut operation.responses.responses;
        let status = (*status).to_owned();
        responses
            .entry(status)
            .or_insert_with(|| problem(text).into());
    }
}

fn problem(text: &str) -> Response {
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    ResponseBuilder::new()
        .description(text)
        .content(PROBLEM, content)
        .build()
}
