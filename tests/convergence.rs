//! Networks repeat, reorder, edit and delete. Whatever the order in which the same events are heard,
//! and however often, the same state comes out: messages, threads, contacts, reactions, and with
//! real classifiers and policies what was said of the messages and which complaints are open.
//!
//! A story is generated, told once in the order in which it happened and once shuffled, with
//! repetitions and random pauses, to two empty stores whose content is then compared. Deliberately
//! absent: what is the order's own (decisions, deadlines), and our ids.

#[path = "convergence/dump.rs"]
mod dump;
#[path = "support/postgres.rs"]
pub mod postgres;
#[path = "support/store.rs"]
pub mod store;
#[path = "convergence/story.rs"]
mod story;

use proptest::prelude::*;
use proptest::sample::Index;
use proptest::test_runner::Config as Runs;
use rapport_host::config::Config;
use rapport_host::db::{Db, Source};
use rapport_host::domain::social::Activity;
use rapport_host::pipeline::Pipeline;
use rapport_host::pipeline::ingest::Brought;
use rapport_host::pipeline::plugins::Loaded;
use rapport_host::pipeline::webhooks::WebhookSender;
use rapport_host::worker::run_until_idle;
use std::path::Path;
use std::slice::from_ref as one;
use story::{Rules, story};

/// How a story is told: its events, as they happened and shuffled; which of them come again, and where; and where the
/// network pauses so that the host catches up.
#[derive(Clone)]
struct Telling {
    straight: Vec<Activity>,
    shuffled: Vec<Activity>,
    again: Vec<(Index, Index)>,
    pauses: Vec<Index>,
}

impl Telling {
    /// The batches, in which some events come twice.
    fn batches(&self) -> Vec<Vec<Activity>> {
        let mut told = self.shuffled.clone();
        for (which, place) in &self.again {
            if !told.is_empty() {
                let event = told[which.index(told.len())].clone();
                told.insert(place.index(told.len() + 1), event);
            }
        }
        let mut cuts: Vec<usize> = self
            .pauses
            .iter()
            .map(|p| p.index(told.len() + 1))
            .collect();
        cuts.sort_unstable();
        let mut batches = Vec::new();
        for cut in cuts.into_iter().rev() {
            batches.push(told.split_off(cut));
        }
        batches.push(told);
        batches.reverse();
        batches
    }
}

impl std::fmt::Debug for Telling {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for event in self.batches().concat() {
            let object = serde_json::to_string(&event.object).map_err(|_| std::fmt::Error)?;
            writeln!(f, "\n{} {} {object}", event.published, event.id)?;
        }
        let batches = self.batches();
        let ids = batches
            .iter()
            .map(|b| b.iter().map(|e| e.id.as_str()).collect::<Vec<_>>());
        f.debug_list().entries(ids).finish()
    }
}

fn tellings(rules: Rules) -> impl Strategy<Value = Telling> {
    story(rules).prop_flat_map(|events| {
        let shuffled = Just(events.clone()).prop_shuffle();
        let again = prop::collection::vec(any::<(Index, Index)>(), 0..6);
        let pauses = prop::collection::vec(any::<Index>(), 0..5);
        (shuffled, again, pauses).prop_map(move |(shuffled, again, pauses)| Telling {
            straight: events.clone(),
            shuffled,
            again,
            pauses,
        })
    })
}

/// An empty store with one inbox, and the plugins of `like`.
async fn empty(source: &Source, like: Option<&Pipeline>) -> (Pipeline, String) {
    let db = Db::open(source).await.unwrap();
    let configured = [(
        "town".to_owned(),
        "channel-sample".to_owned(),
        "town".to_owned(),
        Vec::new(),
    )];
    let inbox = db.inbox_sync(&configured).await.unwrap().remove(0);
    let like = like.map(|like| like.plugins.now());
    let (classifiers, policies) = like.map_or_else(Default::default, |like| {
        (like.classifiers.clone(), like.policies.clone())
    });
    let loaded = Loaded::of(classifiers, policies);
    let pipeline = Pipeline::fixed(db, loaded, WebhookSender::new(&[], &[]).unwrap());
    (pipeline, inbox.id)
}

/// Tells a story to an empty store. What is there afterwards?
async fn told(batches: &[Vec<Activity>], like: Option<&Pipeline>) -> dump::Dump {
    let dir = tempfile::tempdir().unwrap();
    let source = store::source(dir.path(), "rapport.db");
    let (pipeline, inbox) = empty(&source, like).await;
    for batch in batches {
        let brought = Brought {
            received: story::HEARD,
            ..Brought::pushed(&inbox, batch.clone())
        };
        pipeline.ingest.store(&pipeline.db, brought).await.unwrap();
        run_until_idle(&pipeline).await.unwrap();
    }
    pipeline.db.close().await;
    dump::dump(&source).await
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .unwrap()
}

fn runs(cases: u32) -> Runs {
    Runs {
        cases,
        // Shrinking plays stories, too: enough to read the result, not for ever.
        max_shrink_iters: 200,
        failure_persistence: None,
        ..Runs::default()
    }
}

#[test]
fn any_order_ends_in_the_same_state() {
    let runtime = runtime();
    let rules = Rules { judged: false };
    proptest!(runs(48), |(telling in tellings(rules))| {
        let (straight, shuffled) = runtime.block_on(async {
            (told(one(&telling.straight), None).await, told(&telling.batches(), None).await)
        });
        straight.tombstones_are_empty()?;
        shuffled.tombstones_are_empty()?;
        straight.same_state(&shuffled)?;
    });
}

#[test]
fn any_order_ends_in_the_same_judgement() {
    let runtime = runtime();
    let dir = tempfile::tempdir().unwrap();
    let compiled = Path::new(env!("CARGO_TARGET_TMPDIR")).join("compiled");
    std::fs::create_dir_all(&compiled).unwrap();
    std::os::unix::fs::symlink(&compiled, dir.path().join("compiled")).unwrap();
    let config = Config {
        data_dir: dir.path().to_owned(),
        ..Config::default()
    };
    let plugins = runtime.block_on(rapport_host::app::start(&config)).unwrap();
    let loaded = plugins.plugins.now();
    assert_eq!((loaded.classifiers.len(), loaded.policies.len()), (3, 1));
    let rules = Rules { judged: true };
    let complaints = std::cell::Cell::new(0);
    proptest!(runs(8), |(telling in tellings(rules))| {
        let like = Some(&plugins);
        let (straight, shuffled) = runtime.block_on(async {
            (told(one(&telling.straight), like).await, told(&telling.batches(), like).await)
        });
        shuffled.tombstones_are_empty()?;
        straight.same_state(&shuffled)?;
        straight.same_judgement(&shuffled)?;
        complaints.set(complaints.get() + straight.complaints());
    });
    assert!(complaints.get() > 0, "no complaint in any story");
}

#[test]
fn the_comparison_sees_a_difference() {
    let runtime = runtime();
    let events = story::example();
    let whole = runtime.block_on(told(one(&events), None));
    assert!(whole.same_state(&whole).is_ok());
    for missing in 0..events.len() {
        let mut fewer = events.clone();
        let gone = fewer.remove(missing);
        let less = runtime.block_on(told(one(&fewer), None));
        assert!(whole.same_state(&less).is_err(), "without {}", gone.id);
    }
}
