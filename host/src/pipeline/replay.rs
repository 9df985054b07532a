//! Re-executes a decision from its record: the recorded input, alone, in a fresh instance, taken
//! through [`decide`] as any other case, and what comes out held against what is on record.
//!
//! A proof has the recorded plugin, the recorded settings and, to the byte, the recorded input; then
//! the output is equal to the byte, and the stored decisions are that output, or the difference is
//! told (`difference`, `notes`, `together`). Deliberately absent: finding the plugin and the settings, and
//! any writing: nothing follows from a replay.

mod anew;
mod difference;
mod notes;
mod together;

pub use anew::ReplayError;
pub use difference::{Change, Difference, EffectRecord};
pub use together::Together;

use super::decide::{self, PolicyAnswer};
use crate::db::{Db, DbError};
use crate::domain::annotation::{Decision, Evaluation, Moment};
use crate::domain::digest::sha256_hex;
use crate::domain::effects::Effect;
use crate::domain::policy::PolicyCase;
use crate::domain::{Id, TimestampMs};
use crate::plugin::pure::PurePlugin;
use serde::Serialize;
use std::sync::Arc;

/// An evaluation as it stands in the store.
#[derive(Debug, Clone)]
pub struct Record {
    pub evaluation: Evaluation,
    /// In the order of the answer.
    pub decisions: Vec<Decision>,
}

/// Why a record can't be re-executed.
#[derive(Debug, thiserror::Error)]
pub enum Unrepeatable {
    #[error(
        "the channel {0} said this, not a policy: a channel is no pure function, so only what \
         policies said of the same draft can be re-executed"
    )]
    Channel(String),
    #[error(
        "its input is gone: retention (`evaluation-inputs`), the deletion of the message or the \
         erasure of the contact removed it; a backup from before still has it, if one is kept"
    )]
    Removed,
    #[error(
        "the record was changed: its input has the digest {found}, recorded is {recorded}; \
         `rapport audit verify` and a backup tell more"
    )]
    InputChanged { recorded: String, found: String },
    #[error("its input can't be read ({0}): use the version of Rapport that recorded it")]
    Unreadable(#[from] serde_json::Error),
    #[error("no policy was asked")]
    NoAnswer,
    #[error(transparent)]
    Db(#[from] DbError),
}

/// What a replay came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// The output, the failure if there was one, and the stored decisions are the same.
    Equal,
    Different,
    /// The plugin gave no answer then, and now it gives one, or fails in another way.
    FaultNotRepeated,
}

/// One side of the comparison.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    pub version: String,
    pub plugin_digest: String,
    pub settings_digest: String,
    pub input_digest: String,
    pub output_digest: String,
    /// Of the whole batch, and how many cases that had.
    pub batch_fuel: u64,
    pub batch_size: u32,
    /// Why the plugin gave no answer, so that its fallback answered.
    pub fault: Option<String>,
    pub effects: Vec<EffectRecord>,
}

/// What there is to say about a replay besides its outcome.
#[derive(Debug, Serialize)]
pub struct Note {
    pub kind: &'static str,
    pub text: String,
}

/// A re-executed evaluation.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Replay {
    pub outcome: Outcome,
    /// Same plugin, same settings, same input: what came out proves or refutes the record.
    pub proof: bool,
    pub evaluation_id: Id,
    pub message_id: Option<Id>,
    pub draft_id: Option<Id>,
    pub moment: Moment,
    pub plugin: String,
    pub evaluated: TimestampMs,
    pub recorded: Side,
    pub now: Side,
    pub differences: Vec<Difference>,
    pub notes: Vec<Note>,
    /// Asked for when a case that was not judged alone comes out otherwise.
    pub together: Option<Together>,
}

/// The recorded case. What it was shown is what there is: the plugin must be loaded so that it
/// withholds what is named in it.
pub fn recorded_case(evaluation: &Evaluation) -> Result<PolicyCase, Unrepeatable> {
    if evaluation.input_digest.is_empty() {
        return Err(Unrepeatable::Channel(evaluation.plugin.clone()));
    }
    if evaluation.input.is_empty() {
        return Err(Unrepeatable::Removed);
    }
    let found = sha256_hex(evaluation.input.as_bytes());
    if found != evaluation.input_digest {
        let recorded = evaluation.input_digest.clone();
        return Err(Unrepeatable::InputChanged { recorded, found });
    }
    Ok(serde_json::from_str(&evaluation.input)?)
}

