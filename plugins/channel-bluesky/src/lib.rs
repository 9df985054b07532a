//! Bluesky as a channel: one account of the AT Protocol network is one inbox.
//!
//! What comes in: mentions, replies and quotes (notifications), posts that monitors find (search),
//! likes, reposts, follows, and edits and deletions of posts delivered before. What goes out:
//! public posts and replies. Everything passes through the account's personal data server.
//!
//! This file is the plugin's face and no more. Reading order: `poll` (with `sources`, `scan`,
//! `reading`, `cursor`, `enrich`, `watch`, `memory`), `message` (with `post`, `attachment`), `send` (with
//! `facet`, `rkey`), and below them `session`, `xrpc`, `rate`, `net`.
//!
//! Deliberately absent: direct messages, the event stream (the host polls), webhooks (the network
//! has none).

mod account;
mod attachment;
mod cursor;
mod enrich;
mod facet;
mod host;
mod memory;
mod message;
pub mod net;
mod poll;
mod post;
mod rate;
mod reading;
mod rkey;
mod scan;
mod send;
mod session;
mod settings;
mod sources;
mod time;
mod trouble;
mod watch;
mod xrpc;

#[cfg(test)]
mod fake;
#[cfg(test)]
mod tests;

use std::sync::OnceLock;

use rapport_sdk::channel::{
    Account, Monitor, OutboundMessage, Page, Receipt, WebhookRequest, WebhookResult,
};
use rapport_sdk::common::PluginError;

use crate::host::Host;
use crate::settings::Settings;

static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// The settings that `configure` left.
fn settings() -> Result<&'static Settings, PluginError> {
    SETTINGS
        .get()
        .ok_or_else(|| PluginError::Permanent("the plugin is not configured".to_owned()))
}

/// The plugin.
pub struct Bluesky;

impl rapport_sdk::Channel for Bluesky {
    fn configure(settings: String) -> Result<(), String> {
        let settings = Settings::parse(&settings)?;
        SETTINGS
            .set(settings)
            .map_err(|_| "configured twice".to_owned())
    }

    fn check() -> Result<Account, PluginError> {
        account::check(&Host, settings()?)
    }

    fn poll(cursor: Option<String>, monitors: Vec<Monitor>) -> Result<Page, PluginError> {
        poll::poll(&Host, settings()?, cursor.as_deref(), &monitors)
    }

    fn receive(_: WebhookRequest) -> Result<WebhookResult, PluginError> {
        Err(PluginError::Unsupported(
            "Bluesky calls no webhooks; this inbox is polled".to_owned(),
        ))
    }

    fn validate(message: OutboundMessage) -> Result<(), PluginError> {
        send::validate(&message)
    }

    fn send(message: OutboundMessage, idempotency_key: String) -> Result<Receipt, PluginError> {
        send::send(&Host, settings()?, &message, &idempotency_key)
    }

    fn find_sent(idempotency_key: String) -> Result<Option<Receipt>, PluginError> {
        send::find_sent(&Host, settings()?, &idempotency_key)
    }
}

rapport_sdk::export_channel!(Bluesky);
