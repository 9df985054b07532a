//! Places for calls in progress. A call that waits for its network holds one as long as it waits, so
//! the places are shared out: to each inbox, to each plugin with all its inboxes, and by who begins a
//! call, so that neither a slow network nor whoever floods a webhook keeps others from their turn.
//!
//! What waits for a place is bounded as well: beyond that a call is `busy` at once. Deliberately
//! absent: order among those that wait for different places.

use super::fault::HostFault;
use super::limits;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, SemaphorePermit};

/// Who begins a call of a connector. Each kind has places and a circuit breaker of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallKind {
    /// The host asks what is new, or who we are.
    Ask,
    /// Somebody posts to the inbox's webhook.
    Receive,
    /// Something goes out.
    Send,
}

/// The places of one inbox or one plugin.
pub(super) struct Places {
    received: Room,
    own: Room,
}

struct Room {
    places: Arc<Semaphore>,
    line: Semaphore,
}

impl Room {
    fn new(places: usize, line: usize) -> Self {
        Self {
            places: Arc::new(Semaphore::new(places)),
            line: Semaphore::new(line),
        }
    }
}

impl Places {
    pub fn of_inbox() -> Self {
        Self {
            received: Room::new(limits::RECEIVING_EACH_INBOX, limits::WAITING_EACH_INBOX),
            own: Room::new(limits::OWN_CALLS_EACH_INBOX, limits::WAITING_EACH_INBOX),
        }
    }

    fn of_plugin() -> Self {
        Self {
            received: Room::new(limits::RECEIVING_EACH_PLUGIN, limits::WAITING_EACH_PLUGIN),
            own: Room::new(limits::OWN_CALLS_EACH_PLUGIN, limits::WAITING_EACH_PLUGIN),
        }
    }

    fn room(&self, kind: CallKind) -> &Room {
        match kind {
            CallKind::Receive => &self.received,
            CallKind::Ask | CallKind::Send => &self.own,
        }
    }

    /// A spot in the line for a place, to be given up with the place in hand; none when it is full.
    pub fn stand_in_line(&self, kind: CallKind) -> Result<SemaphorePermit<'_>, HostFault> {
        let line = self.room(kind).line.try_acquire();
        line.map_err(|_| HostFault::Busy)
    }

    pub fn share(&self, kind: CallKind) -> &Arc<Semaphore> {
        &self.room(kind).places
    }
}

/// The places of all plugins, by id.
#[derive(Default)]
pub(super) struct PluginPlaces(Mutex<BTreeMap<String, Weak<Places>>>);

impl PluginPlaces {
    pub fn of(&self, plugin: &str) -> Arc<Places> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, places| places.strong_count() > 0);
        if let Some(places) = all.get(plugin).and_then(Weak::upgrade) {
            return places;
        }
        let places = Arc::new(Places::of_plugin());
        all.insert(plugin.to_owned(), Arc::downgrade(&places));
        places
    }
}

/// A place in each of the shares, in their order: who waits for an early one takes none of the others.
pub(super) async fn take_all(shares: &[&Arc<Semaphore>]) -> Option<Vec<OwnedSemaphorePermit>> {
    let mut taken = Vec::with_capacity(shares.len());
    for share in shares {
        taken.push(Arc::clone(share).acquire_owned().await.ok()?);
    }
    Some(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_full_inbox_keeps_neither_the_plugins_others_nor_its_own_polls_waiting() {
        let plugins = PluginPlaces::default();
        let plugin = plugins.of("a");
        let (slow, calm) = (Places::of_inbox(), Places::of_inbox());
        let mut held = Vec::new();
        for _ in 0..limits::RECEIVING_EACH_INBOX {
            let kind = CallKind::Receive;
            held.push(
                take_all(&[slow.share(kind), plugin.share(kind)])
                    .await
                    .unwrap(),
            );
        }
        assert_eq!(slow.share(CallKind::Receive).available_permits(), 0);
        assert!(slow.share(CallKind::Ask).available_permits() > 0);
        assert!(plugin.share(CallKind::Receive).available_permits() > 0);
        assert!(calm.share(CallKind::Receive).available_permits() > 0);
        let kind = CallKind::Receive;
        let line: Vec<_> = (0..limits::WAITING_EACH_INBOX)
            .map(|_| slow.stand_in_line(kind).unwrap())
            .collect();
        assert_eq!(slow.stand_in_line(kind).err(), Some(HostFault::Busy));
        assert!(slow.stand_in_line(CallKind::Send).is_ok());
        drop(line);
        assert!(slow.stand_in_line(kind).is_ok());
    }

    #[test]
    fn a_plugins_inboxes_share_and_no_plugin_has_all_the_room() {
        let plugins = PluginPlaces::default();
        let (one, same, other) = (plugins.of("a"), plugins.of("a"), plugins.of("b"));
        assert!(Arc::ptr_eq(&one, &same) && !Arc::ptr_eq(&one, &other));
        let each = limits::RECEIVING_EACH_PLUGIN + limits::OWN_CALLS_EACH_PLUGIN;
        assert!(each * 3 <= limits::CONNECTOR_CALLS);
    }
}
