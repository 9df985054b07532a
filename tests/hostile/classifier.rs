//! Classifiers that run on, eat, flood, lie or look around.

use super::guests::{message, messages};
use super::{beside_honest, classifier, fault, fault_names, packages};
use rapport_host::plugin::{Freeze, PrepareError, limits, resolve_settings};
use serde_json::json;

/// Every message of the batch ends in the fault, and so does each alone.
async fn ends_in(act: &str, name: &str) {
    let hostile = classifier(act).await;
    assert!(hostile.is_frozen(), "{act}: tested as it would run");
    let batch = beside_honest(hostile.classify(&messages(&["een", "two"]))).await;
    assert_eq!(fault_names(batch.items), [name, name], "{act}");
    let health = hostile.breaker.health();
    assert_eq!(
        (health.calls, health.faults),
        (3, 3),
        "{act}: the batch, then one by one"
    );
    let said = health.last_fault.unwrap_or_default();
    assert!(said.starts_with(name), "{act}: {said}");
}

macro_rules! faults {
    ($($test:ident: $act:literal => $name:literal;)+) => {
        $(#[tokio::test]
        async fn $test() {
            ends_in($act, $name).await;
        })+
    };
}

faults! {
    a_loop_runs_out_of_fuel: "loop" => "out-of-fuel";
    memory_has_a_limit: "memory" => "memory";
    recursion_has_a_limit: "stack" => "stack-overflow";
    a_panic_is_a_trap: "panic" => "trap";
    endless_printing_is_a_trap: "print" => "trap";
    unreleased_handles_are_a_trap: "streams" => "trap";
    a_million_classifications_are_too_many: "million" => "output-too-large";
    a_hundred_classifications_are_too_many: "hundred" => "output-too-large";
    pointing_at_one_text_a_thousand_times_is_too_large: "amplify" => "output-too-large";
    endless_logging_is_a_flood: "flood" => "log-flood";
    logging_megabytes_is_a_flood: "flood-large" => "log-flood";
    fewer_answers_than_messages_break_the_contract: "wrong-count" => "contract";
    a_score_that_is_no_number_breaks_the_contract: "nan" => "contract";
}

#[tokio::test]
async fn a_panic_says_why() {
    let batch = classifier("panic").await.classify(&[message("x")]).await;
    let said = fault(batch.items.into_iter().next().unwrap()).to_string();
    assert!(said.contains("panicked") && said.len() <= 1100, "{said}");
}

#[tokio::test]
async fn evidence_outside_the_text_is_dropped() {
    let hostile = classifier("bad-span").await;
    let batch = beside_honest(hostile.classify(&messages(&["één klacht"]))).await;
    let found = batch.items.into_iter().next().unwrap().unwrap();
    let kept: Vec<_> = found[0].evidence.iter().map(|e| (e.start, e.end)).collect();
    assert_eq!(kept, [(0, "één klacht".len() as u32)]);
}

#[tokio::test]
async fn a_label_is_cut_and_cleaned() {
    let batch = beside_honest(classifier("long-label").await.classify(&[message("x")])).await;
    let found = batch.items.into_iter().next().unwrap().unwrap();
    assert!(found[0].label.len() <= 64 && found[0].label.chars().all(|c| c == 'x'));
    assert!(!found[0].label.is_empty());
}

#[tokio::test]
async fn only_the_poisoned_message_goes_unanswered() {
    let hostile = classifier("poison").await;
    let texts = ["goed", "a poison pill", "fine", "ook goed", "fine too"];
    let batch = beside_honest(hostile.classify(&messages(&texts))).await;
    for (text, item) in texts.iter().zip(batch.items) {
        match text.contains("poison") {
            true => assert_eq!(fault(item).name(), "trap"),
            false => assert_eq!(item.unwrap()[0].label, text.len().to_string()),
        }
    }
    assert!(
        !hostile.breaker.health().open,
        "one message does not stop a plugin"
    );
}

#[tokio::test]
async fn each_misdeed_in_a_batch_is_named_for_itself() {
    let hostile = classifier("as-told").await;
    let texts = [
        "honest words",
        "nan",
        "een gewone zin",
        "stack",
        "last words",
    ];
    let batch = beside_honest(hostile.classify(&messages(&texts))).await;
    let outcomes: Vec<_> = batch
        .items
        .into_iter()
        .map(|item| match item {
            Ok(found) => found[0].label.clone(),
            Err(_) => fault(item).name().to_owned(),
        })
        .collect();
    assert_eq!(outcomes, ["12", "contract", "14", "stack-overflow", "10"]);
}

