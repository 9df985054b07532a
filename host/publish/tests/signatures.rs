//! Key files, signing and verification, and what a trust store makes of them; no network, no other
//! program.

use rapport_publish::sign::{
    Claims, KeyFiles, Malformed, Mismatch, Password, Place, PublicKey, SecretKey, SignError,
    VerifyError, keygen, read_signatures, sign_file, signature_path, verify,
};
use std::path::{Path, PathBuf};

struct Bench {
    dir: tempfile::TempDir,
    file: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("topic.wasm");
        std::fs::write(&file, b"the bytes of a plugin").unwrap();
        Self { dir, file }
    }

    fn key(&self, name: &str) -> (KeyFiles, SecretKey) {
        let files = keygen(&self.dir.path().join(name), &Password::Unprotected).unwrap();
        let key = SecretKey::load(&files.secret, &Password::Unprotected).unwrap();
        (files, key)
    }

    fn sign(&self, key: &SecretKey, place: Place) -> PathBuf {
        sign_file(&self.file, &claims(), key, place).unwrap()
    }

    fn verify(&self, keys: &[PublicKey]) -> Result<Vec<String>, VerifyError> {
        let signatures = read_signatures(&self.file).unwrap();
        let file = std::fs::read(&self.file).unwrap();
        verify(&file, &signatures, keys)
            .map(|all| all.iter().map(|s| s.key_id.to_string()).collect())
    }
}

fn claims() -> Claims {
    Claims {
        timestamp_s: Some(1_750_000_000),
        plugin: Some("classify-topic".into()),
        version: Some("1.0.0".into()),
        ..Claims::default()
    }
}

fn edit(path: &Path, change: impl Fn(&str) -> String) {
    let text = std::fs::read_to_string(path).unwrap();
    let changed = change(&text);
    assert_ne!(text, changed, "the edit changes something");
    std::fs::write(path, changed).unwrap();
}

#[test]
fn a_pair_is_made_once_and_the_secret_half_is_its_owners() {
    let bench = Bench::new();
    let (files, key) = bench.key("vendor");
    assert_eq!(files.key, key.public_key());
    let public = std::fs::read_to_string(&files.public).unwrap();
    assert_eq!(PublicKey::parse(&public).unwrap(), files.key);
    assert_eq!(PublicKey::parse(&files.key.to_string()).unwrap(), files.key);
    for argument in [files.public.to_str().unwrap(), &files.key.to_string()] {
        assert_eq!(PublicKey::from_argument(argument).unwrap(), files.key);
    }
    for wrong in [files.secret.to_str().unwrap(), "RWnokey"] {
        assert!(PublicKey::from_argument(wrong).is_err());
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(&files.secret)
            .unwrap()
            .permissions()
            .mode();
        assert_eq!(mode & 0o777, 0o600);
    }
    let name = bench.dir.path().join("vendor");
    for lost in [&files.public, &files.secret] {
        assert!(matches!(
            keygen(&name, &Password::Unprotected),
            Err(SignError::Exists(_))
        ));
        std::fs::remove_file(lost).unwrap();
    }
    assert!(keygen(&name, &Password::Unprotected).is_ok());
    let shown = format!("{key:?}");
    assert_eq!(shown, format!("SecretKey({})", files.key.id()));
}

#[test]
fn a_password_is_needed_and_has_to_be_right() {
    let bench = Bench::new();
    let password = Password::Protected("correct horse".into());
    let name = bench.dir.path().join("vendor");
    let files = keygen(&name, &password).unwrap();
    assert!(SecretKey::load(&files.secret, &password).is_ok());
    let other = Password::Protected("wrong".into());
    let refused = |p: &Password| SecretKey::load(&files.secret, p).unwrap_err();
    assert!(matches!(refused(&other), SignError::PasswordWrong));
    assert!(matches!(
        refused(&Password::Unprotected),
        SignError::PasswordNeeded
    ));
    assert!(matches!(
        keygen(
            &name.with_extension("b"),
            &Password::Protected(String::new())
        ),
        Err(SignError::PasswordNeeded)
    ));
    assert_eq!(
        Password::from_text(String::new()).unwrap(),
        Password::Unprotected
    );
    assert!(matches!(
        Password::from_text("x".repeat(1025)),
        Err(SignError::PasswordTooLong)
    ));
    assert!(!format!("{password:?}").contains("horse"));
    assert!(matches!(
        SecretKey::load(&files.public, &password),
        Err(SignError::NotAKey { .. })
    ));
}

