//! Log-in through an OpenID Connect provider: authorization code flow with PKCE, state and nonce.
//!
//! A log-in that was begun is kept for ten minutes and answered once, only to the browser that began it
//! (a cookie), and only leads on to a path of our own. Deliberately absent: log-out at the provider.

mod client;

use super::AppState;
use super::auth::{Access, Origin};
use super::problem::{Json, Path, Problem, Query};
use crate::access::external;
use crate::access::secret::{digest, new_secret};
use crate::access::session::Device;
use crate::access::throttle::address_key;
use crate::db::oidc::OidcLogin;
use crate::domain::oidc::{Person, Provider, return_path};
use crate::domain::sealed::purpose::oidc_login as purpose;
use crate::domain::{TimestampMs, now_ms};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use client::{OidcError, Providers};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use subtle::ConstantTimeEq;
use utoipa::{IntoParams, ToSchema};

/// How long a log-in at the provider may take.
const LOGIN_MS: TimestampMs = 10 * 60_000;

/// The configured providers.
pub struct Oidc {
    providers: BTreeMap<String, Provider>,
    /// Under which people reach us, without a slash at the end.
    base: String,
    client: Providers,
}

impl Oidc {
    /// `public_url`: under which people reach us. `roots` are trusted beside the system's authorities.
    /// Errors when no HTTP client can be made.
    pub fn new(
        providers: Vec<Provider>,
        public_url: Option<&str>,
        roots: &[reqwest::Certificate],
    ) -> Result<Self, String> {
        let named = |provider: Provider| (provider.name.clone(), provider);
        Ok(Self {
            providers: providers.into_iter().map(named).collect(),
            base: public_url
                .unwrap_or_default()
                .trim_end_matches('/')
                .to_owned(),
            client: Providers::new(roots)?,
        })
    }

    fn provider(&self, name: &str) -> Result<&Provider, Problem> {
        let found = self.providers.get(name);
        found.ok_or_else(|| Problem::not_found("provider"))
    }

    fn redirect(&self, provider: &Provider) -> String {
        format!("{}/api/v1/oidc/{}/callback", self.base, provider.name)
    }
}

/// What is remembered of a log-in, sealed.
#[derive(Serialize, Deserialize)]
struct Secrets {
    nonce: String,
    verifier: String,
}

/// A provider to log in with.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProviderView {
    pub name: String,
    /// For people.
    pub title: String,
    /// Where a browser begins.
    pub start: String,
}

/// Providers to log in with.
#[utoipa::path(get, path = "/oidc", operation_id = "listProviders", tag = "session", responses((status = 200, body = [ProviderView])))]
pub async fn providers(State(state): State<AppState>) -> Json<Vec<ProviderView>> {
    let providers = state.identity.oidc.providers.values();
    let view = |provider: &Provider| ProviderView {
        name: provider.name.clone(),
        title: provider.title.clone(),
        start: format!("/api/v1/oidc/{}/start", provider.name),
    };
    Json(providers.map(view).collect())
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(rename_all = "camelCase")]
pub struct StartOptions {
    /// Path of this host to come back to; `/` unless given.
    #[param(max_length = 512)]
    pub return_to: Option<String>,
}

/// Begins a log-in: sends the browser to the provider.
#[utoipa::path(get, path = "/oidc/{provider}/start", operation_id = "startProviderLogIn", tag = "session",
    params(("provider" = String, Path), StartOptions),
    responses((status = 303, description = "To the provider"), (status = 400, body = Problem),
        (status = 404, body = Problem), (status = 502, description = "The provider does not answer", body = Problem)))]
pub async fn start(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(options): Query<StartOptions>,
) -> Result<Response, Problem> {
    let oidc = &state.identity.oidc;
    let provider = oidc.provider(&name)?;
    let return_to = options.return_to.as_deref().unwrap_or("/");
    let return_to = return_path(return_to).ok_or_else(|| {
        let detail = "returnTo: a path of this host, such as /inbox, of at most 512 bytes.";
        Problem::new(StatusCode::BAD_REQUEST, detail)
    })?;
    let begun = oidc.client.begin(provider, &oidc.redirect(provider)).await;
    let begun = begun.map_err(|error| failed(provider, &error))?;
    let binding = new_secret().ok_or_else(busy)?;
    let secrets = Secrets {
        nonce: begun.nonce,
        verifier: begun.verifier,
    };
    let state_hash = digest(&begun.state);
    let plain = serde_json::to_vec(&secrets).map_err(|_| busy())?;
    let login = OidcLogin {
        secrets: state
            .identity
            .key
            .seal(&purpose(&state_hash), &plain)
            .map_err(|_| busy())?,
        state_hash,
        provider: provider.name.clone(),
        binding_hash: digest(&binding),
        return_to: return_to.to_owned(),
        expires: now_ms() + LOGIN_MS,
    };
    if !state
        .pipeline
        .db
        .oidc_login_insert(&login, now_ms())
        .await?
    {
        return Err(busy());
    }
    let cookie = binding_cookie(&binding, LOGIN_MS / 1000, &state.access);
    see_other(&begun.url, [cookie])
}

fn busy() -> Problem {
    Problem::busy("Too many log-ins are under way; try again later.")
}

