//! Addresses on the network: what they name, and whether they lead out of the house. Pure: nothing is
//! resolved here. Whoever connects checks the address that a name resolved to, not the name.

pub use rapport_package::address::is_global;
use std::net::IpAddr;
use url::Url;

/// Scheme, host and port. Host names are in lower case without a trailing dot, addresses in their
/// usual spelling (as the URL standard normalises them).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    pub scheme: String,
    pub host: String,
    pub port: u16,
}

impl Origin {
    /// From an absolute http or https address. User names in addresses are refused.
    pub fn parse(address: &str) -> Result<Self, String> {
        let url = Url::parse(address).map_err(|e| format!("`{address}`: {e}"))?;
        Self::of(&url)
    }

    pub fn of(url: &Url) -> Result<Self, String> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("`{url}`: only http and https"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("an address with a user name in it".to_owned());
        }
        let host = url.host_str().ok_or_else(|| format!("`{url}`: no host"))?;
        let port = url
            .port_or_known_default()
            .ok_or_else(|| format!("`{url}`: no port"))?;
        Ok(Self {
            scheme: url.scheme().to_owned(),
            host: host.trim_end_matches('.').to_ascii_lowercase(),
            port,
        })
    }

    /// The host as an address, when it is one.
    pub fn ip(&self) -> Option<IpAddr> {
        self.host.trim_matches(['[', ']']).parse().ok()
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}:{}", self.scheme, self.host, self.port)
    }
}

/// `host:port` pairs on this machine or in private networks that the admin named: the only ones there
/// that may be connected to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LocalHosts(Vec<(String, u16)>);

impl LocalHosts {
    /// From `host:port` entries.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let pairs = entries.iter().map(|entry| {
            let origin = Origin::parse(&format!("http://{entry}"))
                .map_err(|e| format!("local-hosts: {e}; write host:port"))?;
            Ok((origin.host, origin.port))
        });
        Ok(Self(pairs.collect::<Result<_, String>>()?))
    }

    /// Whether the admin named this host, at this port or (a resolver has none) at any.
    pub fn names(&self, host: &str, port: Option<u16>) -> bool {
        let mut all = self.0.iter();
        all.any(|(h, p)| h == host && port.is_none_or(|port| port == *p))
    }
}
