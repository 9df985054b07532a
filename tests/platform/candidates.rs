//! A version is looked at before it comes into force: beside the old one on live traffic, and over what
//! is stored.

use crate::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_in_the_shadow_is_compared_and_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    let first = version(dir, "1.0.0", |_| ());
    let first = first.to_str().unwrap();
    take_in(dir, ID, first);
    stands(&host, "running", "1.0.0").await;
    say(&host, "m-0", "Hallo").await;
    assert_eq!(said_by(&host, "m-0").await.as_deref(), Some("1.0.0"));

    let second = version(dir, "1.1.0", |m| {
        m.settings["properties"]["do"]["default"] = json!("double");
    });
    let second = second.to_str().unwrap();
    let shadow = ["--shadow", "--allow-unsigned"];
    let upgraded = done(
        dir,
        &[&["plugin", "upgrade", ID, second], &shadow[..]].concat(),
    );
    assert_eq!(upgraded["plugin"]["candidate"]["mode"], "shadow");
    // Until it is loaded, nothing is compared; so messages come in until something is.
    let mut count = 0;
    let agreement = until("it is compared", SOON, async || {
        count += 1;
        say(&host, &format!("m-{count}"), "Hallo").await;
        assert_eq!(
            said_by(&host, &format!("m-{count}")).await.as_deref(),
            Some("1.0.0")
        );
        let found = &host.get(&format!("plugins/{ID}")).await["candidate"]["agreement"];
        (found["judged"].as_u64()? > 0).then(|| found.clone())
    })
    .await;
    assert_eq!(agreement["same"], 0, "{agreement:#}");
    assert_eq!(
        agreement["by"]["length=5"]["onlyCurrent"],
        agreement["judged"]
    );
    assert_eq!(
        agreement["by"]["length=10"]["onlyCandidate"],
        agreement["judged"]
    );
    let case = &agreement["differences"][0];
    assert_eq!(
        (&case["current"], &case["candidate"]),
        (&json!(["length=5"]), &json!(["length=10"]))
    );
    host.get(&format!("messages/{}", case["messageId"].as_str().unwrap()))
        .await;

    // Over all that is stored, without a host's help.
    let simulated = done(dir, &["simulate", "--plugin", second, "--last", "30d"]);
    assert_eq!(simulated["judged"], count + 1, "{simulated:#}");
    assert_eq!(simulated["same"], 0);
    let as_it_is = done(dir, &["simulate", "--plugin", first]);
    assert_eq!(as_it_is["same"], count + 1, "{as_it_is:#}");
    let by_id = done(dir, &["simulate", "--plugin", ID]);
    assert_eq!(by_id["digest"], simulated["digest"]);
    refused(dir, &["simulate", "--plugin", first, "--last", "0d"], "30d");

    done(dir, &["plugin", "promote", ID]);
    stands(&host, "running", "1.1.0").await;
    say(&host, "after", "Hallo").await;
    assert_eq!(said_by(&host, "after").await.as_deref(), Some("1.1.0"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_candidate_in_the_shadow_that_is_revoked_is_asked_no_more() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    let first = version(dir, "1.0.0", |_| ()).display().to_string();
    take_in(dir, ID, &first);
    stands(&host, "running", "1.0.0").await;
    let second = version(dir, "1.1.0", |_| ()).display().to_string();
    let shadow = ["--shadow", "--allow-unsigned"];
    let upgraded = done(
        dir,
        &[&["plugin", "upgrade", ID, &second], &shadow[..]].concat(),
    );
    let digest = upgraded["plugin"]["candidate"]["digest"].as_str().unwrap();
    // Says something, and how much was compared once figures have been stored for sure.
    let mut count = 0;
    let mut compared = async || {
        count += 1;
        let id = format!("m-{count}");
        say(&host, &id, "Hallo").await;
        assert_eq!(said_by(&host, &id).await.as_deref(), Some("1.0.0"));
        tokio::time::sleep(Duration::from_secs(6)).await;
        let candidate = &host.get(&format!("plugins/{ID}")).await["candidate"];
        candidate["agreement"]["judged"].as_u64()
    };
    let first = until("it is compared", SOON, &mut compared).await;
    let next = compared().await.unwrap();
    assert!(next > first, "{next}");
    done(
        dir,
        &["plugin", "trust", "revoke", digest, "--reason", "bad"],
    );
    let mut last = next;
    until("it is compared no more", SOON, async || {
        let before = std::mem::replace(&mut last, compared().await?);
        (last == before).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_is_simulated_over_the_recorded_cases() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let host = host(dir).await;
    for i in 0..5 {
        say(
            &host,
            &format!("m-{i}"),
            "Mijn pakket is kwijt, wat een waardeloze service!",
        )
        .await;
    }
    said_by(&host, "m-4").await;
    let file = dir.join("policy.wasm");
    let config = rapport_host::config::Config::load(&dir.join("rapport.toml")).unwrap();
    let packages = rapport_host::app::packages(&config).unwrap();
    let bundled = &packages["policy-service"];
    std::fs::write(&file, &bundled.component).unwrap();
    let file = file.to_str().unwrap();
    let decided = until("all are decided", SOON, async || {
        let found = done(dir, &["simulate", "--plugin", file]);
        (found["judged"].as_u64()? == 5).then_some(found)
    })
    .await;
    assert_eq!(decided["same"], 5, "{decided:#}");
    let page = host.get("decisions?limit=200").await;
    let all = page["items"].as_array().unwrap();
    let decision = all
        .iter()
        .find(|d| d["plugin"] == "policy-service")
        .unwrap();
    let replay = format!("decisions/{}/replay", decision["id"].as_str().unwrap());
    let (status, replayed) = host.post(&replay, &Value::Null).await;
    assert_eq!(
        (status, &replayed["outcome"], &replayed["proof"]),
        (200, &json!("equal"), &json!(true)),
        "{replayed:#}"
    );
    let (status, _) = host.post("decisions/none/replay", &Value::Null).await;
    assert_eq!(status, 404);

    let settings = dir.join("settings.json");
    std::fs::write(
        &settings,
        json!({"complaint-opens-case": {"enabled": false}}).to_string(),
    )
    .unwrap();
    let arguments = ["simulate", "--plugin", file, "--settings"];
    let otherwise = done(
        dir,
        &[&arguments[..], &[settings.to_str().unwrap()]].concat(),
    );
    assert!(otherwise["same"].as_u64().unwrap() < 5, "{otherwise:#}");
    let difference = &otherwise["differences"][0];
    assert!(difference["contactId"].is_string(), "{difference:#}");
    assert!(
        difference["current"]
            .to_string()
            .contains("complaint-opens-case")
    );
}
