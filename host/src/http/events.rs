//! Live changes as server-sent events.

use super::AppState;
use super::auth::{self, Who};
use super::problem::Problem;
use super::throttle::Caller;
use crate::db::access::scope::Thing;
use crate::domain::access::InboxScope;
use crate::pipeline::changes::Change;
use crate::telemetry::metrics;
use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use std::convert::Infallible;
use std::time::Duration;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

/// How often a listener's rights are looked at again.
const RECHECK: Duration = Duration::from_secs(15);

/// What changes, as it changes.
///
/// Each event's name is the kind of thing (`message`, `conversation`, `case`, `draft`, `outbox`),
/// its data a JSON object with `kind` and `id`. A listener that fell behind gets `resync` and should
/// read again what it shows; one that takes nothing is cut. Only what one may see is told; the stream
/// ends when one's rights change.
#[utoipa::path(get, path = "/events", operation_id = "streamEvents", tag = "live",
    responses((status = 200, description = "A stream", content_type = "text/event-stream", body = String)))]
pub async fn stream(
    State(state): State<AppState>,
    Extension(caller): Extension<Caller>,
    who: Who,
) -> Result<Sse<impl Stream<Item = Result<Event, Infallible>>>, Problem> {
    let most = state.limits.settings.streams_per_caller;
    let Some(place) = state.limits.streams.open(caller, most) else {
        metrics::refused("streams");
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            format!("You have {most} streams open, as many as one caller may."),
        ));
    };
    let open = (place, metrics::stream());
    let changes = BroadcastStream::new(state.pipeline.changes.listen());
    let scope = who.inboxes.scope();
    let reader = state.clone();
    let events = changes.filter_map(move |change| {
        // Closed with the stream.
        let _ = &open;
        let (state, scope) = (reader.clone(), scope.clone());
        async move {
            match change {
                Ok(change) if may_hear(&state, &scope, &change).await => {
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
async fn may_hear(state: &AppState, scope: &InboxScope, change: &Change) -> bool {
    if *scope == InboxScope::All {
        return true;
    }
    let Some(thing) = Thing::of_change(change.kind) else {
        return false;
    };
    let seen = state.pipeline.db.thing_visible(thing, &change.id, scope);
    seen.await.unwrap_or(false)
}

/// Returns when the caller is no longer let in, or may do other things than before: the stream ends,
/// and a client that connects again gets what it may have now.
async fn until_changed(state: AppState, who: Who) {
    loop {
        tokio::time::sleep(RECHECK).await;
        match auth::again(&state, &who).await {
            Ok(Some(now)) if now == *who.0 => {}
            Ok(_) => return,
            // The store may be back before anything changes.
            Err(_) => {}
        }
    }
}