/// Runs a recorded case. A case that comes out otherwise than in its batch is run once more with
/// those that it was judged with.
pub async fn run(
    db: &Db,
    plugin: &Arc<PurePlugin>,
    record: &Record,
    case: PolicyCase,
) -> Result<Replay, Unrepeatable> {
    let was = &record.evaluation;
    let answer = decide::ask(plugin, vec![case]).await.pop();
    let answer = answer.ok_or(Unrepeatable::NoAnswer)?;
    let mut replay = compared(record, answer, plugin);
    if replay.proof && was.batch_size > 1 && !replay.comes_out_as_recorded() {
        let together = together::run(db, plugin, was).await?;
        replay.note("neighbours", together.in_words());
        replay.together = Some(together);
    }
    Ok(replay)
}

/// Both sides of it, and all that can be said without asking the plugin again.
fn compared(record: &Record, answer: PolicyAnswer, plugin: &PurePlugin) -> Replay {
    let was = &record.evaluation;
    let stored: Vec<EffectRecord> = record.decisions.iter().map(EffectRecord::from).collect();
    let effects: Vec<EffectRecord> = answer.effects.iter().map(EffectRecord::from).collect();
    let is = &answer.evaluation;
    let mut replay = Replay {
        outcome: Outcome::Different,
        proof: is.plugin_digest == was.plugin_digest
            && is.settings_digest == was.settings_digest
            && is.input_digest == was.input_digest,
        evaluation_id: was.id.clone(),
        message_id: was.message_id.clone(),
        draft_id: was.draft_id.clone(),
        moment: was.moment,
        plugin: was.plugin.clone(),
        evaluated: was.evaluated,
        differences: difference::between(&stored, &effects),
        recorded: side(was, stored),
        now: side(is, effects),
        notes: Vec::new(),
        together: None,
    };
    let stored_digest = stored_digest(&replay.recorded.effects);
    let whole = stored_digest.as_ref() == Some(&was.output_digest);
    replay.outcome = match (&was.fault, replay.comes_out_as_recorded() && whole) {
        (_, true) => Outcome::Equal,
        (Some(fault), false) if whole && replay.now.fault.as_ref() != Some(fault) => {
            Outcome::FaultNotRepeated
        }
        (_, false) => Outcome::Different,
    };
    replay.note_inputs();
    if let Some(failed) = &was.in_stead_of {
        let text = format!("the last known good version, it answered in the stead of {failed}");
        replay.note("stood-in", text);
    }
    replay.note_fault(plugin);
    if !whole {
        replay.note_changed(stored_digest.as_deref());
    }
    replay
}

fn side(evaluation: &Evaluation, effects: Vec<EffectRecord>) -> Side {
    Side {
        version: evaluation.version.clone(),
        plugin_digest: evaluation.plugin_digest.clone(),
        settings_digest: evaluation.settings_digest.clone(),
        input_digest: evaluation.input_digest.clone(),
        output_digest: evaluation.output_digest.clone(),
        batch_fuel: evaluation.batch_fuel,
        batch_size: evaluation.batch_size,
        fault: evaluation.fault.clone(),
        effects,
    }
}

/// The digest of the output that these stored decisions are. None: they can't have come from here.
fn stored_digest(stored: &[EffectRecord]) -> Option<String> {
    let effects: Option<Vec<Effect>> = stored.iter().map(EffectRecord::effect).collect();
    Some(decide::output_digest(&effects?))
}

impl Replay {
    fn comes_out_as_recorded(&self) -> bool {
        self.now.output_digest == self.recorded.output_digest
            && self.now.fault == self.recorded.fault
    }

    fn note(&mut self, kind: &'static str, text: impl Into<String>) {
        let text = text.into();
        self.notes.push(Note { kind, text });
    }
}
