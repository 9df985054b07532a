//! `rapport replay` on what the real pipeline decided: every decision comes out again to the byte, alone
//! as it did in its batch, and nothing that was changed, is missing or is not what decided passes for
//! a proof.

pub mod support;

#[path = "replay/changed.rs"]
mod changed;
#[path = "support/guests.rs"]
pub mod guests;
#[path = "replay/odd.rs"]
mod odd;
#[path = "replay/proof.rs"]
mod proof;
#[path = "support/sample.rs"]
pub mod sample;
#[path = "replay/wrong.rs"]
mod wrong;

use rapport_host::app;
use rapport_host::config::Config;
use rapport_host::db::{Db, Source};
use rapport_host::pipeline::replay::{self, Record, Replay, Unrepeatable};
use rapport_host::plugin::pure::PurePlugin;
use rapport_host::plugin::{Freeze, resolve_settings};
use sample::{message, post};
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use support::{Host, rapport, store, until};

const SOON: Duration = Duration::from_secs(60);

/// What people say: each of it asks for something else from the rules.
const TEXTS: [&str; 6] = [
    "Hoi, hoe kan ik mijn verhuizing doorgeven in de app?",
    "Dit is een klacht. Ik wacht al drie weken op mijn pakket en niemand reageert op mijn mails. \
     Ik vind dit echt waardeloos!",
    "Wat een fijne winkel, dank jullie wel voor de snelle hulp!",
    "I want to cancel my order, the invoice is wrong and nobody answers the phone.",
    "Goedemorgen allemaal 👋",
    "Win nu gratis bitcoin!!! Klik hier http://example.org/win",
];

/// Hands in a message of each of these people in one request, and waits until all are judged.
async fn say(host: &Host, dir: &Path, name: &str, texts: &[&str]) {
    let lines: Vec<Value> = texts
        .iter()
        .enumerate()
        .map(|(n, text)| message(&format!("{name}-{n}"), &format!("{name}-{n}"), text))
        .collect();
    assert_eq!(post(host, &lines).await.0, 200);
    let store = store::open(dir).await;
    until("every message is judged", SOON, async || {
        let sql = "SELECT COUNT(*) FROM inbound_event WHERE status <> 'done'";
        (store::count(&store, sql).await == 0).then_some(())
    })
    .await;
    store.close().await;
}

/// What is stored of one evaluation, as far as the tests ask.
#[derive(Debug, Clone)]
struct Row {
    id: String,
    plugin: String,
    moment: String,
    batch_size: i64,
    fault: Option<String>,
    content: String,
}

/// Every evaluation with its input's text, in order.
async fn evaluations(dir: &Path) -> Vec<Row> {
    evaluations_of(store::open(dir).await).await
}

async fn evaluations_of(store: store::Store) -> Vec<Row> {
    let sql = "SELECT id, plugin, moment, batch_size, fault, input FROM evaluation ORDER BY id";
    type Columns = (String, String, String, i64, Option<String>, String);
    let rows: Vec<Columns> = sqlx::query_as(sql).fetch_all(&store).await.unwrap();
    store.close().await;
    let row = |(id, plugin, moment, batch_size, fault, input): Columns| {
        // None when it was removed.
        let input: Value = serde_json::from_str(&input).unwrap_or_default();
        let content = input["message"]["content"].as_str().unwrap_or_default();
        Row {
            content: content.to_owned(),
            id,
            plugin,
            moment,
            batch_size,
            fault,
        }
    };
    rows.into_iter().map(row).collect()
}

/// Ids of decisions and of their evaluations that have this effect, in order.
async fn decisions(dir: &Path, effect: &str) -> Vec<(String, String)> {
    let store = store::open(dir).await;
    let sql = "SELECT id, evaluation_id FROM decision WHERE effect = $1 ORDER BY id";
    let found = sqlx::query_as(sql).bind(effect).fetch_all(&store).await;
    store.close().await;
    found.unwrap()
}

