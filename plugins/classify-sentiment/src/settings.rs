//! The admin's settings, checked. Absent ones have the defaults of `plugin.toml`.

use std::collections::BTreeMap;

use crate::lexicon::{OwnWords, PHRASE_WORDS};
use crate::tokens::{Kind, tokenise};

/// Most words of the admin's own, for each language.
const OWN_WORDS_LIMIT: usize = 2000;

#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// Above 0, at most 1.
    pub positive_threshold: f64,
    /// Below 0, at least -1.
    pub negative_threshold: f64,
    pub words_nl: OwnWords,
    pub words_en: OwnWords,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
struct Raw {
    positive_threshold: f64,
    negative_threshold: f64,
    words_nl: BTreeMap<String, f64>,
    words_en: BTreeMap<String, f64>,
}

impl Default for Raw {
    fn default() -> Self {
        Self {
            positive_threshold: 0.15,
            negative_threshold: -0.15,
            words_nl: BTreeMap::new(),
            words_en: BTreeMap::new(),
        }
    }
}

/// Reads the settings; an error names the field.
pub fn parse(text: &str) -> Result<Settings, String> {
    let raw: Raw = serde_json::from_str(text).map_err(|e| format!("settings: {e}"))?;
    if !(0.01..=1.0).contains(&raw.positive_threshold) {
        return Err("positive-threshold: must be 0.01 to 1".into());
    }
    if !(-1.0..=-0.01).contains(&raw.negative_threshold) {
        return Err("negative-threshold: must be -1 to -0.01".into());
    }
    Ok(Settings {
        positive_threshold: raw.positive_threshold,
        negative_threshold: raw.negative_threshold,
        words_nl: own_words("words-nl", raw.words_nl)?,
        words_en: own_words("words-en", raw.words_en)?,
    })
}

/// The words as the text is read: `Don’t` becomes `don't`, `top-zaak` becomes `top zaak`.
fn own_words(field: &str, raw: BTreeMap<String, f64>) -> Result<OwnWords, String> {
    if raw.len() > OWN_WORDS_LIMIT {
        return Err(format!(
            "{field}: {} words, at most {OWN_WORDS_LIMIT}",
            raw.len()
        ));
    }
    let mut words = OwnWords::new();
    for (key, weight) in raw {
        if !(-1.0..=1.0).contains(&weight) {
            return Err(format!("{field}: `{key}` must weigh -1 to 1"));
        }
        let tokens = tokenise(&key);
        let count = tokens.len();
        if !(1..=PHRASE_WORDS).contains(&count) || tokens.iter().any(|t| t.kind != Kind::Word) {
            return Err(format!(
                "{field}: `{key}` is not one to {PHRASE_WORDS} words"
            ));
        }
        let words_in_key: Vec<String> = tokens.into_iter().map(|t| t.text).collect();
        words.insert(words_in_key.join(" "), weight as f32);
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_settings_have_defaults() {
        let settings = parse("{}").unwrap();
        assert_eq!(
            (settings.positive_threshold, settings.negative_threshold),
            (0.15, -0.15)
        );
        assert!(settings.words_nl.is_empty() && settings.words_en.is_empty());
    }

    #[test]
    fn own_words_are_read_as_a_text_is() {
        let settings = parse(r#"{"words-nl": {"Rode Loper": 0.5}, "words-en": {"Don’t": -0.25}}"#);
        let settings = settings.unwrap();
        assert_eq!(
            settings.words_nl,
            OwnWords::from([("rode loper".into(), 0.5)])
        );
        assert_eq!(settings.words_en, OwnWords::from([("don't".into(), -0.25)]));
    }

    #[test]
    fn an_error_names_the_field() {
        for (text, expected) in [
            ("[", "settings"),
            (r#"{"positive-threshold": 0}"#, "positive-threshold"),
            (r#"{"negative-threshold": 0.2}"#, "negative-threshold"),
            (r#"{"words-nl": {"goed": 2}}"#, "words-nl: `goed`"),
            (r#"{"words-en": {"": 0.5}}"#, "words-en"),
            (r#"{"words-en": {"a b c d e f g": 0.5}}"#, "words-en"),
            (r#"{"threshold": 0.2}"#, "threshold"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
