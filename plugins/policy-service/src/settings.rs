//! The pack's settings: a member for each rule, named by its id, with `enabled` and the rule's own.
//!
//! Invariant: what is left out has the rule's default, and the defaults here are those of the schema
//! in `plugin.toml` (a test compares them). Deliberately absent: compiled tables, see `pack`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Words for each language (BCP 47 primary language).
pub type Words = BTreeMap<String, Vec<String>>;

const MINUTE_MS: u64 = 60_000;
const HOUR_MS: u64 = 60 * MINUTE_MS;
const DAY_MS: u64 = 24 * HOUR_MS;

/// The whole document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Settings {
    pub answer_or_leave: AnswerOrLeave,
    pub complaint_opens_case: ComplaintOpensCase,
    pub complaint_public_once: ComplaintPublicOnce,
    pub no_marketing_during_complaint: NoMarketing,
    pub tone_of_voice: ToneOfVoice,
    pub embargo: Embargo,
    pub hashtags: Hashtags,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct AnswerOrLeave {
    pub enabled: bool,
    /// Milliseconds from a message addressed to us to the first answer.
    pub within_ms: u64,
    /// Intents for which somebody who did not address us is answered.
    pub searched_intents: Vec<String>,
    /// Lowest score with which the intent spam is believed.
    pub spam_score: f64,
    /// Who may release a held answer.
    pub release_role: String,
}

impl Default for AnswerOrLeave {
    fn default() -> Self {
        Self {
            enabled: true,
            within_ms: HOUR_MS,
            searched_intents: ["question", "complaint", "lead"].map(String::from).to_vec(),
            spam_score: 0.5,
            release_role: "manager".to_owned(),
        }
    }
}

/// How fast a case of one priority must be handled, in milliseconds from the message.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Clock {
    pub respond_within_ms: u64,
    pub solve_within_ms: u64,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Clocks {
    pub low: Clock,
    pub normal: Clock,
    pub high: Clock,
    pub urgent: Clock,
}

