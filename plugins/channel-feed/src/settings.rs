//! The settings of an inbox: which feeds, how often.
//!
//! The host has checked them against the manifest's schema; what a schema can't say is checked
//! here. Addresses are normalised, because a feed's address is the name of its memory.

use serde::Deserialize;
use url::Url;

use crate::identity;

/// Most feeds an inbox has.
pub const FEEDS_MAX: usize = 100;
/// Longest feed address, in bytes.
pub const ADDRESS_MAX_BYTES: usize = 2048;

/// One feed that the admin listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// Short name of the feed in ids and state keys: 12 hexadecimal digits of the address's hash.
    pub id: String,
    /// Absolute, without fragment.
    pub url: Url,
}

impl Source {
    /// The address as the log may show it: a query often holds a subscriber's key.
    pub fn label(&self) -> String {
        label(&self.url)
    }
}

/// Scheme, host and path of an address; the presence of a query is shown, the query is not.
pub fn label(url: &Url) -> String {
    let mut shown = url.clone();
    shown.set_fragment(None);
    let query = shown.query().is_some();
    shown.set_query(None);
    let mut text = crate::text::cut(shown.as_str(), 300);
    if query {
        text.push_str("?…");
    }
    text
}

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    pub sources: Vec<Source>,
    /// Between two requests to the same feed.
    pub poll_interval_ms: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Raw {
    feeds: Vec<String>,
    #[serde(default = "default_poll_minutes")]
    poll_minutes: i64,
}

fn default_poll_minutes() -> i64 {
    15
}

impl Settings {
    /// Reads the settings' JSON. The error names the field.
    pub fn parse(json: &str) -> Result<Self, String> {
        let raw: Raw = serde_json::from_str(json).map_err(|e| format!("settings: {e}"))?;
        if !(0..=1440).contains(&raw.poll_minutes) {
            return Err(format!(
                "poll-minutes: {} is not 0 to 1440",
                raw.poll_minutes
            ));
        }
        if raw.feeds.is_empty() || raw.feeds.len() > FEEDS_MAX {
            return Err(format!(
                "feeds: {} addresses, must be 1 to {FEEDS_MAX}",
                raw.feeds.len()
            ));
        }
        let mut sources: Vec<Source> = Vec::with_capacity(raw.feeds.len());
        for (index, text) in raw.feeds.iter().enumerate() {
            let url = parse_address(text).map_err(|e| format!("feeds[{index}]: {e}"))?;
            if let Some(first) = sources.iter().position(|s| s.url == url) {
                return Err(format!(
                    "feeds[{index}]: the same address as feeds[{first}]"
                ));
            }
            sources.push(Source {
                id: identity::feed_id(url.as_str()),
                url,
            });
        }
        Ok(Self {
            sources,
            // Never none at all: a feed that is due again at once would be asked without end.
            poll_interval_ms: (raw.poll_minutes * 60_000).max(1_000),
        })
    }

    /// The same, in which a feed that was known at this address under the other scheme keeps its id:
    /// a site that turns to https is no other feed. `known`: ids of the feeds with memory.
    pub fn known_as(&self, known: &[String]) -> Self {
        let mut settings = self.clone();
        for source in &mut settings.sources {
            let text = source.url.as_str();
            let other = match text.strip_prefix("http://") {
                Some(rest) => format!("https://{rest}"),
                None => text.replacen("https://", "http://", 1),
            };
            let old = identity::feed_id(&other);
            let listed = self.sources.iter().any(|s| s.id == old);
            if !listed && known.contains(&old) && !known.contains(&source.id) {
                source.id = old;
            }
        }
        settings
    }
}

fn parse_address(text: &str) -> Result<Url, String> {
    let text = text.trim();
    if text.len() > ADDRESS_MAX_BYTES {
        return Err(format!("{} bytes, at most {ADDRESS_MAX_BYTES}", text.len()));
    }
    let mut url = Url::parse(text).map_err(|e| format!("not a web address: {e}"))?;
    if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
        return Err("must begin with https:// or http://".into());
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err("no name or password in an address: settings are not secret".into());
    }
    url.set_fragment(None);
    Ok(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_settings_with_defaults() {
        let settings =
            Settings::parse(r#"{"feeds": ["https://Blog.Example/feed#top", "http://f.example"]}"#)
                .unwrap();
        assert_eq!(settings.poll_interval_ms, 900_000);
        assert_eq!(
            settings.sources[0].url.as_str(),
            "https://blog.example/feed"
        );
        assert_eq!(settings.sources[0].id.len(), 12);
        assert_ne!(settings.sources[0].id, settings.sources[1].id);
    }

    #[test]
    fn names_the_field_that_is_wrong() {
        for (json, expected) in [
            (r#"{"feeds": []}"#, "feeds: 0 addresses"),
            (
                r#"{"feeds": ["https://a.example", "HTTPS://A.example/"]}"#,
                "feeds[1]: the same",
            ),
            (r#"{"feeds": ["ftp://a.example"]}"#, "feeds[0]: must begin"),
            (r#"{"feeds": ["nieuws"]}"#, "feeds[0]: not a web address"),
            (
                r#"{"feeds": ["https://me:pw@a.example"]}"#,
                "feeds[0]: no name or password",
            ),
            (
                r#"{"feeds": ["https://a.example"], "poll-minutes": -1}"#,
                "poll-minutes",
            ),
            (r#"{"feed": ["https://a.example"]}"#, "unknown field `feed`"),
            ("[", "settings:"),
        ] {
            let error = Settings::parse(json).unwrap_err();
            assert!(error.contains(expected), "{json}: {error}");
        }
    }

    #[test]
    fn a_label_hides_the_query() {
        let settings =
            Settings::parse(r#"{"feeds": ["https://a.example/rss?key=geheim"]}"#).unwrap();
        assert_eq!(settings.sources[0].label(), "https://a.example/rss?…");
    }
}
