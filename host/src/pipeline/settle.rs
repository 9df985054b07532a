//! What a channel's answer to a try means for the item: sent, to be tried again, uncertain or given up.
//! Invariant: an item that may have arrived is uncertain, and is not sent before the channel has said
//! that it does not know it. Deliberately absent: I/O.

use crate::db::outbound::ItemChange;
use crate::domain::now_ms;
use crate::domain::outbound::{AttemptOutcome, OutboxItem, OutboxStatus, Receipt};
use crate::plugin::connector::StateChanges;
use crate::plugin::{CallError, HostFault, PluginError};

/// First wait after a failed delivery; doubles up to the longest.
const BACKOFF_FIRST_MS: i64 = 2_000;
const BACKOFF_LONGEST_MS: i64 = 15 * 60 * 1000;
/// Tries before an item is given up: a network that is out of order for an hour is waited for.
const ATTEMPTS_MAX: u32 = 20;

/// How a try is recorded.
pub struct Settled {
    pub outcome: AttemptOutcome,
    pub change: ItemChange,
    pub state: StateChanges,
    /// The network asked for fewer requests.
    pub inbox_waits: bool,
}

fn sent(outcome: AttemptOutcome, receipt: Receipt, state: StateChanges) -> Settled {
    let change = ItemChange {
        status: OutboxStatus::Sent,
        next_attempt: 0,
        error: None,
        receipt: Some(receipt),
    };
    Settled {
        outcome,
        change,
        state,
        inbox_waits: false,
    }
}

fn unsent(
    outcome: AttemptOutcome,
    status: OutboxStatus,
    wait_ms: i64,
    error: Option<String>,
) -> Settled {
    let change = ItemChange {
        status,
        next_attempt: now_ms() + wait_ms,
        error,
        receipt: None,
    };
    Settled {
        outcome,
        change,
        state: StateChanges::new(),
        inbox_waits: false,
    }
}

/// After `send`.
pub fn after_sending(
    answer: Result<(Receipt, StateChanges), CallError>,
    item: &OutboxItem,
) -> Settled {
    let error = match answer {
        Ok((receipt, state)) => return sent(AttemptOutcome::Sent, receipt, state),
        Err(error) => error,
    };
    let text = Some(error.to_string());
    let limited = matches!(&error, CallError::Plugin(PluginError::RateLimited { .. }));
    let asked_for = match &error {
        CallError::Plugin(
            PluginError::InvalidInput(_) | PluginError::Unsupported(_) | PluginError::Permanent(_),
        ) => return unsent(AttemptOutcome::Failed, OutboxStatus::Dead, 0, text),
        // Nothing has left the house.
        CallError::Fault(HostFault::Busy | HostFault::BreakerOpen(..)) => None,
        // The call ended in the middle: it may have arrived.
        CallError::Fault(_) => {
            return unsent(AttemptOutcome::Retry, OutboxStatus::Uncertain, 0, text);
        }
        CallError::Plugin(PluginError::RetryAfter { delay_ms, .. })
        | CallError::Plugin(PluginError::RateLimited { delay_ms, .. }) => *delay_ms,
        CallError::Plugin(PluginError::AuthExpired(_)) => None,
    };
    if item.attempts >= ATTEMPTS_MAX {
        return unsent(AttemptOutcome::Failed, OutboxStatus::Dead, 0, text);
    }
    // Not before the moment that was asked for. But whoever asks for little each time would use up the
    // tries while the network is out of order; an allowance that is used up has its own moment.
    let wait = match asked_for {
        Some(ms) if limited => ms as i64,
        asked_for => backoff_ms(item.attempts).max(asked_for.unwrap_or(0) as i64),
    };
    let mut settled = unsent(AttemptOutcome::Retry, OutboxStatus::Queued, wait, text);
    settled.inbox_waits = limited;
    settled
}

