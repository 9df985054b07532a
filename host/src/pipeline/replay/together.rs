//! A case once more among those that it was judged with. A pure plugin answers each case as if it
//! were alone; when one comes out otherwise alone, this tells whether its neighbours were the reason.
//!
//! The batch has no name on record: it is put together again from its size, its fuel and its moment,
//! and is only run when it is found whole. Deliberately absent: guesses from part of a batch.

use super::super::decide;
use super::recorded_case;
use crate::db::{Db, DbError};
use crate::domain::annotation::Evaluation;
use crate::plugin::pure::PurePlugin;
use serde::Serialize;
use std::sync::Arc;

/// What the batch came to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Together {
    /// Cases of the batch that are found with their input, and how many it had.
    pub found: u32,
    pub batch_size: u32,
    /// Of the case in its batch, now; none when the batch was not run.
    pub output_digest: Option<String>,
    pub batch_fuel: Option<u64>,
    /// Among its neighbours it comes out as recorded.
    pub as_recorded: Option<bool>,
}

/// Runs the whole batch again, if it can be found.
pub(super) async fn run(
    db: &Db,
    plugin: &Arc<PurePlugin>,
    evaluation: &Evaluation,
) -> Result<Together, DbError> {
    let batch = db.evaluation_batch(evaluation).await?;
    let cases: Vec<_> = batch.iter().flat_map(recorded_case).collect();
    let mut together = Together {
        found: cases.len() as u32,
        batch_size: evaluation.batch_size,
        output_digest: None,
        batch_fuel: None,
        as_recorded: None,
    };
    let place = batch.iter().position(|other| other.id == evaluation.id);
    let whole = cases.len() == batch.len() && together.found == together.batch_size;
    let (Some(place), true) = (place, whole) else {
        return Ok(together);
    };
    let answers = decide::ask(plugin, cases).await;
    let answer = answers.into_iter().nth(place);
    if let Some(is) = answer.map(|answer| answer.evaluation) {
        let same = is.output_digest == evaluation.output_digest && is.fault == evaluation.fault;
        together.as_recorded = Some(same);
        together.batch_fuel = Some(is.batch_fuel);
        together.output_digest = Some(is.output_digest);
    }
    Ok(together)
}

impl Together {
    pub(super) fn in_words(&self) -> String {
        let size = self.batch_size;
        match self.as_recorded {
            Some(true) => format!(
                "run together with the {size} cases of its batch it comes out as recorded: its \
                 neighbours mattered, though a policy must answer each case as if it were alone; \
                 tell the plugin's author"
            ),
            Some(false) => format!(
                "run together with the {size} cases of its batch it does not come out as recorded \
                 either: its neighbours are not the reason"
            ),
            None => format!(
                "it was judged in a batch of {size} of which {} can be told apart with their \
                 input, so whether its neighbours mattered can't be seen",
                self.found
            ),
        }
    }
}
