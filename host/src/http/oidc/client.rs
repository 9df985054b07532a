//! What is said to OpenID Connect providers: discovery, the way there, and the exchange of a code for
//! verified claims. The checks themselves are the `openidconnect` crate's.
//!
//! Only asymmetric signatures count. What a provider said about itself is kept for an hour and asked
//! again when a signature does not fit, so that keys may change at any time. No redirect is followed;
//! answers have a size and a time limit.

use super::types::{Claims, Metadata, OidcClient, Others, Tokens};
use crate::domain::oidc::{Person, Provider};
use chrono::{TimeDelta, Utc};
use futures_util::StreamExt;
use openidconnect::core::{CoreAuthenticationFlow, CoreGenderClaim, CoreJwsSigningAlgorithm};
use openidconnect::{
    AccessTokenHash, AsyncHttpClient, AuthorizationCode, ClaimsVerificationError, ClientId,
    ClientSecret, CsrfToken, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, TokenResponse, UserInfoClaims,
};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::time::{Duration, Instant};
use tokio::sync::Mutex;

/// How far clocks may differ.
const SKEW: TimeDelta = TimeDelta::seconds(60);
/// How long a provider's word about itself counts.
const FRESH: Duration = Duration::from_secs(3600);
const TIMEOUT: Duration = Duration::from_secs(10);
/// Largest answer of a provider, in bytes.
const ANSWER_MAX_BYTES: usize = 1024 * 1024;

/// Why a provider's word is not to be had, or not to be believed. For the log; holds no tokens.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    #[error("the provider does not answer as it should: {0}")]
    Provider(String),
    #[error("the provider's answer is not accepted: {0}")]
    Refused(String),
}

fn unanswered(error: impl std::fmt::Display) -> OidcError {
    OidcError::Provider(error.to_string())
}

fn refused(error: impl std::fmt::Display) -> OidcError {
    OidcError::Refused(error.to_string())
}

/// What goes wrong on the wire.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    #[error("{0}")]
    Http(#[from] reqwest::Error),
    #[error("{0}")]
    Answer(#[from] http::Error),
    #[error("the answer is larger than {ANSWER_MAX_BYTES} bytes")]
    TooLarge,
}

/// Our HTTP client, as the crate wants it.
struct Wire(reqwest::Client);

impl<'c> AsyncHttpClient<'c> for Wire {
    type Error = WireError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, WireError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(async move {
            let response = self.0.execute(request.try_into()?).await?;
            let mut answer = http::Response::builder().status(response.status());
            for (name, value) in response.headers() {
                answer = answer.header(name, value);
            }
            let mut body = Vec::new();
            let mut stream = response.bytes_stream();
            while let Some(chunk) = stream.next().await {
                let chunk = chunk?;
                if body.len() + chunk.len() > ANSWER_MAX_BYTES {
                    return Err(WireError::TooLarge);
                }
                body.extend_from_slice(&chunk);
            }
            Ok(answer.body(body)?)
        })
    }
}

/// What the way to the provider needs to remember.
pub struct Begun {
    pub url: String,
    pub state: String,
    pub nonce: String,
    pub verifier: String,
}

/// Speaks with providers.
pub struct Providers {
    wire: Wire,
    known: Mutex<BTreeMap<String, (Metadata, Instant)>>,
}

