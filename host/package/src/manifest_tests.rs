//! Manifests that are read, and those that are refused.

use super::*;

fn sample() -> String {
    r#"
        id = "channel-example"
        name = "Example"
        version = "0.1.0"
        kind = "channel"
        publisher = "Rapport"
        licence = "Apache-2.0"
        contract = "1.0.0"
        description = "An example."
        network = "example"
        [settings]
        type = "object"
        [settings.properties.server]
        type = "string"
        [[permissions.http]]
        address = "{server}"
        reason = "where the messages are"
    "#
    .to_owned()
}

#[test]
fn reads_a_manifest() {
    let manifest = Manifest::parse(&sample()).unwrap();
    assert_eq!(manifest.kind, Kind::Channel);
    assert_eq!(manifest.limits, Limits::default());
}

#[test]
fn names_the_nearest_key() {
    let text = sample().replace("publisher", "publsher");
    let error = Manifest::parse(&text).unwrap_err().to_string();
    assert!(error.contains("did you mean `publisher`?"), "{error}");
}

#[test]
fn refuses_what_types_do_not_catch() {
    for (from, to, expected) in [
        ("\"channel-example\"", "\"Channel\"", "id"),
        ("\"1.0.0\"", "\"2.0.0\"", "contract"),
        ("\"{server}\"", "\"{sever}\"", "no `sever`"),
        ("\"{server}\"", "\"ftp://x\"", "must begin with"),
        ("kind = \"channel\"", "kind = \"policy\"", "only a channel"),
        ("network = \"example\"", "", "network"),
        (
            "network = ",
            "fallback = \"last-known-good\"\nnetwork = ",
            "fallback: a channel can't",
        ),
        (
            "network = ",
            "runtime-imports = [\"wasi:socket\"]\nnetwork = ",
            "did you mean `wasi:sockets`?",
        ),
        (
            "network = ",
            "runtime-imports = [\"wasi:sockets\", \"wasi:sockets\"]\nnetwork = ",
            "runtime-imports[1]: is there twice",
        ),
    ] {
        let text = sample().replace(from, to);
        let error = Manifest::parse(&text).unwrap_err().to_string();
        assert!(error.contains(expected), "{to}: {error}");
    }
}
