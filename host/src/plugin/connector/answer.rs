//! What a connector is asked by the network and what it answers, in the host's words; what it says is
//! checked on the way in.
//!
//! Invariant: nothing that breaks the contract (a cursor that is too long, a status that is none) comes
//! further than here. A single activity that does is left out and named; its plugin is not at fault
//! for what somebody wrote, and the others go on.

use crate::domain::social::{Activity, Actor, Visibility};
use crate::plugin::convert::{Activities, activities_in, actor_in, visibility_in};
use crate::plugin::fault::HostFault;
use crate::plugin::limits;
use rapport_bindings::channel_types as w;

/// An activity that can't be stored, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("activity {element}: {field} {rule}")]
pub struct Refusal {
    /// Its place among those that came together, counted from 1.
    pub element: usize,
    /// In the words of ActivityStreams, such as `object.attributedTo.id`.
    pub field: &'static str,
    /// What holds for the field.
    pub rule: String,
}

/// What a poll brought.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    pub activities: Vec<Activity>,
    /// Left out of `activities`.
    pub refused: Vec<Refusal>,
    pub cursor: String,
    pub more: bool,
    pub next_poll_ms: Option<u64>,
}

/// A request at the inbox's webhook address.
#[derive(Debug, Clone)]
pub struct WebhookRequest {
    pub method: String,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// What to answer it with, once the activities are stored.
#[derive(Debug, Clone)]
pub struct WebhookAnswer {
    pub activities: Vec<Activity>,
    /// Left out of `activities`; with any of them the request is refused whole.
    pub refused: Vec<Refusal>,
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Who we are on the network and what the inbox can do.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    pub actor: Actor,
    pub can_poll: bool,
    pub can_receive: bool,
    pub can_send: bool,
    pub send_visibilities: Vec<Visibility>,
}

pub fn account_in(account: w::Account) -> Result<Account, HostFault> {
    Ok(Account {
        actor: actor_in(account.actor, "the account's id")?,
        can_poll: account.can_poll,
        can_receive: account.can_receive,
        can_send: account.can_send,
        send_visibilities: account
            .send_visibilities
            .into_iter()
            .take(8)
            .map(visibility_in)
            .collect(),
    })
}

pub fn page_in(page: w::Page) -> Result<Page, HostFault> {
    if page.cursor.len() > limits::CURSOR_BYTES {
        return Err(HostFault::OutputTooLarge(format!(
            "a cursor of {} bytes, at most {}",
            page.cursor.len(),
            limits::CURSOR_BYTES
        )));
    }
    // Not every store takes it, and the next call is to have what this one gave.
    if page.cursor.contains('\0') {
        return Err(HostFault::Contract("a cursor with NUL".into()));
    }
    let count = page.activities.len();
    if count > limits::ACTIVITIES {
        return Err(HostFault::OutputTooLarge(format!(
            "{count} activities, at most {}",
            limits::ACTIVITIES
        )));
    }
    let Activities { good, refused } = activities_in(page.activities);
    Ok(Page {
        activities: good,
        refused,
        cursor: page.cursor,
        more: page.more,
        next_poll_ms: page.next_poll_ms,
    })
}

pub fn webhook_in(result: w::WebhookResult) -> Result<WebhookAnswer, HostFault> {
    if !(200..600).contains(&result.response.status)
        || result.response.body.len() > limits::WEBHOOK_BODY_BYTES
    {
        return Err(HostFault::Contract("webhook answer out of range".into()));
    }
    let headers = result
        .response
        .headers
        .into_iter()
        .take(32)
        .map(|h| (h.name, h.value));
    let mut activities = result.activities;
    let one_too_many = (activities.len() > limits::ACTIVITIES).then(|| Refusal {
        element: limits::ACTIVITIES + 1,
        field: "activities",
        rule: format!("must be at most {} in one request", limits::ACTIVITIES),
    });
    activities.truncate(limits::ACTIVITIES);
    let Activities { good, mut refused } = activities_in(activities);
    refused.extend(one_too_many);
    Ok(WebhookAnswer {
        activities: good,
        refused,
        status: result.response.status,
        headers: headers.collect(),
        body: result.response.body,
    })
}
