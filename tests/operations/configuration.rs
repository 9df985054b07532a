//! `rapport config check` and `show`, and values by environment.

use crate::support::rapport;
use serde_json::Value;
use std::path::Path;
use std::process::Output;

fn config(dir: &Path, text: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
    std::fs::write(dir.join("rapport.toml"), text).unwrap();
    let mut command = rapport(&["config"]);
    command.args(arguments).current_dir(dir);
    for (name, value) in environment {
        command.env(name, value);
    }
    command.output().unwrap()
}

/// The exit status and the findings: severity, key, and the whole.
fn check(
    dir: &Path,
    text: &str,
    environment: &[(&str, &str)],
) -> (i32, Vec<(String, String, Value)>) {
    let output = config(dir, text, &["check", "--json"], environment);
    let said: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|e| panic!("{e}: {output:?}"));
    let findings = said["findings"].as_array().unwrap().iter().map(|finding| {
        for key in ["file", "problem", "remedy"] {
            assert!(finding[key].is_string(), "{finding:#}");
        }
        let text = |key: &str| finding[key].as_str().unwrap().to_owned();
        (text("severity"), text("key"), finding.clone())
    });
    (output.status.code().unwrap(), findings.collect())
}

#[test]
fn everything_wrong_is_found_with_its_place_and_remedy() {
    let dir = tempfile::tempdir().unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let wrong = format!(
        r#"
listen = "{}"
api-token = "a-token-in-the-file-itself"
extra-ca = ["no-such-ca.pem", "rapport.toml"]

[plugins.policy-service.settings]
no-such-rule = true

[[inbox]]
name = "sky"
plugin = "channel-blueski"

[[inbox]]
name = "town"
plugin = "channel-sample"
[inbox.settings]
limit = 0
[inbox.secrets]
passwort = {{ file = "open-to-all" }}
"#,
        taken.local_addr().unwrap()
    );
    let open = dir.path().join("open-to-all");
    std::fs::write(&open, "secret-7731").unwrap();
    set_mode(&open, 0o644);
    let (status, findings) = check(dir.path(), &wrong, &[("RAPPORT_LISTN", "x")]);
    assert_eq!(status, 1);
    for (severity, key, part) in [
        ("error", "listen", "in use"),
        ("warning", "api-token", "stands in the configuration"),
        ("error", "extra-ca", "no-such-ca.pem"),
        ("error", "extra-ca", "no certificate in it"),
        ("error", "plugins.policy-service.settings", "no-such-rule"),
        (
            "error",
            "inbox.sky.plugin",
            "did you mean `channel-bluesky`",
        ),
        ("error", "inbox.town.settings", "limit"),
        ("error", "inbox.town.secrets.passwort", "no such secret"),
        ("error", "inbox.town.secrets.passwort", "read by everybody"),
        ("warning", "RAPPORT_LISTN", "did you mean `RAPPORT_LISTEN`"),
    ] {
        let found = findings.iter().any(|(s, k, finding)| {
            s == severity && k == key && finding["problem"].as_str().unwrap().contains(part)
        });
        assert!(found, "{severity} {key} {part}: {findings:#?}");
    }
    let all = format!("{findings:?}");
    assert!(!all.contains("secret-7731") && !all.contains("a-token-in-the-file"));
}

#[test]
fn a_good_configuration_passes_and_a_broken_file_names_its_line() {
    let dir = tempfile::tempdir().unwrap();
    let token = dir.path().join("token");
    std::fs::write(&token, "0123456789abcdef0123456789abcdef\n").unwrap();
    set_mode(&token, 0o600);
    let good = "listen = \"127.0.0.1:0\"\napi-token = { file = \"token\" }\n\
        [[inbox]]\nname = \"town\"\nplugin = \"channel-sample\"\n";
    let (status, findings) = check(dir.path(), good, &[]);
    assert_eq!((status, findings.len()), (0, 0), "{findings:#?}");

    let (status, findings) = check(dir.path(), "listen = \"127.0.0.1:0\"\nlissten = 1\n", &[]);
    assert_eq!(status, 1);
    let problem = findings[0].2["problem"].as_str().unwrap();
    assert!(
        problem.contains("line 2") && problem.contains("`listen`"),
        "{problem}"
    );

    let (status, findings) = check(dir.path(), good, &[("RAPPORT_LISTEN", "nowhere")]);
    assert_eq!(status, 1);
    assert!(
        findings[0].2["problem"]
            .as_str()
            .unwrap()
            .contains("RAPPORT_LISTEN")
    );

    let usage = config(dir.path(), good, &["check", "--jsn"], &[]);
    assert_eq!(usage.status.code(), Some(2));
}

