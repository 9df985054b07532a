//! Who comes in: an agent with a session cookie, a program with an API token, or the operator with the
//! configured api-token. [`guard`] stands before every route: it finds the route's rule, finds out who
//! asks, and refuses or lets in with the [`Caller`] attached.
//!
//! A cookie comes along whatever page made the browser ask, so unsafe methods also need the token of
//! the log-in answer in `X-Rapport-CSRF`, and an Origin that is ours. `rapport demo` alone is open: to
//! this machine, and to no page of another site. Deliberately absent: basic authentication, tokens in
//! query strings.

mod cookie;
mod origin;

pub use cookie::Cookie;
pub use origin::source;

use super::AppState;
use super::cors;
use super::problem::Problem;
use super::room::discard;
use super::rules::{Rule, rule_of};
use crate::access::secret::{TOKEN_PREFIX, csrf_token, digest};
use crate::access::session::Opened;
use crate::access::{SessionLimits, caller, session};
use crate::domain::access::{Caller, CallerKind};
use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use ipnet::IpNet;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use tower_http::cors::CorsLayer;
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};

/// How long a device is known, at most; each log-in begins it anew. Browsers take no longer ages.
const DEVICE_S: i64 = 400 * 24 * 3600;
const CSRF_HEADER: &str = "x-rapport-csrf";

/// What comes from the configuration.
#[derive(Clone)]
pub struct Access {
    /// The operator's token, as a digest so that comparing takes the same time whatever is sent.
    operator: Option<String>,
    /// No log-in is needed: the demo.
    open: bool,
    /// Origin under which people reach us.
    own_origin: Option<String>,
    /// People reach us over https.
    pub secure: bool,
    trusted_proxies: Vec<IpNet>,
    pub sessions: SessionLimits,
    /// Which pages of other origins may use the API.
    pub cors: Option<CorsLayer>,
}

impl Access {
    /// For `rapport serve`. `public_url`: where people reach us, when they do so by another address.
    pub fn new(
        operator_token: Option<&str>,
        public_url: Option<&url::Url>,
        trusted_proxies: &[IpNet],
        sessions: SessionLimits,
    ) -> Self {
        Self {
            operator: operator_token.map(digest),
            open: false,
            own_origin: public_url.map(|url| url.origin().ascii_serialization()),
            secure: public_url.is_some_and(|url| url.scheme() == "https"),
            trusted_proxies: trusted_proxies.to_vec(),
            sessions,
            cors: None,
        }
    }

    /// Lets pages of these origins use the API.
    pub fn with_cors(mut self, origins: &[String]) -> Self {
        self.cors = cors::layer(origins);
        self
    }

    /// For `rapport demo`: open to this machine, which is all that may reach it.
    pub fn demo() -> Self {
        let mut access = Self::new(None, None, &[], SessionLimits::default());
        access.open = true;
        access
    }

    /// The cookies of somebody who has logged in: the session's and the device's.
    pub fn cookies(&self, opened: &Opened) -> [Option<HeaderValue>; 2] {
        let session = Cookie::Session.set(&opened.secret, None, self.secure);
        let device = Cookie::Device.set(&opened.device, Some(DEVICE_S), self.secure);
        [session, device]
    }

    /// Ends the session's cookie. The device stays known.
    pub fn no_cookie(&self) -> Option<HeaderValue> {
        Cookie::Session.clear(self.secure)
    }

    /// The CSRF token of the session that the request's cookie is of.
    pub fn csrf(&self, headers: &HeaderMap) -> Option<String> {
        Cookie::Session
            .read(headers, self.secure)
            .map(|secret| csrf_token(&secret))
    }

    fn is_operator(&self, token: &str) -> bool {
        let given = digest(token);
        let expected = self.operator.as_ref();
        expected.is_some_and(|expected| given.as_bytes().ct_eq(expected.as_bytes()).into())
    }
}

pub(super) fn refusal(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::FORBIDDEN, detail)
}

fn nobody(detail: &str) -> Problem {
    Problem::new(StatusCode::UNAUTHORIZED, detail)
}

/// Before every route. What is no route has its own answer.
pub async fn guard(State(state): State<AppState>, mut request: Request, next: Next) -> Response {
    let Some(path) = request.extensions().get::<MatchedPath>().cloned() else {
        return next.run(request).await;
    };
    let changes = is_unsafe(request.method());
    match admit(&state, path.as_str(), &mut request).await {
        Ok(()) => {
            let response = next.run(request).await;
            if changes && response.status().is_success() {
                state.wake.access.notify_one();
            }
            response
        }
        Err(problem) => {
            // Nothing of it is kept; whoever sends it is to hear why.
            discard(request).await;
            let mut response = problem.into_response();
            if response.status() == StatusCode::UNAUTHORIZED {
                let bearer = HeaderValue::from_static("Bearer");
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, bearer);
            }
            response
        }
    }
}