/// After `find-sent`.
pub fn after_asking(
    answer: Result<(Option<Receipt>, StateChanges), CallError>,
    item: &OutboxItem,
) -> Settled {
    match answer {
        Ok((Some(receipt), state)) => sent(AttemptOutcome::Found, receipt, state),
        Ok((None, state)) => {
            let mut settled = unsent(AttemptOutcome::NotFound, OutboxStatus::Queued, 0, None);
            settled.state = state;
            settled
        }
        Err(error) => unsent(
            AttemptOutcome::Retry,
            OutboxStatus::Uncertain,
            backoff_ms(item.attempts.max(2)),
            Some(error.to_string()),
        ),
    }
}

/// Exponential, with full jitter in the upper half so that many items do not come back together.
pub fn backoff_ms(attempts: u32) -> i64 {
    let full = BACKOFF_FIRST_MS
        .saturating_mul(1_i64 << attempts.saturating_sub(1).min(20))
        .min(BACKOFF_LONGEST_MS);
    full / 2 + fastrand::i64(0..=full / 2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    fn item(attempts: u32) -> OutboxItem {
        OutboxItem {
            id: "i".into(),
            draft_id: "d".into(),
            inbox_id: "x".into(),
            conversation_id: "c".into(),
            idempotency_key: "k".into(),
            status: OutboxStatus::Sending,
            attempts,
            next_attempt: 0,
            last_error: None,
            external_id: None,
            url: None,
            created: 0,
            updated: 0,
        }
    }

    fn receipt() -> Receipt {
        Receipt {
            external_id: "e".into(),
            url: None,
            published: 5,
        }
    }

    #[test]
    fn a_send_ends_in_the_right_state() {
        let status =
            |error: CallError, attempts| after_sending(Err(error), &item(attempts)).change.status;
        let retry = || PluginError::RetryAfter {
            delay_ms: None,
            message: "m".into(),
        };
        assert_eq!(status(retry().into(), 1), OutboxStatus::Queued);
        assert_eq!(status(retry().into(), ATTEMPTS_MAX), OutboxStatus::Dead);
        assert_eq!(
            status(PluginError::Permanent("p".into()).into(), 1),
            OutboxStatus::Dead
        );
        assert_eq!(
            status(HostFault::Timeout(1).into(), 1),
            OutboxStatus::Uncertain
        );
        assert_eq!(status(HostFault::Busy.into(), 1), OutboxStatus::Queued);
        let ok = after_sending(Ok((receipt(), BTreeMap::new())), &item(1));
        assert_eq!(ok.change.status, OutboxStatus::Sent);
    }

    #[test]
    fn a_channel_that_answers_500_for_an_hour_is_waited_for() {
        let out_of_order = || {
            CallError::Plugin(PluginError::RetryAfter {
                delay_ms: None,
                message: "500".into(),
            })
        };
        let (mut clock_ms, mut tries) = (0, 0);
        while clock_ms < 60 * 60 * 1000 {
            tries += 1;
            let before = now_ms();
            let settled = after_sending(Err(out_of_order()), &item(tries));
            assert_eq!(settled.change.status, OutboxStatus::Queued, "after {tries}");
            clock_ms += (settled.change.next_attempt - before).max(0);
        }
        assert!(tries < ATTEMPTS_MAX, "and then once more");
        let sent = after_sending(Ok((receipt(), BTreeMap::new())), &item(tries + 1));
        assert_eq!(sent.change.status, OutboxStatus::Sent);
    }

    #[test]
    fn an_uncertain_item_is_never_sent_before_the_channel_answered() {
        let asked = |answer| after_asking(answer, &item(1)).change.status;
        assert_eq!(
            asked(Ok((Some(receipt()), BTreeMap::new()))),
            OutboxStatus::Sent
        );
        assert_eq!(asked(Ok((None, BTreeMap::new()))), OutboxStatus::Queued);
        let lost = CallError::Fault(HostFault::Timeout(1));
        assert_eq!(asked(Err(lost)), OutboxStatus::Uncertain);
    }

    #[test]
    fn waits_grow_and_end() {
        for attempts in 1..40 {
            let wait = backoff_ms(attempts);
            assert!(
                (BACKOFF_FIRST_MS / 2..=BACKOFF_LONGEST_MS).contains(&wait),
                "{wait}"
            );
        }
        assert!(backoff_ms(12) > backoff_ms(1));
    }
}
