//! What changed, for live views and for the other hosts of the same database. A listener that falls
//! behind is told so and reads again.

use crate::domain::Id;
use serde::{Deserialize, Serialize};
use tokio::sync::{broadcast, watch};
use utoipa::ToSchema;

/// Changes kept for a slow listener.
const BACKLOG: usize = 4096;

/// Kinds of things that change.
const KINDS: &[&str] = &[
    "message",
    "conversation",
    "case",
    "draft",
    "outbox",
    "inbox",
    "monitor",
    "contact",
    "webhook",
    "plugin",
    ACCESS,
    RESYNC,
];
const RESYNC: &str = "resync";
/// Somebody may do other things than before. Told to hosts, and not to clients.
pub const ACCESS: &str = "access";

/// Something changed: which kind of thing, and which one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// `message`, `conversation`, `case`, `draft`, `outbox`, `inbox`, `monitor`, `contact`, `webhook`, `plugin`;
    /// `resync` when changes were missed.
    pub kind: &'static str,
    pub id: Id,
    /// Another host did it.
    #[serde(skip)]
    pub elsewhere: bool,
}

/// What one host says to the others.
#[derive(Debug, Serialize, Deserialize)]
pub struct News {
    pub host: Id,
    /// There was more than could be said.
    pub missed: bool,
    /// Kind and id.
    pub changes: Vec<(String, Id)>,
}

impl News {
    /// Adds what happened at this host.
    pub fn add(&mut self, change: Change) {
        if !change.elsewhere {
            self.changes.push((change.kind.to_owned(), change.id));
        }
    }
}

/// Tells listeners in this process.
#[derive(Clone)]
pub struct Changes {
    all: broadcast::Sender<Change>,
    /// Moves when somebody's access may have changed.
    access: watch::Sender<()>,
}

impl Default for Changes {
    fn default() -> Self {
        Self {
            all: broadcast::channel(BACKLOG).0,
            access: watch::channel(()).0,
        }
    }
}

impl Changes {
    pub fn tell(&self, kind: &'static str, id: &str) {
        self.send(kind, id.to_owned(), false);
    }

    /// Another host did something. A kind that this version does not know is left out.
    pub fn pass_on(&self, kind: &str, id: Id) {
        if let Some(kind) = KINDS.iter().find(|known| **known == kind) {
            self.send(kind, id, true);
        }
    }

    /// Something may have been missed: listeners read again what they show.
    pub fn resync(&self) {
        self.send(RESYNC, String::new(), true);
    }

    fn send(&self, kind: &'static str, id: Id, elsewhere: bool) {
        if [ACCESS, RESYNC].contains(&kind) {
            self.access.send_replace(());
        }
        // No listener is no error.
        let _ = self.all.send(Change {
            kind,
            id,
            elsewhere,
        });
    }

    pub fn listen(&self) -> broadcast::Receiver<Change> {
        self.all.subscribe()
    }

    /// Moves when somebody's access may have changed, at this host or another one.
    pub fn access(&self) -> watch::Receiver<()> {
        self.access.subscribe()
    }
}
