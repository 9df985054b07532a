//! Keys and digests: what is signed by whom may run, and what is revoked stops at once.

use crate::*;

/// A key pair and a signed file.
fn signed(dir: &Path, name: &str) -> (PathBuf, String) {
    let key = dir.join("vendor");
    if !dir.join("vendor.pub").exists() {
        let made = rapport(&["plugin", "keygen", "--out"])
            .arg(&key)
            .env("RAPPORT_KEY_PASSWORD", "")
            .status();
        assert!(made.unwrap().success());
    }
    let file = version(dir, name, |_| ());
    let ended = rapport(&["plugin", "sign"])
        .arg(&file)
        .arg("--key")
        .arg(dir.join("vendor.key"))
        .env("RAPPORT_KEY_PASSWORD", "")
        .status();
    assert!(ended.unwrap().success());
    (file, dir.join("vendor.pub").display().to_string())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_trusted_key_signed_runs_until_it_is_revoked() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    let (file, public) = signed(dir, "1.0.0");
    let file = file.to_str().unwrap();
    refused(dir, &["plugin", "install", file], "unknown key");
    let key = done(
        dir,
        &["plugin", "trust", "add", &public, "--name", "Vendor"],
    );
    let installed = done(dir, &["plugin", "install", file]);
    assert!(installed["trust"].as_str().unwrap().contains("Vendor"));
    done(dir, &["plugin", "grant", ID]);
    done(dir, &["plugin", "enable", ID]);
    let status = stands(&host, "running", "1.0.0").await;
    assert_eq!(status["trust"], "signed");

    // Not one byte may be other than what was signed, whatever is allowed.
    let mut bytes = std::fs::read(file).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(file, bytes).unwrap();
    let upgrade = ["plugin", "upgrade", ID, file, "--allow-unsigned"];
    refused(dir, &upgrade, "modified");

    let (next, _) = signed(dir, "1.1.0");
    done(dir, &["plugin", "upgrade", ID, next.to_str().unwrap()]);
    let status = stands(&host, "running", "1.1.0").await;
    let digest = status["digest"].as_str().unwrap();
    let reason = "a fault in it";
    done(
        dir,
        &["plugin", "trust", "revoke", digest, "--reason", reason],
    );
    let status = stands(&host, "revoked", "1.1.0").await;
    assert!(status["reason"].as_str().unwrap().contains(reason));
    say(&host, "m-1", "Hallo").await;
    assert_eq!(said_by(&host, "m-1").await, None);

    done(dir, &["plugin", "rollback", ID]);
    stands(&host, "running", "1.0.0").await;
    let key = key["keyId"].as_str().unwrap();
    done(
        dir,
        &["plugin", "trust", "revoke", key, "--reason", "stolen"],
    );
    stands(&host, "revoked", "1.0.0").await;
    let (status, _) = host
        .post(&format!("plugins/{ID}/rollback"), &Value::Null)
        .await;
    assert_eq!(status, 200, "going back is no way round");
    stands(&host, "revoked", "1.1.0").await;
    let listed = host.get("plugin-trust").await;
    assert_eq!(listed["keys"][0]["revoked"]["reason"], "stolen");
    refused(
        dir,
        &["plugin", "trust", "add", &public, "--name", "Vendor"],
        "revoked",
    );
}
