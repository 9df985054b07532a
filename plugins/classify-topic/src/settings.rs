//! The admin's settings: the taxonomy, extra cues and thresholds.
//!
//! Invariant: what leaves [`parse`] is within the limits below. The host has checked the settings
//! against the schema in `plugin.toml` already; this does not count on it. Deliberately absent:
//! compiling words into tables, see `tables`.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Most topics, the built-in ones counted.
pub const MAX_TOPICS: usize = 60;
/// Most words, phrases and cues together, the built-in ones not counted.
pub const MAX_WORDS: usize = 10_000;
/// Most regular expressions together.
pub const MAX_PATTERNS: usize = 50;

/// What tells one topic in one language.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TopicWords {
    /// One is enough.
    pub keywords: Vec<String>,
    /// Two are enough.
    pub hints: Vec<String>,
    /// More telling than a keyword.
    pub phrases: Vec<String>,
    /// Regular expressions, as telling as a phrase.
    pub patterns: Vec<String>,
}

/// Topic → language (`nl`, `en`, …, or `any`) → words.
pub type Taxonomy = BTreeMap<String, BTreeMap<String, TopicWords>>;

/// The whole settings document.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    pub taxonomy: Taxonomy,
    pub use_default_taxonomy: bool,
    /// Intent or `urgency` → language → words.
    pub extra_cues: BTreeMap<String, BTreeMap<String, Vec<String>>>,
    /// Lowest score with which a topic is given, 0 to 1.
    pub topic_threshold: f64,
    /// Most topics given for one message.
    pub max_topics: usize,
    /// Lowest score with which an intent is given; below it is `other`. 0 to 1.
    pub intent_threshold: f64,
    /// Weight of cues from which a message is of high urgency.
    pub high_from: f64,
    /// Weight of cues from which a message is urgent.
    pub urgent_from: f64,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            taxonomy: Taxonomy::new(),
            use_default_taxonomy: true,
            extra_cues: BTreeMap::new(),
            topic_threshold: 0.45,
            max_topics: 3,
            intent_threshold: 0.4,
            high_from: 0.9,
            urgent_from: 1.8,
        }
    }
}

/// Reads and checks the settings. The error names the field.
pub fn parse(text: &str) -> Result<Settings, String> {
    let text = if text.trim().is_empty() { "{}" } else { text };
    let deserializer = &mut serde_json::Deserializer::from_str(text);
    let settings: Settings = serde_path_to_error::deserialize(deserializer)
        .map_err(|e| format!("{}: {}", e.path(), e.inner()))?;
    check(&settings)?;
    Ok(settings)
}

fn check(settings: &Settings) -> Result<(), String> {
    for (field, value) in [
        ("topic-threshold", settings.topic_threshold),
        ("intent-threshold", settings.intent_threshold),
    ] {
        if !(0.0..=1.0).contains(&value) {
            return Err(format!("{field}: must be 0 to 1"));
        }
    }
    if !(settings.high_from > 0.0 && settings.urgent_from >= settings.high_from) {
        return Err("urgent-from: must be at least high-from, and both above 0".into());
    }
    if !(1..=MAX_TOPICS).contains(&settings.max_topics) {
        return Err(format!("max-topics: must be 1 to {MAX_TOPICS}"));
    }
    let (mut words, mut patterns) = (0, 0);
    for (topic, languages) in &settings.taxonomy {
        if !is_label(topic) {
            return Err(format!(
                "taxonomy: `{topic}` must be lower-case words with hyphens, at most 64 bytes"
            ));
        }
        for list in languages.values() {
            words += list.keywords.len() + list.hints.len() + list.phrases.len();
            patterns += list.patterns.len();
        }
    }
    words += settings
        .extra_cues
        .values()
        .flat_map(|l| l.values())
        .map(Vec::len)
        .sum::<usize>();
    if words > MAX_WORDS {
        return Err(format!(
            "taxonomy: {words} words and phrases, at most {MAX_WORDS}"
        ));
    }
    if patterns > MAX_PATTERNS {
        return Err(format!(
            "taxonomy: {patterns} regular expressions, at most {MAX_PATTERNS}"
        ));
    }
    Ok(())
}

/// Lower-case ASCII words with hyphens, a letter first.
fn is_label(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text
            .chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_means_defaults() {
        assert_eq!(parse("{}").unwrap(), Settings::default());
        assert_eq!(parse(" ").unwrap(), Settings::default());
    }

    #[test]
    fn errors_name_the_field() {
        for (text, expected) in [
            (
                r#"{"taxonomy": {"gas": {"nl": {"keywords": ["ok", 3]}}}}"#,
                "taxonomy.gas.nl.keywords[1]",
            ),
            (r#"{"taxonomy": {"Gas!": {}}}"#, "`Gas!`"),
            (r#"{"topic-threshold": 2}"#, "topic-threshold"),
            (r#"{"urgent-from": 0.1}"#, "urgent-from"),
            (r#"{"max-topics": 0}"#, "max-topics"),
            (r#"{"tresholds": 0}"#, "tresholds"),
            ("{", "EOF"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
        let many: Vec<String> = (0..=MAX_PATTERNS).map(|n| format!("a{n}")).collect();
        let text = serde_json::json!({"taxonomy": {"t": {"any": {"patterns": many}}}}).to_string();
        assert!(parse(&text).unwrap_err().contains("at most 50"));
    }
}
