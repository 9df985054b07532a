use super::*;
use serde_json::json;

fn channel() -> Manifest {
    Manifest::parse(
        r#"
        id = "channel-x"
        name = "X"
        version = "1.2.0"
        kind = "channel"
        publisher = "Vendor"
        licence = "MIT"
        contract = "1.0.0"
        description = "Words."
        network = "x"
        fallback = "closed"
        [settings]
        type = "object"
        required = ["identifier"]
        [settings.properties.server]
        type = "string"
        default = "https://x.example"
        description = "Where it is."
        [settings.properties.identifier]
        type = "string"
        [[secrets]]
        name = "signing"
        description = "For webhooks."
        [webhook]
        scheme = "standard-webhooks"
        secret = "signing"
        "#,
    )
    .unwrap()
}

/// `kind what` of each difference.
fn found(change: impl FnOnce(&mut Manifest)) -> Vec<String> {
    let old = channel();
    let mut new = old.clone();
    change(&mut new);
    let all = changes(&old, &new).into_iter();
    all.map(|ask| format!("{} {}", ask.kind, ask.what))
        .collect()
}

#[test]
fn what_nothing_follows_from_is_no_difference() {
    assert!(found(|_| ()).is_empty());
    let quiet = found(|m| {
        m.version = "1.3.0".into();
        m.description = "Other words.".into();
        m.licence = "Apache-2.0".into();
        m.settings["properties"]["server"]["description"] = json!("Where the server is.");
        m.settings["title"] = json!("Settings");
    });
    assert!(quiet.is_empty(), "{quiet:?}");
}

#[test]
fn whose_it_is_and_how_it_fails_are_differences() {
    assert_eq!(
        found(|m| m.publisher = "Other".into()),
        [r#"publisher "Vendor" → "Other""#]
    );
    assert_eq!(found(|m| m.name = "Y".into()), [r#"name "X" → "Y""#]);
    assert_eq!(
        found(|m| m.network = Some("bluesky".into())),
        [r#"network "x" → "bluesky""#]
    );
    let open = found(|m| m.fallback = crate::manifest::Fallback::Open);
    assert_eq!(open, [r#"fallback "closed" → "open""#]);
}

#[test]
fn everything_of_the_webhook_is_a_difference() {
    let late = found(|m| m.webhook.as_mut().unwrap().tolerance_s = 3600);
    assert_eq!(late, ["webhook tolerance-s: 300 → 3600"]);
    let unproven = found(|m| m.webhook.as_mut().unwrap().optional = true);
    assert_eq!(unproven, ["webhook optional: false → true"]);
    let gone = found(|m| m.webhook = None);
    assert!(gone[0].ends_with("→ none"), "{gone:?}");
}

#[test]
fn every_setting_is_a_difference_with_its_place() {
    let other = found(|m| m.settings["properties"]["server"]["default"] = json!("https://evil"));
    assert_eq!(
        other,
        [r#"settings server.default: "https://x.example" → "https://evil""#]
    );
    let more = found(|m| m.settings["properties"]["proxy"] = json!({"default": "https://p"}));
    assert_eq!(more, [r#"settings proxy is new, "https://p" unless given"#]);
    let fewer = found(|m| {
        m.settings["properties"]
            .as_object_mut()
            .unwrap()
            .remove("server");
    });
    assert_eq!(fewer, ["settings server is gone"]);
    let free = found(|m| m.settings["required"] = json!([]));
    assert_eq!(free, [r#"settings required: ["identifier"] → []"#]);
    // A setting may have the name of a word that explains.
    let named = found(|m| m.settings["properties"]["title"] = json!({"type": "string"}));
    assert_eq!(named, ["settings title is new"]);
    let many = found(|m| {
        for i in 0..500 {
            m.settings["properties"][format!("s{i}")] = json!({"type": "string"});
        }
    });
    assert_eq!(many.len(), TOLD_MAX + 1);
    assert!(many[TOLD_MAX].contains("450 more"));
}

#[test]
fn an_earlier_version_goes_back() {
    for older in ["1.1.9", "0.9.0", "1.2.0-rc.1"] {
        let back = found(|m| m.version = older.into());
        assert_eq!(back, [format!("older-version 1.2.0 → {older}")]);
    }
    for later in ["1.2.0", "1.2.0+build.7", "1.2.1-alpha", "1.10.0", "2.0.0"] {
        assert!(found(|m| m.version = later.into()).is_empty(), "{later}");
    }
    // The order of the specification's own example.
    let order = [
        "1.0.0-alpha",
        "1.0.0-alpha.1",
        "1.0.0-alpha.beta",
        "1.0.0-beta",
        "1.0.0-beta.2",
        "1.0.0-beta.11",
        "1.0.0-rc.1",
        "1.0.0",
    ];
    for pair in order.windows(2) {
        assert_eq!(
            compare_versions(pair[0], pair[1]),
            Ordering::Less,
            "{pair:?}"
        );
        assert_eq!(
            compare_versions(pair[1], pair[0]),
            Ordering::Greater,
            "{pair:?}"
        );
    }
}

#[test]
fn no_key_of_a_manifest_is_overlooked() {
    let whole = keys(&channel());
    for key in whole.as_object().unwrap().keys() {
        let told = TOLD.iter().any(|(told, _)| told == key);
        let asked = OTHERWISE.contains(&key.as_str());
        assert!(
            told || asked,
            "{key}: say what it changes, or why it needs no word"
        );
    }
}
