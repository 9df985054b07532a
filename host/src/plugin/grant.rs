//! Where a connector may go: what its manifest asks for, resolved with the inbox's settings, and the
//! local hosts that the admin names.

use crate::domain::address::{LocalHosts, Origin, is_global};
use rapport_package::Manifest;
use url::Url;

#[derive(Debug, Clone, PartialEq)]
struct Allowed {
    origin: Origin,
    methods: Vec<String>,
    path_prefix: String,
}

impl Allowed {
    /// Whether it is this origin, or, with a leading wildcard label, one of those it stands for. Who
    /// may be asked by http may be asked by https as well: it is the same host, and proves it. Secrets
    /// are bound to their own origins all the same.
    fn is_for(&self, origin: &Origin) -> bool {
        let ports = (self.origin.port, origin.port);
        let secured =
            self.origin.scheme == "http" && origin.scheme == "https" && ports == (80, 443);
        if secured && self.origin.host == origin.host {
            return true;
        }
        let Some(rest) = self.origin.host.strip_prefix("*.") else {
            return self.origin == *origin;
        };
        let label = origin.host.strip_suffix(rest);
        let label = label.and_then(|label| label.strip_suffix('.'));
        label.is_some_and(|label| !label.is_empty() && !label.contains('.'))
            && self.origin.scheme == origin.scheme
            && self.origin.port == origin.port
    }
}

impl Allowed {
    /// Whether all that it allows is allowed by `other`.
    fn is_within(&self, other: &Self) -> bool {
        let methods = other.methods.is_empty()
            || (!self.methods.is_empty() && self.methods.iter().all(|m| other.methods.contains(m)));
        let origin = self.origin == other.origin
            || (!self.origin.host.contains('*') && other.is_for(&self.origin));
        origin && methods && self.path_prefix.starts_with(&other.path_prefix)
    }
}

impl std::fmt::Display for Allowed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let methods = match self.methods.as_slice() {
            [] => "every method".to_owned(),
            some => some.join(", "),
        };
        write!(f, "{}{} ({methods})", self.origin, self.path_prefix)
    }
}

/// What one inbox's connector may reach.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Grants {
    allowed: Vec<Allowed>,
    local: LocalHosts,
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
        let local = LocalHosts::parse(local_hosts)?;
        Ok(Self { allowed, local })
    }

    /// The same, with these local hosts, `host:port` each.
    pub fn with_local(self, local_hosts: &[String]) -> Result<Self, String> {
        let local = LocalHosts::parse(local_hosts)?;
        Ok(Self { local, ..self })
    }

    /// What may be requested that `before` did not allow, in words.
    pub fn beyond(&self, before: &Self) -> Vec<String> {
        let beyond = self.allowed.iter().filter(|allowed| {
            let mut all = before.allowed.iter();
            !all.any(|had| allowed.is_within(had))
        });
        beyond.map(ToString::to_string).collect()
    }

    /// Whether a request may be made; the reason if not.
    pub fn check(&self, method: &str, url: &Url) -> Result<Origin, String> {
        let origin = Origin::of(url)?;
        let matching: Vec<_> = self.allowed.iter().filter(|a| a.is_for(&origin)).collect();
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
            && !(is_global(ip) || self.is_named(&origin))
        {
            return Err(format!(
                "{origin} is a local address; an admin can name it in local-hosts"
            ));
        }
        Ok(origin)
    }

    /// Whether the admin named this host at this port: it may be inside the network.
    pub fn is_named(&self, origin: &Origin) -> bool {
        self.local.names(&origin.host, origin.port)
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
        if origin.host.contains('*') {
            return Err(format!(
                "setting `{name}`: `{text}` is no address of one host"
            ));
        }
        if !found.contains(&origin) {
            found.push(origin);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

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
    fn a_wildcard_stands_for_one_label() {
        let grants = grants("https://*.api.example", &[]);
        let check = |url: &str| grants.check("GET", &Url::parse(url).unwrap()).is_ok();
        assert!(check("https://eu.api.example/api"));
        assert!(check("https://EU.api.example./api"));
        for other in [
            "https://api.example/api",
            "https://a.eu.api.example/api",
            "https://euapi.example/api",
            "https://.api.example/api",
            "https://eu.api.example.evil.example/api",
            "http://eu.api.example/api",
            "https://eu.api.example:8443/api",
            "https://eu.api.example/other",
        ] {
            assert!(!check(other), "{other}");
        }
        let setting = serde_json::json!({ "server": "https://*.example.com" });
        assert!(origins("{server}", &setting).is_err());
    }

    #[test]
    fn http_covers_https_of_the_same_host() {
        let grants = grants("http://api.example", &[]);
        let check = |url: &str| grants.check("GET", &Url::parse(url).unwrap()).is_ok();
        assert!(check("http://api.example/api"));
        assert!(check("https://api.example/api"));
        for other in [
            "https://api.example/other",
            "https://api.example:8443/api",
            "https://www.api.example/api",
            "http://api.example:443/api",
        ] {
            assert!(!check(other), "{other}");
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
        // What a name resolves to is the client's business, which is chosen by host and port.
        let grants = grants("http://pds.lan:2583", &["pds.lan:99"]);
        let origin = |url: &str| Origin::parse(url).unwrap();
        assert!(grants.is_named(&origin("http://PDS.lan.:99")));
        assert!(!grants.is_named(&origin("http://pds.lan:2583")));
    }
}
