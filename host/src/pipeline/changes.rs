//! What changed, for live views. A listener that falls behind is told so and reads again.

use crate::domain::Id;
use serde::Serialize;
use tokio::sync::broadcast;
use utoipa::ToSchema;

/// Changes kept for a slow listener.
const BACKLOG: usize = 1024;

/// Something changed: which kind of thing, and which one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// `message`, `conversation`, `case`, `draft`, `outbox`, `inbox`, `monitor`.
    pub kind: &'static str,
    pub id: Id,
}

/// Tells listeners in this process.
#[derive(Clone)]
pub struct Changes(broadcast::Sender<Change>);

impl Default for Changes {
    fn default() -> Self {
        Self(broadcast::channel(BACKLOG).0)
    }
}

impl Changes {
    pub fn tell(&self, kind: &'static str, id: &str) {
        // No listener is no error.
        let _ = self.0.send(Change {
            kind,
            id: id.to_owned(),
        });
    }

    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.0.subscribe()
    }
}
