//! What goes into a plugin comes out of it, and nothing that somebody else put there.

use super::*;
use crate::samples::{self, component_of, custom, with};
use proptest::prelude::*;
use wasm_encoder as enc;

fn contents() -> Contents {
    let fixture = |path: &str, text: &str| (path.to_owned(), text.to_owned());
    Contents {
        manifest: samples::MANIFEST.to_owned(),
        licence: Some("Do what you like.\n".into()),
        changelog: Some("- It judges.".into()),
        fixtures: Fixtures::from([fixture("b/2.json", "{}"), fixture("a.txt", "é\n")]),
    }
}

fn plugin() -> Vec<u8> {
    embed(&samples::classifier(), &contents()).unwrap()
}

fn refused(bytes: Vec<u8>) -> String {
    Package::read(bytes).unwrap_err().to_string()
}

#[test]
fn everything_goes_in_and_comes_out() {
    let bytes = plugin();
    let package = Package::read(bytes.clone()).unwrap();
    assert_eq!(package.manifest.id, "sample");
    assert_eq!(package.licence.as_deref(), Some("Do what you like.\n"));
    assert_eq!(package.changelog.as_deref(), Some("- It judges."));
    assert_eq!(package.fixtures, contents().fixtures);
    assert_eq!(package.size_bytes(), bytes.len());
    assert_eq!(package.digest, sha256_hex(&bytes));
    assert_eq!(bytes, plugin());
    assert!(package.inspect().unwrap().warnings.is_empty());
}

#[test]
fn only_the_manifest_is_needed() {
    let manifest = samples::MANIFEST.to_owned();
    let only = Contents {
        manifest,
        ..Contents::default()
    };
    let package = Package::read(embed(&samples::classifier(), &only).unwrap()).unwrap();
    assert_eq!((package.licence, package.changelog), (None, None));
    assert!(package.fixtures.is_empty());
}

#[test]
fn a_manifest_in_a_part_does_not_count() {
    let manifest = custom(MANIFEST.section, samples::MANIFEST.as_bytes());
    let mut inner = enc::Component::new();
    inner.section(&manifest);
    let nested = component_of(&enc::NestedComponentSection(&inner));
    assert!(matches!(
        Package::read(nested.clone()),
        Err(PackageError::NoManifest)
    ));
    let mut module = enc::Module::new();
    module.section(&manifest);
    let nested = with(nested, &enc::ModuleSection(&module));
    assert!(matches!(
        Package::read(nested.clone()),
        Err(PackageError::NoManifest)
    ));
    // And does not stand in the way of the real one.
    let package = Package::read(embed(&nested, &contents()).unwrap()).unwrap();
    assert_eq!(package.manifest.id, "sample");
}

