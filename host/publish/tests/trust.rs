//! What a trust store makes of a file: every state, and which beats which.

use rapport_publish::sha256_hex;
use rapport_publish::sign::{
    Claims, KeyFiles, Mismatch, Password, Place, SecretKey, keygen, read_signatures, sign_file,
};
use rapport_publish::trust::{NoPublisher, StoreError, Trust, TrustStore, Why, assess, publisher};

const FILE: &[u8] = b"the bytes of a plugin";

/// Two key pairs, and the signature of each over [`FILE`].
struct Scene {
    vendor: KeyFiles,
    org: KeyFiles,
    vendor_signature: String,
    org_signature: String,
    _dir: tempfile::TempDir,
}

impl Scene {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("p.wasm");
        std::fs::write(&file, FILE).unwrap();
        let pair = |name: &str, place| {
            let files = keygen(&dir.path().join(name), &Password::Unprotected).unwrap();
            let key = SecretKey::load(&files.secret, &Password::Unprotected).unwrap();
            sign_file(&file, &Claims::default(), &key, place).unwrap();
            files
        };
        let vendor = pair("vendor", Place::Publisher);
        let org = pair("org", Place::Counter);
        let signatures = read_signatures(&file).unwrap();
        Self {
            vendor,
            org,
            vendor_signature: signatures[0].clone(),
            org_signature: signatures[1].clone(),
            _dir: dir,
        }
    }

    fn both(&self) -> Vec<String> {
        vec![self.vendor_signature.clone(), self.org_signature.clone()]
    }

    fn store(&self) -> TrustStore {
        let mut store = TrustStore::default();
        let text = std::fs::read_to_string(&self.vendor.public).unwrap();
        store.add_key("Vendor", &text, 1).unwrap();
        store
    }
}

fn signers(trust: &Trust) -> Vec<&str> {
    match trust {
        Trust::Signed { by } => by.iter().map(|s| s.name.as_str()).collect(),
        other => panic!("{other}"),
    }
}

#[test]
fn a_trusted_key_makes_it_signed() {
    let scene = Scene::new();
    let mut store = scene.store();
    assert_eq!(signers(&assess(FILE, &scene.both(), &store)), ["Vendor"]);
    store.add_key("Org", &scene.org.key.to_string(), 2).unwrap();
    let trust = assess(FILE, &scene.both(), &store);
    assert_eq!(signers(&trust), ["Vendor", "Org"]);
    let twice = vec![scene.vendor_signature.clone(); 2];
    assert_eq!(signers(&assess(FILE, &twice, &store)), ["Vendor"]);
    let json = serde_json::to_value(&trust).unwrap();
    assert_eq!(json["state"], "signed");
    assert_eq!(json["by"][0]["key_id"], scene.vendor.key.id().to_string());
    assert_eq!(serde_json::from_value::<Trust>(json).unwrap(), trust);
}

#[test]
fn no_signature_is_unsigned_and_a_strangers_is_untrusted() {
    let scene = Scene::new();
    let store = scene.store();
    assert_eq!(assess(FILE, &[], &store), Trust::Unsigned);
    let trust = assess(FILE, std::slice::from_ref(&scene.org_signature), &store);
    let Trust::Untrusted { revoked, unknown } = &trust else {
        panic!("{trust}")
    };
    assert!(revoked.is_empty());
    assert_eq!(unknown, &[scene.org.key.id()]);
    assert!(trust.to_string().contains(&scene.org.key.id().to_string()));
}

#[test]
fn a_revoked_key_counts_no_longer_and_is_named() {
    let scene = Scene::new();
    let mut store = scene.store();
    let id = scene.vendor.key.id();
    store.revoke_key(id, 5, "laptop stolen").unwrap();
    store.revoke_key(id, 9, "again").unwrap();
    let trust = assess(FILE, &scene.both(), &store);
    let Trust::Untrusted { revoked, unknown } = &trust else {
        panic!("{trust}")
    };
    assert_eq!(revoked[0].revocation.reason, "laptop stolen");
    assert_eq!(revoked[0].revocation.revoked_at_ms, 5);
    assert_eq!(unknown, &[scene.org.key.id()]);
    // Another trusted signature still holds.
    store.add_key("Org", &scene.org.key.to_string(), 6).unwrap();
    assert_eq!(signers(&assess(FILE, &scene.both(), &store)), ["Org"]);
    assert_eq!(
        store.add_key("Vendor", &scene.vendor.key.to_string(), 7),
        Err(StoreError::KeyRevoked(id))
    );
}

#[test]
fn one_signature_that_does_not_fit_beats_those_that_do() {
    let scene = Scene::new();
    let mut store = scene.store();
    store.add_key("Org", &scene.org.key.to_string(), 2).unwrap();
    let spoiled = scene.org_signature.replace("file:p.wasm", "file:q.wasm");
    let signatures = [scene.vendor_signature.clone(), spoiled];
    let trust = assess(FILE, &signatures, &store);
    assert_eq!(
        trust,
        Trust::Modified {
            key_id: Some(scene.org.key.id()),
            name: Some("Org".into()),
            why: Why::Mismatch(Mismatch::Comment),
        }
    );
    let json = serde_json::to_value(&trust).unwrap();
    assert_eq!(json["why"]["mismatch"], "comment");
    assert_eq!(serde_json::from_value::<Trust>(json).unwrap(), trust);
    assert_eq!(assess(b"other", &scene.both(), &store).state(), "modified");
    let noise = ["<html>".to_owned(), scene.vendor_signature.clone()];
    assert_eq!(assess(FILE, &noise, &store).state(), "modified");
    // A revoked key's signature that does not fit is no better.
    store.revoke_key(scene.org.key.id(), 3, "gone").unwrap();
    assert_eq!(assess(FILE, &signatures, &store).state(), "modified");
}

