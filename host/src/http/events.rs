//! Live changes as server-sent events.

use super::AppState;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use futures_util::{Stream, StreamExt};
use std::convert::Infallible;
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::wrappers::errors::BroadcastStreamRecvError;

/// What changes, as it changes.
///
/// Each event's name is the kind of thing (`message`, `conversation`, `case`, `draft`, `outbox`),
/// its data a JSON object with `kind` and `id`. A listener that fell behind gets `resync` and should
/// read again what it shows.
#[utoipa::path(get, path = "/events", tag = "live",
    responses((status = 200, description = "A stream", content_type = "text/event-stream", body = String)))]
pub async fn stream(
    State(state): State<AppState>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let changes = BroadcastStream::new(state.pipeline.changes.listen());
    let events = changes.map(|change| {
        Ok(match change {
            Ok(change) => Event::default()
                .event(change.kind)
                .data(serde_json::to_string(&change).unwrap_or_default()),
            Err(BroadcastStreamRecvError::Lagged(missed)) => Event::default()
                .event("resync")
                .data(format!("{{\"missed\":{missed}}}")),
        })
    });
    let stop = state.stop.clone();
    Sse::new(events.take_until(async move { stop.cancelled().await }))
        .keep_alive(KeepAlive::default())
}
