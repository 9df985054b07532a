//! `[[oidc]]`: the OpenID Connect providers that people may log in with.

use super::{Config, ConfigError, SecretSource};
use crate::domain::oidc::Provider;
use serde::Deserialize;
use std::collections::BTreeMap;
use url::{Host, Url};

/// A provider as the admin wants it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OidcConfig {
    /// In the path of the redirect address: `PUBLIC-URL/api/v1/oidc/NAME/callback`.
    pub name: String,
    /// For people; the name unless given.
    pub title: Option<String>,
    /// As the provider writes it itself; https, except on this machine.
    pub issuer: String,
    pub client_id: String,
    pub client_secret: Option<SecretSource>,
    /// Besides `openid`.
    #[serde(default = "scopes")]
    pub scopes: Vec<String>,
    /// Domains whose e-mail addresses the provider is trusted with; give them unless it is your own.
    #[serde(default)]
    pub email_domains: Vec<String>,
    /// A claim, such as `groups`, whose values bring roles at every log-in.
    pub roles_claim: Option<String>,
    /// Roles by value of that claim. Roles that are named here follow the claim; others stay.
    #[serde(default)]
    pub roles: BTreeMap<String, Vec<String>>,
    /// Roles of somebody new to whom the claim brings none.
    #[serde(default)]
    pub default_roles: Vec<String>,
    /// Whether people who are no agent yet become one.
    #[serde(default)]
    pub auto_create: bool,
    /// Whether an agent who has no second factor is linked at the first log-in by the address that the
    /// provider verified: whoever can give out addresses there is then every such agent. Otherwise
    /// agents link their own account when they are logged in.
    #[serde(default)]
    pub link_by_email: bool,
}

fn scopes() -> Vec<String> {
    ["email", "profile"].map(str::to_owned).to_vec()
}

impl Config {
    /// The providers. Errors when one is wrong, or when nobody could be sent back to this host.
    pub fn providers(&self) -> Result<Vec<Provider>, ConfigError> {
        let mut providers: Vec<Provider> = Vec::new();
        for configured in &self.oidc {
            let provider = configured.provider()?;
            if providers.iter().any(|other| other.name == provider.name) {
                let name = provider.name;
                let problem = format!("two oidc providers are named `{name}`");
                return Err(ConfigError::Wrong(problem));
            }
            providers.push(provider);
        }
        if self.public_url.is_none() && !providers.is_empty() {
            return Err(ConfigError::Wrong(
                "oidc: set public-url, so that the provider can send people back".into(),
            ));
        }
        Ok(providers)
    }
}

impl OidcConfig {
    /// Checks what can be checked without asking the provider, and reads the secret.
    pub fn provider(&self) -> Result<Provider, ConfigError> {
        let place = format!("oidc `{}`", self.name);
        let wrong = |text: &str| Err(ConfigError::Wrong(format!("{place}: {text}")));
        if !rapport_package::manifest::is_id(&self.name) {
            return wrong("name: use lower-case words with hyphens");
        }
        let Ok(issuer) = Url::parse(&self.issuer) else {
            return wrong("issuer: not an address");
        };
        let here = match issuer.host() {
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => return wrong("issuer: no host"),
        };
        if issuer.scheme() != "https" && !(here && issuer.scheme() == "http") {
            return wrong("issuer: must begin with https://");
        }
        if self.roles_claim.is_none() && !self.roles.is_empty() {
            return wrong("roles: needs a `roles-claim`");
        }
        let secret = self.client_secret.as_ref();
        let secret = secret.map(|secret| {
            let read = secret.read();
            read.map_err(|problem| ConfigError::Wrong(format!("{place}: client-secret: {problem}")))
        });
        Ok(Provider {
            name: self.name.clone(),
            title: self.title.clone().unwrap_or_else(|| self.name.clone()),
            issuer: self.issuer.clone(),
            client_id: self.client_id.clone(),
            client_secret: secret.transpose()?,
            scopes: self.scopes.clone(),
            email_domains: self
                .email_domains
                .iter()
                .map(|d| d.to_ascii_lowercase())
                .collect(),
            roles_claim: self.roles_claim.clone(),
            roles: self.roles.clone(),
            default_roles: self.default_roles.clone(),
            auto_create: self.auto_create,
            link_by_email: self.link_by_email,
        })
    }
}
