//! Where a connector may go: what its manifest asks for, resolved with the inbox's settings, and the
//! local hosts that the admin names.

use rapport_package::Manifest;
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

#[derive(Debug, Clone, PartialEq)]
struct Allowed {
    origin: Origin,
    methods: Vec<String>,
    path_prefix: String,
}

/// What one inbox's connector may reach.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grants {
    allowed: Vec<Allowed>,
    /// `host:port` pairs on this machine or in private networks that the admin named.
    local: Vec<(String, u16)>,
}

impl Grants {
    /// Resolves the manifest's addresses. `local_hosts` are `host:port`.
    pub fn resolve(
        manifest: &Manifest,
        settings: &serde_json::Value,
        local_hosts: &[String],
    ) -> Result<Self, String> {
        let mut allowed = Vec::new();
        for permission in &manifest.permissions.http {
            for origin in origins(&permission.address, settings)? {
                allowed.push(Allowed {
                    origin,
                    methods: permission.methods.clone(),
                    path_prefix: permission.path_prefix.clone(),
                });
            }
        }
        let local = local_hosts
            .iter()
            .map(|entry| {
                let origin = Origin::parse(&format!("http://{entry}"))
                    .map_err(|e| format!("local-hosts: {e}; write host:port"))?;
                Ok((origin.host, origin.port))
            })
            .collect::<Result<_, String>>()?;
        Ok(Self { allowed, local })
    }

    /// Whether a request may be made; the reason if not.
    pub fn check(&self, method: &str, url: &Url) -> Result<Origin, String> {
        let origin = Origin::of(url)?;
        let matching: Vec<_> = self.allowed.iter().filter(|a| a.origin == origin).collect();
        if matching.is_empty() {
            return Err(format!("{origin} is not granted"));
        }
        let fits = matching.iter().any(|allowed| {
            (allowed.methods.is_empty() || allowed.methods.iter().any(|m| m == method))
                && url.path().starts_with(&allowed.path_prefix)
        });
        if !fits {
            return Err(format!("{method} {origin}{} is not granted", url.path()));
        }
        if let Some(ip) = origin.ip()
            && !self.may_connect(&origin.host, Some(origin.port), ip)
        {
            return Err(format!(
                "{origin} is a local address; an admin can name it in local-hosts"
            ));
        }
        Ok(origin)
    }

    /// Whether an address may be connected to under that name. Without a port (a resolver has
    /// none) any port that the admin named for the host will do; [`Grants::check`] has already
    /// matched the port of the request.
    pub fn may_connect(&self, host: &str, port: Option<u16>, ip: IpAddr) -> bool {
        is_global(ip)
            || self
                .local
                .iter()
                .any(|(h, p)| h == host && port.is_none_or(|port| port == *p))
    }
}

/// The origins that an address of the manifest stands for: itself, or those in a setting (a string
/// or a list of strings).
pub fn origins(address: &str, settings: &serde_json::Value) -> Result<Vec<Origin>, String> {
    let Some(name) = address.strip_prefix('{').and_then(|a| a.strip_suffix('}')) else {
        return Ok(vec![Origin::parse(address)?]);
    };
    let value = settings.get(name).cloned().unwrap_or_default();
    let texts: Vec<&str> = match &value {
        serde_json::Value::String(text) => vec![text],
        serde_json::Value::Array(items) => items.iter().filter_map(|item| item.as_str()).collect(),
        _ => Vec::new(),
    };
    let mut found = Vec::new();
    for text in texts {
        let origin = Origin::parse(text).map_err(|e| format!("setting `{name}`: {e}"))?;
        if !found.contains(&origin) {
            found.push(origin);
        }
    }
    Ok(found)
}

