//! The audit: what goes on record, and that real tampering with the store of each sort is found, with
//! the number of the row, by the command line and the API.

pub mod support;

#[path = "audit/heads.rs"]
mod heads;

use rapport_host::config::Config;
use rapport_host::db::audit::audit_append_in_tx;
use rapport_host::db::{Db, commit};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;
use support::{Host, postgres, rapport, store};

const ROWS: i64 = 20;

async fn open(dir: &Path) -> Db {
    let file = dir.join("rapport.toml");
    let mut config = "data-dir = \"data\"\n".to_owned();
    if postgres::wanted() {
        config += &format!("database = \"{}\"\n", postgres::url_for(dir));
    }
    std::fs::write(&file, config).unwrap();
    rapport_host::app::open_db(&Config::load(&file).unwrap())
        .await
        .unwrap()
}

/// A store with a chain of rows.
async fn chain(dir: &Path) {
    let db = open(dir).await;
    for n in 1..=ROWS {
        let mut tx = db.begin().await.unwrap();
        let (actor, subject) = (format!("agent-{}", n % 3), format!("case-{n}"));
        let detail = json!({ "n": n, "text": "=HYPERLINK(\"x\")" });
        audit_append_in_tx(&mut tx, n * 1000, &actor, "case.close", &subject, &detail)
            .await
            .unwrap();
        commit(tx).await.unwrap();
    }
    db.close().await;
}

/// Changes the store behind the host's back.
async fn tamper(dir: &Path, statements: &[&'static str]) {
    let store = store::open(dir).await;
    for statement in statements {
        let done = sqlx::query(*statement).execute(&store).await.unwrap();
        assert!(done.rows_affected() > 0, "{statement}");
    }
    store.close().await;
}

/// Runs `rapport audit …`: whether it succeeded, and what it printed.
fn audit(dir: &Path, arguments: &[&str]) -> (bool, String) {
    let mut command = rapport(&["audit"]);
    command
        .args(arguments)
        .arg("--config")
        .arg(dir.join("rapport.toml"));
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code().is_some_and(|code| code < 2), "{said}");
    (
        output.status.success(),
        String::from_utf8(output.stdout).unwrap(),
    )
}

fn report(dir: &Path, more: &[&str]) -> (bool, Value) {
    let mut arguments = vec!["verify", "--json"];
    arguments.extend(more);
    let (success, said) = audit(dir, &arguments);
    let report: Value = serde_json::from_str(&said).unwrap();
    assert_eq!(success, report["intact"].as_bool().unwrap(), "{report:#}");
    (success, report)
}