#[test]
fn the_environment_wins_and_what_is_in_force_can_be_seen() {
    let dir = tempfile::tempdir().unwrap();
    let text = "api-token = \"a-token-in-the-file-itself\"\n[limits]\nconnections = 7\n";
    let environment = [
        ("RAPPORT_LIMITS_QUEUED_EVENTS", "5"),
        ("RAPPORT_DATA_DIR", "elsewhere"),
    ];
    let output = config(dir.path(), text, &["show", "--json"], &environment);
    assert!(output.status.success());
    assert!(!String::from_utf8_lossy(&output.stdout).contains("a-token"));
    let said: Value = serde_json::from_slice(&output.stdout).unwrap();
    let row = |key: &str| {
        let values = said["values"].as_array().unwrap();
        let row = values.iter().find(|v| v["key"] == key).unwrap();
        (
            row["value"].as_str().unwrap_or("-").to_owned(),
            row["source"].as_str().unwrap().to_owned(),
        )
    };
    let expected = |value: &str, source: &str| (value.to_owned(), source.to_owned());
    assert_eq!(row("limits.queued-events"), expected("5", "environment"));
    assert_eq!(row("data-dir"), expected("elsewhere", "environment"));
    assert_eq!(row("limits.connections"), expected("7", "file"));
    assert_eq!(row("listen"), expected("127.0.0.1:8080", "default"));
    assert_eq!(row("api-token"), expected("(secret)", "file"));
}

#[test]
fn what_no_host_starts_with_is_found_all_of_it_and_once() {
    let dir = tempfile::tempdir().unwrap();
    let values = "lease-seconds = 1\n[[inbox]]\nname = \"a\"\nplugin = \"channel-sample\"\npoll-seconds = 0\n\
        [[inbox]]\nname = \"a\"\nplugin = \"channel-sample\"\n";
    let (status, findings) = check(dir.path(), values, &[]);
    let keys: Vec<&str> = findings.iter().map(|(_, key, _)| key.as_str()).collect();
    assert_eq!(
        (status, keys),
        (1, vec!["lease-seconds", "inbox.a.poll-seconds", "inbox"])
    );

    let wrong = r#"
listen = "localhost:0"
database = "mysql://user:canary-9c@host/db"
api-token = { env = "RAPPORT_TEST_SHORT" }
secret-key = { env = "RAPPORT_TEST_KEY" }
[webhooks]
local-hosts = ["no host:1"]
[[oidc]]
name = "company"
issuer = "http://elsewhere.example"
client-id = "rapport"
[plugins.policy-servise]
[[inbox]]
name = "town"
plugin = "channel-sample"
"#;
    let environment = [
        ("RAPPORT_TEST_SHORT", "canary-1"),
        ("RAPPORT_TEST_KEY", "canary-2"),
    ];
    let (status, findings) = check(dir.path(), wrong, &environment);
    assert_eq!(status, 1);
    let errors = findings.iter().filter(|(severity, ..)| severity == "error");
    let mut keys: Vec<&str> = errors.map(|(_, key, _)| key.as_str()).collect();
    keys.sort_unstable();
    let expected = [
        "api-token",
        "database",
        "oidc",
        "plugins.policy-servise",
        "secret-key",
        "webhooks",
    ];
    assert_eq!(keys, expected, "{findings:#?}");
    assert!(!format!("{findings:?}").contains("canary"));

    // A start says the same.
    let mut serve = rapport(&["serve"]);
    serve.current_dir(dir.path()).envs(environment);
    let output = serve.output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    for key in expected {
        assert!(
            said.contains(&format!("{key}: ")),
            "{key} is not in\n{said}"
        );
    }
}

#[test]
fn the_version_is_rapports() {
    let output = rapport(&["--version"]).output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.starts_with("rapport ") && !said.contains("host"),
        "{said}"
    );
}

fn set_mode(file: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(file, std::fs::Permissions::from_mode(mode)).unwrap();
}
