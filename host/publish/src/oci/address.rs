//! Where a registry may lead: its own host anywhere, any other host only on the public Internet,
//! unless the admin named it. Without this a foreign registry could have the host fetch from inside
//! its network, by a redirect or as its "token server".
//!
//! Names are checked after resolving, in the client's resolver, so that what was checked is what is
//! connected to; literal addresses before sending, since no resolver sees them.

use rapport_package::address::is_global;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Who may be inside the network.
#[derive(Debug, Clone)]
pub(super) struct Addresses {
    /// Host names and literal addresses, lower case, brackets off.
    inside: Arc<[String]>,
}

/// The resolver's denial.
#[derive(Debug, thiserror::Error)]
#[error("{0} has an address inside the network")]
pub(super) struct Inside(String);

impl Addresses {
    pub fn new(registry_host: &str, local_hosts: &[String]) -> Self {
        let all = std::iter::once(registry_host).chain(local_hosts.iter().map(String::as_str));
        let plain = |host: &str| host.trim_matches(['[', ']']).to_ascii_lowercase();
        Self {
            inside: all.map(plain).collect(),
        }
    }

    fn may_connect(&self, host: &str, ip: IpAddr) -> bool {
        is_global(ip) || self.inside.iter().any(|h| h == host)
    }

    /// Checks a literal address; names are left to the resolver.
    pub fn check_literal(&self, url: &url::Url) -> bool {
        let ip: IpAddr = match url.host() {
            Some(url::Host::Ipv4(ip)) => ip.into(),
            Some(url::Host::Ipv6(ip)) => ip.into(),
            _ => return true,
        };
        self.may_connect(&ip.to_string(), ip)
    }
}

impl reqwest::dns::Resolve for Addresses {
    fn resolve(&self, name: reqwest::dns::Name) -> reqwest::dns::Resolving {
        let addresses = self.clone();
        let host = name.as_str().to_ascii_lowercase();
        Box::pin(async move {
            let found = tokio::net::lookup_host((host.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found
                .filter(|a| addresses.may_connect(&host, a.ip()))
                .collect();
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
    fn only_named_hosts_may_be_inside() {
        let addresses = Addresses::new("[::1]", &["Tokens.Internal".to_owned()]);
        let inside = "10.0.0.1".parse().unwrap();
        assert!(addresses.may_connect("tokens.internal", inside));
        assert!(!addresses.may_connect("evil.example", inside));
        assert!(addresses.may_connect("evil.example", "8.8.8.8".parse().unwrap()));
        for (url, allowed) in [
            ("http://[::1]:5000/", true),
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
    }
}
