//! The open connections, and who has to go when there is no room for another.
//!
//! An address has a share of the room, so that one client does not take it all. A connection whose
//! request has not come whole (its head, or the body behind it) is the first to go, the oldest of the
//! address that has the most; then one that waits idle between requests, of an address that has more
//! than whoever comes has, or of their own where those are many. One that is being answered stays. Addresses that were good of late (a
//! session, a token, a signed webhook came from there) go last and have a larger share: three quarters in
//! place of one. Our own proxies carry everybody, so they have no share to keep to.

use super::limits::Good;
use super::throttle::network;
use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use ipnet::IpNet;
use std::collections::HashMap;
use std::net::IpAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Instant;
use tokio_util::sync::CancellationToken;

/// Connections that every address may have, however few there are in all.
const SHARE_LEAST: usize = 8;

/// What a connection is at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    /// A request is answered.
    Busy,
    /// It was answered, and nothing has come since.
    Idle,
    /// A request has begun to come, or none ever came.
    Unfinished,
}

/// The open connections of one listener.
pub struct Connections {
    most: usize,
    proxies: Vec<IpNet>,
    good: Arc<Good>,
    open: Mutex<Open>,
}

#[derive(Default)]
struct Open {
    next: u64,
    all: HashMap<u64, Arc<Connection>>,
    counts: HashMap<IpAddr, usize>,
}

/// One of them.
pub struct Connection {
    /// None: a proxy of ours.
    address: Option<IpAddr>,
    at: Mutex<(State, Instant)>,
    /// It has to go.
    pub cut: CancellationToken,
}

impl Connection {
    fn set(&self, state: State) {
        let mut at = lock(&self.at);
        if at.0 != state {
            *at = (state, Instant::now());
        }
    }

    /// Bytes have come: of a request, unless one is being answered.
    pub fn has_read(&self) {
        let mut at = lock(&self.at);
        if at.0 == State::Idle {
            *at = (State::Unfinished, Instant::now());
        }
    }

    /// The request's body is still to come.
    pub fn awaits_body(&self) {
        self.set(State::Unfinished);
    }

    /// A request has come and is answered.
    pub fn answers(&self) {
        self.set(State::Busy);
    }
}

/// The place of an open connection; dropped, it is free.
pub struct Place {
    of: Arc<Connections>,
    id: u64,
    pub connection: Arc<Connection>,
}

impl Drop for Place {
    fn drop(&mut self) {
        lock(&self.of.open).remove(self.id);
    }
}

impl Open {
    fn remove(&mut self, id: u64) -> Option<Arc<Connection>> {
        let gone = self.all.remove(&id)?;
        if let Some(address) = gone.address
            && let Some(count) = self.counts.get_mut(&address)
        {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&address);
            }
        }
        Some(gone)
    }

    fn count(&self, address: Option<IpAddr>) -> usize {
        let count = address.and_then(|address| self.counts.get(&address));
        count.copied().unwrap_or(0)
    }
}

impl Connections {
    /// `most`: in all. `proxies`: of ours.
    pub fn new(most: usize, proxies: &[IpNet], good: Arc<Good>) -> Arc<Self> {
        Arc::new(Self {
            most,
            proxies: proxies.to_vec(),
            good,
            open: Mutex::default(),
        })
    }

    /// A place for a new connection. None: there is none, and nobody who has to go for it.
    pub fn open(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let peer = peer.to_canonical();
        let ours = self.proxies.iter().any(|net| net.contains(&peer));
        let address = (!ours).then(|| network(peer));
        let mut open = lock(&self.open);
        let own = open.count(address);
        let full = open.all.len() >= self.most;
        if full || (address.is_some() && own >= self.share(address)) {
            let victim = self.victim(&open, address, own, full)?;
            open.remove(victim)?.cut.cancel();
        }
        let connection = Arc::new(Connection {
            address,
            at: Mutex::new((State::Unfinished, Instant::now())),
            cut: CancellationToken::new(),
        });
        let id = open.next;
        open.next += 1;
        open.all.insert(id, Arc::clone(&connection));
        if let Some(address) = address {
            *open.counts.entry(address).or_default() += 1;
        }
        Some(Place {
            of: Arc::clone(self),
            id,
            connection,
        })
    }

    fn is_good(&self, address: Option<IpAddr>) -> bool {
        address.is_none_or(|address| self.good.has(address))
    }

