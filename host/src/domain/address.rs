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
    /// From `host:port` entries: exactly that, and no entry that could stand for another.
    pub fn parse(entries: &[String]) -> Result<Self, String> {
        let pairs = entries.iter().map(|entry| {
            let wrong = || format!("local-hosts: `{entry}`: write host:port");
            let (host, port) = entry.rsplit_once(':').ok_or_else(wrong)?;
            let digits = !port.is_empty() && port.bytes().all(|b| b.is_ascii_digit());
            let odd = |c: char| "/\\?#@*%".contains(c) || c.is_whitespace();
            if !digits || host.is_empty() || host.contains(odd) {
                return Err(wrong());
            }
            let origin = Origin::parse(&format!("http://{entry}"))
                .map_err(|e| format!("local-hosts: {e}; write host:port"))?;
            Ok((origin.host, origin.port))
        });
        Ok(Self(pairs.collect::<Result<_, String>>()?))
    }

    /// Whether the admin named this host at this port.
    pub fn names(&self, host: &str, port: u16) -> bool {
        self.0.iter().any(|(h, p)| h == host && *p == port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_local_host_is_exactly_what_is_named() {
        let entries = ["127.0.0.1:9000", "Registry.lan:80", "[::1]:443"].map(str::to_owned);
        let local = LocalHosts::parse(&entries).unwrap();
        for (host, port, named) in [
            ("127.0.0.1", 9000, true),
            ("127.0.0.1", 9001, false),
            ("127.0.0.2", 9000, false),
            ("registry.lan", 80, true),
            ("registry.lan", 443, false),
            ("a.registry.lan", 80, false),
            ("[::1]", 443, true),
            ("[::1]", 80, false),
        ] {
            assert_eq!(local.names(host, port), named, "{host}:{port}");
        }
    }

    #[test]
    fn an_entry_that_names_no_port_or_more_than_that_is_refused() {
        for wrong in [
            "127.0.0.1",
            "host",
            ":80",
            "host:",
            "host:x",
            "host:99999",
            "host:80/path",
            "host/x:80",
            "http://host:80",
            "me@host:80",
            "*:80",
            "*.lan:80",
            "10.0.0.0/8:80",
            "host:80 ",
            "a b:80",
            "h%6fst:80",
            "",
        ] {
            let refused = LocalHosts::parse(&[wrong.to_owned()]).unwrap_err();
            assert!(refused.starts_with("local-hosts: "), "{wrong}: {refused}");
            assert!(refused.ends_with("write host:port"), "{wrong}: {refused}");
        }
    }
}
