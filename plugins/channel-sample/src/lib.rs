//! The sample channel: activities come in as JSON lines, answers stay in the inbox's own state.
//! For the demo, for training and for tests; it needs no network and no credentials.
//!
//! `rapport-lines` reads what is posted, [`outbox`] checks, sends and finds answers, [`settings`] holds what the admin set. Here is only the glue to the host.
//!
//! Invariants: a request is taken whole or refused whole; the same idempotency key gives the same
//! receipt. Deliberately absent: polling (nothing happens that was not posted), proof of who posts
//! (the host's, when the inbox has the secret), and delivery of what is sent to anybody.

mod outbox;
mod settings;

use std::sync::OnceLock;

use rapport_sdk::channel::{
    Account, Monitor, OutboundMessage, Page, Receipt, WebhookRequest, WebhookResult,
};
use rapport_sdk::common::{PluginError, TimestampMs};
use rapport_sdk::{Channel, clock, state};
use settings::Settings;

/// Set by `configure`, frozen with the instance.
static SETTINGS: OnceLock<Settings> = OnceLock::new();

fn settings() -> Result<&'static Settings, PluginError> {
    SETTINGS
        .get()
        .ok_or_else(|| PluginError::Permanent("the plugin is not configured yet".to_owned()))
}

/// The host's state and clock as [`outbox`] wants them.
struct Host;

impl outbox::Host for Host {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        state::get(key)
    }

    fn set(&mut self, key: &str, value: &[u8]) -> Result<(), String> {
        state::set(key, value)
    }

    fn delete(&mut self, key: &str) {
        state::delete(key);
    }

    fn now(&self) -> TimestampMs {
        clock::now()
    }
}

/// The component.
pub struct SampleChannel;

impl Channel for SampleChannel {
    fn configure(text: String) -> Result<(), String> {
        let settings = Settings::parse(&text)?;
        SETTINGS
            .set(settings)
            .map_err(|_| "configure was called before".to_owned())
    }

    fn check() -> Result<Account, PluginError> {
        Ok(settings()?.account())
    }

    fn poll(cursor: Option<String>, _monitors: Vec<Monitor>) -> Result<Page, PluginError> {
        settings()?;
        Ok(rapport_lines::empty_page(cursor))
    }

    fn receive(request: WebhookRequest) -> Result<WebhookResult, PluginError> {
        settings()?;
        Ok(rapport_lines::receive(&request.method, &request.body))
    }

    fn validate(message: OutboundMessage) -> Result<(), PluginError> {
        outbox::validate(&message, settings()?)
    }

    fn send(message: OutboundMessage, idempotency_key: String) -> Result<Receipt, PluginError> {
        outbox::send(&mut Host, &message, &idempotency_key, settings()?)
    }

    fn find_sent(idempotency_key: String) -> Result<Option<Receipt>, PluginError> {
        settings()?;
        outbox::find_sent(&Host, &idempotency_key)
    }
}

rapport_sdk::export_channel!(SampleChannel);

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, because `configure` works once a process.
    #[test]
    fn answers_only_after_configure_and_configures_once() {
        assert!(
            matches!(SampleChannel::check(), Err(PluginError::Permanent(m)) if m.contains("not configured"))
        );
        assert!(SampleChannel::poll(None, Vec::new()).is_err());
        let wrong = SampleChannel::configure(r#"{"limit": 0}"#.to_owned()).unwrap_err();
        assert!(wrong.contains("limit"), "{wrong}");
        SampleChannel::configure(r#"{"account": "zonnewind", "limit": 300}"#.to_owned()).unwrap();
        assert!(SampleChannel::configure("{}".to_owned()).is_err());
        let account = SampleChannel::check().unwrap();
        assert_eq!(account.actor.external_id, "zonnewind");
        assert!(!account.can_poll && account.can_receive && account.can_send);
        let page = SampleChannel::poll(Some("c-7".to_owned()), Vec::new()).unwrap();
        assert_eq!(
            (page.cursor.as_str(), page.activities.len(), page.more),
            ("c-7", 0, false)
        );
    }
}
