//! Registries that lie, drip, flood and lead a pull astray: each ends in a named error, soon, and
//! with nothing but the checked bytes taken.

mod support;

use axum::body::Body;
use futures_util::stream;
use rapport_publish::oci::{Digest, OciError, Options, pull};
use std::time::{Duration, Instant};
use support::*;

/// A body without end, as fast as it is read.
fn endless() -> Body {
    let chunk = || Ok::<_, std::io::Error>(axum::body::Bytes::from_static(&[b'x'; 8192]));
    Body::from_stream(stream::repeat_with(chunk))
}

/// A registry that is good but for its blobs.
async fn with_blob(blob: impl Fn() -> Answer + Clone + Send + Sync + 'static) -> Server {
    Server::start(move |seen, _, _| match seen.path.contains("/blobs/") {
        true => blob(),
        false => good(seen),
    })
    .await
}

#[tokio::test]
async fn a_good_registry_first() {
    let server = Server::start(|seen, _, _| good(seen)).await;
    let pulled = pull(&server.reference(":1"), &options()).await.unwrap();
    assert_eq!(pulled.file, FILE);
    assert_eq!(pulled.file_digest, Digest::of(FILE));
    let digest = Digest::of(manifest(|_| {}).as_bytes());
    assert_eq!(pulled.manifest_digest, digest);
    assert_eq!(pulled.reference, server.reference(&format!("@{digest}")));
    assert!(pulled.signatures.is_empty());
    pull(&pulled.reference, &options()).await.unwrap();
}

#[tokio::test]
async fn other_bytes_than_promised() {
    let wrong = vec![b'x'; FILE.len()];
    let server = with_blob(move || answer(200, "x/y", wrong.clone())).await;
    let error = pull_error(&server).await;
    assert!(matches!(error, OciError::DigestMismatch { .. }), "{error}");
    let longer = with_blob(|| answer(200, "x/y", endless())).await;
    let error = pull_error(&longer).await;
    assert!(matches!(error, OciError::DigestMismatch { .. }), "{error}");
    let shorter = with_blob(|| answer(200, "x/y", &FILE[1..])).await;
    let error = pull_error(&shorter).await;
    assert!(matches!(error, OciError::DigestMismatch { .. }), "{error}");
    // A manifest that is not the one asked for, and one that its own header belies.
    let server = Server::start(|seen, _, _| good(seen)).await;
    let other = server.reference(&format!("@{}", Digest::of(b"other")));
    let error = pull(&other, &options()).await.unwrap_err();
    assert!(matches!(error, OciError::DigestMismatch { .. }), "{error}");
    let belied = Server::start(|seen, _, _| {
        let mut answer = good(seen);
        let claim = Digest::of(b"other").to_string();
        answer
            .headers_mut()
            .insert("docker-content-digest", claim.parse().unwrap());
        answer
    })
    .await;
    let error = pull_error(&belied).await;
    assert!(matches!(error, OciError::DigestMismatch { .. }), "{error}");
}

#[tokio::test]
async fn more_than_is_allowed() {
    let huge = manifest(|m| m["layers"][0]["size"] = (33u64 << 20).into());
    let server = with_manifest(huge, MANIFEST).await;
    let error = pull_error(&server).await;
    assert!(matches!(error, OciError::TooLarge { .. }), "{error}");
    let seen = server.seen();
    assert!(seen.iter().all(|s| !s.path.contains("/blobs/")), "{seen:?}");
    let flood = Server::start(|_, _, _| answer(200, MANIFEST, endless())).await;
    let error = pull_error(&flood).await;
    assert!(matches!(error, OciError::TooLarge { .. }), "{error}");
    // An error page without end is not read to its end either.
    let page = Server::start(|_, _, _| answer(418, "text/html", endless())).await;
    let error = pull_error(&page).await;
    assert!(
        matches!(error, OciError::Status { status: 418, .. }),
        "{error}"
    );
}

#[tokio::test]
async fn redirects_end_and_lead_nowhere_inside() {
    let server = with_blob(|| leading_to(307, "/again/blobs/x")).await;
    let error = pull_error(&server).await;
    assert!(matches!(error, OciError::RedirectLoop { .. }), "{error}");
    assert!(server.seen().len() < 10);
    for target in [
        "http://169.254.169.254/latest/meta-data",
        "https://10.0.0.1/x",
        "https://[fd00::1]/x",
        "http://8.8.8.8/plain",
        "http://localhost:1/x",
        "file:///etc/passwd",
        "https://me:secret@8.8.8.8/",
    ] {
        let server = with_blob(|| leading_to(302, target)).await;
        let error = pull_error(&server).await;
        assert!(
            matches!(error, OciError::Forbidden { .. }),
            "{target}: {error}"
        );
        assert!(!error.to_string().contains("secret"));
    }
    let nowhere = with_blob(|| answer(302, "x/y", "")).await;
    let error = pull_error(&nowhere).await;
    assert!(matches!(error, OciError::NotARegistry { .. }), "{error}");
}

