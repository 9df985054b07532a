//! The first admin: by a link that works once, or on the command line. There is no default password.

use crate::support::people::{PASSWORD, log_in};
use crate::support::{Host, postgres, rapport, share_compiled};
use crate::{QUIET, TOWN, text};
use reqwest::Method;
use serde_json::{Value, json};
use std::path::Path;

#[tokio::test]
async fn the_set_up_link_works_once() {
    let dir = tempfile::tempdir().unwrap();
    let host = Host::start_bare(QUIET, dir.path(), &[]).await;
    let secret = host.setup_secret().await;
    assert_eq!(secret.len(), 64);
    let page = host.bare(Method::GET, "/setup", None).send().await.unwrap();
    assert_eq!(page.status().as_u16(), 200);
    assert!(
        page.headers()["content-type"]
            .to_str()
            .unwrap()
            .starts_with("text/html")
    );
    let mut body = json!({"secret": "0".repeat(64), "email": "boss@people.example",
        "name": "Boss", "password": PASSWORD});
    assert_eq!(host.post("setup", &body).await.0, 401);
    body["secret"] = json!(secret);
    body["password"] = json!("too short");
    assert_eq!(host.post("setup", &body).await.0, 422);
    body["password"] = json!(PASSWORD);
    let (status, made) = host.post("setup", &body).await;
    assert_eq!(status, 201, "{made:#}");
    assert_eq!(made["roles"], json!(["admin"]));
    body["email"] = json!("second@people.example");
    assert_eq!(host.post("setup", &body).await.0, 401, "once");
    let boss = log_in(&host, "boss@people.example", PASSWORD).await;
    assert_eq!(boss.get(&host, "agents").await.0, 200);
    assert!(!host.log_text().contains(&secret), "{}", host.log_text());
    assert!(host.terminate().await.success());
    let again = Host::start_bare(QUIET, dir.path(), &[]).await;
    assert_eq!(
        boss.get(&again, "session").await.0,
        200,
        "sessions outlive a restart"
    );
}

/// Runs a command on the store in `dir`; status, output as JSON, and what it complained.
fn run(dir: &Path, arguments: &[&str]) -> (Option<i32>, Value, String) {
    let config = dir.join("rapport.toml");
    let mut command = rapport(arguments);
    if postgres::wanted() {
        command.env("RAPPORT_DATABASE", postgres::url_for(dir));
    }
    command.arg("--json").arg("--config").arg(config);
    command.env("RAPPORT_PASSWORD", PASSWORD);
    let output = command.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let value = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code(), value, said)
}

#[tokio::test]
async fn the_command_line_manages_access() {
    let dir = tempfile::tempdir().unwrap();
    let config = format!("data-dir = \"data\"\n{QUIET}");
    std::fs::write(dir.path().join("rapport.toml"), config).unwrap();
    share_compiled(&dir.path().join("data"));
    let ok = |arguments: &[&str]| {
        let (status, value, said) = run(dir.path(), arguments);
        assert_eq!(status, Some(0), "{arguments:?}: {said}");
        value
    };
    let link = ok(&["init"]);
    assert!(text(&link, "link").contains("/setup#"), "{link:#}");
    let boss = ok(&["init", "--email", "boss@people.example"]);
    assert_eq!(boss["roles"], json!(["admin"]));
    let (status, _, said) = run(dir.path(), &["init"]);
    assert_eq!(status, Some(1), "{said}");
    ok(&["user", "add", "ann@people.example", "--role", "agent"]);
    let now = ok(&["user", "role", "ann@people.example", "manager", "marketer"]);
    assert_eq!(now["roles"], json!(["manager", "marketer"]));
    ok(&["user", "password", "ann@people.example"]);
    assert_eq!(ok(&["user", "list"]).as_array().unwrap().len(), 2);
    let token = ok(&[
        "token",
        "create",
        "script",
        "--scope",
        "inbox.read",
        "--days",
        "3",
    ]);
    let secret = text(&token, "secret").to_owned();
    assert!(!ok(&["token", "list"]).to_string().contains(&secret));
    let (status, _, said) = run(dir.path(), &["user", "deactivate", "boss@people.example"]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("last active admin"), "{said}");

    let host = Host::start_bare(QUIET, dir.path(), &[]).await;
    let ann = log_in(&host, "ann@people.example", PASSWORD).await;
    let request = host.bare(Method::GET, "messages", None);
    let request = request.header("authorization", format!("Bearer {secret}"));
    assert_eq!(request.send().await.unwrap().status().as_u16(), 200);
    let config = dir.path().join("rapport.toml");
    assert!(config.exists());
    assert_eq!(ok(&["session", "list"]).as_array().unwrap().len(), 1);
    assert_eq!(
        ok(&["session", "revoke", "--email", "ann@people.example"])["ended"],
        1
    );
    assert_eq!(ann.get(&host, "session").await.0, 401);
    ok(&["token", "revoke", text(&token, "id")]);
    ok(&["user", "deactivate", "ann@people.example"]);
}

