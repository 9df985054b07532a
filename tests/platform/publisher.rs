//! A plugin is its publisher's: whose key signs it, what it says of itself, and what an admin is asked when
//! either changes.

use crate::*;
use rapport_package::manifest::Fallback;

/// A command that knows no configuration.
fn tool(arguments: &[&str]) {
    let mut command = rapport(arguments);
    let ended = command.env("RAPPORT_KEY_PASSWORD", "").output().unwrap();
    assert!(ended.status.success(), "{arguments:?}: {ended:?}");
}

/// A key pair that this host trusts by that name; its id.
fn trusted(dir: &Path, name: &str) -> String {
    let path = dir.join(name).display().to_string();
    tool(&["plugin", "keygen", "--out", &path]);
    let public = format!("{path}.pub");
    let added = done(dir, &["plugin", "trust", "add", &public, "--name", name]);
    added["keyId"].as_str().unwrap().to_owned()
}

/// Signs a file with the key of that name.
fn sign(dir: &Path, file: &Path, name: &str, more: &[&str]) {
    let file = file.to_str().unwrap();
    let key = format!("{}.key", dir.join(name).display());
    tool(&[&["plugin", "sign", file, "--key", &key], more].concat());
}

/// A version of ours, signed.
fn signed(dir: &Path, version_: &str, by: &str) -> PathBuf {
    let file = version(dir, version_, |_| ());
    sign(dir, &file, by, &[]);
    file
}

fn upgrade<'a>(id: &'a str, file: &'a Path, more: &[&'a str]) -> Vec<&'a str> {
    let file = file.to_str().unwrap();
    [&["plugin", "upgrade", id, file], more].concat()
}

