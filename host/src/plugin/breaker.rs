//! The circuit breaker: after repeated faults a plugin is left alone for a while, then tried once.

use super::fault::HostFault;
use super::limits::{BREAKER_FAULTS, BREAKER_FIRST_PAUSE, BREAKER_LONGEST_PAUSE};
use super::places::CallKind;
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
struct State {
    faults_in_a_row: u32,
    openings: u32,
    open_until: Option<Instant>,
    /// One call was let through to see whether it is over.
    trying: bool,
    total_calls: u64,
    /// By the fault's name.
    faults: BTreeMap<&'static str, u64>,
    time: Duration,
    last_fault: Option<String>,
}

/// One plugin's breaker, and its count of calls and faults.
#[derive(Debug, Default)]
pub struct Breaker(Mutex<State>);

/// The breakers of one inbox's connector, one for each kind of call: what anybody can post to a webhook
/// stops neither polls nor sends.
#[derive(Debug, Default)]
pub struct Breakers {
    ask: Breaker,
    receive: Breaker,
    send: Breaker,
}

impl Breakers {
    pub fn of(&self, kind: CallKind) -> &Breaker {
        match kind {
            CallKind::Ask => &self.ask,
            CallKind::Receive => &self.receive,
            CallKind::Send => &self.send,
        }
    }

    /// Of all calls together; open when one of the breakers is.
    pub fn health(&self) -> Health {
        let mut all = self.ask.health();
        all.add(self.send.health());
        all.add(self.receive.health());
        all
    }
}

/// What the admin sees of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Health {
    pub calls: u64,
    pub faults: u64,
    /// The same by the fault's name.
    pub faults_by_name: BTreeMap<&'static str, u64>,
    /// Time of all calls together.
    pub time: Duration,
    pub open: bool,
    pub last_fault: Option<String>,
}

impl Health {
    /// Another instance's figures on top.
    pub fn add(&mut self, other: Health) {
        self.calls += other.calls;
        self.faults += other.faults;
        for (name, count) in other.faults_by_name {
            *self.faults_by_name.entry(name).or_default() += count;
        }
        self.time = self.time.saturating_add(other.time);
        self.open |= other.open;
        self.last_fault = other.last_fault.or(self.last_fault.take());
    }
}

impl Breaker {
    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Whether a call may be made now; the fault to report if not.
    pub fn admit(&self) -> Result<(), HostFault> {
        self.admit_at(Instant::now())
    }

    fn admit_at(&self, now: Instant) -> Result<(), HostFault> {
        let mut state = self.state();
        match state.open_until {
            Some(until) if now < until => Err(HostFault::BreakerOpen(
                state.faults_in_a_row,
                (until - now).as_secs().max(1),
            )),
            Some(_) => {
                // One call goes through; the others wait for what becomes of it.
                state.open_until = Some(now + BREAKER_FIRST_PAUSE);
                state.trying = true;
                Ok(())
            }
            None => Ok(()),
        }
    }

    /// Records how a call ended and how long it took. A plugin error is no fault.
    pub fn record(&self, fault: Option<&HostFault>, took: Duration) {
        self.record_at(fault, took, Instant::now());
    }

    fn record_at(&self, fault: Option<&HostFault>, took: Duration, now: Instant) {
        let mut state = self.state();
        state.total_calls += 1;
        state.time += took;
        let Some(fault) = fault else {
            state.faults_in_a_row = 0;
            state.openings = 0;
            state.open_until = None;
            state.trying = false;
            return;
        };
        // A full house or quota says nothing about the plugin.
        if matches!(fault, HostFault::Busy | HostFault::EgressQuota(..)) {
            return;
        }
        *state.faults.entry(fault.name()).or_default() += 1;
        state.faults_in_a_row += 1;
        state.last_fault = Some(fault.to_string());
        // Calls that had begun before it opened tell nothing new.
        let news = state.open_until.is_none() || state.trying;
        if news && state.faults_in_a_row >= BREAKER_FAULTS {
            let pause = pause(state.openings);
            state.openings = state.openings.saturating_add(1);
            state.open_until = Some(now + pause);
            state.trying = false;
            tracing::warn!(
                fault = fault.name(),
                pause_s = pause.as_secs(),
                "circuit breaker open"
            );
        }
    }

    pub fn health(&self) -> Health {
        let state = self.state();
        Health {
            calls: state.total_calls,
            faults: state.faults.values().sum(),
            faults_by_name: state.faults.clone(),
            time: state.time,
            open: state.open_until.is_some_and(|until| Instant::now() < until),
            last_fault: state.last_fault.clone(),
        }
    }
}

/// Doubles with every opening in a row, up to the longest.
fn pause(openings: u32) -> Duration {
    BREAKER_FIRST_PAUSE
        .saturating_mul(1 << openings.min(10))
        .min(BREAKER_LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_after_faults_in_a_row_and_closes_on_success() {
        let breaker = Breaker::default();
        let now = Instant::now();
        let fault = HostFault::StackOverflow;
        for _ in 0..BREAKER_FAULTS - 1 {
            breaker.record_at(Some(&fault), Duration::ZERO, now);
        }
        breaker.record_at(None, Duration::ZERO, now);
        breaker.record_at(Some(&fault), Duration::ZERO, now);
        assert_eq!(
            breaker.admit_at(now),
            Ok(()),
            "a success in between starts the count again"
        );
        for _ in 0..BREAKER_FAULTS {
            breaker.record_at(Some(&fault), Duration::ZERO, now);
        }
        assert!(matches!(
            breaker.admit_at(now),
            Err(HostFault::BreakerOpen(..))
        ));
        let later = now + BREAKER_FIRST_PAUSE;
        assert_eq!(breaker.admit_at(later), Ok(()), "one try");
        assert!(breaker.admit_at(later).is_err(), "the others wait for it");
        breaker.record_at(Some(&fault), Duration::ZERO, later);
        assert!(
            breaker.admit_at(later + BREAKER_FIRST_PAUSE).is_err(),
            "the pause has grown"
        );
        breaker.record_at(None, Duration::ZERO, later);
        assert_eq!(breaker.admit_at(later), Ok(()));
    }
}