#[test]
fn several_parties_sign_and_each_is_named() {
    let bench = Bench::new();
    let (vendor, vendor_key) = bench.key("vendor");
    let (org, org_key) = bench.key("org");
    assert_eq!(bench.verify(&[vendor.key]), Err(VerifyError::Unsigned));
    let first = bench.sign(&vendor_key, Place::Publisher);
    let second = bench.sign(&org_key, Place::Counter);
    assert_eq!(
        second,
        signature_path(&bench.file, Place::Counter, org.key.id())
    );
    assert!(first.ends_with("topic.wasm.minisig"));
    let both = bench.verify(&[org.key, vendor.key]).unwrap();
    assert_eq!(
        both,
        [vendor.key.id().to_string(), org.key.id().to_string()]
    );
    assert_eq!(
        bench.verify(&[org.key]).unwrap(),
        [org.key.id().to_string()]
    );
    let (stranger, _) = bench.key("stranger");
    assert!(matches!(
        bench.verify(&[stranger.key]),
        Err(VerifyError::UntrustedKey(ids)) if ids.len() == 2
    ));
    // The same key may sign again, another may not take its place.
    bench.sign(&vendor_key, Place::Publisher);
    assert!(matches!(
        sign_file(&bench.file, &claims(), &org_key, Place::Publisher),
        Err(SignError::SignedByAnother { by, .. }) if by == vendor.key.id()
    ));
    std::fs::write(&first, "something else").unwrap();
    assert!(matches!(
        sign_file(&bench.file, &claims(), &vendor_key, Place::Publisher),
        Err(SignError::PlaceTaken { .. })
    ));
}

#[test]
fn every_change_is_noticed_and_named() {
    let bench = Bench::new();
    let (vendor, key) = bench.key("vendor");
    let path = bench.sign(&key, Place::Publisher);
    let good = std::fs::read_to_string(&path).unwrap();
    let keys = [vendor.key];
    let modified = |what| VerifyError::Modified {
        key_id: vendor.key.id(),
        what,
    };
    edit(&path, |s| s.replace("version:1.0.0", "version:9.9.9"));
    assert_eq!(bench.verify(&keys), Err(modified(Mismatch::Comment)));
    std::fs::write(&path, &good).unwrap();
    edit(&path, |s| {
        s.replace("untrusted comment: ", "untrusted comment: free ")
    });
    assert!(bench.verify(&keys).is_ok(), "the untrusted comment is free");
    std::fs::write(&bench.file, b"the bytes of another plugin").unwrap();
    assert_eq!(bench.verify(&keys), Err(modified(Mismatch::File)));
    std::fs::write(&bench.file, b"the bytes of a plugin").unwrap();
    // Every single bit of the two Base64 lines counts, or the text is no signature.
    for (row, line) in good.lines().enumerate().filter(|(row, _)| row % 2 == 1) {
        for column in 0..line.len() {
            let mut lines: Vec<Vec<u8>> = good.lines().map(|l| l.into()).collect();
            lines[row][column] = if line.as_bytes()[column] == b'A' {
                b'B'
            } else {
                b'A'
            };
            let text = String::from_utf8(lines.join(&b'\n')).unwrap();
            std::fs::write(&path, text).unwrap();
            let error = bench.verify(&keys).unwrap_err();
            assert!(
                matches!(
                    error,
                    VerifyError::Modified { .. }
                        | VerifyError::Malformed(_)
                        | VerifyError::UntrustedKey(_)
                ),
                "{row}:{column} {error:?}"
            );
        }
    }
}

#[test]
fn no_text_makes_it_panic() {
    let bench = Bench::new();
    let (vendor, key) = bench.key("vendor");
    let path = bench.sign(&key, Place::Publisher);
    let good = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = good.lines().collect();
    let with = |row: usize, text: &str| {
        let mut lines = lines.clone();
        lines[row] = text;
        lines.join("\n")
    };
    let comment = format!("{} ", lines[2]);
    let escape = format!("{}\u{1b}[2J", lines[2]);
    let legacy = format!("RW{}", &lines[1][2..]);
    let cases = [
        (String::new(), Malformed::Lines),
        (good.repeat(2), Malformed::Lines),
        ("x".repeat(20_000), Malformed::TooLong),
        (with(0, "comment"), Malformed::Comments),
        (with(2, "trusted"), Malformed::Comments),
        (with(2, &comment), Malformed::Comments),
        (with(2, &escape), Malformed::Comments),
        (with(1, "AAAA"), Malformed::Encoding),
        (with(1, "é"), Malformed::Encoding),
        (with(3, "AAAA"), Malformed::Encoding),
        (with(1, &legacy), Malformed::Legacy),
    ];
    for (text, expected) in cases {
        std::fs::write(&path, &text).unwrap();
        // An empty file is a signature all the same: a malformed one.
        assert_eq!(
            bench.verify(&[vendor.key]),
            Err(VerifyError::Malformed(expected)),
            "{text:.60}"
        );
    }
    let flood = vec![good.clone(); 17];
    assert_eq!(
        verify(b"", &flood, &[vendor.key]),
        Err(VerifyError::Malformed(Malformed::TooMany))
    );
}
