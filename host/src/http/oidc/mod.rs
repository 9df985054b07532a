//! Log-in through an OpenID Connect provider: authorization code flow with PKCE, state and nonce.
//!
//! What a log-in was begun with is kept by the browser that began it, sealed in a cookie, and counts for
//! ten minutes; so strangers who begin log-ins fill nothing here, and an answer counts only in that
//! browser. One that was taken is on record until then, so it is taken once. It only leads on to a path of
//! our own. What is asked of providers at the same time is bounded, in all and for each address.
//! Deliberately absent: log-out at the provider.

mod client;
mod types;

use super::AppState;
use super::auth::{Cookie, Who};
use super::problem::{Json, Path, Problem, Query};
use super::second_factor::ProofBody;
use super::throttle::network;
use crate::access::external;
use crate::access::secret::digest;
use crate::access::session::Device;
use crate::access::shares::{Share, Shares};
use crate::domain::oidc::{Person, Provider, return_path};
use crate::domain::{Id, TimestampMs, now_ms};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use client::{OidcError, Providers};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;
use subtle::ConstantTimeEq;
use utoipa::{IntoParams, ToSchema};

/// How long a log-in at the provider may take.
const LOGIN_MS: TimestampMs = 10 * 60_000;

/// Requests that ask a provider at the same time, and of one address.
const ASKING: usize = 32;
const ASKING_OF_ONE: usize = 8;
/// What a log-in in a browser is sealed for.
const PURPOSE: &str = "oidc-login";

/// The configured providers.
pub struct Oidc {
    providers: BTreeMap<String, Provider>,
    /// Under which people reach us, without a slash at the end.
    base: String,
    client: Providers,
    asking: Arc<Shares<IpAddr>>,
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
            asking: Shares::new(ASKING, ASKING_OF_ONE),
        })
    }

    fn provider(&self, name: &str) -> Result<&Provider, Problem> {
        let found = self.providers.get(name);
        found.ok_or_else(|| Problem::not_found("provider"))
    }

    /// A place to ask a provider from.
    fn ask(&self, address: IpAddr) -> Result<Share<IpAddr>, Problem> {
        self.asking.take(network(address), 1).ok_or_else(busy)
    }

    fn redirect(&self, provider: &Provider) -> String {
        format!("{}/api/v1/oidc/{}/callback", self.base, provider.name)
    }
}

/// What the browser remembers of a log-in, sealed.
#[derive(Serialize, Deserialize)]
struct Begun {
    provider: String,
    state: String,
    nonce: String,
    verifier: String,
    return_to: String,
    expires: TimestampMs,
    /// Whose session it is that asked to be linked, in place of a log-in.
    link: Option<Id>,
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
        (status = 404, body = Problem), (status = 502, description = "The provider does not answer", body = Problem),
        (status = 503, description = "Too many log-ins at once", body = Problem)))]
pub async fn start(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(options): Query<StartOptions>,
    device: Device,
) -> Result<Response, Problem> {
    let (url, cookie) = begin(&state, &name, options.return_to, &device, None).await?;
    see_other(&url, [cookie])
}

/// The way to a provider, and the cookie that remembers where it was begun.
async fn begin(
    state: &AppState,
    name: &str,
    return_to: Option<String>,
    device: &Device,
    link: Option<Id>,
) -> Result<(String, Option<HeaderValue>), Problem> {
    let oidc = &state.identity.oidc;
    let provider = oidc.provider(name)?;
    let return_to = return_to.as_deref().unwrap_or("/");
    let return_to = return_path(return_to).ok_or_else(|| {
        let detail = "returnTo: a path of this host, such as /inbox, of at most 512 bytes.";
        Problem::new(StatusCode::BAD_REQUEST, detail)
    })?;
    let _place = oidc.ask(device.address)?;
    let way = oidc.client.begin(provider, &oidc.redirect(provider)).await;
    let way = way.map_err(|error| failed(provider, &error))?;
    let begun = Begun {
        provider: provider.name.clone(),
        state: way.state,
        nonce: way.nonce,
        verifier: way.verifier,
        return_to: return_to.to_owned(),
        expires: now_ms() + LOGIN_MS,
        link,
    };
    let plain = serde_json::to_vec(&begun).map_err(|_| busy())?;
    let key = &state.identity.key;
    let sealed = key.seal(PURPOSE, &plain).map_err(|_| busy())?;
    let cookie = Cookie::Provider.set(&sealed, Some(LOGIN_MS / 1000), state.access.secure);
    Ok((way.url, cookie))
}

/// One's own password, or a code where there is a second factor, and where to come back to.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct LinkOptions {
    #[schema(max_length = 1024)]
    pub password: Option<String>,
    /// Of the authenticator app, or a recovery code.
    #[schema(max_length = 64)]
    pub code: Option<String>,
    /// Path of this host to come back to; `/` unless given.
    #[schema(max_length = 512)]
    pub return_to: Option<String>,
}

