//! Endpoints that do not work for long, or for which too much waits. Days go by in no time: the store
//! is told when the failures began.

use crate::receiver::Receiver;
use rapport_host::db::webhook::endpoint_tried_in_tx;
use rapport_host::db::{Db, Source, commit};
use rapport_host::domain::access::Caller;
use rapport_host::domain::now_ms;
use rapport_host::domain::webhook::{DisabledReason, Endpoint, FAILING_MAX_MS};
use rapport_host::pipeline::Pipeline;
use rapport_host::pipeline::plugins::Loaded;
use rapport_host::pipeline::webhook_endpoints::{
    EndpointWish, endpoint_add, endpoint_switch, endpoint_test,
};
use rapport_host::pipeline::webhooks::WebhookSender;
use std::path::Path;

/// A store with one endpoint, and what sends to it.
async fn with_endpoint(receiver: &Receiver, dir: &Path) -> (Pipeline, String) {
    let db = Db::open(&Source::File(dir.join("rapport.db"))).await;
    let local = [format!("127.0.0.1:{}", receiver.port)];
    let sender = WebhookSender::new(&local, &[]).unwrap();
    let pipeline = Pipeline::fixed(db.unwrap(), Loaded::default(), sender);
    let wish = EndpointWish {
        url: Some(receiver.url("in")),
        ..EndpointWish::default()
    };
    let local = pipeline.webhooks.local();
    let made = endpoint_add(&pipeline.db, local, wish, &Caller::operator("test")).await;
    let id = made.unwrap().0.id;
    (pipeline, id)
}

/// One try of a new event; the endpoint as it is afterwards.
async fn try_once(pipeline: &Pipeline, id: &str) -> Endpoint {
    let db = &pipeline.db;
    endpoint_test(db, id, &Caller::operator("test"))
        .await
        .unwrap();
    let endpoint = db.endpoint_get(id).await.unwrap().unwrap();
    let now = now_ms();
    let leased = db.webhook_lease(id, 10, now, now + 60_000).await.unwrap();
    assert_eq!(leased.len(), 1, "what failed waits");
    pipeline
        .deliver_webhook(&endpoint, &leased[0])
        .await
        .unwrap();
    db.endpoint_get(id).await.unwrap().unwrap()
}

/// It began to fail so long ago.
async fn failing_for(pipeline: &Pipeline, id: &str, for_ms: i64) {
    let mut tx = pipeline.db.begin().await.unwrap();
    let since = now_ms() - for_ms;
    endpoint_tried_in_tx(&mut tx, id, true, since)
        .await
        .unwrap();
    commit(tx).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_fails_for_five_days_is_disabled() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let (pipeline, id) = with_endpoint(&receiver, dir.path()).await;
    receiver.answer("in", &[(500, None)]);
    failing_for(&pipeline, &id, FAILING_MAX_MS - 60_000).await;
    let endpoint = try_once(&pipeline, &id).await;
    assert!(endpoint.enabled && endpoint.failing_since.is_some());
    let endpoint = try_once(&pipeline, &id).await;
    assert_eq!(endpoint.failing_since, None, "a success is a new beginning");
    receiver.answer("in", &[(500, None)]);
    failing_for(&pipeline, &id, FAILING_MAX_MS).await;
    let endpoint = try_once(&pipeline, &id).await;
    assert!(!endpoint.enabled);
    assert_eq!(endpoint.disabled_reason, Some(DisabledReason::Failing));
    assert!(
        pipeline
            .db
            .webhook_due(now_ms() + FAILING_MAX_MS)
            .await
            .unwrap()
            .is_empty()
    );
    let enabled = endpoint_switch(&pipeline.db, &id, true, &Caller::operator("test"))
        .await
        .unwrap();
    assert!(
        enabled.enabled && enabled.failing_since.is_none() && enabled.disabled_reason.is_none()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_for_which_too_much_waits_is_disabled_and_old_deliveries_are_forgotten() {
    let (receiver, dir) = (Receiver::start().await, tempfile::tempdir().unwrap());
    let (pipeline, id) = with_endpoint(&receiver, dir.path()).await;
    try_once(&pipeline, &id).await;
    for _ in 0..3 {
        endpoint_test(&pipeline.db, &id, &Caller::operator("test"))
            .await
            .unwrap();
    }
    let db = &pipeline.db;
    pipeline.webhook_check_backlog(3).await.unwrap();
    assert!(db.endpoint_get(&id).await.unwrap().unwrap().enabled);
    pipeline.webhook_check_backlog(2).await.unwrap();
    let endpoint = db.endpoint_get(&id).await.unwrap().unwrap();
    assert_eq!(endpoint.disabled_reason, Some(DisabledReason::Backlog));
    let kept = async || {
        db.webhook_delivery_page(&id, None, None, 10)
            .await
            .unwrap()
            .items
            .len()
    };
    assert_eq!(db.webhook_sweep(now_ms() - 60_000).await.unwrap(), 0);
    assert_eq!(
        db.webhook_sweep(now_ms() + 1).await.unwrap(),
        1,
        "what is settled"
    );
    assert_eq!(kept().await, 3, "what waits stays");
}
