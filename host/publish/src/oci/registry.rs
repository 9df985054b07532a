//! One registry for the time of one push or pull: sends requests, logs in when asked, follows
//! redirects of reads and repeats what may pass. (What comes back is read in `answer`.)
//!
//! The client itself follows nothing: every address, the first, a redirect's, an upload's or a token
//! server's, goes through [`Registry::check_url`] before anything is sent there, and the
//! authorisation goes to the registry's own origin only.

use super::address::{Addresses, Outside, is_denied, is_loopback};
use super::error::OciError;
use super::reference::Reference;
use super::{CONNECT_TIMEOUT, Options, REDIRECTS_MAX, retry};
use bytes::Bytes;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Method, Response};
use std::sync::Mutex;
use url::Url;

pub(super) struct Registry<'a> {
    /// Reaches addresses outside the network.
    outside: reqwest::Client,
    /// For the hosts that are named.
    named: reqwest::Client,
    pub(super) options: &'a Options,
    pub(super) reference: &'a Reference,
    /// Whether the token has to allow writing.
    pub(super) writes: bool,
    base: Url,
    addresses: Addresses,
    authorization: Mutex<Option<HeaderValue>>,
}

/// One request, to be sent as often as it takes.
pub(super) struct Ask {
    pub method: Method,
    pub url: Url,
    pub accept: Option<&'static str>,
    pub content_type: Option<&'static str>,
    pub body: Bytes,
    /// For messages: "answered 500 to …".
    pub doing: &'static str,
}

