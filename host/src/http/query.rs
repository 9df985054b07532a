//! Query parameters, taken as the OpenAPI document describes them and not otherwise: one that it does
//! not have is refused with the nearest that it has, as is one that is given twice or whose value is of
//! the wrong kind. A filter that is misspelled would else be a list of everything.
//!
//! Ranges and lengths are up to the handlers. Deliberately absent: routes outside the document, and
//! answers of OpenID Connect providers, who may add what they like.

use super::document::{METHODS, document, resolve};
use super::problem::Problem;
use axum::extract::{MatchedPath, Request};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rapport_package::nearest::nearest;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;
use url::form_urlencoded;

/// Other parameters are no mistake here.
const OPEN: &[&str] = &["/api/v1/oidc/{provider}/callback"];
/// Longest part of a name or value that is repeated to whoever sent it, in characters.
const SHOWN: usize = 64;

struct Parameter {
    name: String,
    required: bool,
    kind: Kind,
}

enum Kind {
    Text,
    Integer,
    Boolean,
    OneOf(Vec<String>),
}

/// By method and path.
type Operations = HashMap<(String, String), Vec<Parameter>>;

static OPERATIONS: LazyLock<Operations> = LazyLock::new(|| operations(document()));

fn operations(document: &Value) -> Operations {
    let schemas = &document["components"]["schemas"];
    let mut found = Operations::new();
    for (path, item) in document["paths"].as_object().into_iter().flatten() {
        for method in METHODS {
            let Some(operation) = item.get(*method) else {
                continue;
            };
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            let queries = parameters.filter(|parameter| parameter["in"] == "query");
            let read = |parameter: &Value| Parameter {
                name: parameter["name"].as_str().unwrap_or_default().to_owned(),
                required: parameter["required"] == true,
                kind: kind(schemas, &parameter["schema"]),
            };
            let key = (method.to_uppercase(), path.clone());
            found.insert(key, queries.map(read).collect());
        }
    }
    found
}

fn kind(schemas: &Value, schema: &Value) -> Kind {
    let mut schema = resolve(schemas, schema);
    // What may be left out is written as "this or null".
    for or in ["oneOf", "anyOf", "allOf"] {
        let choices = schema[or].as_array();
        let mut choices = choices.into_iter().flatten();
        if let Some(choice) = choices.find(|choice| choice["type"] != "null") {
            schema = resolve(schemas, choice);
            break;
        }
    }
    if let Some(values) = schema["enum"].as_array() {
        let texts = values.iter().filter_map(Value::as_str);
        return Kind::OneOf(texts.map(str::to_owned).collect());
    }
    let is = |name: &str| match &schema["type"] {
        Value::Array(types) => types.iter().any(|of| of == name),
        one => one == name,
    };
    match (is("integer"), is("boolean")) {
        (true, _) => Kind::Integer,
        (_, true) => Kind::Boolean,
        _ => Kind::Text,
    }
}

/// Before every handler.
pub async fn guard(request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or("", MatchedPath::as_str);
    let method = match request.method().as_str() {
        "HEAD" => "GET",
        method => method,
    };
    let operation = OPERATIONS.get(&(method.to_owned(), path.to_owned()));
    if let Some(parameters) = operation {
        let query = request.uri().query().unwrap_or_default();
        if let Err(detail) = check(parameters, query, OPEN.contains(&path)) {
            return Problem::new(StatusCode::BAD_REQUEST, detail).into_response();
        }
    }
    next.run(request).await
}

fn check(parameters: &[Parameter], query: &str, open: bool) -> Result<(), String> {
    let mut seen = BTreeSet::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        match parameters.iter().find(|parameter| parameter.name == name) {
            None if open => continue,
            None => return Err(unknown(parameters, &name)),
            Some(parameter) => check_value(parameter, &value)?,
        }
        if !seen.insert(name.clone()) {
            return Err(format!("{name}: given more than once."));
        }
    }
    let missing = |parameter: &&Parameter| parameter.required && !seen.contains(&*parameter.name);
    match parameters.iter().find(missing) {
        Some(Parameter { name, .. }) => Err(format!("{name}: this parameter is missing.")),
        None => Ok(()),
    }
}