/// What the log says is more than the client sees.
fn failed(provider: &Provider, error: &OidcError) -> Problem {
    tracing::warn!(provider = %provider.name, %error, "log-in through a provider failed");
    match error {
        OidcError::Provider(_) => {
            let detail = "The provider does not answer as it should; try again later.";
            Problem::new(StatusCode::BAD_GATEWAY, detail)
        }
        OidcError::Refused(_) => {
            let detail = "The provider's answer is not accepted; begin again.";
            Problem::new(StatusCode::UNAUTHORIZED, detail)
        }
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Answer {
    /// What the log-in was begun with.
    pub state: Option<String>,
    /// What the provider gives for the person's identity.
    pub code: Option<String>,
    /// Who answers (RFC 9207).
    pub iss: Option<String>,
    /// Why there is no code.
    pub error: Option<String>,
}

/// The provider's answer, brought by the browser: opens a session and goes on to where the log-in was
/// to return to.
#[utoipa::path(get, path = "/oidc/{provider}/callback", operation_id = "finishProviderLogIn", tag = "session",
    params(("provider" = String, Path), Answer),
    responses((status = 303, description = "Logged in"), (status = 400, body = Problem),
        (status = 401, description = "Not begun here, answered already, too late, or not believed", body = Problem),
        (status = 403, description = "Not let in", body = Problem), (status = 404, body = Problem),
        (status = 409, description = "Two log-ins at once", body = Problem),
        (status = 422, description = "The provider's word can't be stored", body = Problem),
        (status = 502, description = "The provider does not answer", body = Problem)))]
pub async fn callback(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(answer): Query<Answer>,
    from: Origin,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let provider = state.identity.oidc.provider(&name)?;
    let (person, return_to) = identify(&state, provider, answer, &headers).await?;
    let device = Device {
        user_agent: from.user_agent,
        address_key: Some(address_key(from.address)),
    };
    let limits = &state.access.sessions;
    let opened = external::log_in(&state.pipeline.db, limits, provider, &person, &device).await?;
    let gone = binding_cookie("", 0, &state.access);
    see_other(&return_to, [state.access.cookie(&opened.secret), gone])
}

/// Who the answer is about, and where to go on.
async fn identify(
    state: &AppState,
    provider: &Provider,
    answer: Answer,
    headers: &HeaderMap,
) -> Result<(Person, String), Problem> {
    let unknown = || {
        let detail = "This log-in was not begun in this browser, is over, or was answered already; begin again.";
        Problem::new(StatusCode::UNAUTHORIZED, detail)
    };
    let login_state = answer.state.as_deref().ok_or_else(unknown)?;
    let state_hash = digest(login_state);
    let login = state.pipeline.db.oidc_login_take(&state_hash).await?;
    let login = login.ok_or_else(unknown)?;
    let binding = cookie_value(headers, &state.access).ok_or_else(unknown)?;
    let bound = digest(&binding)
        .as_bytes()
        .ct_eq(login.binding_hash.as_bytes());
    if !bool::from(bound) || login.provider != provider.name || login.expires <= now_ms() {
        return Err(unknown());
    }
    // Another provider's answer must not be taken for this one's.
    if answer.iss.is_some_and(|issuer| issuer != provider.issuer) || answer.error.is_some() {
        let detail = "The provider did not log you in.";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, detail));
    }
    let code = answer.code.ok_or_else(unknown)?;
    let plain = state
        .identity
        .key
        .open(&purpose(&state_hash), &login.secrets)
        .map_err(|_| unknown())?;
    let secrets: Secrets = serde_json::from_slice(&plain).map_err(|_| unknown())?;
    let oidc = &state.identity.oidc;
    let redirect = oidc.redirect(provider);
    let person = oidc
        .client
        .exchange(provider, &redirect, code, secrets.nonce, secrets.verifier)
        .await
        .map_err(|error| failed(provider, &error))?;
    Ok((person, login.return_to))
}

fn cookie_name(access: &Access) -> &'static str {
    match access.secure {
        true => "__Host-rapport-oidc",
        false => "rapport-oidc",
    }
}

/// Binds a log-in to the browser that began it. Lax, because the provider sends the browser back.
fn binding_cookie(secret: &str, age_s: i64, access: &Access) -> Option<HeaderValue> {
    let secure = if access.secure { "; Secure" } else { "" };
    let name = cookie_name(access);
    let text = format!("{name}={secret}; Path=/; Max-Age={age_s}; HttpOnly; SameSite=Lax{secure}");
    HeaderValue::from_str(&text).ok()
}

fn cookie_value(headers: &HeaderMap, access: &Access) -> Option<String> {
    let all = headers.get_all(header::COOKIE).iter();
    all.filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(name, _)| *name == cookie_name(access))
        .map(|(_, value)| value.to_owned())
}

fn see_other(
    location: &str,
    cookies: impl IntoIterator<Item = Option<HeaderValue>>,
) -> Result<Response, Problem> {
    let location = HeaderValue::from_str(location).map_err(|_| busy())?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    response.headers_mut().insert(header::LOCATION, location);
    for cookie in cookies.into_iter().flatten() {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