impl Providers {
    /// `roots` are trusted beside the system's authorities. Errors when there is none of either.
    pub fn new(roots: &[reqwest::Certificate]) -> Result<Self, String> {
        // A second installation is refused and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(TIMEOUT)
            .tls_certs_merge(roots.iter().cloned())
            .user_agent(concat!("rapport/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| format!("no HTTP client: {error:?}"))?;
        Ok(Self {
            wire: Wire(client),
            known: Mutex::default(),
        })
    }

    /// What the provider says about itself.
    async fn metadata(&self, provider: &Provider, fresh: Duration) -> Result<Metadata, OidcError> {
        let known = self.known.lock().await.get(&provider.name).cloned();
        if let Some((metadata, since)) = known
            && since.elapsed() < fresh
        {
            return Ok(metadata);
        }
        let issuer = IssuerUrl::new(provider.issuer.clone()).map_err(unanswered)?;
        let metadata = Metadata::discover_async(issuer, &self.wire)
            .await
            .map_err(unanswered)?;
        let entry = (metadata.clone(), Instant::now());
        self.known.lock().await.insert(provider.name.clone(), entry);
        Ok(metadata)
    }

    /// Whether an answer may be this provider's: one that names its issuers must name this one, and where
    /// it announces that it does, one that names nobody is not (RFC 9207, section 2.4).
    pub async fn answers_as(
        &self,
        provider: &Provider,
        issuer: Option<&str>,
    ) -> Result<bool, OidcError> {
        let Some(issuer) = issuer else {
            let metadata = self.metadata(provider, FRESH).await?;
            let announced = metadata.additional_metadata();
            return Ok(!announced.authorization_response_iss_parameter_supported);
        };
        Ok(issuer == provider.issuer)
    }

    async fn client(
        &self,
        provider: &Provider,
        redirect: &str,
        fresh: Duration,
    ) -> Result<OidcClient, OidcError> {
        let metadata = self.metadata(provider, fresh).await?;
        let secret = provider.client_secret.clone().map(ClientSecret::new);
        let id = ClientId::new(provider.client_id.clone());
        let redirect = RedirectUrl::new(redirect.to_owned()).map_err(unanswered)?;
        let client = OidcClient::from_provider_metadata(metadata, id, secret);
        Ok(client.set_redirect_uri(redirect))
    }

    /// The way to the provider.
    pub async fn begin(&self, provider: &Provider, redirect: &str) -> Result<Begun, OidcError> {
        let client = self.client(provider, redirect, FRESH).await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let mut request = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .set_pkce_challenge(challenge);
        for scope in provider.scopes.iter().filter(|scope| *scope != "openid") {
            request = request.add_scope(Scope::new(scope.clone()));
        }
        let (url, state, nonce) = request.url();
        Ok(Begun {
            url: url.into(),
            state: state.into_secret(),
            nonce: nonce.secret().clone(),
            verifier: verifier.into_secret(),
        })
    }

    /// Exchanges a code for the provider's word on who it is, verified.
    pub async fn exchange(
        &self,
        provider: &Provider,
        redirect: &str,
        code: String,
        nonce: String,
        verifier: String,
    ) -> Result<Person, OidcError> {
        let nonce = Nonce::new(nonce);
        let client = self.client(provider, redirect, FRESH).await?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(unanswered)?
            .set_pkce_verifier(PkceCodeVerifier::new(verifier))
            .request_async(&self.wire)
            .await
            .map_err(token_error)?;
        let claims = match verified(&client, &tokens, &nonce) {
            Err(ClaimsVerificationError::SignatureVerification(_)) => {
                // The provider's keys may have changed since they were asked for.
                let client = self.client(provider, redirect, Duration::ZERO).await?;
                verified(&client, &tokens, &nonce).map_err(refused)?
            }
            other => other.map_err(refused)?,
        };
        self.complete(provider, &client, &tokens, claims).await
    }

    /// Adds what the provider only says at its user info endpoint.
    async fn complete(
        &self,
        provider: &Provider,
        client: &OidcClient,
        tokens: &Tokens,
        claims: Claims,
    ) -> Result<Person, OidcError> {
        let mut person = Person {
            issuer: claims.issuer().to_string(),
            subject: claims.subject().to_string(),
            email: claims.email().map(|email| email.to_string()),
            email_verified: claims.email_verified().unwrap_or(false),
            name: name_in(
                claims
                    .name()
                    .and_then(|name| name.get(None))
                    .map(|n| n.as_str()),
            ),
            claims: claims.additional_claims().all.clone(),
        };
        let wanted = provider.roles_claim.as_ref();
        let all_there = wanted.is_none_or(|claim| person.claims.contains_key(claim));
        if (person.email.is_some() && all_there) || client.user_info_url().is_none() {
            return Ok(person);
        }
        let info: UserInfoClaims<Others, CoreGenderClaim> = client
            .user_info(
                tokens.access_token().clone(),
                Some(claims.subject().clone()),
            )
            .map_err(unanswered)?
            .request_async(&self.wire)
            .await
            .map_err(unanswered)?;
        if person.email.is_none() {
            person.email = info.email().map(|email| email.to_string());
            person.email_verified = info.email_verified().unwrap_or(false);
        }
        if person.name.is_none() {
            person.name = name_in(
                info.name()
                    .and_then(|name| name.get(None))
                    .map(|n| n.as_str()),
            );
        }
        for (claim, value) in &info.additional_claims().all {
            person.claims.entry(claim).or_insert_with(|| value.clone());
        }
        Ok(person)
    }
}

fn name_in(name: Option<&str>) -> Option<String> {
    name.map(str::to_owned)
}

/// An error of the token endpoint: what the provider refuses is the client's matter.
fn token_error<R: std::error::Error + 'static, E: openidconnect::ErrorResponse + 'static>(
    error: openidconnect::RequestTokenError<R, E>,
) -> OidcError {
    match error {
        openidconnect::RequestTokenError::ServerResponse(_) => {
            OidcError::Refused("it refuses the code".into())
        }
        other => unanswered(other),
    }
}

/// The ID token's claims: signature, issuer, audience, times, nonce, and that the access token is the
/// one it was issued with.
fn verified(
    client: &OidcClient,
    tokens: &Tokens,
    nonce: &Nonce,
) -> Result<Claims, ClaimsVerificationError> {
    use CoreJwsSigningAlgorithm as Algorithm;
    let other = |text: &str| ClaimsVerificationError::Other(text.to_owned());
    let verifier = client
        .id_token_verifier()
        .set_allowed_algs([
            Algorithm::RsaSsaPkcs1V15Sha256,
            Algorithm::RsaSsaPkcs1V15Sha384,
            Algorithm::RsaSsaPkcs1V15Sha512,
            Algorithm::RsaSsaPssSha256,
            Algorithm::RsaSsaPssSha384,
            Algorithm::RsaSsaPssSha512,
            Algorithm::EcdsaP256Sha256,
            Algorithm::EcdsaP384Sha384,
            Algorithm::EdDsa,
        ])
        .set_time_fn(|| Utc::now() - SKEW)
        .set_issue_time_verifier_fn(|issued| match issued > Utc::now() + SKEW {
            true => Err("issued in the future".to_owned()),
            false => Ok(()),
        });
    let token = tokens.id_token().ok_or_else(|| other("no ID token"))?;
    let claims = token.claims(&verifier, nonce)?;
    if let Some(expected) = claims.access_token_hash() {
        let wrong = |_| other("the access token's hash can't be checked");
        let algorithm = token.signing_alg().map_err(|_| other("no algorithm"))?;
        let key = token
            .signing_key(&verifier)
            .map_err(|_| other("no signing key"))?;
        let actual = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
        if actual.map_err(wrong)? != *expected {
            return Err(other("the access token is another one"));
        }
    }
    Ok(claims.clone())
}
