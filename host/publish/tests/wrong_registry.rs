//! Answers that are no registry's, no plugin's or no signature's, and uploads led astray.

mod support;

use rapport_publish::oci::{About, Digest, OciError, pull, push};
use support::*;

#[tokio::test]
async fn what_is_no_registry_and_no_plugin() {
    let page = Server::start(|_, _, _| answer(200, "text/html", "<html>Welcome</html>")).await;
    let error = pull_error(&page).await;
    assert!(matches!(error, OciError::NotARegistry { .. }), "{error}");
    let html = with_manifest("<html>".into(), MANIFEST).await;
    let error = pull_error(&html).await;
    assert!(matches!(error, OciError::NotARegistry { .. }), "{error}");
    let path = with_manifest(
        manifest(|m| m["layers"][0]["digest"] = "sha256:../../x".into()),
        MANIFEST,
    )
    .await;
    let error = pull_error(&path).await;
    assert!(matches!(error, OciError::NotARegistry { .. }), "{error}");
    let index = "application/vnd.oci.image.index.v1+json";
    let other = with_manifest(manifest(|_| {}), index).await;
    let error = pull_error(&other).await;
    assert!(matches!(error, OciError::NotAPlugin { .. }), "{error}");
    type Change = fn(&mut serde_json::Value);
    let changes: [Change; 5] = [
        |m| m["mediaType"] = "application/vnd.oci.image.index.v1+json".into(),
        |m| m["schemaVersion"] = 1.into(),
        |m| m["config"]["mediaType"] = "application/vnd.oci.image.config.v1+json".into(),
        |m| m["layers"][0]["mediaType"] = "application/vnd.oci.image.layer.v1.tar".into(),
        |m| m["layers"] = serde_json::json!([]),
    ];
    for change in changes {
        let server = with_manifest(manifest(change), MANIFEST).await;
        let error = pull_error(&server).await;
        assert!(matches!(error, OciError::NotAPlugin { .. }), "{error}");
    }
    let gone = Server::start(|_, _, _| missing()).await;
    let error = pull_error(&gone).await;
    assert!(matches!(error, OciError::NotFound(_)), "{error}");
    let closed = gone
        .reference(":1")
        .to_string()
        .replace(&gone.host, "127.0.0.1:1");
    let error = pull(&closed.parse().unwrap(), &options())
        .await
        .unwrap_err();
    assert!(matches!(error, OciError::Unreachable { .. }), "{error}");
}

#[tokio::test]
async fn false_signatures_are_not_the_same_as_none() {
    let wrong_kind = Server::start(|seen, _, _| match seen.path.contains(".minisig") {
        true => answer(200, MANIFEST, manifest(|_| {})),
        false => good(seen),
    })
    .await;
    let error = pull_error(&wrong_kind).await;
    assert!(matches!(error, OciError::NotSignatures { .. }), "{error}");
    let elsewhere = Server::start(|seen, _, _| match seen.path.contains(".minisig") {
        true => {
            let text = manifest(|m| {
                m["artifactType"] = "application/vnd.rapport.minisig.v1".into();
                m["subject"] = m["config"].clone();
            });
            answer(200, MANIFEST, text)
        }
        false => good(seen),
    })
    .await;
    let error = pull_error(&elsewhere).await;
    assert!(matches!(error, OciError::NotSignatures { .. }), "{error}");
}

#[tokio::test]
async fn an_upload_is_not_led_astray() {
    let server = Server::start(|seen, _, _| match seen.method.as_str() {
        "POST" => leading_to(202, "http://169.254.169.254/upload"),
        _ => missing(),
    })
    .await;
    let about = About::default();
    let tag = server.reference(":1");
    let error = push(&tag, &component(), &about, false, &options())
        .await
        .unwrap_err();
    assert!(matches!(error, OciError::Forbidden { .. }), "{error}");
    let moved = Server::start(|seen, _, _| match seen.method.as_str() {
        "POST" => leading_to(307, "/elsewhere"),
        _ => missing(),
    })
    .await;
    let tag = moved.reference(":1");
    let error = push(&tag, &component(), &about, false, &options())
        .await
        .unwrap_err();
    assert!(matches!(error, OciError::Forbidden { .. }), "{error}");
    let pinned = moved.reference(&format!("@{}", Digest::of(b"x")));
    let error = push(&pinned, &component(), &about, false, &options())
        .await
        .unwrap_err();
    assert!(matches!(error, OciError::TagNeeded(_)), "{error}");
}
