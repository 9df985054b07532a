//! The configured pack: settings, tables, and the way of one case through the rules.

use rapport_sdk::policy::{Effect, PolicyCase};

use crate::rules::{
    answer_or_leave, complaint_opens_case, complaint_public_once, embargo, hashtags, no_marketing,
    tone_of_voice,
};
use crate::settings::{self, Settings};

/// Most effects of one case: the contract's limit.
const MAX_EFFECTS: usize = 32;

/// Settings and the tables made of them.
#[derive(Debug)]
pub struct Pack {
    settings: Settings,
    adverts: no_marketing::Adverts,
    tone: tone_of_voice::Tables,
    embargo: embargo::Terms,
    hashtags: hashtags::Standard,
}

impl Pack {
    /// Builds the tables. The error names the rule and the field.
    pub fn new(text: &str) -> Result<Self, String> {
        let settings = settings::parse(text)?;
        for (rule, role) in [
            (answer_or_leave::ID, &settings.answer_or_leave.release_role),
            (
                complaint_public_once::ID,
                &settings.complaint_public_once.release_role,
            ),
            (
                no_marketing::ID,
                &settings.no_marketing_during_complaint.release_role,
            ),
            (tone_of_voice::ID, &settings.tone_of_voice.release_role),
        ] {
            if role.trim().is_empty() {
                return Err(format!("{rule}.release-role: must name a role"));
            }
        }
        Ok(Self {
            adverts: no_marketing::Adverts::new()?,
            tone: tone_of_voice::Tables::new(&settings.tone_of_voice)?,
            embargo: embargo::Terms::new(&settings.embargo)?,
            hashtags: hashtags::Standard::new(&settings.hashtags)?,
            settings,
        })
    }

    /// What all enabled rules ask for, in the order of the rules.
    pub fn decide(&self, case: &PolicyCase) -> Vec<Effect> {
        let s = &self.settings;
        let mut effects = Vec::new();
        if s.answer_or_leave.enabled {
            answer_or_leave::decide(&s.answer_or_leave, case, &mut effects);
        }
        if s.complaint_opens_case.enabled {
            complaint_opens_case::decide(&s.complaint_opens_case, case, &mut effects);
        }
        if s.complaint_public_once.enabled {
            complaint_public_once::decide(&s.complaint_public_once, case, &mut effects);
        }
        if s.no_marketing_during_complaint.enabled {
            let (own, complaints) = (&s.no_marketing_during_complaint, &s.complaint_opens_case);
            no_marketing::decide(own, complaints, &self.adverts, case, &mut effects);
        }
        if s.tone_of_voice.enabled {
            tone_of_voice::decide(&s.tone_of_voice, &self.tone, case, &mut effects);
        }
        if s.embargo.enabled {
            embargo::decide(&self.embargo, case, &mut effects);
        }
        if s.hashtags.enabled {
            hashtags::decide(&s.hashtags, &self.hashtags, case, &mut effects);
        }
        effects.truncate(MAX_EFFECTS);
        effects
    }
}
