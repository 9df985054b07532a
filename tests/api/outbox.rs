//! An item that the channel refuses for good ends visibly dead; a person tries it again or drops it,
//! in the API or on the command line.
//!
//! Policy and channel are asked before anything is queued, so a dead item takes a channel that
//! changed its mind: answers are queued while it takes long ones, and delivered when it no longer
//! does.

use crate::support::{Host, postgres, rapport, share_compiled, until};
use crate::{SOON, TOWN, line, text};
use rapport_host::config::Config;
use rapport_host::db::commit;
use rapport_host::db::outbound::draft_insert_in_tx;
use rapport_host::domain::case::Purpose;
use rapport_host::domain::outbound::{Draft, DraftStatus};
use rapport_host::domain::{new_id, now_ms};
use rapport_host::pipeline::inboxes::WebhookRequest;
use rapport_host::pipeline::outbound::Intent;
use rapport_host::worker::run_until_idle;
use serde_json::Value;
use std::path::Path;

const PEOPLE: [&str; 2] = ["lotte", "daan"];
const ANSWER: &str = "Goedemorgen, dat zoeken we voor je uit. Groet, Sanne";

pub fn limited(limit: u32) -> String {
    format!("{TOWN}[inbox.settings]\nlimit = {limit}\n")
}

/// Queues an answer to each of two people, in this process, without delivering them.
pub async fn queue(dir: &Path) {
    let file = dir.join("rapport.toml");
    let mut config = "data-dir = \"data\"\n".to_owned();
    if postgres::wanted() {
        config += &format!("database = \"{}\"\n", postgres::url_for(dir));
    }
    std::fs::write(&file, config + &limited(500)).unwrap();
    share_compiled(&dir.join("data"));
    let config = Config::load(&file).unwrap();
    let pipeline = rapport_host::app::start(&config).await.unwrap();
    let plugins = pipeline.plugins.now();
    let runtime = plugins.inboxes.values().next().unwrap();
    for who in PEOPLE {
        let said = line(who, who, "Hoe kan ik mijn verhuizing doorgeven?");
        let request = WebhookRequest {
            method: "POST".into(),
            path: String::new(),
            query: String::new(),
            headers: Vec::new(),
            body: said.to_string().into_bytes(),
        };
        pipeline.receive(runtime, request).await.unwrap();
    }
    run_until_idle(&pipeline).await.unwrap();
    for who in PEOPLE {
        let message = pipeline
            .db
            .message_find(&runtime.inbox.id, who)
            .await
            .unwrap()
            .unwrap();
        let draft = Draft {
            id: new_id(),
            conversation_id: message.conversation_id,
            inbox_id: message.inbox_id,
            message_id: Some(message.id),
            purpose: Purpose::Service,
            content: ANSWER.into(),
            language: None,
            visibility: message.visibility,
            author: "Sanne".into(),
            named_account: false,
            status: DraftStatus::Draft,
            created: now_ms(),
            updated: now_ms(),
        };
        let mut tx = pipeline.db.begin().await.unwrap();
        draft_insert_in_tx(&mut tx, &draft, None).await.unwrap();
        commit(tx).await.unwrap();
        let outcome = pipeline
            .outbound(&runtime.connector, &draft, &Intent::Send, now_ms())
            .await
            .unwrap();
        assert!(outcome.outbox_item.is_some(), "{outcome:?}");
    }
    pipeline.db.close().await;
}

pub async fn dead(host: &Host, count: usize) -> Vec<Value> {
    until("refused items are dead", SOON, async || {
        let page = host.get("outbox?status=dead").await;
        let items = page["items"].as_array()?.clone();
        (items.len() == count).then_some(items)
    })
    .await
}

/// Runs `rapport outbox …` and reads what it prints.
fn outbox(dir: &Path, arguments: &[&str]) -> (bool, Value, String) {
    let mut command = rapport(&["outbox"]);
    command
        .args(arguments)
        .args(["--json", "--config"])
        .arg(dir.join("rapport.toml"));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let printed = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.success(), printed, said)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_item_is_retried_or_dropped() {
    let dir = tempfile::tempdir().unwrap();
    queue(dir.path()).await;
    let host = Host::start(&limited(10), dir.path()).await;
    let items = dead(&host, 2).await;
    for item in &items {
        let error = text(item, "lastError");
        assert!(error.contains("52 characters, at most 10"), "{error}");
    }
    let [first, second] = [text(&items[0], "id"), text(&items[1], "id")];

    // Tried again while nothing has changed: dead again, with both tries on record.
    let (status, item) = host
        .post(&format!("outbox/{first}/retry"), &Value::Null)
        .await;
    assert_eq!(status, 200, "{item:#}");
    let tries = until("it is tried again", SOON, async || {
        let item = host.get(&format!("outbox/{first}")).await;
        let tries = item["deliveryAttempts"].as_array()?.clone();
        (tries.len() == 2 && item["status"] == "dead").then_some(tries)
    });
    assert!(tries.await.iter().all(|t| t["outcome"] == "failed"));

    // The command line works beside a running host.
    let (ok, list, said) = outbox(dir.path(), &["list", "--status", "dead"]);
    assert!(ok, "{said}");
    assert_eq!(list.as_array().unwrap().len(), 2, "{list:#}");
    let (ok, dropped, said) = outbox(dir.path(), &["drop", second]);
    assert!(ok, "{said}");
    assert_eq!(dropped["status"], "dropped");
    let (status, problem) = host
        .post(&format!("outbox/{second}/retry"), &Value::Null)
        .await;
    assert_eq!(status, 409, "{problem:#}");
    assert!(text(&problem, "detail").contains("dropped"), "{problem:#}");
    let (ok, _, said) = outbox(dir.path(), &["drop", second]);
    assert!(!ok && said.contains("the item is dropped"), "{said}");
    let (ok, _, said) = outbox(dir.path(), &["retry", "nothing"]);
    assert!(!ok && said.contains("rapport outbox list"), "{said}");
    assert!(host.terminate().await.success());

    // The channel takes it again; the retry goes out.
    let host = Host::start(&limited(500), dir.path()).await;
    let (ok, queued, said) = outbox(dir.path(), &["retry", first]);
    assert!(ok, "{said}");
    // The running host may have taken it already.
    assert_eq!(queued["id"], *first, "{queued:#}");
    until("the retried item goes out", SOON, async || {
        let item = host.get(&format!("outbox/{first}")).await;
        (item["status"] == "sent").then_some(())
    })
    .await;
    let item = host.get(&format!("outbox/{second}")).await;
    assert_eq!(item["status"], "dropped", "{item:#}");
    let (status, _) = host
        .post(&format!("outbox/{first}/drop"), &Value::Null)
        .await;
    assert_eq!(status, 409, "what is sent can't be dropped");
}