impl Default for Clocks {
    fn default() -> Self {
        let clock = |respond_within_ms, solve_within_ms| Clock {
            respond_within_ms,
            solve_within_ms,
        };
        Self {
            low: clock(4 * HOUR_MS, 7 * DAY_MS),
            normal: clock(HOUR_MS, 3 * DAY_MS),
            high: clock(30 * MINUTE_MS, DAY_MS),
            urgent: clock(15 * MINUTE_MS, 8 * HOUR_MS),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ComplaintOpensCase {
    pub enabled: bool,
    /// Lowest score with which an intent is believed.
    pub score: f64,
    /// Complaints that were found, not addressed to us, open a case too.
    pub include_searched: bool,
    /// Questions open a case too.
    pub questions_open_case: bool,
    /// Leads open a case too.
    pub leads_open_case: bool,
    /// Team for leads; empty: none.
    pub lead_team: String,
    /// Sentiment at or below which the priority rises to at most high.
    pub negative_below: f64,
    /// Followers from which the priority rises one step; 0: never.
    pub follower_count: u64,
    /// Topic → team.
    pub routes: BTreeMap<String, String>,
    pub clocks: Clocks,
}

impl Default for ComplaintOpensCase {
    fn default() -> Self {
        Self {
            enabled: true,
            score: 0.5,
            include_searched: false,
            questions_open_case: false,
            leads_open_case: true,
            lead_team: "sales".to_owned(),
            negative_below: -0.6,
            follower_count: 10_000,
            routes: BTreeMap::new(),
            clocks: Clocks::default(),
        }
    }
}

/// A text in the two languages of the reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Texts {
    pub nl: String,
    pub en: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ComplaintPublicOnce {
    pub enabled: bool,
    pub release_role: String,
    /// Networks on which nobody can be answered privately.
    pub networks_without_direct: Vec<String>,
    /// What to do on those networks.
    pub private_invitation: Texts,
}

impl Default for ComplaintPublicOnce {
    fn default() -> Self {
        Self {
            enabled: true,
            release_role: "manager".to_owned(),
            networks_without_direct: ["bluesky", "web"].map(String::from).to_vec(),
            private_invitation: Texts {
                nl: "Nodig de klant uit om te mailen of te bellen.".to_owned(),
                en: "Invite the customer to e-mail or call.".to_owned(),
            },
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct NoMarketing {
    pub enabled: bool,
    /// Who may release a message when complaints or suppressions are not visible to the rule.
    pub release_role: String,
}

impl Default for NoMarketing {
    fn default() -> Self {
        Self {
            enabled: true,
            release_role: "manager".to_owned(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ToneOfVoice {
    pub enabled: bool,
    pub release_role: String,
    /// Words and phrases that we don't use; `*` at an outer end stands for the rest of the word.
    pub forbidden_words: Words,
    pub check_shouting: bool,
    /// Words in capitals from which an answer shouts.
    pub shouting_words: u32,
    /// Exclamation marks in a row that are fine.
    pub max_exclamation_marks: u32,
    /// Words that are written in capitals.
    pub allowed_capitals: Vec<String>,
    pub check_sarcasm: bool,
    /// Sarcasm beside the built-in list.
    pub sarcasm: Vec<String>,
    pub check_insults: bool,
    /// Insults beside the built-in list.
    pub insults: Vec<String>,
    /// A first answer needs a greeting.
    pub require_greeting: bool,
    /// A first answer needs the contact's name.
    pub require_name: bool,
    /// Where greeting and name are needed: `public`, `semi-private`, `direct`.
    pub greeting_where: Vec<String>,
    pub greetings: Words,
}

impl Default for ToneOfVoice {
    fn default() -> Self {
        let words = |nl: &[&str], en: &[&str]| {
            let list = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
            Words::from([("nl".to_owned(), list(nl)), ("en".to_owned(), list(en))])
        };
        let capitals = [
            "AVG", "BTW", "FAQ", "GDPR", "IBAN", "KVK", "LED", "PDF", "SEPA", "SMS", "USB", "VAT",
        ];
        Self {
            enabled: true,
            release_role: "manager".to_owned(),
            forbidden_words: words(
                &["niet mijn probleem", "niet ons probleem", "zeur niet"],
                &["not my problem", "not our problem"],
            ),
            check_shouting: true,
            shouting_words: 3,
            max_exclamation_marks: 2,
            allowed_capitals: capitals.map(String::from).to_vec(),
            check_sarcasm: true,
            sarcasm: Vec::new(),
            check_insults: true,
            insults: Vec::new(),
            require_greeting: false,
            require_name: false,
            greeting_where: vec!["direct".to_owned()],
            greetings: words(
                &[
                    "hoi",
                    "hallo",
                    "hey",
                    "dag",
                    "beste",
                    "geachte",
                    "goedemorgen",
                    "goedemiddag",
                    "goedenavond",
                    "goedendag",
                ],
                &[
                    "hi",
                    "hello",
                    "hey",
                    "dear",
                    "good morning",
                    "good afternoon",
                    "good evening",
                ],
            ),
        }
    }
}

/// A term that must not go out before a moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EmbargoTerm {
    pub term: String,
    /// RFC 3339, for example `2026-03-09T08:00:00Z`.
    pub until: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Embargo {
    pub enabled: bool,
    pub terms: Vec<EmbargoTerm>,
}

impl Default for Embargo {
    fn default() -> Self {
        Self {
            enabled: true,
            terms: Vec::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Hashtags {
    pub enabled: bool,
    /// Hashtags as they should be written, with or without `#`.
    pub standard: Vec<String>,
    /// Most changed letters with which a hashtag is taken for a standard one.
    pub max_distance: usize,
}

impl Default for Hashtags {
    fn default() -> Self {
        Self {
            enabled: true,
            standard: Vec::new(),
            max_distance: 2,
        }
    }
}

/// Reads the settings. The error names the rule and the field.
pub fn parse(text: &str) -> Result<Settings, String> {
    let text = if text.trim().is_empty() { "{}" } else { text };
    let deserializer = &mut serde_json::Deserializer::from_str(text);
    serde_path_to_error::deserialize(deserializer)
        .map_err(|e| format!("{}: {}", e.path(), e.inner()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_set_means_defaults() {
        assert_eq!(parse("{}").unwrap(), Settings::default());
        let partly =
            parse(r#"{"hashtags": {"standard": ["WijHelpen"]}, "embargo": {"enabled": false}}"#)
                .unwrap();
        assert!(partly.hashtags.enabled && !partly.embargo.enabled);
        assert_eq!(partly.hashtags.max_distance, 2);
    }

    #[test]
    fn errors_name_rule_and_field() {
        for (text, expected) in [
            (
                r#"{"tone-of-voice": {"shouting-words": "three"}}"#,
                "tone-of-voice.shouting-words",
            ),
            (
                r#"{"embargo": {"terms": [{"term": "x"}]}}"#,
                "embargo.terms[0]",
            ),
            (r#"{"hashtag": {}}"#, "hashtag"),
            (r#"[1"#, ""),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }
}
