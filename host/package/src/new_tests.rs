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
    let own = of(include_str!("../../../plugins/sdk/Cargo.toml"));
    let same = |vendored: &toml::Value, own: &toml::Value| {
        let names: Vec<&String> = vendored.as_table().unwrap().keys().collect();
        let wanted: Vec<&String> = own.as_table().unwrap().keys().collect();
        assert_eq!(names, wanted);
        for name in names {
            let dependencies = &workspace["workspace"]["dependencies"];
            assert_eq!(vendored[name], dependencies[name], "{name}");
        }
    };
    same(&vendored["dependencies"], &own["dependencies"]);
    let wasm = "cfg(target_arch = \"wasm32\")";
    same(
        &vendored["target"][wasm]["dependencies"],
        &own["target"][wasm]["dependencies"],
    );
}

/// A module that is new in the SDK is in new projects too; its tests alone are not.
#[test]
fn the_vendored_sdk_is_whole() {
    let home = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../plugins/sdk/src");
    let (mut folders, mut modules) = (vec![home.clone()], 0);
    let files = files::of(Kind::Channel, Lang::Rust);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(&home).unwrap().to_str().unwrap();
            if name.ends_with("tests.rs") {
                continue;
            }
            let there = format!("vendor/rapport-sdk/src/{name}");
            assert!(files.iter().any(|(path, _)| *path == there), "{name}");
            modules += 1;
        }
    }
    assert!(modules > 5, "{modules}");
}