#[tokio::test]
async fn rights_are_given_by_name_and_who_has_none_is_told_so() {
    let dir = tempfile::tempdir().unwrap();
    let config = format!("{QUIET}{TOWN}");
    std::fs::write(
        dir.path().join("rapport.toml"),
        format!("data-dir = \"data\"\n{config}"),
    )
    .unwrap();
    share_compiled(&dir.path().join("data"));
    let host = Host::start_bare(&config, dir.path(), &[]).await;
    let ok = |arguments: &[&str]| {
        let (status, value, said) = run(dir.path(), arguments);
        assert_eq!(status, Some(0), "{arguments:?}: {said}");
        value
    };
    let new = "new@people.example";
    let (status, _, said) = run(dir.path(), &["user", "add", new, "--inbox", "twon"]);
    assert_eq!(status, Some(1));
    assert!(
        said.contains("no inbox `twon`") && said.contains("town"),
        "{said}"
    );
    ok(&["user", "add", new]);
    let person = log_in(&host, new, PASSWORD).await;
    for path in [
        "session",
        "messages",
        "conversations",
        "contacts",
        "cases",
        "drafts",
        "outbox",
    ] {
        let (status, seen) = person.get(&host, path).await;
        assert_eq!(status, 200, "{path}");
        let notice = text(&seen, "notice");
        assert!(notice.contains("no right to any inbox"), "{path}: {notice}");
        assert!(
            notice.contains("rapport user grant EMAIL --inbox NAME"),
            "{notice}"
        );
    }
    let (status, problem) = person
        .get(&host, &format!("messages/{}", crate::NOBODY))
        .await;
    assert_eq!(status, 404);
    assert!(
        text(&problem, "detail").contains("no right to any inbox"),
        "{problem:#}"
    );

    let inbox = text(&host_inbox(&person, &host, &ok).await, "id").to_owned();
    let (_, seen) = person.get(&host, "messages").await;
    assert_eq!(seen["notice"], json!(null), "{seen:#}");
    let rights = |answer, voice| json!({"answer": answer, "voice": voice});
    for (right, held) in [
        ("read", rights(false, false)),
        ("answer", rights(true, false)),
        ("voice", rights(true, true)),
    ] {
        ok(&["user", "grant", new, "--inbox", "town", "--right", right]);
        let (_, me) = person.get(&host, "session").await;
        assert_eq!(me["inboxes"][&inbox], held, "{right}: {me:#}");
    }
    ok(&["user", "revoke", new, "--inbox", "town"]);
    let (_, me) = person.get(&host, "session").await;
    assert_eq!(me["inboxes"], json!({}));
    let (status, _, said) = run(dir.path(), &["user", "grant", new]);
    assert_eq!(status, Some(1), "{said}");
    assert!(said.contains("--inbox"), "{said}");
}

/// The one inbox, which a grant without more makes readable and answerable.
async fn host_inbox(
    person: &crate::support::people::Person,
    host: &Host,
    ok: &impl Fn(&[&str]) -> Value,
) -> Value {
    let (_, none) = person.get(host, "inboxes").await;
    assert_eq!(none, json!([]));
    ok(&["user", "grant", &person.email, "--inbox", "town"]);
    let (_, inboxes) = person.get(host, "inboxes").await;
    let inbox = inboxes[0].clone();
    let (_, me) = person.get(host, "session").await;
    let right = &me["inboxes"][text(&inbox, "id")];
    assert_eq!(right, &json!({"answer": true, "voice": false}));
    inbox
}
