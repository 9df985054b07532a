//! Our cookies: for this host only, out of reach of scripts, and not sent by pages of others.
//!
//! Over https their names begin with `__Host-`, which browsers accept only with Secure, Path=/ and no
//! Domain, so that no sister site can set them.

use axum::http::{HeaderMap, HeaderValue, header};

/// A cookie of ours, by its name without https.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookie {
    /// The session's secret. It ends with the browser's session; the host ends it sooner.
    Session,
    /// The device's secret; see `access::session`.
    Device,
    /// A log-in that is under way at a provider.
    Provider,
}

impl Cookie {
    fn name(self, secure: bool) -> &'static str {
        match (self, secure) {
            (Self::Session, true) => "__Host-rapport",
            (Self::Session, false) => "rapport",
            (Self::Device, true) => "__Host-rapport-device",
            (Self::Device, false) => "rapport-device",
            (Self::Provider, true) => "__Host-rapport-oidc",
            (Self::Provider, false) => "rapport-oidc",
        }
    }

    /// What the browser sends. None when there is no cookie, or more than one of that name.
    pub fn read(self, headers: &HeaderMap, secure: bool) -> Option<String> {
        let mut found = headers
            .get_all(header::COOKIE)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(';'))
            .filter_map(|pair| pair.trim().split_once('='))
            .filter(|(key, _)| *key == self.name(secure))
            .map(|(_, value)| value.to_owned());
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    /// Sets it, for so many seconds; none: until the browser's session ends.
    pub fn set(self, value: &str, age_s: Option<i64>, secure: bool) -> Option<HeaderValue> {
        let age = age_s.map_or(String::new(), |age| format!("; Max-Age={age}"));
        let flag = if secure { "; Secure" } else { "" };
        let text = format!(
            "{}={value}; Path=/; HttpOnly; SameSite=Lax{flag}{age}",
            self.name(secure)
        );
        HeaderValue::from_str(&text).ok()
    }

    /// Takes it away.
    pub fn clear(self, secure: bool) -> Option<HeaderValue> {
        self.set("", Some(0), secure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_follow_the_scheme() {
        let plain = Cookie::Session.set("abc", None, false).unwrap();
        assert_eq!(plain, "rapport=abc; Path=/; HttpOnly; SameSite=Lax");
        let secure = Cookie::Session.set("abc", None, true).unwrap();
        let flags = "__Host-rapport=abc; Path=/; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(secure, flags);
        let device = Cookie::Device.set("abc", Some(60), false).unwrap();
        let flags = "rapport-device=abc; Path=/; HttpOnly; SameSite=Lax; Max-Age=60";
        assert_eq!(device, flags);
    }

    #[test]
    fn one_cookie_of_our_name() {
        let mut headers = HeaderMap::new();
        let read = |headers: &HeaderMap, secure| Cookie::Session.read(headers, secure);
        headers.insert(
            header::COOKIE,
            "a=b; rapport=s1; rapport-device=d1".parse().unwrap(),
        );
        assert_eq!(read(&headers, false).as_deref(), Some("s1"));
        assert_eq!(read(&headers, true), None);
        headers.append(header::COOKIE, "rapport=s2".parse().unwrap());
        assert_eq!(read(&headers, false), None);
    }
}
