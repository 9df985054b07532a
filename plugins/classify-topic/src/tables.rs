//! Everything that is looked up while judging, built once from the settings.
//!
//! Topic words, cues of intent and cues of urgency are one [`Lexicon`]: one pass over a message finds
//! them all. Invariant: `cues[i]` says what the lexicon's pattern `i` means.

use std::collections::BTreeMap;

use rapport_lexicon::Lexicon;
use regex::{Regex, RegexBuilder};

use crate::cues::{self, Cue, EXTRA_WEIGHT, Role};
use crate::settings::{MAX_TOPICS, Settings, Taxonomy, TopicWords};

const KEYWORD_WEIGHT: f64 = 1.0;
const HINT_WEIGHT: f64 = 0.45;
const PHRASE_WEIGHT: f64 = 1.4;

/// Largest compiled regular expression, and largest table while searching, in bytes.
const REGEX_SIZE_BYTES: usize = 256 * 1024;

/// How long somebody has waited. Groups: the unit.
const DURATION: &str = r"\b(?:al|sinds|ruim|meer dan|bijna|for|since|already|after|na|over|more than|nearly|almost)(?: (?:al|nu|bijna|ruim|nearly|almost|over|more than|meer dan))? (?:\d{1,3}|een|twee|drie|vier|vijf|zes|zeven|acht|negen|tien|a|one|two|three|four|five|six|seven|eight|nine|ten|several|enkele|paar|een paar) ?(uur|uren|hours?|dag|dagen|days?|week|weken|weeks?|maand|maanden|months?)\b|\b(?:sinds|al sinds|since) (maandag|dinsdag|woensdag|donderdag|vrijdag|zaterdag|zondag|gisteren|vorige week|monday|tuesday|wednesday|thursday|friday|saturday|sunday|yesterday|last week)\b";

/// Somebody of seventy or older.
const ELDERLY: &str = r"\b(?:moeder|vader|oma|opa|buurvrouw|buurman|mevrouw|ouders|schoonmoeder|schoonvader|mother|father|grandmother|grandfather|gran|grandma|grandpa|mum|mom|dad|neighbour)\b[^.!?]{0,20}\b[789]\d\b";

/// A regular expression from the taxonomy.
#[derive(Debug)]
pub struct TopicPattern {
    pub topic: usize,
    pub language: String,
    pub weight: f64,
    pub regex: Regex,
}

/// The tables.
#[derive(Debug)]
pub struct Tables {
    pub settings: Settings,
    pub lexicon: Lexicon,
    pub cues: Vec<Cue>,
    /// Names of the topics, sorted.
    pub topics: Vec<String>,
    pub patterns: Vec<TopicPattern>,
    pub duration: Regex,
    pub elderly: Regex,
}

impl Tables {
    /// Builds the tables. The error names the setting, and for a regular expression its topic, its
    /// place in the list and what is wrong.
    pub fn new(settings: Settings) -> Result<Self, String> {
        let mut taxonomy = Taxonomy::new();
        if settings.use_default_taxonomy {
            taxonomy = serde_json::from_str(include_str!("default-taxonomy.json"))
                .map_err(|e| format!("default taxonomy: {e}"))?;
        }
        let mut origins = Vec::new();
        let mut all = Vec::new();
        let mut patterns = Vec::new();
        let topics = topic_names(&taxonomy, &settings.taxonomy)?;
        for (source, own) in [(&taxonomy, false), (&settings.taxonomy, true)] {
            for (name, languages) in source {
                let Ok(topic) = topics.binary_search(name) else {
                    continue;
                };
                for (language, words) in languages {
                    let place = if own { "taxonomy" } else { "default taxonomy" };
                    let place = format!("{place}.{name}.{language}");
                    add_words(&mut all, &mut origins, topic, language, words, &place);
                    add_patterns(&mut patterns, topic, language, words, &place)?;
                }
            }
        }
        for (index, cue) in cues::built_in()?.into_iter().enumerate() {
            origins.push(format!("cue {index}"));
            all.push(cue);
        }
        add_extra(&mut all, &mut origins, &settings.extra_cues)?;
        let texts: Vec<&str> = all.iter().map(|c| c.pattern.as_str()).collect();
        let lexicon = Lexicon::new(&texts).map_err(|(index, problem)| {
            let place = origins.get(index).map_or("", String::as_str);
            let text = texts.get(index).copied().unwrap_or_default();
            format!("{place}: `{text}` {problem}")
        })?;
        let duration = Regex::new(DURATION).map_err(|e| e.to_string())?;
        let elderly = Regex::new(ELDERLY).map_err(|e| e.to_string())?;
        Ok(Self {
            settings,
            lexicon,
            cues: all,
            topics,
            patterns,
            duration,
            elderly,
        })
    }
}

