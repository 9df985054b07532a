//! A room of so many units that many ask for: what one of them takes is bounded, so that nobody keeps
//! the others out by asking often.
//!
//! Nothing waits here: who gets no share is told so at once. What is not taken is not remembered, so the
//! table is never larger than the room.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The room.
pub struct Shares<K> {
    most: usize,
    of_one: usize,
    taken: Mutex<Taken<K>>,
}

struct Taken<K> {
    all: usize,
    by: HashMap<K, usize>,
}

/// A part of the room; dropped, it is given back.
pub struct Share<K: Eq + Hash + Clone> {
    room: Arc<Shares<K>>,
    key: K,
    units: usize,
}

impl<K: Eq + Hash + Clone> Shares<K> {
    /// `most` units in all, of which one may have `of_one`.
    pub fn new(most: usize, of_one: usize) -> Arc<Self> {
        Arc::new(Self {
            most,
            of_one: of_one.min(most),
            taken: Mutex::new(Taken {
                all: 0,
                by: HashMap::new(),
            }),
        })
    }

    /// Takes units for `key`; none when it has its share, or the room is full.
    pub fn take(self: &Arc<Self>, key: K, units: usize) -> Option<Share<K>> {
        let mut share = Share {
            room: Arc::clone(self),
            key,
            units: 0,
        };
        share.grow(units).then_some(share)
    }

    fn lock(&self) -> MutexGuard<'_, Taken<K>> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Eq + Hash + Clone> Share<K> {
    /// Takes more; false when there is no room for it, and then nothing is taken.
    pub fn grow(&mut self, units: usize) -> bool {
        let mut taken = self.room.lock();
        let own = taken.by.get(&self.key).copied().unwrap_or(0);
        if taken.all + units > self.room.most || own + units > self.room.of_one {
            return false;
        }
        taken.all += units;
        taken.by.insert(self.key.clone(), own + units);
        self.units += units;
        true
    }
}

impl<K: Eq + Hash + Clone> Drop for Share<K> {
    fn drop(&mut self) {
        let mut taken = self.room.lock();
        taken.all = taken.all.saturating_sub(self.units);
        if let Some(own) = taken.by.get_mut(&self.key) {
            *own = own.saturating_sub(self.units);
            if *own == 0 {
                taken.by.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_a_share_and_all_have_the_room() {
        let room = Shares::new(5, 2);
        let held: Vec<_> = (0..4).filter_map(|_| room.take("a", 1)).collect();
        assert_eq!(held.len(), 2, "its share");
        let mut other = room.take("b", 1).unwrap();
        assert!(other.grow(1) && !other.grow(1));
        let third = room.take("c", 1);
        assert!(third.is_some());
        assert!(room.take("d", 1).is_none(), "the room is full");
        drop(held);
        assert!(room.take("d", 2).is_some());
        drop((other, third));
        assert!(room.lock().by.is_empty() && room.lock().all == 0);
    }

    #[test]
    fn what_is_refused_takes_nothing() {
        let room = Shares::new(4, 4);
        let held = room.take(1, 3).unwrap();
        assert!(room.take(2, 2).is_none());
        assert!(room.take(2, 1).is_some());
        drop(held);
        assert_eq!(room.lock().all, 0);
    }
}