impl<'a> Registry<'a> {
    /// Errors when there is no client, or the registry may not be spoken to.
    pub fn new(
        reference: &'a Reference,
        options: &'a Options,
        writes: bool,
    ) -> Result<Self, OciError> {
        // A second installation is refused and harmless.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let not_an_address = || OciError::Client("the registry is no address".to_owned());
        let mut base = Url::parse(&format!("https://{}/v2/", reference.api_host()))
            .map_err(|_| not_an_address())?;
        if options.plain_http || is_loopback(&base) {
            // By parsing anew: the default port belongs to the scheme.
            base = Url::parse(&format!("http://{}/v2/", reference.api_host()))
                .map_err(|_| not_an_address())?;
        }
        let own = Some(&base).filter(|_| options.local_registry);
        let addresses = Addresses::new(own, &options.local_hosts);
        let builder = || {
            reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none())
                .no_proxy()
                .connect_timeout(CONNECT_TIMEOUT)
                .tls_certs_merge(options.roots.iter().cloned())
                .user_agent(concat!("rapport/", env!("CARGO_PKG_VERSION")))
        };
        let built = |builder: reqwest::ClientBuilder| {
            let client = builder.build();
            client.map_err(|e| OciError::Client(e.to_string()))
        };
        Ok(Self {
            outside: built(builder().dns_resolver(std::sync::Arc::new(Outside)))?,
            named: built(builder())?,
            options,
            reference,
            writes,
            base,
            addresses,
            authorization: Mutex::new(None),
        })
    }

    /// Host and port of the registry, for messages.
    pub fn host(&self) -> String {
        host_of(&self.base)
    }

    /// An address below the repository.
    pub fn url(&self, path: &str) -> Result<Url, OciError> {
        let path = format!("{}/{path}", self.reference.repository());
        self.base.join(&path).map_err(|_| self.odd("a bad path"))
    }

    /// "Does not answer like a registry".
    pub fn odd(&self, what: impl Into<String>) -> OciError {
        OciError::NotARegistry {
            host: self.host(),
            what: what.into(),
        }
    }

    /// Sends until there is an answer to work with: any but a redirect, a login or a passing
    /// failure.
    pub async fn send(&self, ask: &Ask) -> Result<Response, OciError> {
        let mut url = ask.url.clone();
        let (mut tries, mut redirects, mut logged_in) = (1, 0, false);
        loop {
            self.check_url(&url)?;
            let response = match self.request(ask, &url).send().await {
                Ok(response) => response,
                Err(error) => match retry::pause(tries, None) {
                    Some(pause) if !is_denied(&error) && !error.is_builder() => {
                        tokio::time::sleep(pause).await;
                        tries += 1;
                        continue;
                    }
                    _ => return Err(self.send_error(&url, &error)),
                },
            };
            let status = response.status().as_u16();
            match status {
                401 if self.is_home(&url) && !logged_in => {
                    let value = self.log_in(response.headers()).await?;
                    if let Ok(mut kept) = self.authorization.lock() {
                        *kept = Some(value);
                    }
                    logged_in = true;
                }
                401 | 403 if self.is_home(&url) => return Err(self.refusal()),
                301 | 302 | 303 | 307 | 308 => {
                    redirects += 1;
                    let reads = ask.method == Method::GET || ask.method == Method::HEAD;
                    if redirects > REDIRECTS_MAX {
                        return Err(OciError::RedirectLoop { host: self.host() });
                    }
                    let to = self.location(&url, &response)?;
                    if !reads {
                        let why = "only reads are redirected";
                        return Err(self.forbidden(&to, why));
                    }
                    url = to;
                }
                _ if retry::is_passing(status) => {
                    let Some(pause) = retry::pause(tries, Some(response.headers())) else {
                        return Err(OciError::Busy {
                            registry: host_of(&url),
                            status,
                            tries,
                        });
                    };
                    tokio::time::sleep(pause).await;
                    tries += 1;
                }
                _ => return Ok(response),
            }
        }
    }

    /// The client for an address.
    pub(super) fn client(&self, url: &Url) -> &reqwest::Client {
        match self.addresses.names(url) {
            true => &self.named,
            false => &self.outside,
        }
    }

    fn request(&self, ask: &Ask, url: &Url) -> reqwest::RequestBuilder {
        let mut request = self.client(url).request(ask.method.clone(), url.clone());
        if let Some(accept) = ask.accept {
            request = request.header(ACCEPT, accept);
        }
        if let Some(content_type) = ask.content_type {
            request = request.header(CONTENT_TYPE, content_type);
        }
        let kept = self.authorization.lock().ok().and_then(|a| a.clone());
        if let Some(value) = kept.filter(|_| self.is_home(url)) {
            request = request.header(AUTHORIZATION, value);
        }
        request.body(ask.body.clone())
    }

    /// Where an answer's `Location` leads.
    pub fn location(&self, from: &Url, response: &Response) -> Result<Url, OciError> {
        let text = response.headers().get(LOCATION);
        text.and_then(|text| text.to_str().ok())
            .and_then(|text| from.join(text).ok())
            .ok_or_else(|| self.odd("no Location where one belongs"))
    }

    /// Whether anything may be sent there: HTTPS, or plain HTTP where it is allowed; no host inside
    /// the network but the named ones.
    pub fn check_url(&self, url: &Url) -> Result<(), OciError> {
        let plain = self.options.plain_http || is_loopback(url);
        match url.scheme() {
            "https" => {}
            "http" if plain => {}
            "http" => return Err(self.forbidden(url, "plain HTTP is for loopback, or when asked")),
            _ => return Err(self.forbidden(url, "only HTTP addresses are followed")),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(self.forbidden(url, "an address with a password is not followed"));
        }
        if !self.addresses.check_literal(url) {
            return Err(self.inside(url));
        }
        Ok(())
    }

    pub(super) fn inside(&self, url: &Url) -> OciError {
        self.forbidden(
            url,
            "that is inside the network; if plugins are to be fetched there, name host:port in local-hosts of [registries]",
        )
    }

    fn forbidden(&self, to: &Url, why: &'static str) -> OciError {
        OciError::Forbidden {
            from: self.host(),
            to: host_of(to),
            why,
        }
    }

    fn is_home(&self, url: &Url) -> bool {
        url.origin() == self.base.origin()
    }
}

/// Host and port of an address: all of it that a message shows.
pub(super) fn host_of(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}
