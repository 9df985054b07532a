//! The admin's settings, checked. Absent ones have the defaults of `plugin.toml`.

use crate::words::{CODES, Mask, SELECTABLE};

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Languages that may be an answer.
    pub considered: Mask,
    /// 0.5 to 0.99.
    pub minimum_confidence: f64,
    /// 1 to 1000.
    pub minimum_letters: usize,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Raw {
    languages: Vec<String>,
    minimum_confidence: f64,
    minimum_letters: usize,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            languages: ["nl", "en", "de", "fr"].map(str::to_owned).to_vec(),
            minimum_confidence: 0.7,
            minimum_letters: 5,
        }
    }
}

/// Reads the settings; an error names the field.
pub fn parse(text: &str) -> Result<Settings, String> {
    let raw: Raw = serde_json::from_str(text).map_err(|e| format!("settings: {e}"))?;
    if raw.languages.is_empty() {
        return Err("languages: name at least one".into());
    }
    let mut considered = 0;
    for code in &raw.languages {
        let index = CODES[..SELECTABLE].iter().position(|known| known == code);
        let index = index.ok_or_else(|| {
            format!(
                "languages: `{code}` is not one of {}",
                CODES[..SELECTABLE].join(", ")
            )
        })?;
        considered |= 1 << index;
    }
    if !(0.5..=0.99).contains(&raw.minimum_confidence) {
        return Err("minimum-confidence: must be 0.5 to 0.99".into());
    }
    if !(1..=1000).contains(&raw.minimum_letters) {
        return Err("minimum-letters: must be 1 to 1000".into());
    }
    Ok(Settings {
        considered,
        minimum_confidence: raw.minimum_confidence,
        minimum_letters: raw.minimum_letters,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_settings_have_defaults() {
        let settings = parse("{}").unwrap();
        assert_eq!(settings.considered, 0b1111);
        assert_eq!(
            (settings.minimum_confidence, settings.minimum_letters),
            (0.7, 5)
        );
    }

    #[test]
    fn an_error_names_the_field() {
        for (text, expected) in [
            ("[", "settings"),
            (r#"{"languages": []}"#, "languages"),
            (r#"{"languages": ["nl", "xx"]}"#, "`xx`"),
            (r#"{"languages": ["sv"]}"#, "`sv`"),
            (r#"{"minimum-confidence": 1.5}"#, "minimum-confidence"),
            (r#"{"minimum-letters": 0}"#, "minimum-letters"),
            (r#"{"letters": 3}"#, "letters"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
