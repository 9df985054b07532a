//! What a call may spend in time: processor time of its own, and time in which it waits for others.
//!
//! Both are the call's own doing, so that a busy machine takes nothing from it: the time between
//! its being ready to run and a thread that runs it counts as neither.

use futures_util::task::AtomicWaker;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::time::{Duration, Instant};

/// It waited or computed for longer than it may.
#[derive(Debug)]
pub(super) struct Overdue;

/// How long a call may take. What the host computes for it is its own computing: a guest that only calls
/// the host uses little fuel.
#[derive(Debug, Clone, Copy)]
pub(super) struct Longest {
    pub waiting: Duration,
    pub computing: Duration,
}

/// The processor time of one call, in nanoseconds, readable while the call runs.
#[derive(Debug, Default)]
pub(super) struct Meter {
    spent_ns: AtomicU64,
    /// The thread's own clock when the call last came on it; the call is on one thread at a time.
    entered_ns: AtomicU64,
}

impl Meter {
    /// Spent so far. Asked from within the call.
    pub fn spent(&self) -> Duration {
        let now = thread_ns().saturating_sub(self.entered_ns.load(Ordering::Relaxed));
        Duration::from_nanos(self.spent_ns.load(Ordering::Relaxed) + now)
    }

    /// Forgets what was spent: what comes now is the guest's. Asked from within the call.
    pub fn restart(&self) {
        self.spent_ns.store(0, Ordering::Relaxed);
        self.entered_ns.store(thread_ns(), Ordering::Relaxed);
    }

    fn enter(&self) {
        self.entered_ns.store(thread_ns(), Ordering::Relaxed);
    }

    fn leave(&self) {
        let spent = thread_ns().saturating_sub(self.entered_ns.load(Ordering::Relaxed));
        self.spent_ns.fetch_add(spent, Ordering::Relaxed);
    }
}

/// The processor time of this thread.
#[cfg(unix)]
fn thread_ns() -> u64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// Where there is no such clock, the time of day stands for it.
#[cfg(not(unix))]
fn thread_ns() -> u64 {
    use std::sync::LazyLock;
    static BEGAN: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGAN.elapsed().as_nanos() as u64
}

/// Passes a wake-up on, and remembers when it came.
#[derive(Debug)]
struct Woken {
    began: Instant,
    /// Nanoseconds since `began`; 0: not yet.
    at_ns: AtomicU64,
    waker: AtomicWaker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let now = (self.began.elapsed().as_nanos() as u64).max(1);
        let _ = self
            .at_ns
            .compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
        self.waker.wake();
    }
}

/// Runs the call, with its processor time on the meter, for as long as it may take.
pub(super) async fn run<T>(
    meter: &Meter,
    longest: Longest,
    call: impl Future<Output = T>,
) -> Result<T, Overdue> {
    let mut call = pin!(call);
    let mut alarm = pin!(tokio::time::sleep(longest.waiting));
    let woken = Arc::new(Woken {
        began: Instant::now(),
        at_ns: AtomicU64::new(0),
        waker: AtomicWaker::new(),
    });
    let waker = Waker::from(Arc::clone(&woken));
    let mut waited = Duration::ZERO;
    let mut idle_since: Option<Duration> = None;
    poll_fn(|cx| {
        if let Some(since) = idle_since.take() {
            let until = match woken.at_ns.load(Ordering::Relaxed) {
                0 => woken.began.elapsed(),
                at => Duration::from_nanos(at),
            };
            waited += until.saturating_sub(since);
        }
        woken.at_ns.store(0, Ordering::Relaxed);
        woken.waker.register(cx.waker());
        meter.enter();
        let polled = call.as_mut().poll(&mut Context::from_waker(&waker));
        meter.leave();
        if let Poll::Ready(answer) = polled {
            return Poll::Ready(Ok(answer));
        }
        let left = longest.waiting.saturating_sub(waited);
        let computed = Duration::from_nanos(meter.spent_ns.load(Ordering::Relaxed));
        if left.is_zero() || computed >= longest.computing {
            return Poll::Ready(Err(Overdue));
        }
        idle_since = Some(woken.began.elapsed());
        alarm.as_mut().reset(tokio::time::Instant::now() + left);
        alarm.as_mut().poll(cx).map(|()| Err(Overdue))
    })
    .await
}

/// Lets others of the runtime go first. Unlike the runtime's own, it is ready to go on at once, so that
/// what others take is not on its account.
pub(super) async fn give_way() {
    let mut given = false;
    poll_fn(|cx| {
        if given {
            return Poll::Ready(());
        }
        given = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn longest(waiting_ms: u64, computing_ms: u64) -> Longest {
        Longest {
            waiting: Duration::from_millis(waiting_ms),
            computing: Duration::from_millis(computing_ms),
        }
    }

    fn compute(time: Duration) {
        let began = thread_ns();
        while thread_ns() - began < time.as_nanos() as u64 {
            std::hint::spin_loop();
        }
    }

    #[tokio::test]
    async fn a_call_that_computes_is_on_the_meter_and_not_overdue() {
        let meter = Meter::default();
        let waiting = longest(20, 1000);
        let ended = run(&meter, waiting, async {
            for _ in 0..20 {
                compute(Duration::from_millis(5));
                give_way().await;
            }
        })
        .await;
        assert!(ended.is_ok());
        let spent = Duration::from_nanos(meter.spent_ns.load(Ordering::Relaxed));
        assert!(spent >= Duration::from_millis(100), "{spent:?}");
    }

    #[tokio::test]
    async fn a_call_that_computes_too_long_is_overdue() {
        let meter = Meter::default();
        let ended = run(&meter, longest(1000, 20), async {
            loop {
                compute(Duration::from_millis(5));
                give_way().await;
            }
        });
        let ended: Result<(), Overdue> = ended.await;
        assert!(ended.is_err());
    }

    #[tokio::test]
    async fn a_call_that_waits_is_overdue_however_often_it_wakes() {
        let meter = Meter::default();
        let waiting = longest(50, 1000);
        let ended = run(&meter, waiting, async {
            for _ in 0..10_000 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        });
        assert!(ended.await.is_err());
        let spent = Duration::from_nanos(meter.spent_ns.load(Ordering::Relaxed));
        assert!(spent < Duration::from_millis(50), "{spent:?}");
    }

    #[tokio::test]
    async fn what_others_take_of_the_thread_counts_as_neither() {
        let meter = Meter::default();
        let waiting = longest(50, 1000);
        let others = tokio::spawn(async {
            for _ in 0..20 {
                compute(Duration::from_millis(10));
                tokio::task::yield_now().await;
            }
        });
        let ended = run(&meter, waiting, async {
            for _ in 0..20 {
                give_way().await;
            }
        });
        assert!(ended.await.is_ok());
        others.await.unwrap();
        let spent = Duration::from_nanos(meter.spent_ns.load(Ordering::Relaxed));
        assert!(spent < Duration::from_millis(50), "{spent:?}");
    }
}
