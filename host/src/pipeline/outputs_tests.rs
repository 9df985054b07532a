//! Whatever of a plugin's answer the host has let through can be stored, and comes out of the store as
//! it went in: messages, classifications, decisions and what follows from them.

use super::changes::Changes;
use super::classify::{Classified, Said};
use super::decide::PolicyAnswer;
use super::identify::{self, Judgeable};
use super::ingest::{Brought, Ingest};
use super::{apply, situate};
use crate::db::{Db, Source};
use crate::domain::annotation::{Classification, Decision, Evaluation, Moment};
use crate::domain::effects::Effect;
use crate::domain::social::Activity;
use crate::domain::{Id, new_id, now_ms};
use crate::plugin::random_outputs;
use anyhow::{Result, ensure};
use proptest::prelude::*;
use std::cell::RefCell;

/// More than any case has events.
const EVENTS: usize = 100;
const PLUGIN: &str = "p";

struct Desk {
    db: Db,
    inbox_id: Id,
    _dir: tempfile::TempDir,
}

async fn desk() -> Result<Desk> {
    let dir = tempfile::tempdir()?;
    let db = Db::open(&Source::File(dir.path().join("rapport.db"))).await?;
    let name = || "inbox".to_owned();
    let inboxes = db
        .inbox_sync(&[(name(), name(), name(), Vec::new())])
        .await?;
    let inbox_id = inboxes[0].id.clone();
    Ok(Desk {
        db,
        inbox_id,
        _dir: dir,
    })
}

/// Takes activities through the pipeline, with these answers of a classifier and of a policy to each.
async fn store(
    desk: &Desk,
    activities: Vec<Activity>,
    found: &[Classification],
    effects: &[Effect],
) -> Result<()> {
    let Desk { db, inbox_id, .. } = desk;
    let count = activities.len();
    let brought = Brought::pushed(inbox_id, activities);
    let ingested = Ingest::default().store(db, brought).await?;
    ensure!(ingested.new + ingested.duplicates == count, "{ingested:?}");
    let changes = Changes::default();
    // Events of one conversation come one after the other.
    loop {
        let now = now_ms();
        let events = db.event_lease(EVENTS, now, now + 60_000).await?;
        if events.is_empty() {
            break;
        }
        for judgeable in identify::run(db, &changes, &events).await? {
            judge(db, &changes, judgeable, found, effects).await?;
        }
    }
    let (waiting, _) = db.event_counts().await?;
    ensure!(waiting == 0, "{waiting} events were not done");
    Ok(())
}

async fn judge(
    db: &Db,
    changes: &Changes,
    message: Judgeable,
    found: &[Classification],
    effects: &[Effect],
) -> Result<()> {
    let (id, source) = (message.message_id.clone(), message.source.clone());
    let said = Said {
        plugin: PLUGIN.into(),
        plugin_digest: "d".into(),
        settings_digest: "s".into(),
        found: found.to_vec(),
    };
    let said = vec![said];
    let wave = [Classified { message, said }];
    situate::inbound(db, &wave).await?;
    let evaluation = evaluation();
    let evaluation_id = evaluation.id.clone();
    let answer = PolicyAnswer {
        evaluation,
        effects: effects.to_vec(),
        withheld: Vec::new(),
    };
    apply::run(db, changes, &wave, &[vec![answer]]).await?;

    let stored = db.message_get(&id).await?.expect("the message is stored");
    ensure!(stored.content == source.content && stored.title == source.title);
    ensure!(stored.tags == source.tags && stored.mentions == source.mentions);
    ensure!(stored.attachments == source.attachments && stored.url == source.url);
    ensure!(stored.published == source.published && stored.updated == source.updated);
    ensure!(stored.attributed_to.map(|a| a.extra) == Some(source.attributed_to.extra));
    let mut said = db.classification_list(&id).await?;
    for (stored, found) in said.iter_mut().zip(found) {
        // SQLite reads digits to within the last places of a number, fewer of them the smaller it is.
        let places = stored.score.to_bits().abs_diff(found.score.to_bits());
        if places <= 16 {
            stored.score = found.score;
        }
    }
    ensure!(said == found, "classifications: {said:?}");
    let decisions = db.evaluation_decisions(&evaluation_id).await?;
    ensure!(decisions.len() == effects.len(), "{decisions:?}");
    for (decision, effect) in decisions.iter().zip(effects) {
        ensure!(is_of(decision, effect), "{decision:?} of {effect:?}");
    }
    Ok(())
}

fn is_of(decision: &Decision, effect: &Effect) -> bool {
    decision.rule == effect.rule
        && decision.effect == effect.body.kind()
        && decision.detail == effect.body.detail()
        && decision.reason == effect.reason
        && decision.evidence == effect.evidence
}

fn evaluation() -> Evaluation {
    Evaluation {
        id: new_id(),
        message_id: None,
        draft_id: None,
        moment: Moment::Inbound,
        plugin: PLUGIN.into(),
        version: "1.0.0".into(),
        plugin_digest: "d".into(),
        settings_digest: "s".into(),
        input: "{}".into(),
        input_digest: String::new(),
        output_digest: String::new(),
        batch_fuel: u64::MAX,
        batch_size: 1,
        fault: None,
        in_stead_of: None,
        evaluated: now_ms(),
    }
}

#[test]
fn what_passes_the_checks_can_be_stored() {
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let desk = RefCell::new(runtime.block_on(desk()).expect("a desk"));
    let config = ProptestConfig::with_cases(128);
    proptest!(config, |((activities, found, effects) in random_outputs::checked())| {
        let stored = runtime.block_on(store(&desk.borrow(), activities, &found, &effects));
        if stored.is_err() {
            // What it left undone must not fail the smaller cases that are tried next.
            desk.replace(runtime.block_on(self::desk()).expect("a desk"));
        }
        prop_assert!(stored.is_ok(), "{:#}", stored.unwrap_err());
    });
}
