//! Errors as clients see them: problem details (RFC 9457). What the log says is another message.

use crate::access::AccessError;
use crate::db::DbError;
use axum::body::{Body, Bytes};
use axum::extract::rejection::{BytesRejection, JsonRejection, PathRejection, QueryRejection};
use axum::extract::{FromRequest, Request};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde::de::DeserializeOwned;
use utoipa::ToSchema;

/// A problem document.
#[derive(Debug, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says it all.
    #[serde(rename = "type")]
    kind: &'static str,
    title: &'static str,
    status: u16,
    /// What is wrong, where, and what to do.
    detail: String,
    /// For the header Retry-After, in seconds.
    #[serde(skip)]
    retry_after_s: Option<i64>,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            retry_after_s: None,
        }
    }

    pub fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("There is no such {what}."))
    }

    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail)
    }

    /// Nothing can be done about it now; the answer says when to try again.
    pub fn busy(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, detail)
    }

    /// With the time to wait before the next try, where it is known.
    pub fn after(mut self, wait: Option<std::time::Duration>) -> Self {
        let seconds = wait.map(|wait| wait.as_secs_f64().ceil() as i64);
        self.retry_after_s = seconds.or(self.retry_after_s);
        self
    }

    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, detail)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = serde_json::to_string(&self).unwrap_or_default();
        let mut response = (
            status,
            [(header::CONTENT_TYPE, "application/problem+json")],
            body,
        )
            .into_response();
        let unavailable = (status == StatusCode::SERVICE_UNAVAILABLE).then_some(5);
        if let Some(seconds) = self.retry_after_s.or(unavailable) {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, header::HeaderValue::from(seconds));
        }
        response
    }
}

/// The store did not answer: nothing was acknowledged, so the client can try again.
impl From<DbError> for Problem {
    fn from(error: DbError) -> Self {
        tracing::error!(%error, "request failed");
        Self::busy("The store did not answer; nothing was changed. Try again.")
    }
}

impl From<AccessError> for Problem {
    fn from(error: AccessError) -> Self {
        let detail = error.to_string();
        match error {
            AccessError::Db(error) => Self::from(error),
            AccessError::Refused(_) => Self::new(StatusCode::UNAUTHORIZED, detail),
            AccessError::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, detail),
            AccessError::NotFound(_) => Self::new(StatusCode::NOT_FOUND, detail),
            AccessError::Invalid(_) => Self::invalid(detail),
            AccessError::Conflict(_) => Self::conflict(detail),
            AccessError::Throttled { retry_after_s } => Self {
                retry_after_s: Some(retry_after_s),
                ..Self::new(StatusCode::TOO_MANY_REQUESTS, detail)
            },
            AccessError::Busy => Self::busy(detail),
        }
    }
}

impl From<JsonRejection> for Problem {
    fn from(rejection: JsonRejection) -> Self {
        let status = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => StatusCode::PAYLOAD_TOO_LARGE,
            StatusCode::UNSUPPORTED_MEDIA_TYPE => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            StatusCode::BAD_REQUEST => StatusCode::BAD_REQUEST,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self::new(status, rejection.body_text())
    }
}

impl From<BytesRejection> for Problem {
    fn from(rejection: BytesRejection) -> Self {
        Self::new(rejection.status(), rejection.body_text())
    }
}

impl From<QueryRejection> for Problem {
    fn from(rejection: QueryRejection) -> Self {
        Self::new(StatusCode::BAD_REQUEST, rejection.body_text())
    }
}

impl From<PathRejection> for Problem {
    fn from(rejection: PathRejection) -> Self {
        Self::new(StatusCode::BAD_REQUEST, rejection.body_text())
    }
}

pub async fn no_such_route() -> Problem {
    Problem::new(
        StatusCode::NOT_FOUND,
        "There is nothing here; see /api/v1/openapi.json.",
    )
}

pub async fn no_such_method() -> Problem {
    Problem::new(
        StatusCode::METHOD_NOT_ALLOWED,
        "Not with this method; see /api/v1/openapi.json.",
    )
}

/// JSON bodies, with our errors. A text with the character NUL is refused: not every store takes it.
pub struct Json<T>(pub T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Json<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (head, body) = request.into_parts();
        let whole = Request::from_parts(head.clone(), body);
        let bytes = Bytes::from_request(whole, state).await?;
        let has_nul = writes_nul(&bytes);
        let request = Request::from_parts(head, Body::from(bytes));
        let axum::Json(value) = axum::Json::from_request(request, state).await?;
        if has_nul {
            return Err(Problem::invalid("The character NUL can't stand in a text."));
        }
        Ok(Self(value))
    }
}

/// Whether a JSON text has the escape of NUL, the only way to write that character in JSON.
fn writes_nul(json: &[u8]) -> bool {
    let mut rest = json;
    while let Some(at) = rest.iter().position(|byte| *byte == b'\\') {
        rest = &rest[at + 1..];
        if rest.starts_with(b"u0000") {
            return true;
        }
        // Whatever was escaped, a backslash maybe, begins no escape itself.
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

impl<T: Serialize> IntoResponse for Json<T> {
    fn into_response(self) -> Response {
        axum::Json(self.0).into_response()
    }
}

/// Query parameters, with our errors.
#[derive(axum::extract::FromRequestParts)]
#[from_request(via(axum::extract::Query), rejection(Problem))]
pub struct Query<T>(pub T);

/// Path parameters, with our errors.
#[derive(axum::extract::FromRequestParts)]
#[from_request(via(axum::extract::Path), rejection(Problem))]
pub struct Path<T>(pub T);

#[cfg(test)]
mod tests {
    use super::writes_nul;

    #[test]
    fn nul_is_found_where_it_is_written() {
        assert!(writes_nul(br#"{"a": "x\u0000"}"#));
        assert!(writes_nul(br#"{"a": "\\\u0000"}"#));
        assert!(!writes_nul(br#"{"a": "\\u0000"}"#));
        assert!(!writes_nul(br#"{"a": "\u0001 u0000 \\"}"#));
        assert!(!writes_nul(b"\\"));
    }
}