fn unknown(parameters: &[Parameter], name: &str) -> String {
    let shown: String = name.chars().take(SHOWN).collect();
    let known: Vec<&str> = parameters.iter().map(|p| p.name.as_str()).collect();
    if known.is_empty() {
        return format!("`{shown}`: no query parameter is taken here.");
    }
    let hint = nearest(name, known.iter().copied()).unwrap_or_else(|| ".".to_owned());
    let known = known.join(", ");
    format!("`{shown}`: there is no such query parameter here{hint} Known: {known}.")
}

fn check_value(parameter: &Parameter, value: &str) -> Result<(), String> {
    let accepted = match &parameter.kind {
        Kind::Integer if value.parse::<i64>().is_err() => "a whole number".to_owned(),
        Kind::Boolean if !["true", "false"].contains(&value) => "true or false".to_owned(),
        Kind::OneOf(values) if values.iter().all(|one| one != value) => {
            let hint = nearest(value, values.iter().map(String::as_str));
            format!("one of {}{}", values.join(", "), hint.unwrap_or_default())
        }
        _ => return Ok(()),
    };
    let shown: String = value.chars().take(SHOWN).collect();
    let detail = format!("{}: `{shown}` is not {accepted}", parameter.name);
    Err(match detail.ends_with('?') {
        true => detail,
        false => format!("{detail}."),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detail(path: &str, query: &str) -> String {
        let parameters = &OPERATIONS[&("GET".to_owned(), format!("/api/v1/{path}"))];
        let open = OPEN.contains(&format!("/api/v1/{path}").as_str());
        check(parameters, query, open).err().unwrap_or_default()
    }

    #[test]
    fn what_is_described_is_taken() {
        for (path, query) in [
            ("cases", ""),
            (
                "cases",
                "kind=complaint&status=open&limit=5&contactId=x&after=00",
            ),
            ("messages", "inbox=town&conversationId=&limit=1"),
            ("conversations", "status=left%2Dalone&team=Team%20A"),
            ("audit", "from=-1&to=99999999999999"),
            (
                "oidc/{provider}/callback",
                "state=a&code=b&session_state=c&scope=x&scope=y",
            ),
        ] {
            assert_eq!(detail(path, query), "", "{path}?{query}");
        }
    }

    #[test]
    fn what_is_not_is_refused_with_the_nearest() {
        let nearest = "`knid`: there is no such query parameter here; did you mean `kind`? Known: ";
        assert!(detail("cases", "knid=complaint").starts_with(nearest));
        let far = "`zzz`: there is no such query parameter here. Known: ";
        assert!(detail("cases", "limit=1&zzz").starts_with(far));
        assert!(detail("cases", "Kind=lead").contains("did you mean `kind`?"));
        assert!(detail("cases", "=").contains("no such query parameter"));
        assert_eq!(
            detail("teams", "limit=1"),
            "`limit`: no query parameter is taken here."
        );
        let long = detail("cases", &"x".repeat(9000));
        assert!(long.len() < 300, "{long}");
    }

    #[test]
    fn what_is_of_the_wrong_kind_or_repeated_is_refused() {
        for (path, query, says) in [
            (
                "cases",
                "kind=complain",
                "kind: `complain` is not one of complaint, question, lead, other; did you mean `complaint`?",
            ),
            ("cases", "status=", "status: `` is not one of open, closed."),
            (
                "messages",
                "limit=many",
                "limit: `many` is not a whole number.",
            ),
            ("messages", "limit=", "limit: `` is not a whole number."),
            ("audit", "from=1e3", "from: `1e3` is not a whole number."),
            (
                "messages",
                "limit=1&limit=2",
                "limit: given more than once.",
            ),
            (
                "messages",
                "inbox=a&%69nbox=a",
                "inbox: given more than once.",
            ),
        ] {
            assert_eq!(detail(path, query), says, "{path}?{query}");
        }
        let parameters = &OPERATIONS[&("DELETE".to_owned(), "/api/v1/plugins/{id}".to_owned())];
        let said = check(parameters, "forget=yes", false);
        assert_eq!(said.unwrap_err(), "forget: `yes` is not true or false.");
        let parameters = &OPERATIONS[&("DELETE".to_owned(), "/api/v1/contacts/{id}".to_owned())];
        let said = check(parameters, "", false);
        assert_eq!(said.unwrap_err(), "reason: this parameter is missing.");
    }
}
