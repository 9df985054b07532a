//! The session's cookie: for this host only, out of reach of scripts, and not sent by pages of others.
//!
//! Over https it is `__Host-rapport`, which browsers accept only with Secure, Path=/ and no Domain, so
//! that no sister site can set it.

use axum::http::{HeaderMap, HeaderValue, header};

fn name(secure: bool) -> &'static str {
    if secure { "__Host-rapport" } else { "rapport" }
}

/// The session's secret. None when there is no cookie, or more than one of that name.
pub fn read(headers: &HeaderMap, secure: bool) -> Option<String> {
    let mut found = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter(|(key, _)| *key == name(secure))
        .map(|(_, value)| value.to_owned());
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// Sets the cookie. It ends with the browser's session; the host ends it sooner.
pub fn set(secret: &str, secure: bool) -> Option<HeaderValue> {
    build(secret, "", secure)
}

/// Takes the cookie away.
pub fn clear(secure: bool) -> Option<HeaderValue> {
    build("", "; Max-Age=0", secure)
}

fn build(value: &str, age: &str, secure: bool) -> Option<HeaderValue> {
    let flag = if secure { "; Secure" } else { "" };
    let text = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Lax{flag}{age}",
        name(secure)
    );
    HeaderValue::from_str(&text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_follow_the_scheme() {
        let plain = set("abc", false).unwrap();
        assert_eq!(plain, "rapport=abc; Path=/; HttpOnly; SameSite=Lax");
        let secure = set("abc", true).unwrap();
        let flags = "__Host-rapport=abc; Path=/; HttpOnly; SameSite=Lax; Secure";
        assert_eq!(secure, flags);
    }

    #[test]
    fn one_cookie_of_our_name() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; rapport=s1".parse().unwrap());
        assert_eq!(read(&headers, false).as_deref(), Some("s1"));
        assert_eq!(read(&headers, true), None);
        headers.append(header::COOKIE, "rapport=s2".parse().unwrap());
        assert_eq!(read(&headers, false), None);
    }
}
