//! Addresses in `rapport.toml` that are checked as they are read.

use serde::Deserialize;
use std::net::IpAddr;

/// Scheme, host and port under which people reach this host.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "String")]
pub struct PublicUrl(pub url::Url);

impl TryFrom<String> for PublicUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let url = url::Url::parse(&text).map_err(|e| format!("`{text}`: {e}"))?;
        let web = matches!(url.scheme(), "http" | "https") && url.has_host();
        let bare = url.path() == "/" && url.query().is_none() && url.fragment().is_none();
        if web && bare && url.username().is_empty() && url.password().is_none() {
            return Ok(Self(url));
        }
        Err(format!(
            "`{text}`: give scheme, host and port only, as in https://crm.example"
        ))
    }
}

/// An origin, as browsers send it: scheme, host, and the port where it is not the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct WebOrigin(pub String);

impl TryFrom<String> for WebOrigin {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.contains('*') || text == "null" {
            return Err(format!(
                "`{text}`: name each origin, as in https://desk.example"
            ));
        }
        let PublicUrl(url) = text.try_into()?;
        Ok(Self(url.origin().ascii_serialization()))
    }
}

/// An address, or a network such as `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub struct ProxyNet(pub ipnet::IpNet);

impl TryFrom<String> for ProxyNet {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let address = text.parse::<IpAddr>().map(ipnet::IpNet::from);
        address
            .or_else(|_| text.parse::<ipnet::IpNet>())
            .map(Self)
            .map_err(|_| format!("`{text}` is no address or network"))
    }
}