#[test]
fn a_section_counts_only_once() {
    for part in [MANIFEST, LICENCE, CHANGELOG, FIXTURES] {
        let bytes = plugin();
        let twice = with(bytes.clone(), &custom(part.section, b"{}"));
        match Package::read(twice) {
            Err(PackageError::Twice { section, offset }) => {
                assert_eq!(section, part.section);
                assert!(offset > bytes.len());
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(matches!(
        embed(&plugin(), &contents()),
        Err(PackageError::AlreadyAPlugin)
    ));
}

#[test]
fn huge_sections_are_refused_unread() {
    for part in [MANIFEST, LICENCE, CHANGELOG, FIXTURES] {
        let huge = vec![b' '; part.limit + 1];
        let error = refused(component_of(&custom(part.section, &huge)));
        if part.section == MANIFEST.section {
            assert!(error.contains("262145 bytes, at most 262144"), "{error}");
        }
        let mut bytes = samples::classifier();
        if part.section != MANIFEST.section {
            let manifest = custom(MANIFEST.section, samples::MANIFEST.as_bytes());
            bytes = with(bytes, &manifest);
        }
        let error = refused(with(bytes, &custom(part.section, &huge)));
        assert!(error.contains(part.section), "{error}");
        assert!(error.contains("shorten it"), "{error}");
    }
}

#[test]
fn what_is_no_text_is_named_with_its_byte() {
    let bytes = samples::classifier();
    let at = bytes.len() + 2 + 1 + MANIFEST.section.len() + 4;
    let bad = with(bytes, &custom(MANIFEST.section, b"id =\xff\"x\""));
    let error = refused(bad);
    assert_eq!(
        error,
        format!(
            "section `rapport:plugin.toml`: not UTF-8 text at byte {at}; save its file as UTF-8 and \
             build again"
        )
    );
    let manifest = custom(MANIFEST.section, samples::MANIFEST.as_bytes());
    for part in [LICENCE, CHANGELOG, FIXTURES] {
        let bytes = with(samples::classifier(), &manifest);
        let error = refused(with(bytes, &custom(part.section, b"\xc0\x80")));
        assert!(error.contains(part.section), "{error}");
    }
    let wrong = with(samples::classifier(), &custom(MANIFEST.section, b"id = "));
    assert!(refused(wrong).starts_with("plugin.toml: "));
    let bytes = with(samples::classifier(), &manifest);
    let wrong = with(bytes, &custom(FIXTURES.section, b"[1]"));
    assert!(refused(wrong).contains("JSON object"));
}

#[test]
fn what_is_too_much_does_not_go_in() {
    let mut long = contents();
    long.changelog = Some("x".repeat(limits::CHANGELOG_BYTES + 1));
    assert!(matches!(
        embed(&samples::classifier(), &long),
        Err(PackageError::SectionTooLarge { .. })
    ));
    let mut climbing = contents();
    climbing.fixtures.insert("../up".into(), String::new());
    assert!(matches!(
        embed(&samples::classifier(), &climbing),
        Err(PackageError::Fixtures(FixtureError::Path(_)))
    ));
    let other = custom("name", &[]);
    let data = vec![0; limits::FILE_BYTES - 64];
    let large = with(component_of(&other), &custom("padding", &data));
    assert!(matches!(
        embed(&large, &contents()),
        Err(PackageError::Component(ComponentError::FileTooLarge { .. }))
    ));
}

#[test]
fn inspection_compares_with_the_manifest() {
    let inspect = |component: Vec<u8>| {
        let package = Package::read(embed(&component, &contents()).unwrap()).unwrap();
        package.inspect().unwrap_err()
    };
    let channel = crate::Kind::Channel.functions();
    let other = inspect(samples::component(&[], channel));
    assert!(matches!(
        other,
        InspectError::World(WorldError::OtherKind { .. })
    ));
    let clock = ["wasi:clocks/wall-clock@0.2.0"];
    let impure = inspect(samples::component(&clock, &["configure", "classify"]));
    assert!(matches!(
        impure,
        InspectError::Imports(ImportError::Impure { .. })
    ));
    // A function's code is looked at too: here it leaves something on the stack.
    let mut broken = samples::classifier();
    let body = [0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b];
    let at = broken.windows(6).position(|w| w == body).unwrap();
    broken[at + 4..at + 6].copy_from_slice(&[0x00, 0x01]);
    let package = Package::read(embed(&broken, &contents()).unwrap()).unwrap();
    assert!(matches!(
        package.inspect(),
        Err(InspectError::Component(ComponentError::Malformed { .. }))
    ));
}

proptest! {
    #[test]
    fn damage_never_panics(
        flips in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        cut in prop::option::of(any::<prop::sample::Index>()),
    ) {
        let mut bytes = plugin();
        for (index, byte) in flips {
            let at = index.index(bytes.len());
            bytes[at] ^= byte;
        }
        if let Some(cut) = cut {
            bytes.truncate(cut.index(bytes.len()));
        }
        let read = Package::read(bytes);
        if let Ok(package) = &read {
            let _ = package.inspect();
        }
        if let Err(error) = read {
            prop_assert!(!error.to_string().contains("gave up"), "{error}");
        }
    }
}
