//! The classifier `classify-sentiment`: dimension `sentiment`, label `positive`, `negative`,
//! `neutral` or `uncertain`, score -1 to 1, for Dutch and English.
//!
//! This file is the glue; the way of a text is [`tokens`], [`language`] (which lists to read),
//! [`units`] (words and phrases with their meaning in the [`lexicon`]; [`names`] mean nothing),
//! [`score`] (negation, emphasis, contrast), [`waits`], [`asking`] (a question is no complaint),
//! [`irony`], [`judge`] (the answer). Only `content` is judged. Deliberately
//! absent: a trained model, and any dependence on other messages.

mod asking;
mod emoji;
mod irony;
mod judge;
mod language;
mod lexicon;
mod names;
mod score;
mod settings;
mod tokens;
mod units;
mod waits;

#[cfg(test)]
mod accuracy;
#[cfg(test)]
mod kinds;
#[cfg(test)]
mod properties;

use std::sync::{LazyLock, OnceLock};

use rapport_sdk::annotation::{Classification, Evidence};
use rapport_sdk::common::{ItemError, ItemErrorCode, PluginError};
use rapport_sdk::social::Message;

use judge::{Judge, Judgement};

/// The contract's limit for a message's content, in bytes.
const CONTENT_LIMIT_BYTES: usize = 65_536;

static JUDGE: OnceLock<Judge> = OnceLock::new();

/// Builds every table.
fn configured(settings: &str) -> Result<Judge, String> {
    LazyLock::force(&tokens::EMOJI);
    Ok(Judge::new(settings::parse(settings)?))
}

/// Classifies one text.
fn classify_text(
    text: &str,
    hint: Option<&str>,
    judge: &Judge,
) -> Result<Classification, ItemError> {
    if text.len() > CONTENT_LIMIT_BYTES {
        return Err(ItemError {
            code: ItemErrorCode::TooLong,
            message: format!("{} bytes, at most {CONTENT_LIMIT_BYTES}", text.len()),
        });
    }
    Ok(to_classification(judge.judge(text, hint)))
}

fn to_classification(judgement: Judgement) -> Classification {
    // The limit on content makes every offset fit.
    let evidence = judgement
        .evidence
        .into_iter()
        .map(|(start, end, note)| Evidence {
            start: start as u32,
            end: end as u32,
            note,
        });
    Classification {
        dimension: "sentiment".into(),
        label: judgement.label.into(),
        // Adding zero turns -0 into 0.
        score: (judgement.score * 1000.0).round() / 1000.0 + 0.0,
        evidence: evidence.collect(),
        extra: judgement
            .extra
            .into_iter()
            .map(|(n, v)| (n.to_owned(), v.to_owned()))
            .collect(),
    }
}

/// The plugin.
pub struct Sentiment;

impl rapport_sdk::Classifier for Sentiment {
    fn configure(settings: String) -> Result<(), String> {
        JUDGE
            .set(configured(&settings)?)
            .map_err(|_| "configure was called twice".into())
    }

    fn classify(
        messages: Vec<Message>,
    ) -> Result<Vec<Result<Vec<Classification>, ItemError>>, PluginError> {
        let judge = JUDGE
            .get()
            .ok_or_else(|| PluginError::InvalidInput("classify before configure".into()))?;
        let one =
            |m: &Message| classify_text(&m.content, m.language.as_deref(), judge).map(|c| vec![c]);
        Ok(messages.iter().map(one).collect())
    }
}

rapport_sdk::export_classifier!(Sentiment);
