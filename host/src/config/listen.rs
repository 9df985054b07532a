//! Where to listen: an IP address or the name of one, and a port.

use serde::Deserialize;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::str::FromStr;

/// `127.0.0.1:8080`, `[::1]:8080`, `localhost:8080`. Port 0 takes a free one.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct ListenAddress {
    host: Host,
    port: u16,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Ip(IpAddr),
    /// Looked up when it is listened on.
    Name(String),
}

impl ListenAddress {
    /// On this machine alone.
    pub fn local(port: u16) -> Self {
        let host = Host::Ip(Ipv4Addr::LOCALHOST.into());
        Self { host, port }
    }

    /// Whether nobody can reach it from elsewhere: a loopback address, or the names that always are
    /// (RFC 6761, section 6.3).
    pub fn is_loopback(&self) -> bool {
        match &self.host {
            Host::Ip(ip) => ip.is_loopback(),
            Host::Name(name) => name == "localhost" || name.ends_with(".localhost"),
        }
    }

    /// The addresses that it stands for, those of IPv4 first; of a name for this machine only those that
    /// are of this machine. Errors when there is none.
    pub async fn resolve(&self) -> std::io::Result<Vec<SocketAddr>> {
        let name = match &self.host {
            Host::Ip(ip) => return Ok(vec![SocketAddr::new(*ip, self.port)]),
            Host::Name(name) => name,
        };
        let found = tokio::net::lookup_host((name.as_str(), self.port)).await?;
        let mut found: Vec<SocketAddr> = found
            .filter(|address| !self.is_loopback() || address.ip().is_loopback())
            .collect();
        found.sort_by_key(SocketAddr::is_ipv6);
        match found.is_empty() {
            true => Err(std::io::Error::other("the name stands for no address")),
            false => Ok(found),
        }
    }
}

impl FromStr for ListenAddress {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            let (host, port) = (Host::Ip(address.ip()), address.port());
            return Ok(Self { host, port });
        }
        let wrong = || {
            format!(
                "`{text}`: give an address or a name, and a port, as in 127.0.0.1:8080 or localhost:8080"
            )
        };
        let (name, port) = text.rsplit_once(':').ok_or_else(wrong)?;
        let port = port.parse().map_err(|_| wrong())?;
        let label = |label: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            (1..=63).contains(&label.len()) && label.chars().all(plain)
        };
        // What has the form of an address but is none, such as 127.0.0.300, is no name.
        let named = name.len() <= 253
            && name.split('.').all(label)
            && name.contains(|c: char| c.is_ascii_alphabetic());
        if !named {
            return Err(wrong());
        }
        let host = Host::Name(name.to_ascii_lowercase());
        Ok(Self { host, port })
    }
}

impl TryFrom<String> for ListenAddress {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl fmt::Display for ListenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Ip(ip) => SocketAddr::new(*ip, self.port).fmt(f),
            Host::Name(name) => write!(f, "{name}:{}", self.port),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn names_are_taken_and_looked_up() {
        for (text, loopback) in [
            ("127.0.0.1:8080", true),
            ("[::1]:8080", true),
            ("localhost:8080", true),
            ("LOCALHOST:8080", true),
            ("0.0.0.0:80", false),
            ("crm.example:443", false),
            ("my-host:1", false),
            ("localhost.example:1", false),
        ] {
            let address: ListenAddress = text.parse().unwrap();
            assert_eq!(address.is_loopback(), loopback, "{text}");
            assert_eq!(address.to_string(), text.to_lowercase());
        }
        let local: ListenAddress = "localhost:8080".parse().unwrap();
        let found = local.resolve().await.unwrap();
        assert!(
            found
                .iter()
                .all(|a| a.ip().is_loopback() && a.port() == 8080),
            "{found:?}"
        );
        for wrong in [
            "localhost",
            ":80",
            "host:",
            "host:x",
            "host:70000",
            "a b:1",
            "127.0.0.300:1",
            "http://localhost:8080",
            "::1:8080x",
            "-",
        ] {
            let said = wrong.parse::<ListenAddress>().unwrap_err();
            assert!(said.contains("localhost:8080"), "{said}");
        }
    }
}
