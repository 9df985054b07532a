//! The whole way through a real registry: push, sign, counter-sign, pull, assess. Started by a script
//! beside the repository (`../shared/servers/registry/run`); skipped, and said so, where there is
//! none. One test, so that one registry is started and stopped.

mod support;

use rapport_publish::oci::{
    About, Digest, OciError, Options, Reference, Target, pull, pull_signatures, push,
    push_signatures,
};
use rapport_publish::sign::{
    Claims, Password, Place, SecretKey, keygen, read_signatures, sign_file,
};
use rapport_publish::trust::{Trust, TrustStore, assess};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use support::{component, component_of, options};

const HOST: &str = "127.0.0.1:5555";

/// Stops the registry when the test ends, if the test started it.
struct Running(Option<PathBuf>);

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(script) = &self.0 {
            run(script, "stop");
        }
    }
}

/// Whether the script's word succeeded. Its output is not kept: the registry would hold the pipe.
fn run(script: &Path, word: &str) -> bool {
    Command::new(script)
        .arg(word)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

fn start() -> Option<Running> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/servers/registry/run");
    if !script.is_file() {
        assert!(
            std::env::var_os("CI").is_none(),
            "CI needs {}",
            script.display()
        );
        eprintln!("SKIPPED: there is no registry to start beside the repository");
        return None;
    }
    if run(&script, "status") {
        return Some(Running(None));
    }
    assert!(run(&script, "start"), "the registry does not start");
    Some(Running(Some(script)))
}

fn about() -> About {
    About {
        id: "classify-topic".into(),
        version: "1.2.3".into(),
        publisher: "A vendor".into(),
        licence: "Apache-2.0".into(),
        description: "Sorts by topic".into(),
        created_s: 1_750_000_000,
    }
}

/// A repository that no earlier run has used.
fn repository() -> String {
    let now = std::time::SystemTime::now();
    let now = now.duration_since(std::time::UNIX_EPOCH).unwrap();
    format!("test/run-{}", now.as_nanos())
}

#[tokio::test]
async fn push_sign_pull_assess() {
    let Some(_running) = start() else { return };
    let tag: Reference = format!("oci://{HOST}/{}:1.2.3", repository())
        .parse()
        .unwrap();
    let options = options();
    let file = component();

    let error = pull(&tag, &options).await.unwrap_err();
    assert!(matches!(error, OciError::NotFound(_)), "{error}");
    let pushed = push(&tag, &file, &about(), false, &options).await.unwrap();
    assert!(!pushed.was_there);
    assert_eq!(pushed.file_digest, Digest::of(&file));
    let again = push(&tag, &file, &about(), false, &options).await.unwrap();
    assert!(again.was_there);
    assert_eq!(again.reference, pushed.reference);

    for reference in [&tag, &pushed.reference] {
        let pulled = pull(reference, &options).await.unwrap();
        assert_eq!(pulled.file, file);
        assert_eq!(pulled.reference, pushed.reference);
        assert!(pulled.signatures.is_empty());
        let version = &pulled.annotations["org.opencontainers.image.version"];
        assert_eq!(version, "1.2.3");
    }
    signatures(&tag, &pushed.reference, &file, &options).await;
    layout(&pushed.reference).await;
    another_file(&tag, &options).await;
}

