//! Both directions against the `minisign` program: it verifies what we sign, we verify what it
//! signs, and each reads the other's keys. Skipped, and said so, where the program is missing.

use rapport_publish::sign::{
    Claims, Password, Place, PublicKey, SecretKey, keygen, read_signatures, sign_file, verify,
};
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// Runs minisign in this folder; what it prints, or why it failed.
fn minisign(dir: &Path, input: &str, arguments: &[&str]) -> Result<String, String> {
    let mut child = Command::new("minisign")
        .current_dir(dir)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may end before it has read everything.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() {
        Ok(text(&output.stdout))
    } else {
        Err(text(&output.stderr))
    }
}

fn present() -> bool {
    let found = Command::new("minisign").arg("-v").output().is_ok();
    if !found {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI needs the program minisign"
        );
        eprintln!(
            "SKIPPED: the program minisign is not installed (Debian: apt-get install minisign)"
        );
    }
    found
}

fn claims() -> Claims {
    Claims {
        timestamp_s: Some(1_750_000_000),
        plugin: Some("classify-topic".into()),
        version: Some("1.0.0".into()),
        ..Claims::default()
    }
}

#[test]
fn minisign_verifies_what_we_sign() {
    if !present() {
        return;
    }
    for password in [
        Password::Unprotected,
        Password::Protected("pass word".into()),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("p.wasm");
        std::fs::write(&file, b"bytes").unwrap();
        let files = keygen(&dir.path().join("k"), &password).unwrap();
        let key = SecretKey::load(&files.secret, &password).unwrap();
        sign_file(&file, &claims(), &key, Place::Publisher).unwrap();
        let said = minisign(dir.path(), "", &["-V", "-H", "-p", "k.pub", "-m", "p.wasm"]).unwrap();
        assert!(
            said.contains("plugin:classify-topic\tversion:1.0.0"),
            "{said}"
        );
        // Inline key, and a counter-signature by its name.
        let counter = sign_file(&file, &claims(), &key, Place::Counter).unwrap();
        let line = files.key.to_string();
        let name = counter.to_str().unwrap();
        minisign(
            dir.path(),
            "",
            &["-V", "-P", &line, "-x", name, "-m", "p.wasm"],
        )
        .unwrap();
        // It signs with our secret key as well.
        std::fs::remove_file(dir.path().join("p.wasm.minisig")).unwrap();
        let mut sign = vec!["-S", "-s", "k.key", "-m", "p.wasm"];
        if password == Password::Unprotected {
            sign.push("-W");
        }
        minisign(dir.path(), "pass word\n", &sign).unwrap();
        let signatures = read_signatures(&file).unwrap();
        assert_eq!(signatures.len(), 2);
        verify(b"bytes", &signatures, &[files.key]).unwrap();
        std::fs::write(&file, b"other").unwrap();
        minisign(dir.path(), "", &["-V", "-p", "k.pub", "-m", "p.wasm"]).unwrap_err();
    }
}

#[test]
fn we_verify_what_minisign_signs() {
    if !present() {
        return;
    }
    for password in [
        Password::Unprotected,
        Password::Protected("pass word".into()),
    ] {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("p.wasm");
        std::fs::write(&file, b"bytes").unwrap();
        let bare = password == Password::Unprotected;
        let mut keygen = vec!["-G", "-p", "k.pub", "-s", "k.key"];
        let mut sign = vec!["-S", "-s", "k.key", "-m", "p.wasm"];
        if bare {
            keygen.push("-W");
            sign.push("-W");
        }
        minisign(dir.path(), "pass word\npass word\n", &keygen).unwrap();
        minisign(dir.path(), "pass word\n", &sign).unwrap();
        let public = std::fs::read_to_string(dir.path().join("k.pub")).unwrap();
        let public = PublicKey::parse(&public).unwrap();
        let signatures = read_signatures(&file).unwrap();
        let signed = verify(b"bytes", &signatures, &[public]).unwrap();
        assert_eq!(signed[0].key_id, public.id());
        assert_eq!(signed[0].claims.file.as_deref(), Some("p.wasm"));
        assert!(signed[0].claims.timestamp_s.is_some());
        assert!(verify(b"other", &signatures, &[public]).is_err());
        // Its secret key signs with us.
        let key = SecretKey::load(&dir.path().join("k.key"), &password).unwrap();
        assert_eq!(key.public_key(), public);
        sign_file(&file, &claims(), &key, Place::Publisher).unwrap();
        minisign(dir.path(), "", &["-V", "-p", "k.pub", "-m", "p.wasm"]).unwrap();
    }
}