    fn share(&self, address: Option<IpAddr>) -> usize {
        let quarter = self.most / 4;
        let share = match self.is_good(address) {
            true => self.most - quarter,
            false => quarter,
        };
        share.max(SHARE_LEAST).min(self.most)
    }

    /// Who has to go: one of the address's own when it has its share, else of whoever has the most.
    fn victim(&self, open: &Open, address: Option<IpAddr>, own: usize, full: bool) -> Option<u64> {
        let newcomer_good = self.is_good(address);
        let at_share = address.is_some() && own >= self.share(address);
        let candidates = open.all.iter().filter_map(|(id, other)| {
            let (state, since) = *lock(&other.at);
            let theirs = open.count(other.address);
            let good = self.is_good(other.address);
            let same = other.address == address;
            let may_go = match state {
                State::Busy => false,
                State::Unfinished => same || !at_share,
                State::Idle if same => own > SHARE_LEAST,
                State::Idle => full && !at_share && (theirs > own + 1 || (newcomer_good && !good)),
            };
            let age = since.elapsed();
            may_go.then_some(((state, !good, theirs, age), *id))
        });
        candidates.max_by_key(|(key, _)| *key).map(|(_, id)| id)
    }
}

/// An answer's body; with its end the connection is idle.
pub struct Answer {
    body: Body,
    connection: Arc<Connection>,
}

impl Answer {
    pub fn new(body: Body, connection: Arc<Connection>) -> Self {
        Self { body, connection }
    }
}

impl Drop for Answer {
    fn drop(&mut self) {
        self.connection.set(State::Idle);
    }
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(most: usize, proxies: &[IpNet]) -> (Arc<Connections>, Arc<Good>) {
        let good = Arc::new(Good::default());
        let room = Connections::new(most, proxies, Arc::clone(&good));
        (room, good)
    }

    fn address(last: u8) -> IpAddr {
        IpAddr::from([192, 0, 2, last])
    }

    fn opened(room: &Arc<Connections>, last: u8, count: usize) -> Vec<Place> {
        (0..count)
            .filter_map(|_| room.open(address(last)))
            .collect()
    }

    fn cut(places: &[Place]) -> usize {
        let gone = |place: &&Place| place.connection.cut.is_cancelled();
        places.iter().filter(gone).count()
    }

    #[test]
    fn half_sent_requests_give_way() {
        let (room, _) = room(100, &[]);
        let first = opened(&room, 1, 100);
        assert_eq!((first.len(), cut(&first)), (100, 75), "its share");
        let many: Vec<_> = (2..6).flat_map(|n| opened(&room, n, 25)).collect();
        assert_eq!(lock(&room.open).all.len(), 100);
        assert_eq!(cut(&first) + cut(&many), 75 + 25);
        // Somebody new is let in, and what they sent whole stays.
        let honest = room.open(address(9)).unwrap();
        honest.connection.answers();
        opened(&room, 1, 200);
        assert!(!honest.connection.cut.is_cancelled());
    }

    #[test]
    fn idle_ones_go_for_others_and_busy_ones_for_nobody() {
        let (room, good) = room(16, &[]);
        let held: Vec<_> = [1, 2].iter().flat_map(|n| opened(&room, *n, 8)).collect();
        held.iter().for_each(|place| place.connection.answers());
        assert!(room.open(address(3)).is_none());
        held[..8]
            .iter()
            .for_each(|place| place.connection.set(State::Idle));
        assert!(room.open(address(2)).is_none(), "has as many");
        let third = room.open(address(3)).unwrap();
        third.connection.answers();
        assert_eq!(cut(&held), 1);
        // Those who are known to be good do not go for strangers.
        good.add(address(1));
        assert!(room.open(address(3)).is_some(), "theirs are more");
        good.add(address(4));
        assert!(room.open(address(4)).is_some());
        drop((held, third));
        assert!(lock(&room.open).counts.is_empty() && lock(&room.open).all.is_empty());
    }

    #[test]
    fn who_has_many_idle_ones_goes_on_with_another() {
        let (room, _) = room(64, &[]);
        let held = opened(&room, 1, 16);
        held.iter()
            .for_each(|place| place.connection.set(State::Idle));
        let more = opened(&room, 1, 3);
        assert_eq!((more.len(), cut(&more), cut(&held)), (3, 2, 1));
    }

    #[test]
    fn a_proxy_has_no_share() {
        let (room, _) = room(100, &["192.0.2.1/32".parse().unwrap()]);
        let held = opened(&room, 1, 100);
        assert_eq!((held.len(), cut(&held)), (100, 0));
    }
}
