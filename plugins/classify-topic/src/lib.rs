//! Topic, intent and urgency of messages, in Dutch and English.
//!
//! The admin edits the taxonomy in the settings; a default one is built in. Everything is judged by
//! words, and every judgement shows the words that made it.
//!
//! Invariants: pure and deterministic; time proportional to the text; tables are built in
//! `configure`. Deliberately absent: learning from traffic, and any language beyond what the
//! taxonomy's words cover.

mod context;
mod cues;
mod intent;
mod judge;
mod language;
mod scan;
mod settings;
mod standing;
mod tables;
#[cfg(test)]
mod tests;
mod urgency;

use std::sync::OnceLock;

use rapport_sdk::Classifier;
use rapport_sdk::annotation::Classification;
use rapport_sdk::common::{ItemError, ItemErrorCode, PluginError};
use rapport_sdk::social::Message;

use tables::Tables;

/// Longest text that is judged, in bytes: the contract's limit.
const MAX_CONTENT_BYTES: usize = 65_536;

/// Touches every table; what it is judged as does not matter.
const WARM_UP: &str = "Al 2 weken wacht mijn oma van 88: ééns? 🙂";

static TABLES: OnceLock<Tables> = OnceLock::new();

/// The plugin.
pub struct Topic;

impl Classifier for Topic {
    fn configure(settings: String) -> Result<(), String> {
        let tables = Tables::new(settings::parse(&settings)?)?;
        // Regular expressions make their work space at first use: here it is kept with the tables.
        judge::judge(&tables, None, WARM_UP, None);
        TABLES
            .set(tables)
            .map_err(|_| "configured already".to_owned())
    }

    fn classify(
        messages: Vec<Message>,
    ) -> Result<Vec<Result<Vec<Classification>, ItemError>>, PluginError> {
        let tables = TABLES
            .get()
            .ok_or_else(|| PluginError::InvalidInput("not configured yet".to_owned()))?;
        Ok(messages
            .iter()
            .map(|message| classify(tables, message))
            .collect())
    }
}

rapport_sdk::export_classifier!(Topic);

fn classify(tables: &Tables, message: &Message) -> Result<Vec<Classification>, ItemError> {
    if message.content.len() > MAX_CONTENT_BYTES {
        return Err(ItemError {
            code: ItemErrorCode::TooLong,
            message: format!(
                "{} bytes, at most {MAX_CONTENT_BYTES}",
                message.content.len()
            ),
        });
    }
    let (title, language) = (message.title.as_deref(), message.language.as_deref());
    Ok(judge::judge(tables, title, &message.content, language))
}
