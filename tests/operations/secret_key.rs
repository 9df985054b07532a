//! Changing the secret key while a host runs, in each way that hosts have it; and files that are for
//! their owner alone, whatever the umask.

use crate::support::{Host, postgres, rapport};
use rapport_host::domain::sealed::SealKey;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

const VARIABLE: &str = "RAPPORT_SECRET_KEY";

fn rotate(dir: &Path, key: Option<&str>, more: &[&str]) -> (bool, String) {
    let mut command = rapport(&["secret-key", "rotate"]);
    command
        .args(more)
        .arg("--config")
        .arg(dir.join("rapport.toml"));
    if let Some(key) = key {
        command.env(VARIABLE, key);
    }
    said(&command.output().unwrap())
}

fn said(output: &Output) -> (bool, String) {
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.success(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn hosts_with_the_key_in_their_environment_change_it_one_by_one() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let (old, new) = (SealKey::generate().unwrap(), SealKey::generate().unwrap());
    let file = dir.join("new-key");
    std::fs::write(&file, &new).unwrap();
    let given = ["--new-key", file.to_str().unwrap()];
    let host = Host::start_with("", dir, &[(VARIABLE, &old)]).await;

    let (ok, said) = rotate(dir, Some(&old), &[]);
    assert!(!ok && said.contains("--new-key FILE"), "{said}");
    let (ok, said) = rotate(dir, Some(&old), &given);
    assert!(!ok && said.contains("this is still the old one"), "{said}");
    // Resumable: run again nothing is different, whichever key it is given.
    let (ok, said) = rotate(dir, Some(&old), &[]);
    assert!(!ok && said.contains("this is still the old one"), "{said}");
    // The host has not got it yet either.
    assert!(host.terminate().await.success());
    let host = Host::start_with("", dir, &[(VARIABLE, &old)]).await;
    assert!(
        host.terminate().await.success(),
        "either key is good till the end"
    );
    let host = Host::start_with("", dir, &[(VARIABLE, &new)]).await;
    let (ok, said) = rotate(dir, Some(&new), &[]);
    assert!(ok, "{said}");
    let audit = host.get("audit?action=secret-key.rotate").await;
    assert_eq!(audit["items"].as_array().unwrap().len(), 1, "{audit:#}");
    assert!(host.terminate().await.success());

    let (ok, said) = rotate(dir, Some(&old), &[]);
    assert!(
        !ok && said.contains("not the key"),
        "the old one is forgotten: {said}"
    );
    let host = Host::start_with("", dir, &[(VARIABLE, &new)]).await;
    assert!(host.terminate().await.success());
    let (ok, said) = rotate(dir, Some(&new), &given);
    assert!(!ok && said.contains("the one that is in use"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hosts_on_one_database_change_it_by_themselves() {
    let dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [first, second] = dirs.each_ref().map(|dir| dir.path());
    let config = format!("database = \"{}\"\n", postgres::url_for(first));
    let one = Host::start(&config, first).await;
    let key = |dir: &Path| std::fs::read_to_string(dir.join("data/secret-key")).unwrap();
    std::fs::create_dir_all(second.join("data")).unwrap();
    std::fs::write(second.join("data/secret-key"), key(first)).unwrap();
    let two = Host::start(&config, second).await;
    let before = key(first);
    let (ok, said) = rotate(first, None, &[]);
    assert!(ok, "{said}");
    assert_ne!(key(first), before);
    assert_eq!(key(first), key(second), "each wrote its own file");
    for host in [one, two] {
        assert!(host.terminate().await.success());
    }
    let again = Host::start(&config, second).await;
    assert!(again.terminate().await.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_written_is_its_owners_whatever_the_umask() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("rapport.toml");
    let config = "data-dir = \"data\"\n[audit]\nhead-file = \"out/heads.jsonl\"\n";
    std::fs::write(&file, config).unwrap();
    let out = dir.path().join("out");
    std::fs::create_dir(&out).unwrap();
    let run = |arguments: &[&str]| {
        let script = "umask 000; exec \"$@\"";
        let binary = env!("CARGO_BIN_EXE_rapport");
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", script, "sh", binary]).args(arguments);
        let (ok, said) = said(&shell.arg("--config").arg(&file).output().unwrap());
        assert!(ok, "{arguments:?}: {said}");
    };
    let backup = out.join("backup.db");
    let export = out.join("audit.jsonl");
    run(&["outbox", "list"]);
    run(&["audit", "export", "--out", export.to_str().unwrap()]);
    run(&["audit", "head"]);
    run(&["secret-key", "rotate"]);
    run(&["backup", backup.to_str().unwrap()]);
    run(&["restore", backup.to_str().unwrap(), "--replace"]);
    let mut seen = 0;
    for place in [dir.path().join("data"), out] {
        for entry in std::fs::read_dir(place).unwrap() {
            let entry = entry.unwrap();
            let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
            assert_eq!(mode & 0o077, 0, "{:?} has {mode:o}", entry.path());
            seen += 1;
        }
    }
    assert!(seen >= 6, "{seen}");
}
