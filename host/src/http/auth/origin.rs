//! Where a request comes from: the page that made a browser send it, and the machine behind proxies.

use super::Cookie;
use crate::access::session::Device;
use crate::http::AppState;
use crate::http::problem::Problem;
use axum::extract::{ConnectInfo, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{Extensions, HeaderMap, header};
use ipnet::IpNet;
use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Refuses what a page of another site could make a browser send to this machine.
pub fn local_only(headers: &HeaderMap) -> Result<(), Problem> {
    let local = |authority: &str| {
        let host = match authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default(),
            None => authority.split(':').next().unwrap_or_default(),
        };
        matches!(host, "localhost" | "127.0.0.1" | "::1")
    };
    let host_ok = text(headers, "host").is_none_or(local);
    let origin_ok = text(headers, "origin").is_none_or(|origin| {
        origin
            .split_once("://")
            .is_some_and(|(_, rest)| local(rest))
    });
    if host_ok && origin_ok {
        return Ok(());
    }
    Err(super::refusal(
        "The demo answers only requests from this machine to this machine.",
    ))
}

/// Refuses a request that a page of another site made a browser send. Programs send neither header.
/// `own`: origin under which people reach us, when configured; else the request's own host.
pub fn same_site(headers: &HeaderMap, own: Option<&str>) -> Result<(), Problem> {
    let site_ok =
        text(headers, "sec-fetch-site").is_none_or(|site| matches!(site, "same-origin" | "none"));
    let host = text(headers, header::HOST.as_str());
    let origin_ok = match headers.get(header::ORIGIN).map(|value| value.to_str()) {
        None => true,
        Some(Err(_)) => false,
        Some(Ok(origin)) => match own {
            Some(own) => origin == own,
            None => host.is_some_and(|host| {
                origin
                    .split_once("://")
                    .is_some_and(|(_, authority)| authority == host)
            }),
        },
    };
    if site_ok && origin_ok {
        return Ok(());
    }
    Err(super::refusal("The request comes from another site."))
}

/// What log-ins are counted by and known by, for handlers.
impl FromRequestParts<AppState> for Device {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Infallible> {
        let user_agent = text(&parts.headers, header::USER_AGENT.as_str());
        let access = &state.access;
        let secret = Cookie::Device.read(&parts.headers, access.secure);
        Ok(Self {
            user_agent: user_agent.unwrap_or_default().to_owned(),
            address: source(&parts.extensions, &parts.headers, &access.trusted_proxies),
            // Of another shape it is none of ours.
            secret: secret.filter(|secret| {
                secret.len() == 64 && secret.bytes().all(|byte| byte.is_ascii_hexdigit())
            }),
        })
    }
}

/// Whose address counts: the peer's; behind a proxy of ours, the last one in `X-Forwarded-For` that is
/// not such a proxy. Others can write in that header what they like, so it counts for nothing else.
pub fn source(extensions: &Extensions, headers: &HeaderMap, proxies: &[IpNet]) -> IpAddr {
    let peer = extensions
        .get::<ConnectInfo<SocketAddr>>()
        .map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |info| info.0.ip())
        .to_canonical();
    let ours = |address: &IpAddr| proxies.iter().any(|net| net.contains(address));
    if !ours(&peer) {
        return peer;
    }
    let forwarded: Vec<&str> = headers
        .get_all("x-forwarded-for")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .collect();
    let mut last = peer;
    for part in forwarded.iter().rev() {
        let Ok(address) = part.trim().parse::<IpAddr>() else {
            break;
        };
        last = address.to_canonical();
        if !ours(&last) {
            break;
        }
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    header::HeaderName::from_static(name),
                    value.parse().unwrap(),
                )
            })
            .collect()
    }

    #[test]
    fn the_demo_is_for_this_machine() {
        assert!(local_only(&headers(&[("host", "127.0.0.1:8080")])).is_ok());
        assert!(local_only(&headers(&[("host", "[::1]:8080")])).is_ok());
        assert!(local_only(&headers(&[("host", "evil.example")])).is_err());
        let crossed = [
            ("host", "localhost:8080"),
            ("origin", "https://evil.example"),
        ];
        assert!(local_only(&headers(&crossed)).is_err());
    }

    #[test]
    fn pages_of_other_sites_are_refused() {
        let ok = |pairs: &[(&'static str, &str)], own| same_site(&headers(pairs), own).is_ok();
        assert!(ok(&[("host", "crm.example")], None));
        assert!(ok(
            &[("host", "crm.example"), ("origin", "https://crm.example")],
            None
        ));
        assert!(!ok(
            &[("host", "crm.example"), ("origin", "https://evil.example")],
            None
        ));
        assert!(!ok(&[("host", "crm.example"), ("origin", "null")], None));
        let own = Some("https://crm.example");
        assert!(ok(&[("origin", "https://crm.example")], own));
        assert!(!ok(&[("origin", "http://crm.example")], own));
        assert!(!ok(&[("sec-fetch-site", "cross-site")], own));
        assert!(!ok(&[("sec-fetch-site", "same-site")], own));
    }

    #[test]
    fn only_our_proxies_speak_for_others() {
        let mut extensions = Extensions::new();
        let peer: SocketAddr = "10.0.0.1:5000".parse().unwrap();
        extensions.insert(ConnectInfo(peer));
        let said = headers(&[("x-forwarded-for", "1.1.1.1, 192.0.2.7, 10.0.0.2")]);
        let from = |proxies: &[IpNet]| source(&extensions, &said, proxies).to_string();
        assert_eq!(from(&[]), "10.0.0.1");
        assert_eq!(from(&["10.0.0.0/8".parse().unwrap()]), "192.0.2.7");
    }
}