#[tokio::test]
async fn nothing_is_left_of_an_earlier_call() {
    let counting = classifier("static-state").await;
    let texts = messages(&["a", "b", "c"]);
    let mut fuel = Vec::new();
    let calls = futures_util::future::join_all((0..20).map(|_| counting.classify(&texts))).await;
    for batch in calls.into_iter().chain([counting.classify(&texts).await]) {
        let counts: Vec<_> = batch
            .items
            .into_iter()
            .map(|i| i.unwrap()[0].label.clone())
            .collect();
        assert_eq!(
            counts,
            ["0", "1", "2"],
            "each call starts from the configured instance"
        );
        fuel.push(batch.fuel);
    }
    assert!(
        fuel[0] > 0 && fuel.iter().all(|f| *f == fuel[0]),
        "and costs the same: {fuel:?}"
    );
}

#[tokio::test]
async fn there_is_nothing_to_be_found_outside() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let batch = beside_honest(classifier("escape").await.classify(&[message(&address)])).await;
    assert_eq!(
        batch.items.into_iter().next().unwrap().unwrap()[0].label,
        "nothing"
    );
    let connected = tokio::time::timeout(std::time::Duration::from_millis(50), listener.accept());
    assert!(connected.await.is_err(), "nobody connected");
}

#[tokio::test]
async fn a_breaker_opens_and_the_plugin_is_left_alone() {
    let hostile = classifier("panic").await;
    for _ in 0..limits::BREAKER_FAULTS {
        let batch = hostile.classify(&[message("x")]).await;
        assert_eq!(fault_names(batch.items), ["trap"]);
    }
    let before = hostile.breaker.health();
    assert!(before.open);
    let batch = beside_honest(hostile.classify(&messages(&["x", "y", "z"]))).await;
    assert_eq!(fault_names(batch.items), ["breaker-open"; 3]);
    assert_eq!(batch.fuel, 0, "it was not called");
    assert_eq!(hostile.breaker.health().calls, before.calls);
}

#[tokio::test]
async fn a_long_loop_gives_way() {
    let hostile = classifier("loop").await;
    let honest = classifier("honest").await;
    let order = std::cell::RefCell::new(Vec::new());
    tokio::join!(
        async {
            let batch = hostile.classify(&[message("x")]).await;
            assert_eq!(fault_names(batch.items), ["out-of-fuel"]);
            order.borrow_mut().push("hostile");
        },
        async {
            for _ in 0..3 {
                assert!(honest.classify(&[message("x")]).await.items[0].is_ok());
            }
            order.borrow_mut().push("honest");
        }
    );
    assert_eq!(order.into_inner(), ["honest", "hostile"]);
}

/// Loads it with `configure` misbehaving.
async fn configured(act: &str, freeze: Freeze) -> PrepareError {
    let settings = json!({ "do": act });
    let loaded = super::guests::load_pure(&packages().classifier, &settings, freeze);
    match beside_honest(loaded).await {
        Ok(_) => panic!("{act}: it was loaded"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn configure_may_refuse() {
    // Twice: what is cached of the first time must not get it in the second time.
    for freeze in [
        Freeze::WhenPossible,
        Freeze::Never,
        Freeze::WhenPossible,
        Freeze::Never,
    ] {
        match configured("configure-refuse", freeze).await {
            PrepareError::Settings(said) => assert_eq!(said, "do: I refuse"),
            other => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn configure_may_fault() {
    for freeze in [Freeze::WhenPossible, Freeze::Never] {
        for (act, name) in [("configure-trap", "trap"), ("configure-memory", "memory")] {
            match configured(act, freeze).await {
                PrepareError::Fault(fault) => assert_eq!(fault.name(), name),
                other => panic!("{act}: {other}"),
            }
        }
    }
}

#[tokio::test]
async fn what_configure_built_is_frozen_up_to_the_memory_that_it_may_have() {
    let large = classifier("configure-large").await;
    assert!(large.is_frozen());
    for _ in 0..2 {
        let batch = large.classify(&[message("any")]).await;
        let said = &batch.items[0].as_ref().unwrap()[0].label;
        assert_eq!(said, &(120 << 8).to_string(), "every page of it is there");
        assert!(batch.fuel > 0);
    }
}

#[test]
fn settings_that_the_schema_forbids_do_not_reach_the_plugin() {
    let schema = &packages().classifier.manifest.settings;
    for given in [
        json!({ "do": "harm" }),
        json!({ "do": 1 }),
        json!({ "did": "loop" }),
    ] {
        assert!(resolve_settings(schema, &given).is_err(), "{given}");
    }
}