/// What waits, as `kind what`.
fn asked(outcome: &Value) -> Vec<String> {
    let all = outcome["asksMore"].as_array().expect("a list").iter();
    let words = |ask: &Value, key: &str| ask[key].as_str().unwrap_or_default().to_owned();
    all.map(|ask| format!("{} {}", words(ask, "kind"), words(ask, "what")))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn another_trusted_key_signs_no_version_of_it() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    let (first, other) = (trusted(dir, "first"), trusted(dir, "other"));
    let one = signed(dir, "1.0.0", "first");
    let installed = done(dir, &["plugin", "install", one.to_str().unwrap()]);
    assert_eq!(installed["publisherKey"], json!(first));
    done(dir, &["plugin", "grant", ID]);
    done(dir, &["plugin", "enable", ID]);
    stands(&host, "running", "1.0.0").await;

    let two = signed(dir, "2.0.0", "other");
    refused(
        dir,
        &upgrade(ID, &two, &[]),
        &format!("is of first (key {first})"),
    );
    let unsigned = ["--allow-unsigned"];
    refused(dir, &upgrade(ID, &two, &unsigned), "is of first");
    let lie = ["--publisher-key", &first];
    refused(dir, &upgrade(ID, &two, &lie), "did not sign it");

    // Beside the publisher's, as a counter-signature, it is welcome.
    let three = signed(dir, "1.1.0", "first");
    sign(dir, &three, "other", &["--counter"]);
    let outcome = done(dir, &upgrade(ID, &three, &[]));
    assert_eq!(outcome["asksMore"], json!([]));
    assert_eq!(outcome["plugin"]["publisherKey"], json!(first));

    // The admin says so: it is asked, and then the plugin is the other's.
    let outcome = done(dir, &upgrade(ID, &two, &["--publisher-key", &other]));
    let expected = format!("publisher-key first (key {first}) → other (key {other})");
    assert_eq!(asked(&outcome), [expected]);
    assert_eq!(outcome["plugin"]["publisherKey"], json!(first), "not yet");
    let approved = done(dir, &["plugin", "approve", ID]);
    assert_eq!(approved["publisherKey"], json!(other));
    stands(&host, "running", "2.0.0").await;
    let back = signed(dir, "2.1.0", "first");
    refused(dir, &upgrade(ID, &back, &[]), "is of other");

    // Taken out and in again: it is still whose it was.
    done(dir, &["plugin", "uninstall", ID, "--forget"]);
    let install = ["plugin", "install", back.to_str().unwrap()];
    refused(dir, &install, "is of other");
    done(dir, &["plugin", "install", two.to_str().unwrap()]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_comes_with_rapport_is_replaced_by_nobody_unasked() {
    const SAMPLE: &str = "channel-sample";
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let _host = host(dir).await;
    let vendor = trusted(dir, "vendor");
    let package = guests::build_packages(&["plugins/channel-sample"]).remove(0);
    let write = |name: &str, version: &str| {
        let file = dir.join(name);
        let bytes = variant::variant(&package, |m| version.clone_into(&mut m.version));
        std::fs::write(&file, bytes).unwrap();
        file
    };
    let file = write("signed.wasm", "9.0.0");
    sign(dir, &file, "vendor", &[]);
    refused(dir, &upgrade(SAMPLE, &file, &[]), "comes with Rapport");
    let named = done(dir, &upgrade(SAMPLE, &file, &["--publisher-key", &vendor]));
    assert!(asked(&named)[0].contains("→ vendor"), "{named:#}");
    assert_eq!(named["plugin"]["candidate"]["mode"], "approval");
    done(dir, &["plugin", "drop", SAMPLE]);
    let file = write("unsigned.wasm", "9.1.0");
    let unsigned = done(dir, &upgrade(SAMPLE, &file, &["--allow-unsigned"]));
    assert!(
        asked(&unsigned)[0].ends_with("→ nobody: it is unsigned"),
        "{unsigned:#}"
    );
    assert_eq!(unsigned["plugin"]["version"], package.manifest.version);
}

#[tokio::test(flavor = "multi_thread")]
async fn unsigned_is_allowed_for_one_file() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    trusted(dir, "vendor");
    let one = version(dir, "1.0.0", |_| ());
    take_in(dir, ID, one.to_str().unwrap());
    stands(&host, "running", "1.0.0").await;
    let two = version(dir, "1.1.0", |_| ());
    refused(dir, &upgrade(ID, &two, &[]), "unsigned");
    let allowed = done(dir, &upgrade(ID, &two, &["--allow-unsigned"]));
    assert_eq!(allowed["asksMore"], json!([]));
    assert_eq!(allowed["plugin"]["allowUnsigned"], true);
    stands(&host, "running", "1.1.0").await;
    // What was allowed stays so for going back.
    done(dir, &["plugin", "rollback", ID]);
    stands(&host, "running", "1.0.0").await;

    // Signed for the first time, and not any more: both are said.
    let three = signed(dir, "1.2.0", "vendor");
    let outcome = done(dir, &upgrade(ID, &three, &[]));
    assert!(asked(&outcome)[0].starts_with("publisher-key nobody: it is unsigned → vendor"));
    let approved = done(dir, &["plugin", "approve", ID]);
    assert_eq!(approved["allowUnsigned"], false);
    let four = version(dir, "1.3.0", |_| ());
    let outcome = done(dir, &upgrade(ID, &four, &["--allow-unsigned"]));
    assert!(
        asked(&outcome)[0].ends_with("→ nobody: it is unsigned"),
        "{outcome:#}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_that_is_left_out_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    let (vendor, _) = (trusted(dir, "vendor"), trusted(dir, "reviewer"));
    let file = signed(dir, "1.0.0", "vendor");
    sign(dir, &file, "reviewer", &["--counter"]);
    let own = dir.join("1.0.0.wasm.minisig");
    let publishers = std::fs::read(&own).unwrap();

    // The counter-signature alone does not do.
    std::fs::remove_file(&own).unwrap();
    let install = ["plugin", "install", file.to_str().unwrap()];
    refused(dir, &install, "counter-signatures");
    std::fs::write(&own, &publishers).unwrap();
    done(dir, &install);
    done(dir, &["plugin", "grant", ID]);
    done(dir, &["plugin", "enable", ID]);
    stands(&host, "running", "1.0.0").await;

    let revoke = ["plugin", "trust", "revoke", &vendor, "--reason", "stolen"];
    done(dir, &revoke);
    let status = stands(&host, "revoked", "1.0.0").await;
    assert!(
        status["reason"].as_str().unwrap().contains("stolen"),
        "{status:#}"
    );
    done(dir, &["plugin", "uninstall", ID, "--keep-data"]);
    // The very same file without the revoked signature, with the other or with none.
    std::fs::remove_file(&own).unwrap();
    let unsigned = [&install[..], &["--allow-unsigned"]].concat();
    refused(dir, &install, "revoked");
    refused(dir, &unsigned, "revoked");
    std::fs::remove_file(dir.join(format!("1.0.0.wasm.{}.minisig", key_of(dir, "reviewer"))))
        .unwrap();
    refused(dir, &unsigned, "revoked");
    // Another file of the same plugin, unsigned: its publisher's key is revoked all the same.
    let next = version(dir, "1.0.1", |_| ());
    let next = next.to_str().unwrap();
    refused(
        dir,
        &["plugin", "install", next, "--allow-unsigned"],
        "revoked",
    );

    // Its publisher has a new key, and the admin names it.
    let new = trusted(dir, "new");
    let again = signed(dir, "1.0.2", "new");
    let install = ["plugin", "install", again.to_str().unwrap()];
    refused(dir, &install, "revoked: stolen");
    let named = [&install[..], &["--publisher-key", &new]].concat();
    let installed = done(dir, &named);
    assert_eq!(installed["publisherKey"], json!(new));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_trusted_later_signed_it_first_all_the_same() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let _host = host(dir).await;
    let other = trusted(dir, "other");
    let path = dir.join("late").display().to_string();
    tool(&["plugin", "keygen", "--out", &path]);
    let one = signed(dir, "1.0.0", "late");
    take_in(dir, ID, one.to_str().unwrap());
    let public = format!("{path}.pub");
    done(dir, &["plugin", "trust", "add", &public, "--name", "late"]);
    let two = signed(dir, "1.1.0", "other");
    refused(dir, &upgrade(ID, &two, &[]), "is of late");
    let three = signed(dir, "1.2.0", "late");
    let outcome = done(dir, &upgrade(ID, &three, &[]));
    assert!(asked(&outcome)[0].contains("→ late (key"), "{outcome:#}");
    done(dir, &["plugin", "drop", ID]);
    let outcome = done(dir, &upgrade(ID, &two, &["--publisher-key", &other]));
    assert!(asked(&outcome)[0].contains("→ other (key"), "{outcome:#}");
}

/// The id of a key that this host trusts by that name.
fn key_of(dir: &Path, name: &str) -> String {
    let listed = done(dir, &["plugin", "trust", "list"]);
    let mut keys = listed["keys"].as_array().unwrap().iter();
    let key = keys.find(|key| key["name"] == name).unwrap();
    key["key_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_version_says_otherwise_of_itself_waits() {
    type Change = fn(&mut Manifest);
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    trusted(dir, "vendor");
    let one = version(dir, "1.2.0", |m| m.fallback = Fallback::Closed);
    sign(dir, &one, "vendor", &[]);
    done(dir, &["plugin", "install", one.to_str().unwrap()]);
    done(dir, &["plugin", "grant", ID]);
    done(dir, &["plugin", "enable", ID]);
    stands(&host, "running", "1.2.0").await;
    let closed: Change = |m| m.fallback = Fallback::Closed;
    let changes: [(&str, &str, Change); 5] = [
        ("1.3.0", "publisher", |m| {
            m.fallback = Fallback::Closed;
            m.publisher = "Rapport ".into();
        }),
        ("1.3.1", "name", |m| {
            m.fallback = Fallback::Closed;
            m.name = "Language of a message".into();
        }),
        ("1.3.2", "fallback", |m| m.fallback = Fallback::Open),
        ("1.3.3", "settings", |m| {
            m.fallback = Fallback::Closed;
            m.settings["properties"]["do"]["default"] = json!("loop");
        }),
        ("1.1.9", "older-version", closed),
    ];
    for (version_, kind, change) in changes {
        let file = version(dir, version_, change);
        sign(dir, &file, "vendor", &[]);
        let outcome = done(dir, &upgrade(ID, &file, &[]));
        let asked = asked(&outcome);
        assert_eq!(asked.len(), 1, "{version_}: {asked:?}");
        assert!(asked[0].starts_with(kind), "{version_}: {asked:?}");
        let candidate = &outcome["plugin"]["candidate"];
        assert_eq!(candidate["mode"], "approval", "{version_}");
        assert_eq!(candidate["asksMore"], outcome["asksMore"], "{version_}");
        assert_eq!(outcome["plugin"]["version"], "1.2.0");
    }
    let same = version(dir, "1.4.0", closed);
    sign(dir, &same, "vendor", &[]);
    let outcome = done(dir, &upgrade(ID, &same, &[]));
    assert_eq!(outcome["asksMore"], json!([]));
    stands(&host, "running", "1.4.0").await;
}
