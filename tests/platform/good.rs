//! The fallback "last known good": the version before answers what the one in force fails on, under the
//! settings, the grant and the trust of now; and what it answered can be proved.

use crate::*;
use rapport_package::manifest::Fallback;

const POLICY: &str = "odd-policy";

/// Writes a version of the policy that traps at `trap` unless it is sound.
fn policy(dir: &Path, name: &str, sound: bool) -> String {
    static BUILT: OnceLock<Package> = OnceLock::new();
    let built =
        BUILT.get_or_init(|| guests::build_packages(&["tests/guests/odd-policy"]).remove(0));
    let file = dir.join(format!("policy-{name}.wasm"));
    let bytes = variant::variant(built, |manifest| {
        name.clone_into(&mut manifest.version);
        manifest.fallback = Fallback::LastKnownGood;
        manifest.settings["properties"]["sound"]["default"] = json!(sound);
    });
    std::fs::write(&file, bytes).unwrap();
    file.display().to_string()
}

/// Waits until the host says that of the policy and its stand-in.
async fn policy_stands(host: &Host, state: &str, version: &str, stand_in: Option<&str>) -> Value {
    until(&format!("{version} {state}"), SOON, async || {
        let all = host.get("plugin-status").await;
        let of = all.as_array()?.iter().find(|s| s["plugin"] == POLICY)?;
        let as_told = of["state"] == state
            && of["version"] == version
            && of["lastKnownGood"]["version"].as_str() == stand_in;
        as_told.then(|| of.clone())
    })
    .await
}

/// Takes the sound first version in.
async fn sound_at_work(host: &Host, dir: &Path) -> Value {
    take_in(dir, POLICY, &policy(dir, "1.0.0", true));
    policy_stands(host, "running", "1.0.0", None).await
}

/// What the policy decided of a message: the id of a decision, and its rule.
async fn decided(host: &Host, id: &str, text: &str) -> (String, String) {
    say(host, id, text).await;
    until(id, SOON, async || {
        let page = host.get("messages?limit=200").await;
        let mut all = page["items"].as_array()?.iter();
        let message = all.find(|m| m["externalId"] == id)?["id"].clone();
        let page = host.get("decisions?limit=200").await;
        let mut all = page["items"].as_array()?.iter();
        let found = all.find(|d| d["plugin"] == POLICY && d["messageId"] == message)?;
        let text = |key: &str| found[key].as_str().unwrap_or_default().to_owned();
        Some((text("id"), text("rule")))
    })
    .await
}

/// The version that is on record with a decision, which re-executed gives the same bytes; and whose
/// stead that was in.
fn proved(dir: &Path, decision: &str) -> (String, Option<String>) {
    let found = done(dir, &["replay", decision]);
    assert!(
        found["outcome"] == "equal" && found["proof"] == true,
        "{found:#}"
    );
    let version = found["recorded"]["version"].as_str().unwrap().to_owned();
    let notes = found["notes"].as_array().unwrap().iter();
    let mut stood_in = notes.filter(|note| note["kind"] == "stood-in");
    let stead = stood_in.next().and_then(|note| note["text"].as_str());
    (version, stead.map(str::to_owned))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_before_answers_what_a_policy_fails_on() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    sound_at_work(&host, dir).await;

    // Of two upgrades within an hour the second does not make the first a good one.
    for name in ["2.0.0", "3.0.0"] {
        bring_in(dir, POLICY, &policy(dir, name, false));
        policy_stands(&host, "running", name, Some("1.0.0")).await;
    }
    let detail = host.get(&format!("plugins/{POLICY}")).await;
    assert_eq!(detail["previous"]["version"], "2.0.0");
    assert_eq!(detail["lastKnownGood"]["version"], "1.0.0");

    let (fine, rule) = decided(&host, "fine", "Hoi").await;
    assert_eq!(rule, "count");
    assert_eq!(proved(dir, &fine), ("3.0.0".to_owned(), None));
    let (trapped, rule) = decided(&host, "trapped", "trap").await;
    assert_eq!(rule, "count");
    let (version, stead) = proved(dir, &trapped);
    assert_eq!(version, "1.0.0");
    let stead = stead.unwrap();
    assert!(
        stead.contains("3.0.0 (sha256:") && stead.contains("trap"),
        "{stead}"
    );
    until("the fault is told", SOON, async || {
        let status = policy_stands(&host, "running", "3.0.0", Some("1.0.0")).await;
        (status["faults"]["trap"] == 1 && status["lastKnownGood"]["calls"] == 1).then_some(())
    })
    .await;

    // The settings in force are the good version's as well: now both trap, and the host decides.
    done(
        dir,
        &["plugin", "configure", POLICY, "--set", "sound=false"],
    );
    until("loaded anew", SOON, async || {
        let status = policy_stands(&host, "running", "3.0.0", Some("1.0.0")).await;
        (status["faults"] == json!({})).then_some(())
    })
    .await;
    let (_, rule) = decided(&host, "both", "trap").await;
    assert_eq!(rule, "host");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_before_answers_for_a_policy_that_may_not_run() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    let good = sound_at_work(&host, dir).await["digest"].clone();
    let second = policy(dir, "2.0.0", false);
    bring_in(dir, POLICY, &second);
    let status = policy_stands(&host, "running", "2.0.0", Some("1.0.0")).await;

    let revoke = |digest: &Value| {
        let digest = digest.as_str().unwrap();
        done(
            dir,
            &["plugin", "trust", "revoke", digest, "--reason", "bad"],
        );
    };
    revoke(&status["digest"]);
    policy_stands(&host, "revoked", "2.0.0", Some("1.0.0")).await;
    let (decision, rule) = decided(&host, "revoked", "trap").await;
    assert_eq!(rule, "count");
    let (version, stead) = proved(dir, &decision);
    assert_eq!(version, "1.0.0");
    assert!(stead.unwrap().contains("2.0.0"));

    revoke(&good);
    policy_stands(&host, "revoked", "2.0.0", None).await;
    let (_, rule) = decided(&host, "neither", "Hoi").await;
    assert_eq!(rule, "host", "closed when nothing known good may run");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_version_before_answers_what_a_classifier_fails_on() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    let first = version(dir, "1.0.0", |_| ()).display().to_string();
    take_in(dir, ID, &first);
    stands(&host, "running", "1.0.0").await;
    let second = version(dir, "1.1.0", |manifest| {
        manifest.fallback = Fallback::LastKnownGood;
        manifest.settings["properties"]["do"]["default"] = json!("panic");
    });
    let second = second.display().to_string();
    bring_in(dir, ID, &second);
    stands(&host, "running", "1.1.0").await;
    say(&host, "m-1", "Hallo").await;
    assert_eq!(said_by(&host, "m-1").await.as_deref(), Some("1.0.0"));
    let status = stands(&host, "running", "1.1.0").await;
    assert_eq!(status["lastKnownGood"]["version"], "1.0.0", "{status:#}");
}