/// Changes the store behind the host's back: `$1` is the id, `$2` the text.
async fn tamper(dir: &Path, sql: &'static str, id: &str, text: &str) {
    let store = store::open(dir).await;
    let done = sqlx::query(sql).bind(id).bind(text).execute(&store).await;
    assert_eq!(done.unwrap().rows_affected(), 1, "{sql}");
    store.close().await;
}

/// Replays every evaluation in this process, as the command does one, with the settings of
/// `rapport.toml`.
async fn replay_all(dir: &Path) -> Vec<Replay> {
    let source = store::source(dir, "data/rapport.db");
    let (replays, removed) = replay_all_of(dir, &source).await;
    assert_eq!(removed, 0);
    replays
}

/// The same of this store, and how many evaluations are refused because their input was removed.
async fn replay_all_of(dir: &Path, source: &Source) -> (Vec<Replay>, i64) {
    let config = Config::load(&dir.join("rapport.toml")).unwrap();
    let packages = app::packages(&config).unwrap();
    let engines = app::engines(&config).unwrap();
    let db = Db::open(source).await.unwrap();
    let mut loaded: BTreeMap<String, Arc<PurePlugin>> = BTreeMap::new();
    let (mut replays, mut removed) = (Vec::new(), 0);
    for row in evaluations_of(store::open_source(source).await).await {
        let evaluation = db.evaluation_find(&row.id).await.unwrap().unwrap();
        let case = match replay::recorded_case(&evaluation) {
            Err(Unrepeatable::Removed) => {
                removed += 1;
                continue;
            }
            case => case.unwrap(),
        };
        if !loaded.contains_key(&row.plugin) {
            let package = &packages[&row.plugin];
            let configured = config.plugins.get(&row.plugin).map(|p| &p.settings);
            let given = serde_json::to_value(configured).unwrap();
            let settings = resolve_settings(&package.manifest.settings, &given).unwrap();
            let freeze = Freeze::WhenPossible;
            let plugin = PurePlugin::load(&engines, package, settings, &case.withheld, freeze);
            loaded.insert(row.plugin.clone(), Arc::new(plugin.await.unwrap()));
        }
        let decisions = db.evaluation_decisions(&row.id).await.unwrap();
        let record = Record {
            evaluation,
            decisions,
        };
        let replay = replay::run(&db, &loaded[&row.plugin], &record, case).await;
        replays.push(replay.unwrap());
    }
    db.close().await;
    (replays, removed)
}

/// How `rapport replay` ended: with status 0 or not, what it printed, and what it complained of.
struct Ended {
    success: bool,
    printed: String,
    said: String,
}

impl Ended {
    fn json(&self) -> Value {
        let parsed = serde_json::from_str(&self.printed);
        parsed.unwrap_or_else(|e| panic!("{e}: {}{}", self.printed, self.said))
    }

    /// The kinds of its notes.
    fn notes(&self) -> Vec<String> {
        let notes = self.json()["notes"].as_array().unwrap().clone();
        let kinds = notes.iter().map(|note| note["kind"].as_str().unwrap());
        kinds.map(str::to_owned).collect()
    }
}

/// Runs `rapport replay ID …` with a configuration file in `dir`.
fn replay_with(dir: &Path, config: &str, id: &str, more: &[&str]) -> Ended {
    let output = rapport(&["replay", id, "--config"])
        .arg(dir.join(config))
        .args(more)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2), "{said}");
    Ended {
        success: output.status.success(),
        printed: String::from_utf8(output.stdout).unwrap(),
        said,
    }
}

/// The same with the host's configuration and `--json`.
fn replayed(dir: &Path, id: &str) -> Ended {
    replay_with(dir, "rapport.toml", id, &["--json"])
}

/// Writes a second configuration: the host's with this behind it.
fn configure(dir: &Path, name: &str, more: &str) {
    let config = std::fs::read_to_string(dir.join("rapport.toml")).unwrap();
    std::fs::write(dir.join(name), format!("{config}\n{more}")).unwrap();
}
