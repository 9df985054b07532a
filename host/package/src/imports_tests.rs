//! Every rule, and what is said to whoever breaks it.

use super::*;

fn manifest(kind: &str, more: &str) -> Manifest {
    let text = crate::samples::MANIFEST.replace("\"classifier\"", &format!("\"{kind}\""));
    let network = if kind == "channel" {
        "network = \"sample\"\n"
    } else {
        ""
    };
    Manifest::parse(&format!("{text}{network}{more}")).unwrap()
}

fn imports(names: &[&str]) -> Vec<Import> {
    let import = |name: &&str| Import {
        name: (*name).to_owned(),
        item: Item::Instance,
    };
    names.iter().map(import).collect()
}

const EVERYBODY: &[&str] = &[
    "wasi:cli/stdout@0.2.12",
    "wasi:cli/environment@0.2.0",
    "wasi:io/streams@0.2.4",
    "rapport:types/social@1.0.0",
    "rapport:host/log@1.0.0",
];

const HTTP: &str = "[[permissions.http]]\naddress = \"https://example.com\"\nreason = \"r\"\n";
const SECRET: &str = "[[secrets]]\nname = \"token\"\ndescription = \"d\"\n\
    hosts = [\"https://example.com\"]\nin = [\"header\"]\n";

#[test]
fn everybody_may_print_and_log() {
    for kind in ["channel", "classifier", "policy"] {
        let report = check(&manifest(kind, ""), &imports(EVERYBODY)).unwrap();
        let groups: Vec<_> = report.imports.keys().copied().collect();
        assert_eq!(groups, [Group::Types, Group::Log, Group::Runtime]);
        assert_eq!(
            report.imports[&Group::Runtime][0],
            "wasi:cli/environment@0.2.0"
        );
        assert!(report.warnings.is_empty());
    }
}

#[test]
fn pure_kinds_get_nothing_that_differs() {
    for kind in ["classifier", "policy"] {
        for name in [
            "wasi:clocks/wall-clock@0.2.0",
            "wasi:random/insecure-seed@0.2.12",
            "wasi:sockets/tcp@0.2.0",
            "wasi:http/outgoing-handler@0.2.0",
            "wasi:filesystem/types@0.2.0",
            "rapport:host/config@1.0.0",
            "rapport:host/secrets@1.0.0",
            "rapport:host/state@1.0.0",
            "rapport:host/clock@1.0.0",
        ] {
            let error = check(&manifest(kind, ""), &imports(&[name])).unwrap_err();
            let expected = ImportError::Impure {
                kind: manifest(kind, "").kind,
                imports: vec![name.to_owned()],
            };
            assert_eq!(error, expected);
            let text = error.to_string();
            for word in [
                name,
                kind,
                "same input",
                "BTreeMap",
                "--stub-wasi",
                "JavaScript",
            ] {
                assert!(text.contains(word), "{word}: {text}");
            }
        }
    }
    // All of them at once, so that nobody has to build nine times.
    let two = imports(&["wasi:random/random@0.2.0", "wasi:clocks/wall-clock@0.2.0"]);
    match check(&manifest("policy", ""), &two) {
        Err(ImportError::Impure { imports, .. }) => assert_eq!(imports.len(), 2),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_channel_gets_what_it_asks_for() {
    let free = imports(&[
        "rapport:host/config@1.0.0",
        "rapport:host/state@1.0.0",
        "rapport:host/clock@1.0.0",
        "wasi:clocks/monotonic-clock@0.2.0",
        "wasi:random/random@0.2.0",
    ]);
    check(&manifest("channel", ""), &free).unwrap();
    let files = "runtime-imports = [\"wasi:filesystem\", \"wasi:sockets\"]\n";
    for (name, asked, key) in [
        ("rapport:host/secrets@1.0.0", SECRET, "[[secrets]]"),
        ("wasi:http/types@0.2.0", HTTP, "[[permissions.http]]"),
        ("wasi:sockets/udp@0.2.0", files, "[\"wasi:sockets\"]"),
        (
            "wasi:filesystem/preopens@0.2.0",
            files,
            "[\"wasi:filesystem\"]",
        ),
    ] {
        check(&manifest("channel", asked), &imports(&[name])).unwrap();
        let error = check(&manifest("channel", ""), &imports(&[name])).unwrap_err();
        let text = error.to_string();
        assert!(text.contains(name) && text.contains(key), "{text}");
    }
}

#[test]
fn nobody_gets_what_no_host_has() {
    let channel = manifest("channel", "");
    for (name, expected) in [
        ("wasi:nn/graph@0.2.0", "no host offers"),
        ("wasi:http/incoming-handler@0.2.0", "outgoing-handler`?"),
        (
            "rapport:host/secret@1.0.0",
            "did you mean `rapport:host/secrets`?",
        ),
        ("acme:db/sql@1.0.0", "no host offers"),
        ("wasi:cli/stdout@0.3.0", "version 0.2"),
        ("wasi:cli/stdout", "version 0.2"),
        ("rapport:host/log@2.0.0", "version 1.0"),
        ("rapport:types/common@1.1.0", "version 1.0"),
        ("now", "not an interface"),
        ("a/b@1.0.0", "not an interface"),
    ] {
        let error = check(&channel, &imports(&[name])).unwrap_err().to_string();
        assert!(error.contains(expected), "{name}: {error}");
    }
    let item = |item| Import {
        name: "message".into(),
        item,
    };
    assert!(
        check(&channel, &[item(Item::Type)])
            .unwrap()
            .imports
            .is_empty()
    );
    for other in [
        Item::Resource,
        Item::Function,
        Item::Module,
        Item::Component,
    ] {
        assert!(check(&channel, &[item(other)]).is_err());
    }
}

#[test]
fn warns_of_what_is_asked_for_and_not_used() {
    let runtime = "runtime-imports = [\"wasi:sockets\"]\n";
    let asks = manifest("channel", &format!("{runtime}{HTTP}{SECRET}"));
    let report = check(&asks, &imports(EVERYBODY)).unwrap();
    let keys: Vec<_> = report.warnings.iter().map(|w| w.key.as_str()).collect();
    assert_eq!(keys, ["permissions.http", "secrets", "runtime-imports"]);
    assert_eq!(
        report.warnings[0].to_string(),
        "plugin.toml: permissions.http: the component never imports wasi:http/outgoing-handler; \
         remove what it does not use"
    );
    let field = "[[permissions.fields]]\nfield = \"situation.consents\"\nreason = \"r\"\n";
    let report = check(&manifest("policy", field), &[]).unwrap();
    let warned = report.warnings[0].to_string();
    assert!(
        warned.starts_with("plugin.toml: permissions.fields: situation.consents: this version"),
        "{warned}"
    );
    // The host alone uses the secret of a webhook.
    let webhook = "[[secrets]]\nname = \"hook\"\ndescription = \"d\"\n\
        [webhook]\nscheme = \"standard-webhooks\"\nsecret = \"hook\"\n";
    let report = check(&manifest("channel", webhook), &[]).unwrap();
    assert!(report.warnings.is_empty());
}
