//! Who may come in: holders of the one token. Without a token (loopback only) browsers are kept from
//! being used against it: the request must be for this machine by name, and from no other site.

use super::AppState;
use super::problem::Problem;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};
use std::sync::Arc;
use subtle::ConstantTimeEq;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};

/// The token, as a digest so that comparing takes the same time whatever is sent.
#[derive(Clone, Default)]
pub struct Access(Option<Arc<[u8; 32]>>);

impl Access {
    pub fn new(token: Option<&str>) -> Self {
        Self(token.map(|token| Arc::new(Sha256::digest(token.as_bytes()).into())))
    }

    /// For webhooks: networks have no token, their connector proves them genuine; but a host that is
    /// for this machine only stays so.
    pub fn admits_webhook(&self, headers: &HeaderMap) -> Result<(), Problem> {
        match &self.0 {
            Some(_) => Ok(()),
            None => local_only(headers),
        }
    }

    fn admits(&self, headers: &HeaderMap) -> Result<(), Problem> {
        let Some(expected) = &self.0 else {
            return local_only(headers);
        };
        let given = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default();
        let given: [u8; 32] = Sha256::digest(given.as_bytes()).into();
        if bool::from(given.ct_eq(expected.as_ref())) {
            return Ok(());
        }
        Err(Problem::new(
            StatusCode::UNAUTHORIZED,
            "Send the API token of rapport.toml as `Authorization: Bearer …`.",
        ))
    }
}

/// Refuses what a page of another site could make a browser send.
fn local_only(headers: &HeaderMap) -> Result<(), Problem> {
    let local = |authority: &str| {
        let host = match authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        matches!(host, "localhost" | "127.0.0.1" | "::1")
    };
    let text = |name| {
        headers
            .get(name)
            .and_then(|v: &header::HeaderValue| v.to_str().ok())
    };
    let host_ok = text(header::HOST).is_none_or(local);
    let origin_ok = text(header::ORIGIN).is_none_or(|origin| {
        origin
            .split_once("://")
            .is_some_and(|(_, rest)| local(rest))
    });
    if host_ok && origin_ok {
        return Ok(());
    }
    Err(Problem::new(
        StatusCode::FORBIDDEN,
        "Without an api-token only requests from this machine to this machine are answered.",
    ))
}

pub async fn require(State(state): State<AppState>, request: Request, next: Next) -> Response {
    match state.access.admits(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(problem) => {
            let mut response = problem.into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                let bearer = header::HeaderValue::from_static("Bearer");
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, bearer);
            }
            response
        }
    }
}

/// Names the token in the OpenAPI document.
pub struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(scheme));
        document.security = Some(vec![SecurityRequirement::new(
            "token",
            Vec::<String>::new(),
        )]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    header::HeaderName::from_static(name),
                    value.parse().unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn the_token_opens() {
        let access = Access::new(Some("0123456789abcdef"));
        assert!(
            access
                .admits(&headers(&[("authorization", "Bearer 0123456789abcdef")]))
                .is_ok()
        );
        for wrong in [
            "Bearer x",
            "0123456789abcdef",
            "Bearer 0123456789abcdef0",
            "",
        ] {
            assert!(
                access
                    .admits(&headers(&[("authorization", wrong)]))
                    .is_err(),
                "{wrong}"
            );
        }
        assert!(access.admits(&HeaderMap::new()).is_err());
    }

    #[test]
    fn without_a_token_only_this_machine() {
        let access = Access::default();
        assert!(
            access
                .admits(&headers(&[("host", "127.0.0.1:8080")]))
                .is_ok()
        );
        assert!(access.admits(&headers(&[("host", "[::1]:8080")])).is_ok());
        assert!(
            access
                .admits(&headers(&[("host", "evil.example")]))
                .is_err()
        );
        let crossed = [
            ("host", "localhost:8080"),
            ("origin", "https://evil.example"),
        ];
        assert!(access.admits(&headers(&crossed)).is_err());
    }
}
