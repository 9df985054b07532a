//! The inbox's settings, as `plugin.toml` describes them. The host has already checked them against
//! the schema and filled in the defaults; what is checked here is what the code relies on.

use serde::Deserialize;

const DEFAULT_SERVICE: &str = "https://bsky.social";
/// Most posts that fit in one state value (65536 bytes) with room to spare.
pub const WATCHED_POSTS_MAX: usize = 400;

#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Settings {
    /// Address of the personal data server, without a slash at the end.
    #[serde(default = "default_service")]
    pub service: String,
    /// Handle or DID of the account.
    pub identifier: String,
    /// Languages that monitors take, lower case; empty: all.
    #[serde(default)]
    pub languages: Vec<String>,
    /// Likes, reposts and follows come in too.
    #[serde(default = "default_reactions")]
    pub reactions: bool,
    /// Pages of 100 a source a poll.
    #[serde(default = "default_max_pages")]
    pub max_pages: usize,
    /// Posts watched for edits and deletion.
    #[serde(default = "default_watched_posts")]
    pub watched_posts: usize,
}

fn default_service() -> String {
    DEFAULT_SERVICE.to_owned()
}

fn default_reactions() -> bool {
    true
}

fn default_max_pages() -> usize {
    2
}

fn default_watched_posts() -> usize {
    WATCHED_POSTS_MAX
}

impl Settings {
    /// Reads the host's JSON text. An error names the field.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut settings: Self = serde_json::from_str(text).map_err(|e| e.to_string())?;
        settings.service = settings.service.trim_end_matches('/').to_owned();
        let host = settings
            .service
            .strip_prefix("https://")
            .or_else(|| settings.service.strip_prefix("http://"))
            .ok_or("service: must begin with https://")?;
        if host.is_empty() || host.contains(|c: char| c.is_whitespace() || "/?#@".contains(c)) {
            return Err("service: must be an address without a path".to_owned());
        }
        settings.identifier = settings
            .identifier
            .trim()
            .trim_start_matches('@')
            .to_owned();
        if settings.identifier.is_empty() {
            return Err("identifier: give the account's handle or DID".to_owned());
        }
        if !(1..=3).contains(&settings.max_pages) {
            return Err("max-pages: must be 1 to 3".to_owned());
        }
        if settings.watched_posts > WATCHED_POSTS_MAX {
            return Err(format!("watched-posts: at most {WATCHED_POSTS_MAX}"));
        }
        for language in &mut settings.languages {
            language.make_ascii_lowercase();
        }
        Ok(settings)
    }

    /// Whether a monitor takes a post in these languages (BCP 47). A setting `nl` takes `nl-BE`
    /// too; a post that states no language is taken.
    pub fn takes_languages(&self, langs: &[&str]) -> bool {
        self.languages.is_empty()
            || langs.is_empty()
            || langs.iter().any(|lang| {
                let lang = lang.to_ascii_lowercase();
                self.languages.iter().any(|wanted| {
                    lang.strip_prefix(wanted.as_str())
                        .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
                })
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fills_in_defaults_and_tidies() {
        let s =
            Settings::parse(r#"{"identifier":"@shop.test","service":"http://127.0.0.1:2583/"}"#)
                .unwrap();
        assert_eq!(s.service, "http://127.0.0.1:2583");
        assert_eq!(s.identifier, "shop.test");
        assert_eq!((s.max_pages, s.watched_posts, s.reactions), (2, 400, true));
        let s = Settings::parse(r#"{"identifier":"did:plc:abc"}"#).unwrap();
        assert_eq!(s.service, DEFAULT_SERVICE);
    }

    #[test]
    fn names_the_field_that_is_wrong() {
        for (text, field) in [
            (r#"{}"#, "identifier"),
            (r#"{"identifier":" @ "}"#, "identifier"),
            (r#"{"identifier":"a.test","service":"ftp://x"}"#, "service"),
            (
                r#"{"identifier":"a.test","service":"https://x/y"}"#,
                "service",
            ),
            (r#"{"identifier":"a.test","service":"https://"}"#, "service"),
            (r#"{"identifier":"a.test","max-pages":0}"#, "max-pages"),
            (
                r#"{"identifier":"a.test","watched-posts":401}"#,
                "watched-posts",
            ),
            (r#"{"identifier":"a.test","colour":1}"#, "colour"),
        ] {
            let error = Settings::parse(text).unwrap_err();
            assert!(error.contains(field), "{text}: {error}");
        }
        assert!(Settings::parse("not json").is_err());
    }

    #[test]
    fn languages_match_by_prefix() {
        let s = Settings::parse(r#"{"identifier":"a.test","languages":["NL"]}"#).unwrap();
        assert!(s.takes_languages(&["nl"]));
        assert!(s.takes_languages(&["en", "nl-BE"]));
        assert!(s.takes_languages(&[]));
        assert!(!s.takes_languages(&["en"]));
        assert!(!s.takes_languages(&["nld"]));
    }
}
