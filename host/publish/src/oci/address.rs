//! Where a registry may lead: its own host anywhere, any other host only on the public Internet,
//! unless the admin named it. Without this a foreign registry could have the host fetch from inside
//! its network, by a redirect or as its "token server".
//!
//! Names are checked after resolving, in the client's resolver, so that what was checked is what is
//! connected to; literal addresses before sending, since no resolver sees them. A resolver knows no port:
//! a host that is named, at the port that is named, is asked by a client of its own.

use rapport_package::address::is_global;
use std::net::{IpAddr, SocketAddr};

/// Who may be inside the network.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    /// Host names and literal addresses, lower case, brackets off; without a port: at any.
    inside: Vec<(String, Option<u16>)>,
}

/// The resolver's denial.
#[derive(Debug, thiserror::Error)]
#[error("{0} has an address inside the network")]
struct Inside(String);

impl Addresses {
    /// `registry` is the registry's own address, where that may be inside.
    pub fn new(registry: Option<&url::Url>, local_hosts: &[String]) -> Self {
        let named = local_hosts
            .iter()
            .map(|entry| match entry.rsplit_once(':') {
                // An address of IPv6 has colons of its own.
                Some((host, port)) if !host.contains(':') || host.ends_with(']') => {
                    (plain(host), Some(port.parse().unwrap_or_default()))
                }
                _ => (plain(entry), None),
            });
        let own = registry.and_then(named_by);
        Self {
            inside: named.chain(own.map(|(h, p)| (h, Some(p)))).collect(),
        }
    }

    /// Whether this very host and port may be inside.
    pub fn names(&self, url: &url::Url) -> bool {
        let Some((host, port)) = named_by(url) else {
            return false;
        };
        let mut all = self.inside.iter();
        all.any(|(h, p)| *h == host && p.is_none_or(|p| p == port))
    }

    /// Checks a literal address; names are left to the resolver.
    pub fn check_literal(&self, url: &url::Url) -> bool {
        let ip: IpAddr = match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.into(),
            Some(url::Host::Ipv6(ip)) => ip.into(),
            _ => return true,
        };
        is_global(ip) || self.names(url)
    }
}

fn plain(host: &str) -> String {
    host.trim_matches(['[', ']']).to_ascii_lowercase()
}

fn named_by(url: &url::Url) -> Option<(String, u16)> {
    Some((plain(url.host_str()?), url.port_or_known_default()?))
}

/// Resolves names to addresses outside the network alone. Who is named goes round it.
#[derive(Debug)]
pub(super) struct Outside;

impl reqwest::dns::Resolve for Outside {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let host = name.as_str().to_ascii_lowercase();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|a| is_global(a.ip())).collect();
            if allowed.is_empty() {
                return Err(Box::new(Inside(host)) as Box<dyn std::error::Error + Send + Sync>);
            }
            Ok(Box::new(allowed.into_iter()) as reqwest::dns::Addrs)
        })
    }
}

/// Whether a request failed because of [`Addresses`].
pub(super) fn is_denied(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        if inner.is::<Inside>() {
            return true;
        }
        source = inner.source();
    }
    false
}

/// Whether the host of an address is this machine, by its literal address or as `localhost`.
pub(super) fn is_loopback(url: &url::Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_named_hosts_may_be_inside_each_at_its_port() {
        let registry = "http://[::1]:5000/v2/".parse().unwrap();
        let local = [
            "Tokens.Internal:8443",
            "10.0.0.7:443",
            "storage.lan",
            "[fd00::2]:81",
        ];
        let local = local.map(str::to_owned);
        let addresses = Addresses::new(Some(&registry), &local);
        for (url, named) in [
            ("http://[::1]:5000/", true),
            ("http://[::1]:5001/", false),
            ("http://[::1]/", false),
            ("https://tokens.internal:8443/", true),
            ("https://tokens.internal/", false),
            ("https://evil.tokens.internal:8443/", false),
            ("https://10.0.0.7/", true),
            ("http://10.0.0.7/", false),
            ("https://storage.lan:1/", true),
            ("http://[fd00::2]:81/", true),
            ("http://[fd00::2]:82/", false),
        ] {
            assert_eq!(addresses.names(&url.parse().unwrap()), named, "{url}");
        }
        for (url, allowed) in [
            ("http://[::1]:5000/", true),
            ("http://[::1]:5001/", false),
            ("http://127.0.0.1/", false),
            ("http://169.254.169.254/latest", false),
            ("http://[::ffff:10.0.0.1]/", false),
            ("http://[fd00::1]/", false),
            ("http://[64:ff9b::a00:1]/", false),
            ("http://8.8.8.8/", true),
            ("http://[2606:4700::1]/", true),
        ] {
            let url = url.parse().unwrap();
            assert_eq!(addresses.check_literal(&url), allowed, "{url}");
        }
        let url = "http://[::1]:5000/".parse().unwrap();
        assert!(!Addresses::new(None, &[]).check_literal(&url));
    }
}