/// Where a browser goes on.
#[derive(Debug, Serialize, ToSchema)]
pub struct LinkBegun {
    /// The provider's address; the answer's cookie goes with it.
    pub url: String,
}

/// Begins to link one's own account at a provider, to log in with it from then on. It takes a code where
/// there is a second factor, else the password.
#[utoipa::path(post, path = "/oidc/{provider}/link", operation_id = "linkProvider", tag = "session",
    params(("provider" = String, Path)), request_body = LinkOptions,
    responses((status = 200, body = LinkBegun), (status = 400, body = Problem), (status = 404, body = Problem),
        (status = 409, description = "The second factor can't be checked", body = Problem),
        (status = 429, description = "Too many failures; see Retry-After", body = Problem),
        (status = 502, description = "The provider does not answer", body = Problem)))]
pub async fn link(
    State(state): State<AppState>,
    Path(name): Path<String>,
    who: Who,
    device: Device,
    Json(options): Json<LinkOptions>,
) -> Result<Response, Problem> {
    state.identity.oidc.provider(&name)?;
    let given = ProofBody {
        password: options.password,
        code: options.code,
    };
    let (db, key) = (&state.pipeline.db, &state.identity.key);
    let session = external::begin_link(db, key, &who, given.read()?).await?;
    let return_to = options.return_to;
    let (url, cookie) = begin(&state, &name, return_to, &device, Some(session)).await?;
    let mut response = Json(LinkBegun { url }).into_response();
    if let Some(cookie) = cookie {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
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
        (status = 502, description = "The provider does not answer", body = Problem),
        (status = 503, description = "Too many log-ins at once", body = Problem)))]
pub async fn callback(
    State(state): State<AppState>,
    Path(name): Path<String>,
    Query(answer): Query<Answer>,
    device: Device,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let provider = state.identity.oidc.provider(&name)?;
    let _place = state.identity.oidc.ask(device.address)?;
    let (person, begun) = identify(&state, provider, answer, &headers).await?;
    let gone = Cookie::Provider.clear(state.access.secure);
    let (db, limits) = (&state.pipeline.db, &state.access.sessions);
    if let Some(session) = &begun.link {
        external::link(db, limits, provider, &person, session).await?;
        return see_other(&begun.return_to, [gone]);
    }
    let opened = external::log_in(db, limits, provider, &person, &device).await?;
    let [session, known] = state.access.cookies(&opened);
    see_other(&begun.return_to, [session, known, gone])
}

/// Who the answer is about, and what it answers.
async fn identify(
    state: &AppState,
    provider: &Provider,
    answer: Answer,
    headers: &HeaderMap,
) -> Result<(Person, Begun), Problem> {
    let unknown = || {
        let detail = "This log-in was not begun in this browser, is over, or was answered already; begin again.";
        Problem::new(StatusCode::UNAUTHORIZED, detail)
    };
    let given = answer.state.as_deref().ok_or_else(unknown)?;
    let sealed = Cookie::Provider.read(headers, state.access.secure);
    let sealed = sealed.ok_or_else(unknown)?;
    let plain = state.identity.key.open(PURPOSE, &sealed);
    let plain = plain.map_err(|_| unknown())?;
    let begun: Begun = serde_json::from_slice(&plain).map_err(|_| unknown())?;
    let ours = begun.state.as_bytes().ct_eq(given.as_bytes());
    if !bool::from(ours) || begun.provider != provider.name || begun.expires <= now_ms() {
        return Err(unknown());
    }
    // Another provider's answer must not be taken for this one's.
    let oidc = &state.identity.oidc;
    let from_it = oidc
        .client
        .answers_as(provider, answer.iss.as_deref())
        .await;
    if !from_it.map_err(|error| failed(provider, &error))? || answer.error.is_some() {
        let detail = "The provider did not log you in.";
        return Err(Problem::new(StatusCode::UNAUTHORIZED, detail));
    }
    let code = answer.code.ok_or_else(unknown)?;
    let (nonce, verifier) = (begun.nonce.clone(), begun.verifier.clone());
    let redirect = oidc.redirect(provider);
    let person = oidc
        .client
        .exchange(provider, &redirect, code, nonce, verifier);
    let person = person.await.map_err(|error| failed(provider, &error))?;
    // Whom the provider vouches for; who only began one puts nothing on record.
    let (state_hash, name) = (digest(&begun.state), &provider.name);
    let db = &state.pipeline.db;
    let first = db.oidc_login_answered(&state_hash, name, begun.expires, now_ms());
    match first.await? {
        true => Ok((person, begun)),
        false => Err(unknown()),
    }
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
