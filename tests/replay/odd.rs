//! A policy whose answers depend on what it is shown together, failures that come back and failures
//! that don't, and fields that were withheld.

use crate::sample::TOWN;
use crate::support::Host;
use crate::{TEXTS, evaluations, guests, replay_with, replayed, say};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn neighbours_and_failures_are_told() {
    let dir = tempfile::tempdir().unwrap();
    let dir = dir.path();
    let odd = guests::build_packages(&["tests/guests/odd-policy"]).remove(0);
    std::fs::write(dir.join("odd.wasm"), odd.component).unwrap();
    let file = dir.join("odd.wasm").display().to_string();
    let withhold = "[plugins.policy-service]\nwithhold = [\"message.attributed-to\"]\n";
    let config = format!("[plugins.odd-policy]\nfile = {file:?}\n{withhold}\n{TOWN}");
    let host = Host::start(&config, dir).await;
    say(&host, dir, "crowd", &TEXTS).await;
    say(&host, dir, "alone", &["trap"]).await;
    // With the one before five faults in a row, so that the breaker opens.
    say(&host, dir, "traps", &["trap"; 5]).await;
    say(&host, dir, "late", &["Hoi"]).await;
    drop(host);
    let rows = evaluations(dir).await;
    let odd = |text: &str| {
        let mine = rows.iter().filter(|row| row.plugin == "odd-policy");
        mine.filter(|row| row.content == text).collect::<Vec<_>>()
    };

    // Its neighbours made it say what it said.
    let row = odd(TEXTS[0])[0];
    assert!(row.batch_size > 1 && row.fault.is_none(), "{row:?}");
    let ended = replayed(dir, &row.id);
    let found = ended.json();
    assert!(
        !ended.success && found["outcome"] == "different",
        "{found:#}"
    );
    assert_eq!(found["together"]["asRecorded"], true, "{found:#}");
    assert_eq!(
        found["together"]["batchFuel"],
        found["recorded"]["batchFuel"]
    );
    assert_eq!(found["differences"][0]["now"]["detail"], "one of 1");
    assert_eq!(ended.notes(), ["neighbours"]);
    assert!(
        ended.printed.contains("its neighbours mattered"),
        "{}",
        ended.printed
    );

    // A trap comes back, of one that was alone and of those that were in a batch.
    let traps = odd("trap");
    assert_eq!(traps.len(), 6, "{rows:#?}");
    for row in [traps[0], traps[5]] {
        let fault = row.fault.as_deref().unwrap();
        assert!(fault.starts_with("host fault trap:"), "{row:?}");
        let ended = replayed(dir, &row.id);
        let found = ended.json();
        assert!(ended.success && found["outcome"] == "equal", "{found:#}");
        assert_eq!(found["now"]["fault"], json!(fault));
        assert_eq!(found["recorded"]["effects"][0]["rule"], "host");
        assert_eq!(ended.notes(), ["fault-recorded"]);
        assert!(
            ended.printed.contains("what that fallback gives"),
            "{}",
            ended.printed
        );
    }

    // An open breaker does not: the plugin answers now.
    let row = odd("Hoi")[0];
    let fault = row.fault.as_deref().unwrap();
    assert!(fault.starts_with("host fault breaker-open:"), "{row:?}");
    let ended = replayed(dir, &row.id);
    let found = ended.json();
    assert!(
        !ended.success && found["outcome"] == "fault-not-repeated",
        "{found:#}"
    );
    assert_eq!(found["now"]["fault"], Value::Null);
    assert_eq!(ended.notes(), ["fault-recorded", "fault-not-repeated"]);

    // What was withheld then stays withheld, though it is granted by now.
    let config = std::fs::read_to_string(dir.join("rapport.toml")).unwrap();
    assert!(config.contains(withhold));
    let granted = config.replace(withhold, "");
    std::fs::write(dir.join("granted.toml"), granted).unwrap();
    let mut service = rows.iter().filter(|row| row.plugin == "policy-service");
    let complaint = service.find(|row| row.content == TEXTS[1]).unwrap();
    let ended = replay_with(dir, "granted.toml", &complaint.id, &["--json"]);
    assert!(
        ended.success && ended.json()["proof"] == true,
        "{}",
        ended.said
    );
    assert!(
        !ended.json()["recorded"]["effects"]
            .as_array()
            .unwrap()
            .is_empty()
    );
}
