//! Connector for RSS, Atom and JSON Feed: what is said on blogs, forums and news sites.
//!
//! The way of a document: `fetch` (conditional request) → `encoding` → `xml` or `jsonfeed` → `rss`,
//! `atom`, `media` (one model, `feed`) with `html`, `date` and `person` for texts, dates and authors
//! → `identity` (stable ids) → `changes` (against `memory`) → `message`. `poll` drives it, feed by
//! feed.
//!
//! Invariants: nothing that a feed sends can fail a poll; an entry has the same id every time; no
//! markup leaves. Deliberately absent: sending (feeds are read-only), following redirects to another
//! host, fetching the pages that entries point to, WebSub.

mod atom;
mod changes;
mod check;
mod date;
mod encoding;
mod feed;
mod fetch;
#[cfg(test)]
mod fixtures;
pub mod host;
mod html;
mod identity;
mod jsonfeed;
mod media;
mod memory;
mod message;
mod person;
mod poll;
mod rss;
#[cfg(test)]
mod script;
mod settings;
mod tally;
mod text;
mod xml;

use std::sync::OnceLock;

use rapport_sdk::channel::{
    Account, Monitor, OutboundMessage, Page, Receipt, WebhookRequest, WebhookResult,
};
use rapport_sdk::common::PluginError;
use rapport_sdk::{Channel, clock, export_channel, http, log, state};

use host::{FetchError, Host, Request, Response};
use settings::Settings;

static SETTINGS: OnceLock<Settings> = OnceLock::new();

const READ_ONLY: &str =
    "feeds are read-only: answer on the page itself, under a named account, not through this inbox";

/// The connector.
pub struct FeedChannel;

export_channel!(FeedChannel);

fn configured() -> Result<&'static Settings, PluginError> {
    SETTINGS
        .get()
        .ok_or_else(|| PluginError::InvalidInput("not configured yet".into()))
}

fn read_only<T>() -> Result<T, PluginError> {
    Err(PluginError::Unsupported(READ_ONLY.into()))
}

impl Channel for FeedChannel {
    fn configure(settings: String) -> Result<(), String> {
        let settings = Settings::parse(&settings)?;
        SETTINGS
            .set(settings)
            .map_err(|_| "configured already".to_owned())
    }

    fn check() -> Result<Account, PluginError> {
        check::check(configured()?, &mut RealHost)
    }

    fn poll(cursor: Option<String>, monitors: Vec<Monitor>) -> Result<Page, PluginError> {
        Ok(poll::poll(
            configured()?,
            &mut RealHost,
            cursor.as_deref(),
            &monitors,
        ))
    }

    fn receive(_request: WebhookRequest) -> Result<WebhookResult, PluginError> {
        Err(PluginError::Unsupported(
            "feeds are polled; they call nobody".into(),
        ))
    }

    fn validate(_message: OutboundMessage) -> Result<(), PluginError> {
        read_only()
    }

    fn send(_message: OutboundMessage, _idempotency_key: String) -> Result<Receipt, PluginError> {
        read_only()
    }

    fn find_sent(_idempotency_key: String) -> Result<Option<Receipt>, PluginError> {
        read_only()
    }
}

/// The host of the contract.
struct RealHost;

impl Host for RealHost {
    fn now_ms(&self) -> i64 {
        clock::now()
    }

    fn log(&mut self, level: log::Level, message: &str) {
        log::write(level, message);
    }

    fn state_get(&mut self, key: &str) -> Option<Vec<u8>> {
        state::get(key)
    }

    fn state_set(&mut self, key: &str, value: &[u8]) -> Result<(), String> {
        state::set(key, value)
    }

    fn state_delete(&mut self, key: &str) {
        state::delete(key);
    }

    fn fetch(&mut self, request: &Request) -> Result<Response, FetchError> {
        http::send(request)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outbound() -> OutboundMessage {
        OutboundMessage {
            content: "Dank!".into(),
            language: None,
            visibility: rapport_sdk::social::Visibility::Public,
            in_reply_to: None,
            conversation_external_id: None,
            recipient: None,
            extra: Vec::new(),
        }
    }

    #[test]
    fn sends_nothing_and_says_why() {
        assert!(
            matches!(FeedChannel::validate(outbound()), Err(PluginError::Unsupported(m)) if m.contains("read-only"))
        );
        assert!(matches!(
            FeedChannel::send(outbound(), "key-0123456789abcdef".into()),
            Err(PluginError::Unsupported(_))
        ));
        assert!(matches!(
            FeedChannel::find_sent("key-0123456789abcdef".into()),
            Err(PluginError::Unsupported(_))
        ));
    }

    #[test]
    fn is_configured_once_and_with_care() {
        assert!(matches!(
            FeedChannel::poll(None, Vec::new()),
            Err(PluginError::InvalidInput(_))
        ));
        assert!(FeedChannel::configure(r#"{"feeds": ["nieuws"]}"#.into()).is_err());
        let good = r#"{"feeds": ["https://blog.example/feed"], "poll-minutes": 5}"#;
        assert_eq!(FeedChannel::configure(good.into()), Ok(()));
        assert!(FeedChannel::configure(good.into()).is_err());
    }
}
