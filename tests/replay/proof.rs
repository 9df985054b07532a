//! What was decided comes out again to the byte: messages and answers, alone and from batches, a few and
//! a whole week.

use crate::sample::TOWN;
use crate::support::{Host, rapport, share_compiled, store};
use crate::{TEXTS, decisions, evaluations, replay_all, replay_all_of, replay_with, replayed, say};
use rapport_host::pipeline::replay::Outcome;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// Many messages at once, a question to answer, and two answers of ours, one of them rude.
pub async fn decided(dir: &Path) -> Host {
    let host = Host::start(TOWN, dir).await;
    let crowd: Vec<&str> = TEXTS.iter().copied().cycle().take(60).collect();
    say(&host, dir, "crowd", &crowd).await;
    for content in [
        "HAD U ZELF KUNNEN LEZEN, SUKKEL!!!!",
        "Hoi, dat kan in de app. Groet, Sanne",
    ] {
        let (status, outcome) = answer(&host, content).await;
        assert_eq!(status, 200, "{outcome:#}");
    }
    host
}

/// Has an answer to somebody checked.
async fn answer(host: &Host, content: &str) -> (u16, Value) {
    let page = host.get("messages?limit=1").await;
    let message = page["items"][0]["id"].clone();
    let new = json!({"messageId": message, "content": content, "author": "Sanne"});
    let (status, draft) = host.post("drafts", &new).await;
    assert_eq!(status, 201, "{draft:#}");
    let check = format!("drafts/{}/check", draft["id"].as_str().unwrap());
    host.post(&check, &Value::Null).await
}

/// The demo's week: conversations that go on, cases, answers, batches of many sizes.
#[tokio::test(flavor = "multi_thread")]
async fn a_whole_week_comes_out_again() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    share_compiled(&dir.join("data"));
    let mut demo = rapport(&["demo", "--once", "--json", "--data-dir", "data"]);
    let output = demo.current_dir(dir).output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    let config = include_str!("../../examples/demo/rapport.toml");
    let config = format!("data-dir = \"data\"\n{config}");
    std::fs::write(dir.join("rapport.toml"), config).unwrap();
    // The demo keeps its data in a file, whatever the run is about.
    let db = dir.join("data/rapport.db");
    let source = rapport_host::db::Source::File(db);
    let (replays, removed) = replay_all_of(dir, &source).await;
    // Some deleted their messages, and the inputs went with them.
    let deleted = "SELECT COUNT(*) FROM evaluation WHERE message_id IN
         (SELECT id FROM message WHERE deleted IS NOT NULL)";
    let store = store::open_source(&source).await;
    assert_eq!(removed, store::count(&store, deleted).await);
    store.close().await;
    assert!(removed > 0);
    assert!(replays.len() > 500, "{}", replays.len());
    let batched = replays.iter().filter(|r| r.recorded.batch_size > 1);
    assert!(batched.count() > 100);
    let answers = replays.iter().filter(|r| r.draft_id.is_some());
    assert!(answers.count() > 100);
    for replay in &replays {
        let found = (replay.outcome, replay.proof);
        assert_eq!(found, (Outcome::Equal, true), "{replay:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_decision_comes_out_again() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = decided(dir).await;
    let rows = evaluations(dir).await;
    assert_eq!(rows.len(), 62, "{rows:#?}");
    let outbound = rows.iter().filter(|row| row.moment == "outbound");
    assert_eq!(outbound.count(), 2);
    let replays = replay_all(dir).await;
    assert_eq!(replays.len(), rows.len());
    let mut effects = BTreeSet::new();
    for replay in &replays {
        assert_eq!(
            (replay.outcome, replay.proof),
            (Outcome::Equal, true),
            "{replay:#?}"
        );
        assert!(
            replay.differences.is_empty() && replay.notes.is_empty(),
            "{replay:#?}"
        );
        assert_eq!(replay.recorded.output_digest, replay.now.output_digest);
        assert!(replay.now.batch_fuel > 0 && replay.now.batch_size == 1);
        effects.extend(replay.recorded.effects.iter().map(|e| e.effect.as_str()));
    }
    for some in ["hold", "leave-alone", "open-case", "respond"] {
        assert!(effects.contains(some), "no {some} in {effects:?}");
    }

    // By the command, while the host is up: one that was judged with most others.
    let largest = rows.iter().max_by_key(|row| row.batch_size).unwrap();
    assert!(largest.batch_size >= 20, "{largest:?}");
    let ended = replayed(dir, &largest.id);
    let found = ended.json();
    assert!(ended.success, "{found:#}");
    assert_eq!(found["outcome"], "equal");
    assert_eq!(found["recorded"]["batchSize"], largest.batch_size);
    assert!(found["now"]["batchFuel"].as_u64() < found["recorded"]["batchFuel"].as_u64());

    // What a channel says of a draft is nobody's pure function.
    let (status, draft) = answer(&host, &"Groet! ".repeat(2000)).await;
    assert_eq!(status, 200, "{draft:#}");
    drop(host);
    let said = decisions(dir, "deny").await;
    let ended = replayed(dir, &said[0].0);
    assert!(!ended.success && ended.printed.is_empty());
    assert!(
        ended.said.contains("the channel channel-sample said this"),
        "{}",
        ended.said
    );

    // By a decision's id, for people.
    let (decision, evaluation) = &decisions(dir, "open-case").await[0];
    let ended = replay_with(dir, "rapport.toml", decision, &[]);
    assert!(ended.success, "{}", ended.said);
    let found = replayed(dir, evaluation).json();
    let digest = |name: &str| format!("sha256:{}", found["now"][name].as_str().unwrap());
    for part in [
        "Equal to the byte: policy-service",
        "\n> complaint-opens-case: open-case {",
        "        nl  ",
        &digest("pluginDigest"),
        &digest("settingsDigest"),
        &digest("inputDigest"),
        &digest("outputDigest"),
        "recorded for its batch of",
    ] {
        assert!(
            ended.printed.contains(part),
            "no {part} in {}",
            ended.printed
        );
    }
}
