//! Heartbeats of the tasks that make up the event loop, so that readiness knows of one that died or
//! hangs. A task that ends as it was told to takes its heart with it.

use std::collections::BTreeMap;
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A task that was silent for longer than this is stuck: longer than the slowest batch may take.
const STALLED: Duration = Duration::from_secs(300);

struct Beat {
    last: Instant,
    died: bool,
}

static BEATS: LazyLock<Mutex<BTreeMap<&'static str, Beat>>> = LazyLock::new(Mutex::default);

fn beats() -> MutexGuard<'static, BTreeMap<&'static str, Beat>> {
    BEATS.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The heart of one task. Dropped while its thread panics, the task counts as dead.
pub struct Heart(&'static str);

impl Heart {
    /// Begins to beat under a name that one task at a time has.
    pub fn start(name: &'static str) -> Self {
        let heart = Self(name);
        heart.beat();
        heart
    }

    /// Says that the task goes round.
    pub fn beat(&self) {
        let beat = Beat {
            last: Instant::now(),
            died: false,
        };
        beats().insert(self.0, beat);
    }
}

impl Drop for Heart {
    fn drop(&mut self) {
        let mut beats = beats();
        if std::thread::panicking() {
            if let Some(beat) = beats.get_mut(self.0) {
                beat.died = true;
            }
        } else {
            beats.remove(self.0);
        }
    }
}

/// Tasks that died or hang, and how many go round.
pub fn examine() -> (Vec<String>, usize) {
    let beats = beats();
    let mut wrong = Vec::new();
    for (name, beat) in beats.iter() {
        let silent = beat.last.elapsed();
        if beat.died {
            wrong.push(format!("{name}: ended by a fault"));
        } else if silent > STALLED {
            wrong.push(format!("{name}: silent for {} s", silent.as_secs()));
        }
    }
    let alive = beats.len() - wrong.len();
    (wrong, alive)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_that_panics_is_missed_and_one_that_ends_is_not() {
        let ended = Heart::start("test-ended");
        drop(ended);
        let _ = std::thread::spawn(|| {
            let _heart = Heart::start("test-panicked");
            panic!("on purpose");
        })
        .join();
        let (wrong, _) = examine();
        assert!(wrong.iter().any(|w| w.starts_with("test-panicked")));
        assert!(!wrong.iter().any(|w| w.starts_with("test-ended")));
        beats().remove("test-panicked");
    }
}