#[tokio::test]
async fn a_storage_that_the_admin_named_is_followed() {
    // The same server under another name, as registries keep blobs elsewhere.
    let server = Server::start(|seen, _, own| {
        let port = own.rsplit(':').next().unwrap();
        match seen.path.contains("/blobs/") && seen.host.starts_with("127.") {
            true => leading_to(307, &format!("http://localhost:{port}{}", seen.path)),
            false => good(seen),
        }
    })
    .await;
    let named = Options {
        local_hosts: vec!["localhost".into()],
        ..options()
    };
    let pulled = pull(&server.reference(":1"), &named).await.unwrap();
    assert_eq!(pulled.file, FILE);
}

#[tokio::test]
async fn a_host_is_named_with_its_port_and_the_registry_like_any_other() {
    let server = Server::start(|seen, _, own| {
        let port = own.rsplit(':').next().unwrap();
        match seen.path.contains("/blobs/") && seen.host.starts_with("127.") {
            true => leading_to(307, &format!("http://localhost:{port}{}", seen.path)),
            false => good(seen),
        }
    })
    .await;
    let port = server.host.rsplit(':').next().unwrap();
    let pulled = async |local_hosts: &[String]| {
        let options = Options {
            local_hosts: local_hosts.to_vec(),
            local_registry: false,
            ..options()
        };
        pull(&server.reference(":1"), &options).await
    };
    let (own, storage) = (server.host.clone(), format!("localhost:{port}"));
    for fewer in [
        vec![],
        vec![storage.clone()],
        vec![own.clone()],
        vec![own.clone(), "localhost:1".to_owned()],
        vec!["127.0.0.1:1".to_owned(), storage.clone()],
    ] {
        let error = pulled(&fewer).await.unwrap_err();
        let inside = matches!(error, OciError::Forbidden { .. });
        assert!(inside, "{fewer:?}: {error}");
    }
    assert!(server.seen().iter().all(|seen| seen.host == own));
    assert_eq!(pulled(&[own, storage]).await.unwrap().file, FILE);
}

#[tokio::test]
async fn a_busy_registry_is_asked_again_as_it_wishes_and_not_for_ever() {
    let server = Server::start(|seen, before, _| {
        if before < 2 {
            let mut busy = answer(429, "text/plain", "slow down");
            busy.headers_mut()
                .insert("retry-after", "1".parse().unwrap());
            return busy;
        }
        good(seen)
    })
    .await;
    let start = Instant::now();
    pull(&server.reference(":1"), &options()).await.unwrap();
    assert!(start.elapsed() >= Duration::from_secs(2));
    let down = Server::start(|_, _, _| answer(503, "text/plain", "")).await;
    let error = pull_error(&down).await;
    assert!(
        matches!(
            error,
            OciError::Busy {
                status: 503,
                tries: 4,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(down.seen().len(), 4);
    let patient = Server::start(|_, _, _| {
        let mut busy = answer(429, "text/plain", "");
        busy.headers_mut()
            .insert("retry-after", "86400".parse().unwrap());
        busy
    })
    .await;
    let error = pull_error(&patient).await;
    assert!(matches!(error, OciError::Busy { tries: 1, .. }), "{error}");
}

#[tokio::test]
async fn a_deadline_covers_everything() {
    let drip = || {
        let slowly = stream::unfold((), |()| async {
            tokio::time::sleep(Duration::from_millis(50)).await;
            Some((Ok::<_, std::io::Error>("x"), ()))
        });
        answer(200, MANIFEST, Body::from_stream(Box::pin(slowly)))
    };
    let server = Server::start(move |_, _, _| drip()).await;
    let short = Options {
        deadline: Duration::from_millis(400),
        ..options()
    };
    let start = Instant::now();
    let error = pull(&server.reference(":1"), &short).await.unwrap_err();
    assert!(matches!(error, OciError::Deadline { .. }), "{error}");
    assert!(start.elapsed() < Duration::from_secs(3));
}