/// The publisher signs, then the organisation; both arrive, and a later signature of one key
/// replaces its earlier one.
async fn signatures(tag: &Reference, pinned: &Reference, file: &[u8], options: &Options) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("classify-topic.wasm");
    std::fs::write(&path, file).unwrap();
    let sign = |name: &str, place| {
        let files = keygen(&dir.path().join(name), &Password::Unprotected).unwrap();
        let key = SecretKey::load(&files.secret, &Password::Unprotected).unwrap();
        sign_file(&path, &Claims::default(), &key, place).unwrap();
        files.key
    };
    let vendor = sign("vendor", Place::Publisher);
    let first = read_signatures(&path).unwrap();
    assert_eq!(push_signatures(tag, &first, options).await.unwrap(), 1);
    let org = sign("org", Place::Counter);
    let both = read_signatures(&path).unwrap();
    let second = &both[1..];
    assert_eq!(push_signatures(pinned, second, options).await.unwrap(), 2);
    assert_eq!(push_signatures(tag, &first, options).await.unwrap(), 2);
    assert_eq!(pull_signatures(tag, options).await.unwrap(), both);
    let pulled = pull(tag, options).await.unwrap();
    let mut store = TrustStore::default();
    let trust = assess(&pulled.file, &pulled.signatures, &store);
    assert_eq!(trust.state(), "untrusted");
    store.add_key("Vendor", &vendor.to_string(), 1).unwrap();
    store.add_key("Org", &org.to_string(), 1).unwrap();
    let Trust::Signed { by } = assess(&pulled.file, &pulled.signatures, &store) else {
        panic!("not signed")
    };
    assert_eq!(by.len(), 2);
    let bad = push_signatures(tag, &["noise".to_owned()], options).await;
    assert!(matches!(bad, Err(OciError::Signature { number: 1, .. })));
    let none = push_signatures(tag, &[], options).await;
    assert!(matches!(none, Err(OciError::NoSignature)));
}

/// What another tool would find there.
async fn layout(pinned: &Reference) {
    let Target::Digest(digest) = pinned.target() else {
        panic!("not by digest")
    };
    let base = format!("http://{HOST}/v2/{}", pinned.repository());
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let get = async |path: String| {
        let request = client.get(format!("{base}/{path}")).header("accept", kind);
        let bytes = request.send().await.unwrap().bytes().await.unwrap();
        serde_json::from_slice::<serde_json::Value>(&bytes).unwrap()
    };
    let manifest = get(format!("manifests/{digest}")).await;
    assert_eq!(manifest["mediaType"], kind);
    assert_eq!(
        manifest["config"]["mediaType"],
        "application/vnd.wasm.config.v0+json"
    );
    assert_eq!(manifest["layers"][0]["mediaType"], "application/wasm");
    let config = manifest["config"]["digest"].as_str().unwrap();
    let config = get(format!("blobs/{config}")).await;
    assert_eq!(config["os"], "wasip2");
    assert_eq!(config["layerDigests"][0], manifest["layers"][0]["digest"]);
    let signatures = get(format!("manifests/sha256-{}.minisig", digest.hex())).await;
    assert_eq!(
        signatures["artifactType"],
        "application/vnd.rapport.minisig.v1"
    );
    assert_eq!(signatures["subject"]["digest"], digest.to_string());
}

/// A tag is not moved by accident; a large file goes there and back; the limit holds on both ways.
async fn another_file(tag: &Reference, options: &Options) {
    let large = component_of(20 << 20);
    let error = push(tag, &large, &about(), false, options).await;
    assert!(matches!(error, Err(OciError::TagTaken { .. })));
    let pushed = push(tag, &large, &about(), true, options).await.unwrap();
    let pulled = pull(tag, options).await.unwrap();
    assert!(pulled.file == large);
    assert_eq!(pulled.manifest_digest, pushed.manifest_digest);
    assert!(pulled.signatures.is_empty(), "they were of the other file");
    let small = Options {
        file_max_bytes: 1 << 20,
        ..options.clone()
    };
    let error = pull(tag, &small).await.unwrap_err();
    assert!(matches!(error, OciError::TooLarge { .. }), "{error}");
    let error = push(tag, &large, &about(), true, &small).await.unwrap_err();
    assert!(matches!(error, OciError::TooLarge { .. }), "{error}");
    let nothing = tag.at(&Digest::of(b"nothing"));
    let error = pull(&nothing, options).await.unwrap_err();
    assert!(matches!(error, OciError::NotFound(_)), "{error}");
}
