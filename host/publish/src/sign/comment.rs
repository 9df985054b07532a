//! What a signer says of a file, in the signed comment: `key:value` pairs between tabs.
//!
//! The first three are what minisign itself writes (`timestamp`, `file`, `hashed`), ours follow
//! (`plugin`, `version`, `sha256`, `role`). Unknown keys are skipped. These are the signer's words: the time
//! in particular proves nothing, since whoever holds the key can write any.

use super::SignError;
use serde::{Deserialize, Serialize};

const VALUE_MAX_BYTES: usize = 256;
const COUNTER: &str = "counter";

/// The signed comment, read. Every part is optional: minisign's own comments have no plugin.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claims {
    /// When it was signed, in seconds since 1970 (UTC).
    pub timestamp_s: Option<i64>,
    /// Name of the file, without its folder.
    pub file: Option<String>,
    /// Id of the plugin in the file.
    pub plugin: Option<String>,
    /// Version of the plugin in the file.
    pub version: Option<String>,
    /// SHA-256 of the file, lower-case hexadecimal; [`super::sign_file`] fills it in.
    pub sha256: Option<String>,
    /// `role:counter`: the signer stands by the file beside its publisher, and is not it. Filled in by
    /// [`super::sign_file`].
    #[serde(default)]
    pub counter: bool,
}

impl Claims {
    /// Reads a comment; what it does not understand, it skips.
    pub fn parse(comment: &str) -> Self {
        let mut claims = Self::default();
        for pair in comment.split('\t') {
            let Some((key, value)) = pair.split_once(':') else {
                continue;
            };
            let text = || Some(value.to_owned());
            match key {
                "timestamp" => claims.timestamp_s = value.parse().ok(),
                "file" => claims.file = text(),
                "plugin" => claims.plugin = text(),
                "version" => claims.version = text(),
                "sha256" => claims.sha256 = text(),
                "role" => claims.counter = value == COUNTER,
                _ => {}
            }
        }
        claims
    }

    /// Writes the comment. Errors when a value would break its line.
    pub fn to_comment(&self) -> Result<String, SignError> {
        let mut pairs = Vec::new();
        if let Some(time) = self.timestamp_s {
            pairs.push(format!("timestamp:{time}"));
        }
        let mut add = |name: &'static str, value: &Option<String>| match value {
            Some(value) if value.len() > VALUE_MAX_BYTES || value.chars().any(char::is_control) => {
                Err(SignError::Claim(name))
            }
            Some(value) => {
                pairs.push(format!("{name}:{}", value.trim()));
                Ok(())
            }
            None => Ok(()),
        };
        add("file", &self.file)?;
        add("plugin", &self.plugin)?;
        add("version", &self.version)?;
        add("sha256", &self.sha256)?;
        if self.counter {
            pairs.push(format!("role:{COUNTER}"));
        }
        // Where minisign writes it; there it has no value.
        pairs.insert(pairs.len().min(2), "hashed".to_owned());
        Ok(pairs.join("\t"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let claims = Claims {
            timestamp_s: Some(1_700_000_000),
            file: Some("a: b.wasm".into()),
            plugin: Some("classify-topic".into()),
            version: Some("1.2.3".into()),
            sha256: None,
            counter: true,
        };
        let text = claims.to_comment().unwrap();
        assert_eq!(
            text,
            "timestamp:1700000000\tfile:a: b.wasm\thashed\tplugin:classify-topic\tversion:1.2.3\trole:counter"
        );
        assert_eq!(Claims::parse(&text), claims);
        assert_eq!(Claims::parse("free words"), Claims::default());
    }

    #[test]
    fn a_value_can_not_break_out_of_its_line() {
        for bad in ["a\tplugin:b", "a\nb", "\u{1b}[2J"] {
            let claims = Claims {
                file: Some(bad.into()),
                ..Claims::default()
            };
            assert!(matches!(claims.to_comment(), Err(SignError::Claim("file"))));
        }
    }
}