#[test]
fn a_revoked_digest_beats_everything() {
    let scene = Scene::new();
    let mut store = scene.store();
    let digest = sha256_hex(FILE);
    let prefixed = format!("sha256:{}", digest.to_uppercase());
    store.revoke_digest(&prefixed, 8, "leaks contacts").unwrap();
    for signatures in [scene.both(), vec![], vec!["noise".into()]] {
        let trust = assess(FILE, &signatures, &store);
        assert_eq!(trust.state(), "revoked");
        assert!(trust.to_string().contains("leaks contacts"));
    }
    assert_eq!(store.revocation_of(&digest).unwrap().revoked_at_ms, 8);
    assert_eq!(
        store.revoke_digest("abc", 1, "x"),
        Err(StoreError::NotADigest)
    );
    assert_eq!(store.revoke_digest(&digest, 1, " "), Err(StoreError::Text));
}

#[test]
fn the_store_survives_json_and_refuses_contradictions() {
    let scene = Scene::new();
    let mut store = scene.store();
    store.revoke_digest(&sha256_hex(FILE), 8, "bad").unwrap();
    store.revoke_key(scene.vendor.key.id(), 4, "gone").unwrap();
    let json = serde_json::to_value(&store).unwrap();
    assert_eq!(
        serde_json::from_value::<TrustStore>(json.clone()).unwrap(),
        store
    );
    assert_eq!(json["keys"][0]["key"], scene.vendor.key.to_string());
    let mut wrong = json.clone();
    wrong["keys"][0]["key_id"] = "0000000000000000".into();
    assert!(serde_json::from_value::<TrustStore>(wrong).is_err());
    let mut double = json.clone();
    let key = double["keys"][0].clone();
    double["keys"].as_array_mut().unwrap().push(key);
    assert!(serde_json::from_value::<TrustStore>(double).is_err());
    let mut digest = json;
    digest["revoked_digests"][0]["digest"] = "ABC".into();
    assert!(serde_json::from_value::<TrustStore>(digest).is_err());
    let id = "00000000000000AA".parse().unwrap();
    assert_eq!(store.revoke_key(id, 1, "x"), Err(StoreError::NoSuchKey(id)));
}

#[test]
fn the_publisher_is_the_one_key_that_signed_as_such() {
    let scene = Scene::new();
    let mut store = scene.store();
    let of = |signatures: &[String], store: &TrustStore| {
        let trust = assess(FILE, signatures, store);
        publisher(&trust, signatures, store).map(|signer| signer.key_id)
    };
    let (vendor, org) = (scene.vendor.key.id(), scene.org.key.id());
    let counter = std::slice::from_ref(&scene.org_signature);
    assert_eq!(of(&scene.both(), &store), Ok(vendor));
    assert_eq!(of(&[], &store), Err(NoPublisher::Unsigned));
    store.add_key("Org", &scene.org.key.to_string(), 2).unwrap();
    assert_eq!(of(&scene.both(), &store), Ok(vendor));
    let turned = [scene.org_signature.clone(), scene.vendor_signature.clone()];
    assert_eq!(of(&turned, &store), Ok(vendor), "whatever the order");
    assert_eq!(of(counter, &store), Err(NoPublisher::OnlyCounter));
    let twice = vec![scene.org_signature.clone(); 2];
    assert_eq!(of(&twice, &store), Err(NoPublisher::OnlyCounter));
    // With the publisher's key revoked, who stands by the file does not take its place.
    store.revoke_key(vendor, 5, "stolen").unwrap();
    assert_eq!(of(&scene.both(), &store), Err(NoPublisher::OnlyCounter));

    // Two that both sign as the publisher; and one of them not known, or revoked.
    let dir = tempfile::tempdir().unwrap();
    let second = dir.path().join("p.wasm");
    std::fs::write(&second, FILE).unwrap();
    let key = SecretKey::load(&scene.org.secret, &Password::Unprotected).unwrap();
    sign_file(&second, &Claims::default(), &key, Place::Publisher).unwrap();
    let own = read_signatures(&second).unwrap().remove(0);
    let both = [scene.vendor_signature.clone(), own];
    let mut store = scene.store();
    let stranger = NoPublisher::BesideStranger(org, "not known here");
    assert_eq!(of(&both, &store), Err(stranger));
    store.add_key("Org", &scene.org.key.to_string(), 2).unwrap();
    assert_eq!(of(&both, &store), Err(NoPublisher::Several(vendor, org)));
    store.revoke_key(vendor, 5, "stolen").unwrap();
    let revoked = NoPublisher::BesideStranger(vendor, "revoked");
    assert_eq!(of(&both, &store), Err(revoked));
}