async fn admit(state: &AppState, path: &str, request: &mut Request) -> Result<(), Problem> {
    let rule = rule_of(request.method(), path)?;
    let access = &state.access;
    match rule {
        Rule::Public if access.open => return origin::local_only(request.headers()),
        // Logging somebody in as somebody else is forgery too.
        Rule::Public if is_unsafe(request.method()) => {
            return origin::same_site(request.headers(), access.own_origin.as_deref());
        }
        Rule::Public => return Ok(()),
        Rule::Webhook if access.open => return origin::local_only(request.headers()),
        Rule::Webhook => return Ok(()),
        Rule::Known | Rule::Person | Rule::Needs(_) => {}
    }
    let method = request.method().clone();
    let caller = identify(state, &method, request.headers()).await?;
    if rule == Rule::Person && !matches!(caller.kind, CallerKind::Session { .. }) {
        return Err(refusal("This is about one's own log-in: log in."));
    }
    if let Rule::Needs(permission) = rule
        && !caller.has(permission)
    {
        return Err(refusal(format!("This takes the permission {permission}.")));
    }
    request.extensions_mut().insert(Who(Arc::new(caller)));
    Ok(())
}

/// The token of the Authorization header, when there is one and it is a bearer token (RFC 6750). The
/// scheme may be written in any case, and be followed by several spaces or tabs (RFC 9110, 11.4).
pub fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let value = values.next()?.to_str().ok()?.trim();
    let (scheme, token) = value.split_once([' ', '\t'])?;
    let only = values.next().is_none();
    (only && scheme.eq_ignore_ascii_case("bearer")).then(|| token.trim())
}

fn is_unsafe(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

async fn identify(
    state: &AppState,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Caller, Problem> {
    let access = &state.access;
    let db = &state.pipeline.db;
    if headers.contains_key(header::AUTHORIZATION) {
        let wrong = || nobody("The token is unknown, revoked or expired.");
        let token = bearer(headers).ok_or_else(|| {
            nobody("Authorization: one token is taken here, as `Authorization: Bearer …`.")
        })?;
        if access.is_operator(token) {
            return Ok(Caller::operator("operator"));
        }
        if !token.starts_with(TOKEN_PREFIX) {
            return Err(wrong());
        }
        return caller::token_caller(db, token).await?.ok_or_else(wrong);
    }
    if let Some(secret) = Cookie::Session.read(headers, access.secure) {
        let found = session::resume(db, &access.sessions, &secret).await?;
        let caller = found.ok_or_else(|| nobody("The session is over; log in again."))?;
        if is_unsafe(method) {
            check_csrf(headers, &secret)?;
            origin::same_site(headers, access.own_origin.as_deref())?;
        }
        return Ok(caller);
    }
    if access.open {
        origin::local_only(headers)?;
        return Ok(Caller::operator("demo"));
    }
    Err(nobody(
        "Log in, or send an API token as `Authorization: Bearer …`.",
    ))
}

/// The same caller as of now, without counting as a request. None: no longer let in.
pub async fn again(state: &AppState, who: &Who) -> Result<Option<Caller>, Problem> {
    let db = &state.pipeline.db;
    Ok(match &who.kind {
        CallerKind::Operator => Some(Caller::clone(&who.0)),
        CallerKind::Session { session_id } => {
            session::again(db, &state.access.sessions, session_id).await?
        }
        CallerKind::Token { token_id } => caller::token_again(db, token_id).await?,
    })
}

fn check_csrf(headers: &HeaderMap, secret: &str) -> Result<(), Problem> {
    let given = headers.get(CSRF_HEADER).map_or(&b""[..], |v| v.as_bytes());
    let expected = csrf_token(secret);
    if bool::from(given.ct_eq(expected.as_bytes())) {
        return Ok(());
    }
    Err(refusal(
        "Send the `csrf` of GET /api/v1/session in the header X-Rapport-CSRF.",
    ))
}

/// Who asks, for handlers.
#[derive(Clone)]
pub struct Who(pub Arc<Caller>);

impl std::ops::Deref for Who {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Who {
    type Rejection = Problem;

    /// Set by [`guard`]; a route that lets everybody in has nobody.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let found = parts.extensions.get::<Who>().cloned();
        found.ok_or_else(|| nobody("Log in first."))
    }
}

/// Names the ways in, in the OpenAPI document.
pub struct Security;

impl utoipa::Modify for Security {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let cookie = ApiKey::Cookie(ApiKeyValue::with_description(
            "__Host-rapport",
            "Set by POST /session (`rapport` without https). Unsafe methods also take X-Rapport-CSRF.",
        ));
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("token", SecurityScheme::Http(bearer));
        components.add_security_scheme("session", SecurityScheme::ApiKey(cookie));
        document.security = Some(
            ["token", "session"]
                .map(|name| SecurityRequirement::new(name, Vec::<String>::new()))
                .to_vec(),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(values: &[&str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::AUTHORIZATION, value.parse().unwrap());
        }
        bearer(&headers).map(str::to_owned)
    }

    #[test]
    fn the_scheme_is_read_in_any_case_and_spacing() {
        for value in [
            "Bearer s1",
            "bearer s1",
            "BEARER s1",
            "bEaReR  s1",
            "Bearer\ts1",
            "bearer \t s1 ",
        ] {
            assert_eq!(token(&[value]).as_deref(), Some("s1"), "{value:?}");
        }
        for value in ["Bearers1", "Bearer", "Basic s1", "s1", "", "Bearer: s1"] {
            assert_eq!(token(&[value]), None, "{value:?}");
        }
        assert_eq!(token(&["Bearer s1", "Bearer s2"]), None, "which one?");
    }
}