/// Whether an address is on the public Internet, by the special-purpose registries of RFC 6890 and
/// its successors. Addresses that carry an IPv4 address inside (mapped, NAT64, 6to4) count as that.
pub fn is_global(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, c, _] = ip.octets();
            !(ip.is_private()
                || ip.is_loopback()
                || ip.is_link_local()
                || ip.is_multicast()
                || ip.is_broadcast()
                || ip.is_documentation()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && (b == 18 || b == 19)))
        }
        IpAddr::V6(ip) => {
            let s = ip.segments();
            let inner = |high: u16, low: u16| {
                let [a, b] = high.to_be_bytes();
                let [c, d] = low.to_be_bytes();
                is_global(IpAddr::V4(std::net::Ipv4Addr::new(a, b, c, d)))
            };
            if s[..5] == [0; 5] && (s[5] == 0xffff || s[5] == 0) {
                return s[5] == 0xffff && inner(s[6], s[7]);
            }
            if s[..6] == [0x64, 0xff9b, 0, 0, 0, 0] {
                return inner(s[6], s[7]);
            }
            if s[0] == 0x2002 {
                return inner(s[1], s[2]);
            }
            // Global unicast is 2000::/3, less documentation, Teredo, benchmarking and ORCHID.
            (s[0] & 0xe000) == 0x2000
                && !(s[0] == 0x2001 && (s[1] < 0x200 || s[1] == 0xdb8))
                && !(s[0] == 0x3fff && s[1] < 0x1000)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_public_addresses_are_global() {
        for local in [
            "127.0.0.1",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "0.0.0.0",
            "224.0.0.1",
            "255.255.255.255",
            "::1",
            "::",
            "fe80::1",
            "fc00::1",
            "ff02::1",
            "::ffff:127.0.0.1",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001:db8::1",
            "::7f00:1",
        ] {
            assert!(!is_global(local.parse().unwrap()), "{local}");
        }
        for public in [
            "1.1.1.1",
            "93.184.216.34",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
        ] {
            assert!(is_global(public.parse().unwrap()), "{public}");
        }
    }

    fn grants(address: &str, local: &[&str]) -> Grants {
        let manifest = Manifest::parse(&format!(
            r#"
            id = "x"
            name = "X"
            version = "0.1.0"
            kind = "channel"
            network = "x"
            publisher = "P"
            licence = "Apache-2.0"
            contract = "1.0.0"
            description = "d"
            [[permissions.http]]
            address = "{address}"
            methods = ["GET"]
            path-prefix = "/api"
            reason = "r"
            "#
        ))
        .unwrap();
        let local: Vec<_> = local.iter().map(|s| (*s).to_owned()).collect();
        Grants::resolve(&manifest, &serde_json::json!({}), &local).unwrap()
    }

    #[test]
    fn a_request_must_fit_the_grant() {
        let grants = grants("https://api.example", &[]);
        let check = |method: &str, url: &str| grants.check(method, &Url::parse(url).unwrap());
        assert!(check("GET", "https://API.example./api/x").is_ok());
        assert!(check("GET", "https://api.example:443/api").is_ok());
        for (method, url) in [
            ("POST", "https://api.example/api"),
            ("GET", "https://api.example/other"),
            ("GET", "http://api.example/api"),
            ("GET", "https://api.example:8443/api"),
            ("GET", "https://api.example.evil/api"),
            ("GET", "https://u@api.example/api"),
        ] {
            assert!(check(method, url).is_err(), "{method} {url}");
        }
    }

    #[test]
    fn local_addresses_need_the_admin() {
        let url = Url::parse("http://2130706433:2583/api").unwrap();
        let refused = grants("http://127.0.0.1:2583", &[])
            .check("GET", &url)
            .unwrap_err();
        assert!(refused.contains("local-hosts"), "{refused}");
        assert!(
            grants("http://127.0.0.1:2583", &["127.0.0.1:2583"])
                .check("GET", &url)
                .is_ok()
        );
        assert!(
            grants("http://127.0.0.1:2583", &["127.0.0.1:99"])
                .check("GET", &url)
                .is_err()
        );
    }
}