#[tokio::test(flavor = "multi_thread")]
async fn tampering_of_each_sort_is_found() {
    let swap = [
        "UPDATE audit_event SET seq = -1 WHERE seq = 8",
        "UPDATE audit_event SET seq = 8 WHERE seq = 9",
        "UPDATE audit_event SET seq = 9 WHERE seq = -1",
    ];
    let renumbered = [
        "DELETE FROM audit_event WHERE seq = 6",
        "UPDATE audit_event SET seq = -(seq - 1) WHERE seq > 6",
        "UPDATE audit_event SET seq = -seq WHERE seq < 0",
        "UPDATE audit_head SET seq = 19, count = 19",
    ];
    let cases: [(&[&'static str], &str, i64); 11] = [
        (
            &["UPDATE audit_event SET actor = 'somebody' WHERE seq = 7"],
            "changed",
            7,
        ),
        (
            &["UPDATE audit_event SET detail = '{}' WHERE seq = 1"],
            "changed",
            1,
        ),
        (
            &["UPDATE audit_event SET at = at + 1 WHERE seq = 20"],
            "changed",
            20,
        ),
        (
            &["UPDATE audit_event SET hash = 'x' WHERE seq = 12"],
            "changed",
            12,
        ),
        (&["DELETE FROM audit_event WHERE seq = 5"], "missing", 5),
        (&["DELETE FROM audit_event WHERE seq <= 3"], "missing", 1),
        (&["DELETE FROM audit_event WHERE seq > 17"], "missing", 18),
        (&swap, "reordered", 8),
        (&renumbered, "changed", 6),
        (&["DELETE FROM audit_head"], "head", 20),
        (
            &[
                "INSERT INTO audit_event (seq, at, actor, action, subject, detail, hash)
               VALUES (21, 0, 'nobody', 'role.grant', 'x', 'null', 'x')",
            ],
            "changed",
            21,
        ),
    ];
    for (statements, kind, seq) in cases {
        let dir = tempfile::tempdir().unwrap();
        chain(dir.path()).await;
        assert!(report(dir.path(), &[]).0, "it is whole before");
        tamper(dir.path(), statements).await;
        let (_, found) = report(dir.path(), &[]);
        let first = &found["findings"][0];
        assert_eq!(
            (&first["kind"], &first["seq"]),
            (&json!(kind), &json!(seq)),
            "{statements:?}: {found:#}"
        );
        let (success, said) = audit(dir.path(), &["verify"]);
        assert!(!success && said.contains(&format!("seq {seq}: ")), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tail_cut_off_with_its_record_is_found_with_an_earlier_head() {
    let dir = tempfile::tempdir().unwrap();
    chain(dir.path()).await;
    let file = dir.path().join("audit.jsonl");
    let arguments = ["export", "--out", file.to_str().unwrap()];
    assert!(audit(dir.path(), &arguments).0);
    assert!(
        !audit(dir.path(), &arguments).0,
        "a file is not overwritten"
    );
    let lines: Vec<Value> = std::fs::read_to_string(&file)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // The export's own event is in it.
    assert_eq!(lines.len() as i64, ROWS + 2);
    assert_eq!(lines[20]["action"], "audit.export");
    let head = lines[21]["head"].as_str().unwrap().to_owned();
    assert_eq!(head, format!("21:{}", lines[20]["hash"].as_str().unwrap()));

    // An earlier head is still held.
    assert!(report(dir.path(), &["--expect-head", &head]).0);
    let cut = [
        "DELETE FROM audit_event WHERE seq > 18",
        "UPDATE audit_head SET seq = 18, count = 18, hash = (SELECT hash FROM audit_event WHERE seq = 18)",
    ];
    tamper(dir.path(), &cut).await;
    assert!(report(dir.path(), &[]).0, "by itself the chain is whole");
    let (success, found) = report(dir.path(), &["--expect-head", &head]);
    assert!(!success);
    assert_eq!(found["findings"][0]["kind"], "missing");
    assert_eq!(found["findings"][0]["seq"], 19);
}

#[tokio::test(flavor = "multi_thread")]
async fn spreadsheets_find_no_formula() {
    let dir = tempfile::tempdir().unwrap();
    let db = open(dir.path()).await;
    let mut tx = db.begin().await.unwrap();
    audit_append_in_tx(
        &mut tx,
        0,
        "=1+1",
        "case.close",
        "@SUM(A1)",
        &json!("x,\"y\"\n"),
    )
    .await
    .unwrap();
    commit(tx).await.unwrap();
    db.close().await;
    let (success, csv) = audit(dir.path(), &["export", "--format", "csv"]);
    assert!(success);
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!((&rows[0][3], &rows[0][5]), ("'=1+1", "'@SUM(A1)"));
    assert_eq!(&rows[0][2], "1970-01-01T00:00:00.000Z");
    assert_eq!((&rows[2][0], &rows[2][7][..2]), ("head", "2:"));
}

/// The audit events with an action, newest first.
async fn events(host: &Host, action: &str) -> Vec<Value> {
    let page = host.get(&format!("audit?action={action}&limit=200")).await;
    page["items"].as_array().unwrap().clone()
}

/// What starts of the host put on record.
async fn starts(host: &Host) -> usize {
    let mut count = 0;
    for action in [
        "plugin.load",
        "plugin.unload",
        "setting.change",
        "grant.change",
    ] {
        count += events(host, action).await.len();
    }
    count
}

#[tokio::test(flavor = "multi_thread")]
async fn starts_record_what_changed() {
    let dir = tempfile::tempdir().unwrap();
    let town = "[[inbox]]\nname = \"town\"\nplugin = \"channel-sample\"\n";
    let host = Host::start(town, dir.path()).await;
    let loaded = events(&host, "plugin.load").await;
    let subjects: Vec<&str> = loaded
        .iter()
        .filter_map(|e| e["subject"].as_str())
        .collect();
    assert!(subjects.contains(&"inbox:town") && subjects.contains(&"plugin:policy-service"));
    assert_eq!(
        loaded[0]["detail"]["now"]["digest"].as_str().unwrap().len(),
        64
    );
    let inbox = host.get("inboxes").await[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let monitor = json!({ "inboxId": inbox, "query": "rapport" });
    let (status, monitor) = host.post("monitors", &monitor).await;
    assert_eq!(status, 201);
    let path = format!("monitors/{}", monitor["id"].as_str().unwrap());
    assert_eq!(host.call(Method::DELETE, &path, None).await.0, 204);
    assert_eq!(events(&host, "monitor.create").await.len(), 1);
    assert_eq!(
        events(&host, "monitor.delete").await[0]["subject"],
        monitor["id"]
    );
    let before = starts(&host).await;
    host.terminate().await;

    // Nothing changed: nothing new.
    let host = Host::start(town, dir.path()).await;
    assert_eq!(starts(&host).await, before);
    host.terminate().await;

    let changed = format!(
        "{town}local-hosts = [\"127.0.0.1:9\"]\n[inbox.settings]\nlimit = 400\n[plugins.classify-topic]\nenabled = false\n"
    );
    let host = Host::start(&changed, dir.path()).await;
    let settings = events(&host, "setting.change").await;
    let ours = settings.iter().find(|e| e["subject"] == "inbox:town");
    assert_eq!(
        ours.unwrap()["detail"]["changed"],
        json!(["settings.limit"])
    );
    assert_eq!(
        events(&host, "grant.change").await[0]["subject"],
        "plugin:classify-topic"
    );
    assert_eq!(
        events(&host, "plugin.unload").await[0]["subject"],
        "plugin:classify-topic"
    );
    let grants = events(&host, "grant.change").await;
    let ours = grants
        .iter()
        .find(|e| e["subject"] == "inbox:town")
        .unwrap();
    assert_eq!(ours["detail"]["changed"], json!(["local-hosts"]));
    pages_and_checks(&host, dir.path()).await;
}

async fn pages_and_checks(host: &Host, dir: &Path) {
    let all = host.get("audit?limit=200").await["items"]
        .as_array()
        .unwrap()
        .clone();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = host.get(&format!("audit?limit=7{after}")).await;
        seen.extend(page["items"].as_array().unwrap().clone());
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, all);
    let at = all[3]["at"].as_i64().unwrap();
    for event in host.get(&format!("audit?from={at}")).await["items"]
        .as_array()
        .unwrap()
    {
        assert!(event["at"].as_i64().unwrap() >= at);
    }
    assert!(
        host.get("audit?to=0").await["items"]
            .as_array()
            .unwrap()
            .is_empty()
    );
    let long = format!("audit?actor={}", "a".repeat(300));
    for wrong in [
        long.as_str(),
        "audit?from=x",
        "audit?after=zz",
        "audit/verify?expectHead=x",
    ] {
        assert_eq!(host.call(Method::GET, wrong, None).await.0, 400, "{wrong}");
    }
    let report = host.get("audit/verify").await;
    assert_eq!(report["intact"], true);
    let head = format!(
        "{}:{}",
        report["head"]["seq"],
        report["head"]["hash"].as_str().unwrap()
    );
    let again = host.get(&format!("audit/verify?expectHead={head}")).await;
    assert_eq!(again["intact"], true);
    tamper(dir, &["UPDATE audit_event SET subject = 'x' WHERE seq = 2"]).await;
    let report = host.get("audit/verify").await;
    assert_eq!(report["findings"][0]["seq"], 2, "{report:#}");
}
