//! The classifier `classify-language`: dimension `language`, label `nl`, `en`, `de`, `fr` (or what
//! the settings name) or `unknown`, score how sure.
//!
//! This file is the glue; the way of a text is [`quote`] and [`clean`] (take out what is quoted and
//! what has no language), [`model`] (what each word says by the lists of [`words`]), [`judge`] (the
//! answer). Only `content` is judged. Deliberately absent: any
//! dependence on other messages of the batch, and languages in other scripts than Latin.

mod clean;
mod judge;
mod model;
mod quote;
mod settings;
mod words;

#[cfg(test)]
mod accuracy;
#[cfg(test)]
mod properties;

use std::sync::OnceLock;

use rapport_sdk::annotation::{Classification, Evidence};
use rapport_sdk::common::{ItemError, ItemErrorCode, PluginError};
use rapport_sdk::social::Message;

use judge::{Judgement, judge};
use settings::Settings;
use words::{CODES, Lexicon};

/// The contract's limit for a message's content, in bytes.
const CONTENT_LIMIT_BYTES: usize = 65_536;

/// What `configure` builds once.
struct Configured {
    settings: Settings,
    lexicon: Lexicon,
}

static CONFIGURED: OnceLock<Configured> = OnceLock::new();

fn configured(settings: &str) -> Result<Configured, String> {
    Ok(Configured {
        settings: settings::parse(settings)?,
        lexicon: Lexicon::new(),
    })
}

/// Classifies one text.
fn classify_text(
    text: &str,
    hint: Option<&str>,
    configured: &Configured,
) -> Result<Classification, ItemError> {
    if text.len() > CONTENT_LIMIT_BYTES {
        return Err(ItemError {
            code: ItemErrorCode::TooLong,
            message: format!("{} bytes, at most {CONTENT_LIMIT_BYTES}", text.len()),
        });
    }
    Ok(to_classification(judge(
        text,
        hint,
        &configured.settings,
        &configured.lexicon,
    )))
}

fn to_classification(judgement: Judgement) -> Classification {
    let label = judgement.language.map_or("unknown", |l| CODES[l]);
    // The limit on content makes every offset fit.
    let evidence = judgement.evidence.iter().map(|(start, end)| Evidence {
        start: *start as u32,
        end: *end as u32,
        note: format!("{label} word"),
    });
    Classification {
        dimension: "language".into(),
        label: label.into(),
        score: (judgement.confidence * 1000.0).round() / 1000.0,
        evidence: evidence.collect(),
        extra: judgement
            .extra
            .into_iter()
            .map(|(n, v)| (n.to_owned(), v))
            .collect(),
    }
}

/// The plugin.
pub struct Language;

impl rapport_sdk::Classifier for Language {
    fn configure(settings: String) -> Result<(), String> {
        CONFIGURED
            .set(configured(&settings)?)
            .map_err(|_| "configure was called twice".into())
    }

    fn classify(
        messages: Vec<Message>,
    ) -> Result<Vec<Result<Vec<Classification>, ItemError>>, PluginError> {
        let configured = CONFIGURED
            .get()
            .ok_or_else(|| PluginError::InvalidInput("classify before configure".into()))?;
        let one = |m: &Message| {
            classify_text(&m.content, m.language.as_deref(), configured).map(|c| vec![c])
        };
        Ok(messages.iter().map(one).collect())
    }
}

rapport_sdk::export_classifier!(Language);
