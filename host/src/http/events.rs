//! Live changes as server-sent events.

use super::AppState;
use super::auth::{self, Who};
use super::problem::Problem;
use crate::db::access::scope::Thing;
use crate::domain::access::{InboxScope, Permission};
use crate::pipeline::changes::{ACCESS, Change};
use crate::telemetry::metrics;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use std::convert::Infallible;
use std::time::Duration;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

/// How often a listener's rights are looked at again when nobody says that they changed: they may end by
/// themselves.
const RECHECK: Duration = Duration::from_secs(5);

/// What changes, as it changes.
///
/// Each event's name is the kind of thing (`message`, `conversation`, `case`, `draft`, `outbox`),
/// its data a JSON object with `kind` and `id`. A listener that fell behind gets `resync` and should
/// read again what it shows; one that takes nothing is cut. Only what one may see is told; the stream
/// ends at once when one's rights change. How many are open is counted by who it is: a person's sessions
/// together, each token by itself.
#[utoipa::path(get, path = "/events", operation_id = "streamEvents", tag = "live",
    responses((status = 200, description = "A stream", content_type = "text/event-stream", body = String)))]
pub async fn stream(
    State(state): State<AppState>,
    who: Who,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let most = state.limits.settings.streams_per_caller;
    let Some(place) = state.limits.streams.open(who.identity(), most) else {
        metrics::refused("streams");
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            format!("You have {most} streams open, as many as one caller may."),
        ));
    };
    let open = (place, metrics::stream());
    let changes = BroadcastStream::new(state.pipeline.changes.listen());
    let (reader, listener) = (state.clone(), who.clone());
    let events = changes.filter_map(move |change| {
        // Closed with the stream.
        let _ = &open;
        let (state, who) = (reader.clone(), listener.clone());
        async move {
            match change {
                Ok(change) if may_hear(&state, &who, &change).await => {
                    let data = serde_json::to_string(&change).unwrap_or_default();
                    Some(Ok(Event::default().event(change.kind).data(data)))
                }
                Ok(_) => None,
                Err(BroadcastStreamRecvError::Lagged(missed)) => Some(Ok(Event::default()
                    .event("resync")
                    .data(format!("{{\"missed\":{missed}}}")))),
            }
        }
    });
    let stop = state.stop.clone();
    let ends = async move {
        tokio::select! {
            () = stop.cancelled() => {}
            () = until_changed(state, who) => {}
        }
    };
    Ok(Sse::new(events.take_until(ends)).keep_alive(KeepAlive::default()))
}

/// Whether a change is of something that the listener may see.
async fn may_hear(state: &AppState, who: &Who, change: &Change) -> bool {
    match change.kind {
        ACCESS => return false,
        // It says nothing of what was missed.
        "resync" => return true,
        "plugin" => return who.has(Permission::PluginRead),
        "webhook" => return who.has(Permission::WebhookManage) && who.inboxes.all.is_some(),
        _ => {}
    }
    let scope = who.inboxes.scope();
    if scope == InboxScope::All {
        return true;
    }
    let Some(thing) = Thing::of_change(change.kind) else {
        return false;
    };
    let seen = state.pipeline.db.thing_visible(thing, &change.id, &scope);
    seen.await.unwrap_or(false)
}

/// Returns when the caller is no longer let in, or may do other things than before: the stream ends,
/// and a client that connects again gets what it may have now.
async fn until_changed(state: AppState, who: Who) {
    let mut told = state.pipeline.changes.access();
    // At first too: it may have changed before anybody was listening.
    loop {
        match auth::again(&state, &who).await {
            Ok(Some(now)) if now == *who.0 => {}
            Ok(_) => return,
            // The store may be back before anything changes.
            Err(_) => {}
        }
        // An error: nobody is left to tell, and the host ends.
        let _ = tokio::time::timeout(RECHECK, told.changed()).await;
    }
}