fn topic_names(default: &Taxonomy, own: &Taxonomy) -> Result<Vec<String>, String> {
    let mut names: Vec<String> = default.keys().chain(own.keys()).cloned().collect();
    names.sort();
    names.dedup();
    if names.len() > MAX_TOPICS {
        return Err(format!(
            "taxonomy: {} topics, at most {MAX_TOPICS}",
            names.len()
        ));
    }
    Ok(names)
}

fn add_words(
    all: &mut Vec<Cue>,
    origins: &mut Vec<String>,
    topic: usize,
    language: &str,
    words: &TopicWords,
    place: &str,
) {
    for (kind, list, weight) in [
        ("keywords", &words.keywords, KEYWORD_WEIGHT),
        ("hints", &words.hints, HINT_WEIGHT),
        ("phrases", &words.phrases, PHRASE_WEIGHT),
    ] {
        for (index, pattern) in list.iter().enumerate() {
            origins.push(format!("{place}.{kind}[{index}]"));
            all.push(Cue {
                role: Role::Topic(topic),
                language: language.to_owned(),
                weight,
                pattern: pattern.clone(),
            });
        }
    }
}

fn add_patterns(
    patterns: &mut Vec<TopicPattern>,
    topic: usize,
    language: &str,
    words: &TopicWords,
    place: &str,
) -> Result<(), String> {
    for (index, text) in words.patterns.iter().enumerate() {
        let refuse = |why: String| format!("{place}.patterns[{index}]: {why}");
        let regex = RegexBuilder::new(text)
            .case_insensitive(true)
            .size_limit(REGEX_SIZE_BYTES)
            .dfa_size_limit(REGEX_SIZE_BYTES)
            .build()
            .map_err(|e| refuse(e.to_string()))?;
        if regex.is_match("") {
            return Err(refuse(
                "matches the empty text, so it would match everywhere".into(),
            ));
        }
        patterns.push(TopicPattern {
            topic,
            language: language.to_owned(),
            weight: PHRASE_WEIGHT,
            regex,
        });
    }
    Ok(())
}

fn add_extra(
    all: &mut Vec<Cue>,
    origins: &mut Vec<String>,
    extra: &BTreeMap<String, BTreeMap<String, Vec<String>>>,
) -> Result<(), String> {
    for (name, languages) in extra {
        let role = cues::role(name)
            .filter(|role| matches!(role, Role::Intent(_) | Role::Urgency))
            .ok_or_else(|| format!("extra-cues: `{name}` is no intent and not `urgency`"))?;
        for (language, list) in languages {
            for (index, pattern) in list.iter().enumerate() {
                origins.push(format!("extra-cues.{name}.{language}[{index}]"));
                all.push(Cue {
                    role,
                    language: language.clone(),
                    weight: EXTRA_WEIGHT,
                    pattern: pattern.clone(),
                });
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings;

    fn refused(text: &str) -> String {
        Tables::new(settings::parse(text).unwrap())
            .map(|_| ())
            .unwrap_err()
    }

    #[test]
    fn the_default_tables_build() {
        let tables = Tables::new(Settings::default()).unwrap();
        assert_eq!(
            tables.topics,
            [
                "billing", "delivery", "outage", "product", "sales", "service"
            ]
        );
        assert!(tables.cues.len() > 1000, "{}", tables.cues.len());
    }

    #[test]
    fn own_topics_join_or_replace_the_default() {
        let own = r#"{"taxonomy": {"billing": {"nl": {"keywords": ["tientje"]}}, "heat": {}}}"#;
        let both = Tables::new(settings::parse(own).unwrap()).unwrap();
        assert_eq!(both.topics.len(), 7);
        let alone = own.replacen('{', r#"{"use-default-taxonomy": false, "#, 1);
        let alone = Tables::new(settings::parse(&alone).unwrap()).unwrap();
        assert_eq!(alone.topics, ["billing", "heat"]);
    }

    #[test]
    fn refusals_name_topic_index_and_problem() {
        let error = refused(r#"{"taxonomy": {"gas": {"nl": {"patterns": ["ok", "(gas"]}}}}"#);
        assert!(error.contains("taxonomy.gas.nl.patterns[1]"), "{error}");
        assert!(error.contains("unclosed group"), "{error}");
        let error = refused(r#"{"taxonomy": {"gas": {"nl": {"patterns": ["(\\w{900}){900}"]}}}}"#);
        assert!(error.contains("size limit"), "{error}");
        let error = refused(r#"{"taxonomy": {"gas": {"nl": {"patterns": ["a*"]}}}}"#);
        assert!(error.contains("empty text"), "{error}");
        let error = refused(r#"{"taxonomy": {"gas": {"en": {"keywords": ["gas", "g*"]}}}}"#);
        assert!(
            error.contains("taxonomy.gas.en.keywords[1]: `g*`"),
            "{error}"
        );
        let error = refused(r#"{"extra-cues": {"opener": {"nl": ["hoezo"]}}}"#);
        assert!(error.contains("`opener`"), "{error}");
    }
}
