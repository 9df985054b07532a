//! The HTTP client of everything that leaves the house at somebody's wish: names are resolved, the
//! addresses checked and pinned, redirects left alone, environment proxies ignored.
//!
//! Invariant: what is checked is what is connected to. An address that is written as a number never
//! passes the resolver: callers check those themselves.

use super::limits;
use rustls::CertificateError;
use std::error::Error;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

type MayConnect = dyn Fn(&str, IpAddr) -> bool + Send + Sync;

/// Resolves names to addresses that may be connected to, and only those.
struct CheckedResolver {
    may_connect: Arc<MayConnect>,
    lookups: Arc<Semaphore>,
}

#[derive(Debug, thiserror::Error)]
#[error("{0} has only local addresses; an admin can name it in local-hosts")]
struct LocalAddress(String);

impl reqwest::dns::Resolve for CheckedResolver {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let may_connect = Arc::clone(&self.may_connect);
        let lookups = Arc::clone(&self.lookups);
        Box::pin(async move {
            let host = name.as_str().trim_end_matches('.').to_ascii_lowercase();
            let asked = host.clone();
            // The thread goes on after who asked has given up, and so its place is the thread's.
            let place = lookups.acquire_owned().await?;
            let found = tokio::task::spawn_blocking(move || {
                let found = (asked.as_str(), 0).to_socket_addrs();
                drop(place);
                found
            });
            let found: Vec<SocketAddr> = found.await??.collect();
            let allowed: Vec<_> = found
                .into_iter()
                .filter(|a| may_connect(&host, a.ip()))
                .collect();
            if allowed.is_empty() {
                return Err(Box::new(LocalAddress(host)) as Box<dyn Error + Send + Sync>);
            }
            Ok(Box::new(allowed.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

/// A client whose requests end after `timeout` in all, and that trusts `roots` beside the system's
/// authorities. Errors when there is none of either.
pub fn client(
    timeout: Duration,
    roots: &[reqwest::Certificate],
    may_connect: impl Fn(&str, IpAddr) -> bool + Send + Sync + 'static,
) -> Result<reqwest::Client, String> {
    // A second installation is refused and harmless.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(timeout)
        .connect_timeout(limits::CONNECT_TIMEOUT)
        .tls_certs_merge(roots.iter().cloned())
        .dns_resolver(Arc::new(CheckedResolver {
            may_connect: Arc::new(may_connect),
            lookups: Arc::new(Semaphore::new(limits::LOOKUPS)),
        }))
        .user_agent(concat!("rapport/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|e| format!("no HTTP client: {e:?}"))
}

/// Tells a denial by the resolver from a failing network.
pub fn denial(error: &reqwest::Error) -> Option<String> {
    cause(error).map(LocalAddress::to_string)
}

/// Why the server's certificate was refused, and what to do, if that is why there is no answer.
pub fn certificate_fault(error: &reqwest::Error) -> Option<String> {
    let Some(rustls::Error::InvalidCertificate(fault)) = cause(error) else {
        return None;
    };
    let remedy = match fault {
        CertificateError::UnknownIssuer => "; an admin can name its authority in extra-ca",
        _ => "",
    };
    Some(format!(
        "the server's certificate is refused: {fault}{remedy}"
    ))
}

/// The error of this type that another one came from.
fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(found) = inner.downcast_ref() {
            return Some(found);
        }
        // The source of an I/O error is that of what it wraps, and not what it wraps.
        source = match inner.downcast_ref::<std::io::Error>() {
            Some(wrapping) => wrapping.get_ref().map(|wrapped| wrapped as _),
            None => inner.source(),
        };
    }
    None
}
