//! A channel for systems of the user's own: activities come in as JSON lines, signed. The host proves
//! each request genuine before it comes here (`[webhook]` in the manifest).
//!
//! Invariants: a request is taken whole or refused whole; nothing is taken that is not signed.
//! Deliberately absent: polling (nothing happens that was not posted) and answers, which the system
//! can fetch from the REST API or be told of by an outgoing webhook.

use std::sync::OnceLock;

use rapport_sdk::Channel;
use rapport_sdk::channel::{
    Account, Monitor, OutboundMessage, Page, Receipt, WebhookRequest, WebhookResult,
};
use rapport_sdk::common::PluginError;
use rapport_sdk::social::{Actor, ActorKind};
use serde::Deserialize;

/// Set by `configure`, frozen with the instance.
static SETTINGS: OnceLock<Settings> = OnceLock::new();

/// What the admin sets; the schema in the manifest has the defaults.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    account: String,
}

fn settings() -> Result<&'static Settings, PluginError> {
    SETTINGS
        .get()
        .ok_or_else(|| PluginError::Permanent("the plugin is not configured yet".to_owned()))
}

fn inbound_only<T>() -> Result<T, PluginError> {
    Err(PluginError::Unsupported(
        "this channel only takes messages; it can't send any".to_owned(),
    ))
}

/// The component.
pub struct WebhookChannel;

impl Channel for WebhookChannel {
    fn configure(text: String) -> Result<(), String> {
        let settings = serde_json::from_str(&text).map_err(|error| format!("settings: {error}"))?;
        SETTINGS
            .set(settings)
            .map_err(|_| "configure was called before".to_owned())
    }

    fn check() -> Result<Account, PluginError> {
        let account = &settings()?.account;
        Ok(Account {
            actor: Actor {
                external_id: account.clone(),
                handle: Some(account.clone()),
                display_name: None,
                profile_url: None,
                avatar_url: None,
                follower_count: None,
                verified: false,
                kind: ActorKind::Organization,
                extra: Vec::new(),
            },
            can_poll: false,
            can_receive: true,
            can_send: false,
            send_visibilities: Vec::new(),
            extra: Vec::new(),
        })
    }

    fn poll(_cursor: Option<String>, _monitors: Vec<Monitor>) -> Result<Page, PluginError> {
        Err(PluginError::Unsupported(
            "this channel is called, never asked".to_owned(),
        ))
    }

    fn receive(request: WebhookRequest) -> Result<WebhookResult, PluginError> {
        Ok(rapport_lines::receive(&request.method, &request.body))
    }

    fn validate(_message: OutboundMessage) -> Result<(), PluginError> {
        inbound_only()
    }

    fn send(_message: OutboundMessage, _key: String) -> Result<Receipt, PluginError> {
        inbound_only()
    }

    fn find_sent(_key: String) -> Result<Option<Receipt>, PluginError> {
        inbound_only()
    }
}

rapport_sdk::export_channel!(WebhookChannel);

#[cfg(test)]
mod tests {
    use super::*;

    /// One test, because `configure` works once a process.
    #[test]
    fn says_who_it_is_and_that_it_only_takes() {
        assert!(WebhookChannel::check().is_err());
        assert!(WebhookChannel::configure("{}".to_owned()).is_err());
        WebhookChannel::configure(r#"{"account": "zonnewind"}"#.to_owned()).unwrap();
        let account = WebhookChannel::check().unwrap();
        assert_eq!(account.actor.external_id, "zonnewind");
        assert!(account.can_receive && !account.can_send && !account.can_poll);
        assert!(matches!(
            WebhookChannel::find_sent("k".to_owned()),
            Err(PluginError::Unsupported(_))
        ));
    }
}
