use super::*;
use crate::Manifest;

const KINDS: [Kind; 3] = [Kind::Channel, Kind::Classifier, Kind::Policy];

fn scratch(name: &str) -> PathBuf {
    let dir = std::env::temp_dir().join(format!("rapport-new-{}-{name}", std::process::id()));
    let _ = std::fs::remove_dir_all(&dir);
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

#[test]
fn every_project_has_a_good_manifest_and_good_fixtures() {
    let home = scratch("all");
    for kind in KINDS {
        for lang in Lang::ALL {
            let dir = home.join(format!("{}-{}", kind.as_str(), lang.as_str()));
            let files = create(kind, lang, "my-plugin", &dir).unwrap();
            for file in &files {
                let text = std::fs::read_to_string(dir.join(file)).unwrap();
                assert!(
                    !text.contains("{{name") && !text.contains("{{m"),
                    "{file:?}"
                );
                if file.starts_with("fixtures") {
                    let fixture = crate::fixture::parse(kind, &file.display().to_string(), &text);
                    assert!(fixture.unwrap().len() >= 2);
                }
            }
            let text = std::fs::read_to_string(dir.join("plugin.toml")).unwrap();
            let manifest = Manifest::parse(&text).unwrap();
            assert_eq!((manifest.kind, manifest.id.as_str()), (kind, "my-plugin"));
        }
    }
    std::fs::remove_dir_all(home).unwrap();
}

#[test]
fn writes_nothing_on_error() {
    let home = scratch("refused");
    for name in ["", "Mine", "9lives", "a--b", "ends-", "../up", "test"] {
        assert!(
            create(Kind::Policy, Lang::Js, name, &home.join("x")).is_err(),
            "{name}"
        );
    }
    let taken = home.join("taken");
    std::fs::create_dir(&taken).unwrap();
    std::fs::write(taken.join("mine.txt"), "precious").unwrap();
    let refused = create(Kind::Policy, Lang::Js, "taken", &taken);
    assert!(matches!(refused, Err(NewError::Exists(_))));
    assert_eq!(std::fs::read_dir(&taken).unwrap().count(), 1);
    assert_eq!(std::fs::read_dir(&home).unwrap().count(), 1);
    std::fs::remove_dir_all(home).unwrap();
}

/// The SDK in a project is compiled with what this workspace tests it with.
#[test]
fn the_vendored_sdk_has_the_workspaces_dependencies() {
    let of = |text: &str| text.parse::<toml::Table>().unwrap();
    let workspace = of(include_str!("../../../Cargo.toml"));
    let vendored = of(include_str!("../templates/rust/sdk/Cargo.toml"));
    let wasm = &vendored["target"]["cfg(target_arch = \"wasm32\")"]["dependencies"];
    for (table, name) in [
        (&vendored["dependencies"], "wit-bindgen"),
        (&vendored["dependencies"], "serde"),
        (&vendored["dependencies"], "serde_json"),
        (wasm, "wasip2"),
    ] {
        assert_eq!(
            table[name], workspace["workspace"]["dependencies"][name],
            "{name}"
        );
    }
}
